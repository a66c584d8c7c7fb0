import type { CumulativePanel } from '@tidegate/monitor'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { FormatName } from '../charts/option.ts'
import { panelsOption } from '../charts/panels.ts'
import { count, exact } from '../format/amounts.ts'
import { filterCommand } from '../state/filter-command.ts'
import { useShown, useView } from '../state/shown.ts'
import { Card, Empty, PageHead } from '../ui/card.tsx'
import { Chart } from '../ui/chart.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Bytes, Count, Duration, Name, When } from '../ui/number.tsx'
import { Grid } from '../ui/slice.tsx'
import { Spark } from '../ui/spark.tsx'
import { runHealth, Status } from '../ui/status.tsx'
import { DayTwin } from '../ui/twins.tsx'
import { Figure } from './overview-page.tsx'
import { Scores } from './quality-page.tsx'

export function PerformancePage(): JSX.Element | null {
  const { filter } = useShown()
  const view = useView('performance')
  const { overall } = view
  return (
    <>
      <PageHead title="Performance" summary={view.summary} />
      {overall.runs === 0 ? (
        <Card title="Rates">
          <Empty title="No run of this window was measured" command={filterCommand('performance', filter)}>
            Rates are those of runs that ended, took time and read rows.
          </Empty>
        </Card>
      ) : (
        <Grid>
          <Card title="All sources" summary={`Over ${exact(overall.runs)} measured runs.`}>
            <dl class="figures">
              <Figure label="Rows per second, median">
                <Count value={overall.rowsPerSecondP50} link={{ page: 'runs', params: {} }} unit="/s" />
              </Figure>
              <Figure label="95th percentile">
                <Count value={overall.rowsPerSecondP95} link={{ page: 'runs', params: {} }} unit="/s" />
              </Figure>
              <Figure label="Bytes per second, median">
                <Bytes value={overall.bytesPerSecondP50} link={{ page: 'runs', params: {} }} />
              </Figure>
              <Figure label="A run takes, median">
                <Duration value={overall.durationMsP50} link={{ page: 'runs', params: {} }} />
              </Figure>
              <Figure label="95th percentile">
                <Duration value={overall.durationMsP95} link={{ page: 'runs', params: {} }} />
              </Figure>
            </dl>
          </Card>
          <Panels />
          <Sources />
          <Scores span={4} />
          <LastRuns />
        </Grid>
      )}
    </>
  )
}

const AXES: Readonly<Record<CumulativePanel['unit'], FormatName>> = {
  rows: '@count',
  bytes: '@bytes',
  'rows-per-second': '@rate',
  files: '@count',
}

const WAITING: Readonly<Record<string, 'warn' | 'bad'>> = { held: 'warn', failed: 'bad' }

function Panels(): JSX.Element {
  const view = useView('cumulative')
  const option = useMemo(() => {
    const at = view.at.map((instant) => Date.parse(instant))
    const panels = view.panels.map(({ id: panel, title, unit, series }) => ({
      title,
      format: AXES[unit],
      log: unit === 'rows-per-second',
      series: series.slice(0, 4).map(({ name, values }, index) => ({
        name: name.slice(0, 40),
        tone: panel === 'waiting' ? WAITING[name] : undefined,
        dashed: index > 0,
        area: index === 0,
        points: at.map((ms, bucket) => [ms, values[bucket] ?? null] as const),
      })),
    }))
    return (palette: Parameters<typeof panelsOption>[2], summary: string, width: number) =>
      panelsOption(panels, width < 640 ? 1 : 2, palette, summary)
  }, [view])
  const names = view.panels.flatMap(({ title, series }) => series.map(({ name }) => `${title}: ${name.slice(0, 40)}`))
  const narrow = globalThis.innerWidth < 700
  return (
    <Chart
      title="Growth, rate and queue"
      summary={view.summary}
      height={narrow ? 760 : 500}
      points={view.at.length * names.length}
      option={option}
      table={
        <DayTwin
          caption={`Per ${view.step}`}
          names={names}
          format={count}
          rows={view.at.map((at, bucket) => ({
            day: at,
            link: view.panels[0].link,
            values: view.panels.flatMap(({ series }) => series.map(({ values }) => values[bucket] ?? null)),
          }))}
        />
      }
    />
  )
}

function Sources(): JSX.Element | null {
  const view = useView('performance')
  return (
    <Card title="Sources" summary="Rates per source.">
      <DataTable
        caption="Performance per source"
        rows={view.sources}
        pageRows={20}
        columns={[
          { label: 'Source', value: (row) => row.source, cell: (row) => <Name text={row.source} link={row.link} /> },
          { label: 'Rows/s p50', kind: 'count', value: (row) => row.rowsPerSecondP50, link: (row) => row.link },
          { label: 'p95', kind: 'count', value: (row) => row.rowsPerSecondP95, link: (row) => row.link },
          {
            label: 'Bytes/s p50',
            kind: 'number',
            value: (row) => row.bytesPerSecondP50,
            cell: (row) => <Bytes value={row.bytesPerSecondP50} />,
          },
          {
            label: 'Takes p50',
            kind: 'number',
            value: (row) => row.durationMsP50,
            cell: (row) => <Duration value={row.durationMsP50} />,
          },
          {
            label: 'Peak memory',
            kind: 'number',
            value: (row) => row.peakMemoryBytes,
            cell: (row) => <Bytes value={row.peakMemoryBytes} />,
          },
          { label: 'Rows', kind: 'count', value: (row) => row.rows, link: (row) => row.link },
          { label: 'Trend', value: () => null, cell: (row) => <Spark values={row.trend} /> },
        ]}
      />
    </Card>
  )
}

function LastRuns(): JSX.Element | null {
  const view = useView('performance')
  return (
    <Card title="Last runs" span={8}>
      <DataTable
        caption="The newest runs"
        rows={view.lastRuns}
        total={view.runsTotal}
        pageRows={9}
        columns={[
          {
            label: 'Started',
            kind: 'nowrap',
            value: (row) => row.startedAt,
            cell: (row) => <When at={row.startedAt} />,
          },
          { label: 'Source', value: (row) => row.source, cell: (row) => <Name text={row.source} link={row.link} /> },
          {
            label: 'Status',
            value: (row) => row.status,
            cell: (row) => <Status health={runHealth(row.status)} word={row.status} />,
          },
          {
            label: 'Took',
            kind: 'number',
            value: (row) => row.durationMs,
            cell: (row) => <Duration value={row.durationMs} />,
          },
          { label: 'Rows', kind: 'count', value: (row) => row.rowsRead, link: (row) => row.link },
          { label: 'Rows/s', kind: 'count', value: (row) => row.rowsPerSecond },
          {
            label: 'Bytes/s',
            kind: 'number',
            value: (row) => row.bytesPerSecond,
            cell: (row) => <Bytes value={row.bytesPerSecond} />,
          },
        ]}
      />
    </Card>
  )
}
