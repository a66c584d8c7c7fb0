import { monitorReport } from '@tidegate/monitor'
import type { JSX } from 'preact'
import { count, exact } from '../format/amounts.ts'
import { exactTime } from '../format/times.ts'
import { announce, report } from '../state/app.ts'
import { filterCommand } from '../state/filter-command.ts'
import { shown, useShown, useView } from '../state/shown.ts'
import { Card, PageHead } from '../ui/card.tsx'
import { Command } from '../ui/command.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Bytes, Count } from '../ui/number.tsx'
import { Grid } from '../ui/slice.tsx'
import { Figure } from './overview-page.tsx'
import { ReportDiffCard } from './report-diff.tsx'

export function ReportsPage(): JSX.Element | null {
  const { filter } = useShown()
  const view = useView('report')
  const known = report.value
  if (known === undefined) return null
  return (
    <>
      <PageHead title="Reports" summary={view.summary} />
      <Grid>
        <Card title="What this covers" span={6}>
          <dl class="figures">
            <Figure label="From">
              <span>{exactTime(view.window.since)}</span>
            </Figure>
            <Figure label="To">
              <span>{exactTime(view.window.until)}</span>
            </Figure>
            <Figure label="Compares back to">
              <span>{exactTime(view.reachesBackTo)}</span>
            </Figure>
            <Figure label="Tidegate">
              <span>{known.version}</span>
            </Figure>
          </dl>
          <dl class="figures" style={{ marginTop: '12px' }}>
            {view.counts.map(({ name, count: value, link }) => (
              <Figure key={name} label={capitalised(name.replace('-', ' '))}>
                {name === 'bytes' ? <Bytes value={value} link={link} /> : <Count value={value} link={link} />}
              </Figure>
            ))}
          </dl>
          <p class="small muted">
            Values out of rows:{' '}
            {known.samples === 'none' ? 'left out' : 'samples are in it, masked where the column is sensitive'}.
          </p>
        </Card>
        <Card title="Take it along" span={6} summary="What the page shows now, with its filter.">
          <p>
            <button type="button" onClick={saveJson}>
              Save as JSON
            </button>
          </p>
          <p class="small muted">Make this page again:</p>
          <Command text={known.command} />
          <p class="small muted">All sections of this filter as JSON:</p>
          <Command text={`${filterCommand('', filter)} --output json`.replace('  ', ' ')} />
        </Card>
        <ReportDiffCard />
        <Card
          title="Lists that may be cut"
          span={6}
          summary={view.truncated ? 'Some are: the sums are of everything, the lists are not.' : 'None is.'}
        >
          <DataTable
            caption="Shown of all"
            rows={view.lists}
            pageRows={40}
            columns={[
              { label: 'List', value: (row) => row.name },
              { label: 'Section', value: (row) => row.section },
              { label: 'Shown', kind: 'count', value: (row) => row.shown, link: (row) => row.link },
              {
                label: 'Of',
                kind: 'number',
                value: (row) => row.total,
                cell: (row) => (row.shown < row.total ? <strong>{exact(row.total)}</strong> : count(row.total)),
              },
            ]}
          />
        </Card>
        <Card title="Worth knowing" span={6}>
          <ul class="notes">
            {view.notes.map((note) => (
              <li key={note} class="wrap">
                {note}
              </li>
            ))}
          </ul>
        </Card>
      </Grid>
    </>
  )
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** The same JSON as `tidegate monitor --export` writes. Nothing leaves the browser but into the chosen folder. */
function saveJson(): void {
  const known = report.value
  const now = shown.peek()
  if (known === undefined || now === undefined) return
  const json = JSON.stringify(monitorReport(now.facts, now.context), null, 2)
  const url = URL.createObjectURL(new Blob([json], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `dq_report_${new Date(known.context.nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}.json`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
  announce('Report saved')
}
