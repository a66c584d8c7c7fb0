import { cellLink, type Heat } from '@tidegate/monitor'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { heatmapOption } from '../charts/heatmap.ts'
import { count, percent } from '../format/amounts.ts'
import { day } from '../format/times.ts'
import { hrefOfLink } from '../state/app.ts'
import { useView } from '../state/shown.ts'
import { Card, Empty, type Span } from '../ui/card.tsx'
import { Chart } from '../ui/chart.tsx'
import { NamedTwin, type NamedRow } from '../ui/twins.tsx'

/** What is drawn: more lines than these cannot be read. The twin has every cell with failures. */
const MOST_ROWS = 24
const MOST_COLUMNS: Readonly<Record<Heat['id'], number>> = { expectations: 16, days: 62, hours: 24 }

export function HeatChart({ of, span }: { of: Heat['id']; span: Span }): JSX.Element {
  const heat = useView('heatmap')[of]
  const drawn = useMemo(() => drawnPart(heat), [heat])
  const option = useMemo(
    () => (palette: Parameters<typeof heatmapOption>[1], summary: string, width: number) =>
      heatmapOption(
        {
          what: 'failures',
          format: '@count',
          width,
          xs: drawn.columns.map((column) => columnLabel(heat, column)),
          ys: drawn.rows.map((row) => heat.rows[row]?.label ?? ''),
          cells: drawn.rows.flatMap((row, y) =>
            drawn.columns.flatMap((column, x) => {
              const cell = heat.cells[row]?.[column] ?? null
              return cell === null
                ? []
                : [{ x, y, value: cell.failed, href: () => hrefOfLink(cellLink(heat, row, column)) }]
            }),
          ),
        },
        palette,
        summary,
      ),
    [heat, drawn],
  )
  if (heat.max === 0) {
    return (
      <Card title={heat.title} summary={heat.summary} span={span}>
        <Empty title="Nothing failed in this window" />
      </Card>
    )
  }
  const elsewhere = heat.failedElsewhere + drawn.failedElsewhere
  return (
    <Chart
      title={heat.title}
      summary={heat.summary}
      span={span}
      height={Math.max(150, (of === 'expectations' ? 124 : 70) + drawn.rows.length * 26)}
      points={drawn.rows.length * drawn.columns.length}
      option={option}
      table={<HeatTwin heat={heat} />}
    >
      {drawn.rows.length < heat.rowsTotal || drawn.columns.length < heat.columnsTotal ? (
        <p class="small muted">
          {drawn.rows.length} of {count(heat.rowsTotal)} rows and {drawn.columns.length} of {count(heat.columnsTotal)}{' '}
          columns are drawn;{' '}
          {elsewhere === 0 ? 'nothing failed in the others' : `${count(elsewhere)} failures elsewhere`}.
        </p>
      ) : null}
    </Chart>
  )
}

function columnLabel(heat: Heat, column: number): string {
  const label = heat.columns[column]?.label ?? ''
  return heat.id === 'days' ? day(label) : label
}

interface DrawnPart {
  /** Places in `heat.rows` and `heat.columns`, in their order. */
  readonly rows: readonly number[]
  readonly columns: readonly number[]
  readonly failedElsewhere: number
}

/** Lines with most failures; of expectations those that failed at all; of days the last ones. */
function drawnPart(heat: Heat): DrawnPart {
  const most = MOST_COLUMNS[heat.id]
  const rows = heat.id === 'hours' ? places(heat.rows) : worst(heat.rows, MOST_ROWS)
  const columns = heat.id === 'expectations' ? worst(heat.columns, most) : places(heat.columns).slice(-most)
  const isDrawn = [new Set(rows), new Set(columns)] as const
  let failedElsewhere = 0
  for (const [row, cells] of heat.cells.entries()) {
    for (const [column, cell] of cells.entries()) {
      if (!isDrawn[0].has(row) || !isDrawn[1].has(column)) failedElsewhere += cell?.failed ?? 0
    }
  }
  return { rows, columns, failedElsewhere }
}

function places(lines: Heat['rows']): readonly number[] {
  return lines.map((_, place) => place)
}

function worst(lines: Heat['rows'], most: number): readonly number[] {
  const failing = places(lines).filter((place) => (lines[place]?.failed ?? 0) > 0)
  return failing
    .toSorted((a, b) => (lines[b]?.failed ?? 0) - (lines[a]?.failed ?? 0))
    .slice(0, most)
    .toSorted((a, b) => a - b)
}

function HeatTwin({ heat }: { heat: Heat }): JSX.Element {
  const rows: readonly NamedRow[] = cellsOf(heat)
    .filter(({ failed }) => failed > 0)
    .map(({ row, column, failed, evaluated, share }) => ({
      name: `${heat.rows[row]?.label ?? ''} · ${heat.columns[column]?.label ?? ''}`,
      link: cellLink(heat, row, column),
      values: [failed, evaluated, share],
    }))
  return (
    <NamedTwin
      caption={`${heat.title}: cells with failures`}
      head="Where"
      names={['Failed', 'Evaluated', 'Percent']}
      rows={rows}
      format={(value, column) => (column === 2 ? percent(value) : value === null ? '–' : String(value))}
    />
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
