import type { MonitoredSource } from '@tidegate/monitor'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { linesOption } from '../charts/lines.ts'
import { percent } from '../format/amounts.ts'
import { duration } from '../format/times.ts'
import { filterCommand } from '../state/filter-command.ts'
import { useShown, useView } from '../state/shown.ts'
import { Card, Empty, PageHead } from '../ui/card.tsx'
import { Chart } from '../ui/chart.tsx'
import { Command } from '../ui/command.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Duration, Name, When } from '../ui/number.tsx'
import { Grid } from '../ui/slice.tsx'
import { Spark } from '../ui/spark.tsx'
import { Status } from '../ui/status.tsx'
import { DayTwin } from '../ui/twins.tsx'
import { ComparisonCard } from './comparison-card.tsx'

export function DatasetsPage(): JSX.Element | null {
  const freshness = useView('freshness')
  const watermarks = useView('watermarks')
  return (
    <>
      <PageHead title="Datasets" summary={`${freshness.summary} ${watermarks.summary}`} />
      <Grid>
        <FreshnessCard />
        <WatermarksCard />
        <WatermarkSteps />
        <ComparisonCard />
        <SchemasCard />
        <ConfigurationCard />
      </Grid>
    </>
  )
}

function FreshnessCard(): JSX.Element | null {
  const view = useView('freshness')
  return (
    <Card title="Freshness" summary={view.summary}>
      {view.items.length === 0 ? (
        <Empty title="No source has a history here" command="tidegate ingest" />
      ) : (
        <DataTable
          caption="When files came and when the next are due"
          rows={view.items}
          columns={[
            {
              label: 'Source',
              value: (row) => row.source,
              cell: (row) => <Name text={row.source} link={{ page: 'datasets', params: { source: row.source } }} />,
            },
            {
              label: 'Status',
              value: (row) => row.status,
              cell: (row) => (
                <Status
                  health={row.status === 'fresh' ? 'ok' : row.status === 'late' ? 'bad' : 'unknown'}
                  word={row.status === 'fresh' ? 'Fresh' : row.status === 'late' ? 'Late' : 'Unknown'}
                />
              ),
            },
            { label: 'Why', kind: 'text', value: (row) => row.because },
            {
              label: 'Last file',
              kind: 'nowrap',
              value: (row) => row.lastLoadedAt,
              cell: (row) => <When at={row.lastLoadedAt} relative />,
            },
            {
              label: 'Expected',
              value: (row) => row.expected,
              cell: (row) => row.expected ?? <span class="muted">nothing said: add expect:</span>,
            },
            {
              label: 'Due',
              kind: 'nowrap',
              value: (row) => row.dueAt,
              cell: (row) => <When at={row.dueAt} relative />,
            },
            { label: 'Missed', kind: 'number', value: (row) => row.missedTotal },
            {
              label: 'Files per day',
              value: (row) => row.arrivals.at(-1),
              cell: (row) => <Spark values={row.arrivals} from={0} />,
            },
          ]}
        />
      )}
    </Card>
  )
}

function WatermarksCard(): JSX.Element | null {
  const view = useView('watermarks')
  const rows = view.items.filter(({ status }) => status !== 'none')
  return (
    <Card title="Watermarks" summary={view.summary}>
      {rows.length === 0 ? (
        <Empty title="No source has a watermark">
          Name a column under <code>watermark:</code> of a source, and its progress is followed here.
        </Empty>
      ) : (
        <DataTable
          caption="Watermark per source"
          rows={rows}
          columns={[
            {
              label: 'Source',
              value: (row) => row.source,
              cell: (row) => <Name text={row.source} link={{ page: 'datasets', params: { source: row.source } }} />,
            },
            {
              label: 'Status',
              value: (row) => row.status,
              cell: (row) => (
                <Status
                  health={row.status === 'moving' ? 'ok' : row.status === 'stuck' ? 'bad' : 'unknown'}
                  word={row.status === 'moving' ? 'Moving' : row.status === 'stuck' ? 'Stuck' : 'Unknown'}
                />
              ),
            },
            { label: 'Column', value: (row) => row.column, cell: (row) => <Name text={row.column ?? '–'} /> },
            { label: 'Value', value: (row) => row.value, cell: (row) => <Name text={row.value ?? '–'} /> },
            { label: 'Lag', kind: 'number', value: (row) => row.lagMs, cell: (row) => <Duration value={row.lagMs} /> },
            {
              label: 'Last moved',
              kind: 'nowrap',
              value: (row) => row.lastAdvanceAt,
              cell: (row) => <When at={row.lastAdvanceAt} relative />,
            },
            { label: 'Runs since', kind: 'count', value: (row) => row.runsWithoutAdvance, link: (row) => row.link },
            { label: 'Records', kind: 'count', value: (row) => row.recordsProcessed, link: (row) => row.link },
          ]}
        />
      )}
    </Card>
  )
}

function WatermarkSteps(): JSX.Element | null {
  const { filter } = useShown()
  const item = useView('watermarks').items.find(({ steps }) => steps.some(({ valueMs }) => valueMs !== null))
  const steps = item?.steps ?? []
  const option = useMemo(
    () => (palette: Parameters<typeof linesOption>[1], summary: string) =>
      linesOption(
        {
          format: '@moment',
          series: [
            {
              name: 'watermark',
              tone: 'accent',
              points: steps.map(({ at, valueMs }) => [Date.parse(at), valueMs] as const),
            },
          ],
        },
        palette,
        summary,
      ),
    [item],
  )
  if (filter.sources?.length !== 1 || item === undefined || steps.length < 2) return null
  return (
    <Chart
      title="Watermark over time"
      summary={`${item.source.slice(0, 60)} moved to ${item.value ?? 'nothing'} in ${steps.length} of ${item.stepsTotal} steps.`}
      option={option}
      height={200}
      table={
        <DayTwin
          caption="Watermark after each run that loaded something"
          names={['Value (ms)']}
          rows={steps.map(({ at, valueMs, run }) => ({
            day: at,
            values: [valueMs],
            link: { page: 'runs', params: { run } },
          }))}
        />
      }
    />
  )
}

function SchemasCard(): JSX.Element | null {
  const { filter } = useShown()
  const view = useView('schemas')
  return (
    <Card title="Schema and contract changes" summary={view.summary}>
      {view.changes.length === 0 ? (
        <Empty title="Nothing changed in this window" />
      ) : (
        <DataTable
          caption="Changes, newest first"
          rows={view.changes}
          total={view.changesTotal}
          columns={[
            { label: 'When', kind: 'nowrap', value: (row) => row.at, cell: (row) => <When at={row.at} /> },
            {
              label: 'Dataset',
              value: (row) => row.dataset,
              cell: (row) => (
                <Name
                  text={row.dataset}
                  link={{ page: 'datasets', params: { source: row.source, dataset: row.dataset } }}
                />
              ),
            },
            { label: 'Of', value: (row) => row.kind },
            {
              label: 'Breaking',
              value: (row) => Number(row.breaking),
              cell: (row) =>
                row.breaking ? <Status health="warn" word="Breaking" /> : <Status health="ok" word="Compatible" />,
            },
            {
              label: 'What',
              kind: 'text',
              value: (row) => row.text,
              cell: (row) => <Name text={row.text} link={row.link} />,
            },
          ]}
        />
      )}
      {filter.datasets?.length === 1 || filter.sources?.length === 1 ? <Columns /> : null}
    </Card>
  )
}

function Columns(): JSX.Element | null {
  const [dataset] = useView('schemas').datasets
  if (dataset === undefined) return null
  return (
    <DataTable
      caption={`Columns of ${dataset.dataset.slice(0, 80)} now (${dataset.columns.length})`}
      rows={dataset.columns}
      columns={[
        { label: 'Column', value: (row) => row.name, cell: (row) => <Name text={row.name} /> },
        { label: 'Type', value: (row) => row.type, cell: (row) => <Name text={row.type} /> },
      ]}
    />
  )
}

function ConfigurationCard(): JSX.Element | null {
  const { filter } = useShown()
  const configuration = useView('watermarks').configuration
  const { items, orphans } = configuration
  return (
    <Card
      title="Configuration in force"
      summary={
        orphans.length === 0
          ? ''
          : `${orphans.length} with a history are no longer configured: ${orphans
              .slice(0, 5)
              .map((name) => name.slice(0, 60))
              .join(', ')}.`
      }
    >
      {items.length === 0 ? (
        <Empty title="No source is configured here" command="tidegate init" />
      ) : (
        <DataTable
          caption="What the sources are configured to do"
          rows={items}
          columns={[
            {
              label: 'Source',
              value: (row: MonitoredSource) => row.name,
              cell: (row) => <Name text={row.name} link={{ page: 'datasets', params: { source: row.name } }} />,
            },
            { label: 'Reads', value: (row) => row.path, cell: (row) => <Name text={`${row.path} (${row.format})`} /> },
            {
              label: 'Writes',
              value: (row) => row.targets[0]?.path,
              cell: (row) => (
                <Name text={row.targets.map(({ kind, path, mode }) => `${kind} ${path} (${mode})`).join(', ')} />
              ),
            },
            {
              label: 'Gate',
              value: (row) => row.gate.threshold,
              cell: (row) => `${percent(row.gate.threshold)}, else ${row.gate.onFail}`,
            },
            {
              label: 'Watermark',
              value: (row) => row.watermark?.column,
              cell: (row) => <Name text={row.watermark === null ? '–' : watermarkText(row.watermark)} />,
            },
            { label: 'Repair', value: (row) => row.repair },
            { label: 'Evolution', value: (row) => row.schemaEvolution },
            { label: 'Duplicates', value: (row) => row.duplicates },
          ]}
        />
      )}
      <p class="small muted">
        The same in the terminal: <Command text={filterCommand('watermarks', filter)} />
      </p>
    </Card>
  )
}

function watermarkText({ column, lagMs }: { readonly column: string; readonly lagMs: number }): string {
  return lagMs === 0 ? column : `${column}, lag ${duration(lagMs)}`
}
