import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { dayBarsOption } from '../charts/day-bars.ts'
import { count, exact } from '../format/amounts.ts'
import { hrefOfLink } from '../state/app.ts'
import { filterCommand } from '../state/filter-command.ts'
import { useShown, useView } from '../state/shown.ts'
import { QuarantineDesk } from '../operations/quarantine-desk.tsx'
import { Card, Empty } from '../ui/card.tsx'
import { Chart } from '../ui/chart.tsx'
import { Command } from '../ui/command.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Bytes, Count, Duration, Name, Percent, When } from '../ui/number.tsx'
import { DayTwin } from '../ui/twins.tsx'
import { Figure } from './overview-page.tsx'

export function QuarantineCards(): JSX.Element | null {
  const view = useView('quarantine')
  const { repair } = view
  return (
    <>
      <Card title="Quarantine" summary={view.summary} span={6}>
        <dl class="figures">
          <Figure label="Files held">
            <Count value={view.openFiles} link={view.links.open} />
          </Figure>
          <Figure label="Their rows">
            <Count value={view.openRows} link={view.links.open} />
          </Figure>
          <Figure label="Rows split off, open">
            <Count value={view.openSplitRows} link={view.links.rejected} />
          </Figure>
          <Figure label="Replayed">
            <Count value={view.replayedRows} link={view.links.rejected} />
          </Figure>
          <Figure label="Discarded">
            <Count value={view.discardedRows} link={view.links.rejected} />
          </Figure>
          <Figure label="Oldest">
            <Duration value={view.oldestAgeMs} link={view.links.open} />
          </Figure>
        </dl>
      </Card>
      <Card title="Repair" span={6} summary="Damaged files that were loaded from a repaired copy.">
        {repair.files === 0 ? (
          <Empty title="No file of this window was repaired" />
        ) : (
          <>
            <dl class="figures">
              <Figure label="Files">
                <Count value={repair.files} link={view.links.repaired} />
              </Figure>
              <Figure label="Rows brought back">
                <Count value={repair.rowsLoaded} link={view.links.repaired} />
              </Figure>
              <Figure label="Rows lost">
                <Count value={repair.rowsLost} link={view.links.repaired} />
              </Figure>
              <Figure label="Cells nulled">
                <Count value={repair.cellsNulled} link={view.links.repaired} />
              </Figure>
            </dl>
            <DataTable
              caption="What was wrong"
              rows={repair.byCodes}
              pageRows={10}
              columns={[
                {
                  label: 'Codes',
                  value: (row) => row.codes.join(', '),
                  cell: (row) => <Name text={row.codes.join(', ')} link={row.link} />,
                },
                { label: 'Files', kind: 'count', value: (row) => row.files, link: (row) => row.link },
                { label: 'Partial', kind: 'number', value: (row) => row.partial },
                { label: 'Rows back', kind: 'count', value: (row) => row.rowsLoaded, link: (row) => row.link },
                { label: 'Rows lost', kind: 'number', value: (row) => row.rowsLost },
              ]}
            />
          </>
        )}
      </Card>
      <IntoQuarantine />
      <Reasons />
      <HeldFiles />
      <QuarantineDesk />
    </>
  )
}

function IntoQuarantine(): JSX.Element | null {
  const view = useView('quarantine')
  const days = view.days
  const option = useMemo(
    () =>
      dayBarsOption(days, [{ name: 'rows put into quarantine', tone: 'warn', value: ({ rows }) => rows }], ({ link }) =>
        hrefOfLink(link),
      ),
    [view],
  )
  if (days.length === 0) return null
  return (
    <Chart
      title="Into quarantine per day"
      span={6}
      height={210}
      summary={`${count(days.reduce((sum, { rows }) => sum + rows, 0))} rows went into quarantine in ${days.length} days.`}
      option={option}
      table={
        <DayTwin
          caption="Into quarantine per UTC day"
          names={['Rows', 'Files held', 'Still open']}
          rows={days.map((one) => ({ day: one.day, link: one.link, values: [one.rows, one.held, one.openItems] }))}
        />
      }
    />
  )
}

function Reasons(): JSX.Element | null {
  const view = useView('quarantine')
  if (view.reasons.length === 0) return null
  return (
    <Card title="Why something is held" span={6}>
      <DataTable
        caption="Reasons of what is open"
        rows={view.reasons}
        pageRows={8}
        columns={[
          {
            label: 'Check or finding',
            value: (row) => row.check,
            cell: (row) => <Name text={row.check} link={row.link} />,
          },
          { label: 'Files', kind: 'count', value: (row) => row.files, link: (row) => row.link },
          { label: 'Rows', kind: 'count', value: (row) => row.rows, link: (row) => row.link },
          { label: 'Said', kind: 'text', value: (row) => row.message, cell: (row) => <Name text={row.message} /> },
        ]}
      />
    </Card>
  )
}

function HeldFiles(): JSX.Element | null {
  const { filter } = useShown()
  const view = useView('quarantine')
  if (view.items.length === 0) return null
  return (
    <Card title="Held files" summary={`The oldest ${exact(view.items.length)} of ${exact(view.openFiles)}.`}>
      <DataTable
        caption="Held files, oldest first"
        rows={view.items}
        total={view.openFiles}
        pageRows={20}
        columns={[
          { label: 'File', value: (row) => row.path, cell: (row) => <Name text={row.path} link={row.link} /> },
          { label: 'Dataset', value: (row) => row.dataset, cell: (row) => <Name text={row.dataset} /> },
          { label: 'Rows', kind: 'count', value: (row) => row.rows, link: (row) => row.link },
          { label: 'Size', kind: 'number', value: (row) => row.bytes, cell: (row) => <Bytes value={row.bytes} /> },
          { label: 'Score', kind: 'number', value: (row) => row.score, cell: (row) => <Percent value={row.score} /> },
          {
            label: 'Held',
            kind: 'nowrap',
            value: (row) => row.heldAt,
            cell: (row) => <When at={row.heldAt} relative />,
          },
          {
            label: 'Why',
            kind: 'text',
            value: (row) => row.reasons[0],
            cell: (row) => <Name text={row.reasons.join(', ')} />,
          },
        ]}
      />
      <p class="small muted">
        When the cause is mended: <Command text="tidegate quarantine replay --all --dry-run" />{' '}
        <Command text={filterCommand('quarantine', filter)} />
      </p>
    </Card>
  )
}
