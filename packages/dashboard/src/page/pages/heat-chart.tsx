import { cellLink, type Heat } from '@tidegate/monitor'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { heatmapOption } from '../charts/heatmap.ts'
import { percent } from '../format/amounts.ts'
import { day } from '../format/times.ts'
import { hrefOfLink } from '../state/app.ts'
import { Card, Empty, type Span } from '../ui/card.tsx'
import { Chart } from '../ui/chart.tsx'
import { NamedTwin, type NamedRow } from '../ui/twins.tsx'

export function HeatChart({ heat, span }: { heat: Heat; span: Span }): JSX.Element {
  const option = useMemo(
    () => (palette: Parameters<typeof heatmapOption>[1], summary: string) =>
      heatmapOption(
        {
          what: 'failures',
          format: '@count',
          xs: heat.columns.map(({ label }) => (/^\d{4}-\d\d-\d\d$/.test(label) ? day(label) : label)),
          ys: heat.rows.map(({ label }) => label),
          cells: cellsOf(heat).map(({ row, column, failed }) => ({
            x: column,
            y: row,
            value: failed,
            href: hrefOfLink(cellLink(heat, row, column)),
          })),
        },
        palette,
        summary,
      ),
    [heat],
  )
  if (heat.max === 0) {
    return (
      <Card title={heat.title} summary={heat.summary} span={span}>
        <Empty title="Nothing failed in this window" />
      </Card>
    )
  }
  const rows: readonly NamedRow[] = cellsOf(heat)
    .filter(({ failed }) => failed > 0)
    .map(({ row, column, failed, evaluated, share }) => ({
      name: `${heat.rows[row]?.label ?? ''} · ${heat.columns[column]?.label ?? ''}`,
      link: cellLink(heat, row, column),
      values: [failed, evaluated, share],
    }))
  return (
    <Chart
      title={heat.title}
      summary={heat.summary}
      span={span}
      height={Math.max(150, Math.min(620, 70 + heat.rows.length * 26))}
      points={heat.rows.length * heat.columns.length}
      option={option}
      table={
        <NamedTwin
          caption={`${heat.title}: cells with failures`}
          head="Where"
          names={['Failed', 'Evaluated', 'Percent']}
          rows={rows}
          format={(value, column) => (column === 2 ? percent(value) : value === null ? '–' : String(value))}
        />
      }
    >
      {heat.rowsTotal > heat.rows.length || heat.columnsTotal > heat.columns.length ? (
        <p class="small muted">
          {heat.rows.length} of {heat.rowsTotal} rows and {heat.columns.length} of {heat.columnsTotal} columns shown;{' '}
          {heat.failedElsewhere} failures elsewhere.
        </p>
      ) : null}
    </Chart>
  )
}

interface Cell {
  readonly row: number
  readonly column: number
  readonly failed: number
  readonly evaluated: number | null
  readonly share: number | null
}

function cellsOf(heat: Heat): readonly Cell[] {
  return heat.cells.flatMap((cells, row) =>
    cells.flatMap((cell, column) =>
      cell === null ? [] : [{ row, column, failed: cell.failed, evaluated: cell.evaluated, share: cell.percent }],
    ),
  )
}
