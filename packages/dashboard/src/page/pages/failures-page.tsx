import type { FailureCause } from '@tidegate/monitor'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { paretoOption } from '../charts/bars.ts'
import { dayBarsOption } from '../charts/day-bars.ts'
import { shortName } from '../charts/option.ts'
import { count, percent } from '../format/amounts.ts'
import { hrefOfLink, hrefWith } from '../state/app.ts'
import { filterCommand } from '../state/filter-command.ts'
import { useShown, useView } from '../state/shown.ts'
import { Card, Empty, PageHead } from '../ui/card.tsx'
import { Chart } from '../ui/chart.tsx'
import { Command } from '../ui/command.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Count, Name, When } from '../ui/number.tsx'
import { Grid } from '../ui/slice.tsx'
import { Spark } from '../ui/spark.tsx'
import { severityHealth, Status } from '../ui/status.tsx'
import { DayTwin, NamedTwin } from '../ui/twins.tsx'
import { Figure } from './overview-page.tsx'
import { HeatChart } from './heat-chart.tsx'

const DRAWN = 10
/** In pixels: names of ten causes do not fit below. */
const NARROW = 500

export function FailuresPage(): JSX.Element | null {
  const { filter } = useShown()
  const view = useView('failures')
  if (view.total === 0) {
    return (
      <>
        <PageHead title="Failures" summary={view.summary} />
        <Card title="Causes">
          <Empty title="Nothing failed in this window" command={filterCommand('failures', filter)}>
            Choose a longer window to look further back.
          </Empty>
        </Card>
      </>
    )
  }
  return (
    <>
      <PageHead title="Failures" summary={view.summary} />
      <Grid>
        <CauseDetail />
        <Pareto />
        <PerDay />
        <Causes />
        <HeatChart of="days" span={12} />
        <HeatChart of="hours" span={6} />
        <HeatChart of="expectations" span={6} />
      </Grid>
    </>
  )
}

function Pareto(): JSX.Element | null {
  const { address } = useShown()
  const view = useView('failures')
  const option = useMemo(() => {
    const causes = view.causes
      .slice(0, DRAWN)
      .map(({ code, dataset, source, count, cumulativePercent, fingerprint }) => ({
        code,
        name: `${shortName(code, 18)} · ${shortName(dataset ?? source, 12)}`,
        count,
        cumulativePercent,
        href: hrefWith({ cause: fingerprint }),
      }))
    const few = causes.slice(0, 5).map((cause) => ({ ...cause, name: shortName(cause.code, 14) }))
    return (palette: Parameters<typeof paretoOption>[1], summary: string, width: number) =>
      paretoOption({ causes: width < NARROW ? few : causes }, palette, summary)
  }, [view, address])
  return (
    <Chart
      title="Causes"
      span={8}
      height={290}
      summary={`${view.vitalFew} of ${view.causesTotal} causes make up 80 % of ${count(view.total)} failures.`}
      option={option}
      table={
        <NamedTwin
          caption="Causes, most frequent first"
          head="Cause"
          names={['Failures', 'Share %', 'Together %']}
          rows={view.causes.map((one) => ({
            name: one.code,
            link: { page: 'failures', params: { cause: one.fingerprint } },
            values: [one.count, one.sharePercent, one.cumulativePercent],
          }))}
        />
      }
    />
  )
}

function PerDay(): JSX.Element | null {
  const view = useView('failures')
  const days = view.days
  const option = useMemo(
    () =>
      dayBarsOption(days, [{ name: 'failures', tone: 'bad', value: (day) => day.count }], ({ link }) =>
        hrefOfLink(link),
      ),
    [view],
  )
  const worst = days.toSorted((a, b) => b.count - a.count)[0]
  return (
    <Chart
      title="Per day"
      span={4}
      height={290}
      summary={
        worst === undefined
          ? 'No day in this window.'
          : `The worst day was ${worst.day} with ${count(worst.count)} failures.`
      }
      option={option}
      table={
        <DayTwin
          caption="Failures per UTC day"
          names={['Failures']}
          rows={days.map(({ day, count, link }) => ({ day, link, values: [count] }))}
        />
      }
    />
  )
}

function CauseDetail(): JSX.Element | null {
  const { address } = useShown()
  const fingerprint = address.params.get('cause')
  const cause = useView('failures').causes.find((one) => one.fingerprint === fingerprint)
  if (fingerprint === null) return null
  const close = (
    <a class="small" href={hrefWith({ cause: null })}>
      Close
    </a>
  )
  if (cause === undefined) {
    return (
      <Card title="Cause" actions={close}>
        <Empty title="This cause did not occur in this window">Choose a longer one.</Empty>
      </Card>
    )
  }
  return (
    <Card title={`Cause ${cause.code.slice(0, 120)}`} summary={cause.message.slice(0, 1000)} actions={close}>
      <dl class="figures">
        <Figure label="Failures">
          <Count value={cause.count} link={cause.link} />
        </Figure>
        <Figure label="Files">
          <Count value={cause.files} link={cause.link} />
        </Figure>
        <Figure label="Rows">
          <Count value={cause.rows} link={cause.link} />
        </Figure>
        <Figure label="First seen">
          <When at={cause.firstSeenAt} />
        </Figure>
        <Figure label="Last seen">
          <When at={cause.lastSeenAt} />
        </Figure>
      </dl>
      <p class="wrap">
        <strong>What to do: </strong>
        {cause.suggestion}
      </p>
      {cause.examples.length === 0 ? null : (
        <ul class="small">
          {cause.examples.map((example) => (
            <li key={example}>
              <Name text={example} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function Causes(): JSX.Element | null {
  const { address, filter } = useShown()
  const view = useView('failures')
  return (
    <Card title="All causes" summary="Choose one to see its files and what to do.">
      <DataTable
        caption="Causes, most frequent first"
        rows={view.causes}
        total={view.causesTotal}
        isCurrent={(row: FailureCause) => row.fingerprint === address.params.get('cause')}
        columns={[
          {
            label: 'Cause',
            value: (row) => row.code,
            cell: (row) => (
              <span class="clip" title={row.code.slice(0, 2000)}>
                <a href={hrefWith({ cause: row.fingerprint })}>{row.code.slice(0, 300)}</a>
              </span>
            ),
          },
          { label: 'Kind', value: (row) => row.kind },
          {
            label: 'Dataset',
            value: (row) => row.dataset ?? row.source,
            cell: (row) => <Name text={row.dataset ?? row.source} />,
          },
          {
            label: 'Severity',
            value: (row) => row.severity,
            cell: (row) => <Status health={severityHealth(row.severity)} word={row.severity} />,
          },
          { label: 'Failures', kind: 'count', value: (row) => row.count, link: (row) => row.link },
          {
            label: 'Share',
            kind: 'number',
            value: (row) => row.sharePercent,
            cell: (row) => (
              <>
                <span class="meter" aria-hidden="true">
                  <i style={{ width: `${Math.min(100, row.sharePercent)}%` }} />
                </span>
                {percent(row.sharePercent)}
              </>
            ),
          },
          { label: 'Per day', value: () => null, cell: (row) => <Spark values={row.byDay} from={0} /> },
          {
            label: 'First seen',
            kind: 'nowrap',
            value: (row) => row.firstSeenAt,
            cell: (row) => <When at={row.firstSeenAt} relative />,
          },
          {
            label: 'Last seen',
            kind: 'nowrap',
            value: (row) => row.lastSeenAt,
            cell: (row) => <When at={row.lastSeenAt} relative />,
          },
          {
            label: 'What to do',
            kind: 'text',
            value: (row) => row.suggestion,
            cell: (row) => <Name text={row.suggestion} />,
          },
        ]}
      />
      <p class="small muted">
        The same in the terminal: <Command text={filterCommand('failures', filter)} />
      </p>
    </Card>
  )
}
