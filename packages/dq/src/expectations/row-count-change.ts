import { boundsProblem, isWithin } from '../expression/bounds.ts'
import { DOUBLE_TYPE } from '../expression/data-type.ts'
import { boundKwargs, boundsOf, boundsText } from './between.ts'
import type { ExpectationDefinition, Kwargs, MetricPoint } from './definition.ts'
import { problem } from './problems.ts'
import { numberText } from './row-judgement.ts'

/**
 * How far the number of rows is from that of earlier runs: (now − before) / before (`unit: fraction`, the default; −0.2 is a
 * fifth less) or now − before (`unit: rows`). `compare_to`: the `last` run (the default), or the `mean` of the last `window`
 * (7). Without an earlier run it passes and says so. A fraction of nothing is 0 if there is nothing now either, else infinite.
 * Observed value: the number of rows, which is what later runs compare with; the change is in the details.
 */
export const rowCountChange: ExpectationDefinition = {
  type: 'expect_table_row_count_change_to_be_between',
  kind: 'table',
  dimension: 'volume',
  label: 'row_count_change',
  usesHistory: true,
  kwargs: {
    ...boundKwargs('number'),
    unit: { type: { oneOf: ['fraction', 'rows'] }, default: 'fraction' },
    compare_to: { type: { oneOf: ['last', 'mean'] }, default: 'last' },
    window: { type: 'integer', default: 7 },
  },
  compile(kwargs) {
    const bounds = boundsOf(kwargs)
    if (bounds.min === null && bounds.max === null)
      return problem('CHECK_BOUNDS', 'min_value and max_value are both missing', 'Give one of them.')
    const wrong = boundsProblem(DOUBLE_TYPE, bounds, 'a change of the number of rows')
    if (wrong !== undefined) return problem('CHECK_BOUNDS', wrong)
    if (Number(kwargs['window']) < 1) return problem('CHECK_KWARG', 'window must be at least 1')
    const unit = kwargs['unit'] === 'rows' ? 'rows' : 'share of rows'
    return {
      kind: 'measured',
      description: `change in ${unit} ${boundsText(bounds)}`,
      metrics: { elements: { kind: 'rows' } },
    }
  },
  judge(kwargs, measured) {
    const rows = measured.count('elements')
    const before = baseOf(kwargs, measured.history)
    const shown = { observedValue: rows, elementCount: rows }
    if (before === undefined)
      return { passed: true, message: `${measured.description}: no earlier run to compare with`, ...shown }
    const difference = rows - before
    const change =
      kwargs['unit'] === 'rows' ? difference : difference === 0 ? 0 : before === 0 ? Infinity : difference / before
    const words = `${numberText(rows)} rows against ${numberText(before)}${kwargs['compare_to'] === 'mean' ? ' on average' : ''}`
    return {
      passed: isWithin(DOUBLE_TYPE, change, boundsOf(kwargs)) === true,
      message: `${measured.description}: ${numberText(change)}, ${words}`,
      details: { change: Number.isFinite(change) ? change : String(change), earlier: before },
      ...shown,
    }
  },
}

function baseOf(kwargs: Kwargs, history: readonly MetricPoint[]): number | undefined {
  const values = history.map((point) => point.value).filter((value) => Number.isFinite(value))
  if (kwargs['compare_to'] !== 'mean') return values.at(-1)
  const latest = values.slice(-Number(kwargs['window'] ?? 7))
  return latest.length === 0 ? undefined : latest.reduce((sum, value) => sum + value, 0) / latest.length
}
