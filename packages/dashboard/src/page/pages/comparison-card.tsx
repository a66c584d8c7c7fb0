import type { Comparison, ComparedMetric } from '@tidegate/monitor'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { linesOption } from '../charts/lines.ts'
import type { FormatName } from '../charts/option.ts'
import { bytes, count, percent, signed } from '../format/amounts.ts'
import { hrefWith } from '../state/app.ts'
import { useShown, useView } from '../state/shown.ts'
import { Card, Empty } from '../ui/card.tsx'
import { Chart } from '../ui/chart.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Spark } from '../ui/spark.tsx'
import { Status } from '../ui/status.tsx'
import { DayTwin } from '../ui/twins.tsx'

const METRICS: Readonly<
  Record<
    ComparedMetric,
    { readonly name: string; readonly format: (value: number | null) => string; readonly axis: FormatName }
  >
> = {
  files: { name: 'files', format: count, axis: '@count' },
  rows: { name: 'rows', format: count, axis: '@count' },
  bytes: { name: 'bytes', format: bytes, axis: '@bytes' },
  score: { name: 'score', format: percent, axis: '@percent' },
  'rejected-percent': { name: 'rejected rows', format: percent, axis: '@percent' },
  'rows-per-second': { name: 'rows per second', format: count, axis: '@rate' },
}

/** The last whole day beside yesterday, the same weekday and the median of 28 days; one of them drawn with its band. */
export function ComparisonCard(): JSX.Element | null {
  const { address } = useShown()
  const view = useView('comparison')
  const chosen = chosenOf(view.items, address.params.get('compare'))
  return (
    <>
      <Card title="Compared with before" summary={view.summary}>
        {view.items.length === 0 ? (
          <Empty title="There is no whole day to compare yet">Come back after a full UTC day of ingests.</Empty>
        ) : (
          <DataTable
            caption={`${view.day} against the day before, the week before and the 28-day median`}
            rows={view.items}
            total={view.total}
            pageRows={12}
            isCurrent={(row) => row === chosen}
            columns={[
              { label: 'Dataset', value: (row) => row.dataset ?? row.source, cell: (row) => <Chosen row={row} /> },
              { label: 'Metric', value: (row) => METRICS[row.metric].name },
              { label: 'Status', value: (row) => row.status, cell: (row) => <Band row={row} /> },
              {
                label: 'Value',
                kind: 'number',
                value: (row) => row.value,
                cell: (row) => METRICS[row.metric].format(row.value),
              },
              {
                label: 'Day before',
                kind: 'number',
                value: (row) => row.dayBeforePercent,
                cell: (row) => <Change row={row} value={row.dayBefore} change={row.dayBeforePercent} />,
              },
              {
                label: 'Week before',
                kind: 'number',
                value: (row) => row.weekBeforePercent,
                cell: (row) => <Change row={row} value={row.weekBefore} change={row.weekBeforePercent} />,
              },
              {
                label: 'Median',
                kind: 'number',
                value: (row) => row.medianPercent,
                cell: (row) => <Change row={row} value={row.median} change={row.medianPercent} />,
              },
              { label: '29 days', value: () => null, cell: (row) => <Spark values={row.values} /> },
            ]}
          />
        )}
      </Card>
      {chosen === undefined ? null : <ComparisonChart item={chosen} days={view.days} />}
    </>
  )
}

function chosenOf(items: readonly Comparison[], key: string | null): Comparison | undefined {
  return items.find((item) => keyOf(item) === key) ?? items.find(({ status }) => status !== 'unknown')
}

function keyOf({ source, dataset, metric }: Comparison): string {
  return `${metric}:${encodeURIComponent(source)}/${encodeURIComponent(dataset ?? '')}`
}

function Chosen({ row }: { row: Comparison }): JSX.Element {
  const name = row.dataset ?? row.source
  return (
    <span class="clip" title={name.slice(0, 2000)}>
      <a href={hrefWith({ compare: keyOf(row) })}>{name.slice(0, 300)}</a>
    </span>
  )
}

function Band({ row }: { row: Comparison }): JSX.Element {
  const { status, bad, because } = row
  const health = status === 'unknown' ? 'unknown' : status === 'inside' ? 'ok' : bad ? 'bad' : 'warn'
  const word = { unknown: 'Unknown', inside: 'As expected', above: 'Above', below: 'Below' }[status]
  return (
    <span title={because}>
      <Status health={health} word={word} />
    </span>
  )
}

function Change({ row, value, change }: { row: Comparison; value: number | null; change: number | null }): JSX.Element {
  return <span title={METRICS[row.metric].format(value)}>{signed(change, percent)}</span>
}

function ComparisonChart({ item, days }: { item: Comparison; days: readonly string[] }): JSX.Element {
  const { axis, name, format } = METRICS[item.metric]
  const option = useMemo(
    () => (palette: Parameters<typeof linesOption>[1], summary: string) =>
      linesOption(
        {
          format: axis,
          series: [
            {
              name,
              tone: 'accent',
              points: days.map((day, index) => [Date.parse(day), item.values[index] ?? null] as const),
            },
          ],
          band:
            item.band === null
              ? undefined
              : days.map((day) => [Date.parse(day), item.band?.low ?? null, item.band?.high ?? null] as const),
        },
        palette,
        summary,
      ),
    [item, days],
  )
  return (
    <Chart
      title={`${name} of ${(item.dataset ?? item.source).slice(0, 60)}`}
      summary={item.because}
      option={option}
      height={210}
      table={
        <DayTwin
          caption={`${name} per UTC day`}
          names={[name]}
          format={format}
          rows={days.map((day, index) => ({ day, values: [item.values[index] ?? null], link: item.link }))}
        />
      }
    />
  )
}
