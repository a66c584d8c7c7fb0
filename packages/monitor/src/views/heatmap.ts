import type { CheckDay } from '@tidegate/core'
import { dayRange, dayText, windowDays, windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { groupBy, groupByDataset, percentOf, sumOf } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { checksByDay, windowChecks } from '../window-sums.ts'
import { amount, count } from '../wording.ts'
import type { Heat, HeatCell, HeatLine, HeatmapView } from './heatmap-view.ts'

const ROWS = 50
const COLUMNS = 60

/** Where and when checks fail. */
export function heatmap(facts: Facts, _context: MonitorContext): HeatmapView {
  const checks = windowChecks(facts)
  const expectations = expectationHeat(checks, facts)
  const days = dayHeat(checks, facts)
  const hours = hourHeat(facts)
  return { summary: `${expectations.summary} ${hours.summary}`, expectations, days, hours }
}

function expectationHeat(checks: readonly CheckDay[], facts: Facts): Heat {
  const rows = datasetLines(checks, ({ source, dataset }) => ({ source, dataset, ...windowRange(facts) }))
  const columns = Array.from(
    groupBy(checks, ({ check }) => check),
    ([check, group]) => ({ key: check, label: check, failed: failedOf(group), params: { check } }),
  )
  const heat = gridOf(
    rows,
    worstFirst(rows).slice(0, ROWS),
    worstFirst(columns).slice(0, COLUMNS),
    ({ check }) => check,
  )
  return {
    id: 'expectations',
    title: 'Failures by dataset and expectation',
    summary: summariseExpectations(heat),
    ...heat,
    rowsTotal: rows.length,
    columnsTotal: columns.length,
    page: 'files',
  }
}

function summariseExpectations({ cells, rows, columns, failedElsewhere }: Grid): string {
  let worst = { failed: 0, row: 0, column: 0 }
  let total = failedElsewhere
  for (const [row, line] of cells.entries()) {
    for (const [column, cell] of line.entries()) {
      total += cell?.failed ?? 0
      if (cell !== null && cell.failed > worst.failed) worst = { failed: cell.failed, row, column }
    }
  }
  if (total === 0) return 'No check failed.'
  return (
    `${amount(total, 'check')} failed, most often ${columns[worst.column]?.label ?? ''} of ` +
    `${rows[worst.row]?.label ?? ''} (${count(worst.failed)}).`
  )
}

function dayHeat(checks: readonly CheckDay[], facts: Facts): Heat {
  const all = windowDays(facts)
  const rows = datasetLines(checks, ({ source, dataset }) => ({ source, dataset }))
  const byDay = checksByDay(facts)
  const columns = all.slice(-COLUMNS).map((dayMs) => ({
    key: dayMs,
    label: dayText(dayMs),
    failed: failedOf(byDay.get(dayMs) ?? []),
    params: dayRange(dayMs),
  }))
  const worst = columns.reduce<(typeof columns)[number] | undefined>(
    (most, column) => (column.failed > (most?.failed ?? 0) ? column : most),
    undefined,
  )
  return {
    id: 'days',
    title: 'Failures by dataset and day',
    summary:
      worst === undefined
        ? 'No check failed on any day.'
        : `Most checks failed on ${worst.label}: ${count(worst.failed)}.`,
    ...gridOf(rows, worstFirst(rows).slice(0, ROWS), columns, ({ dayMs }) => dayMs),
    rowsTotal: rows.length,
    columnsTotal: all.length,
    page: 'quality',
  }
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

function hourHeat(facts: Facts): Heat {
  const cells = WEEKDAYS.map(() => Array.from({ length: 24 }, () => 0))
  for (const { hourMs, failed, errors } of facts.checkFailures) {
    const date = new Date(hourMs)
    const row = cells[(date.getUTCDay() + 6) % 7]
    const hour = date.getUTCHours()
    if (row?.[hour] !== undefined) row[hour] += failed + errors
  }
  const range = windowRange(facts)
  const rows = cells.map((line, index) => ({
    label: WEEKDAYS[index] ?? '',
    failed: sumOf(line, (failed) => failed),
    params: range,
  }))
  const columns = Array.from({ length: 24 }, (_, hour) => ({
    label: `${String(hour).padStart(2, '0')}:00`,
    failed: sumOf(cells, (line) => line[hour] ?? 0),
    params: {},
  }))
  const max = cells.flat().reduce((most, failed) => Math.max(most, failed), 0)
  const row = cells.findIndex((line) => line.includes(max))
  const hour = cells[row]?.indexOf(max) ?? 0
  return {
    id: 'hours',
    title: 'Failures by weekday and hour (UTC)',
    summary:
      max === 0
        ? 'No hour of the week stands out.'
        : `Most on ${rows[row]?.label ?? ''} at ${columns[hour]?.label ?? ''} UTC (${count(max)}).`,
    rows,
    rowsTotal: rows.length,
    columns,
    columnsTotal: columns.length,
    cells: cells.map((line) => line.map((failed) => ({ failed, evaluated: null, percent: null }))),
    max,
    failedElsewhere: 0,
    page: 'failures',
  }
}

interface DatasetLine extends HeatLine {
  readonly checks: readonly CheckDay[]
}

function datasetLines(
  checks: readonly CheckDay[],
  paramsOf: (names: { readonly source: string; readonly dataset: string }) => HeatLine['params'],
): readonly DatasetLine[] {
  return groupByDataset(checks).map(({ source, dataset, items }) => ({
    label: dataset,
    params: paramsOf({ source, dataset }),
    failed: failedOf(items),
    checks: items,
  }))
}

function failedOf(checks: readonly CheckDay[]): number {
  return sumOf(checks, ({ failed, errors }) => failed + errors)
}

function worstFirst<Line extends HeatLine>(lines: readonly Line[]): readonly Line[] {
  return lines.toSorted((a, b) => b.failed - a.failed || (a.label < b.label ? -1 : 1))
}

type Grid = Pick<Heat, 'rows' | 'columns' | 'cells' | 'max' | 'failedElsewhere'>

function gridOf<Key extends string | number>(
  all: readonly DatasetLine[],
  rows: readonly DatasetLine[],
  columns: readonly (HeatLine & { readonly key: Key })[],
  columnOf: (check: CheckDay) => Key,
): Grid {
  const rowAt = new Map(rows.map((line, index) => [line, index]))
  const columnAt = new Map(columns.map(({ key }, index) => [key, index]))
  const sums: { failed: number; evaluated: number }[][] = rows.map(() => [])
  let failedElsewhere = 0
  for (const line of all) {
    const row = sums[rowAt.get(line) ?? -1]
    for (const check of line.checks) {
      const failed = check.failed + check.errors
      const column = columnAt.get(columnOf(check))
      if (row === undefined || column === undefined) {
        failedElsewhere += failed
        continue
      }
      const cell = (row[column] ??= { failed: 0, evaluated: 0 })
      cell.failed += failed
      cell.evaluated += check.passed + failed
    }
  }
  const cells = sums.map((row) => columns.map((_, column) => cellOf(row[column])))
  const max = cells.reduce((most, row) => row.reduce((high, cell) => Math.max(high, cell?.failed ?? 0), most), 0)
  return {
    rows: rows.map((line) => bare(line)),
    columns: columns.map((line) => bare(line)),
    cells,
    max,
    failedElsewhere,
  }
}

function cellOf(sum: { readonly failed: number; readonly evaluated: number } | undefined): HeatCell | null {
  if (sum === undefined || sum.evaluated === 0) return null
  return { ...sum, percent: percentOf(sum.failed, sum.evaluated) }
}

function bare({ label, failed, params }: HeatLine): HeatLine {
  return { label, failed, params }
}
