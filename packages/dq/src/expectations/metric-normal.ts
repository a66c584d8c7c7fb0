import type { ColumnRef } from '../expression/column-ref.ts'
import { BIGINT_TYPE, DOUBLE_TYPE, type DataType } from '../expression/data-type.ts'
import type { AggregateFunction, Metric } from '../expression/metric.ts'
import { normalBand, type NormalBand } from '../over-time/normal-band.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Judgement, Kwargs, Measured } from './definition.ts'
import { isNumeric } from './numeric.ts'
import { columnMissing, problem } from './problems.ts'
import { numberText } from './row-judgement.ts'

const METRICS = [
  'row_count',
  'null_count',
  'null_fraction',
  'distinct_count',
  'mean',
  'min',
  'max',
  'sum',
  'median',
  'stdev',
] as const

/**
 * A metric of the table or of a column is where its own history says it should be: median ± `sensitivity` × robust spread of
 * the last `window` values, those of the same weekday where there are enough ({@link normalBand}). From the fifth run on;
 * before that it passes and says that it is learning. `direction`: only `drop`s, only `spike`s, or `both`. A metric without a
 * value (the mean of no rows) fails once there is a band. Observed value: the metric.
 */
export const metricNormal: ExpectationDefinition = {
  type: 'expect_metric_to_be_normal',
  kind: 'column-aggregate',
  dimension: 'consistency',
  label: 'normal',
  usesHistory: true,
  kwargs: {
    metric: { type: { oneOf: METRICS }, required: true },
    column: { type: 'column' },
    sensitivity: { type: 'number', default: 3 },
    window: { type: 'integer', default: 60 },
    seasonality: { type: { oneOf: ['day_of_week', 'none'] }, default: 'day_of_week' },
    direction: { type: { oneOf: ['both', 'drop', 'spike'] }, default: 'both' },
  },
  compile: compileMetric,
  judge: judgeMetric,
}

function compileMetric(kwargs: Kwargs, scope: CompileScope): Compiled {
  const metric = String(kwargs['metric'])
  const name = kwargs['column'] ?? null
  if (!(Number(kwargs['sensitivity']) > 0))
    return problem('CHECK_KWARG', 'sensitivity must be greater than 0', 'The usual one is 3.')
  if (Number(kwargs['window']) < 4) return problem('CHECK_KWARG', 'window must be at least 4')
  if (metric === 'row_count') {
    if (name !== null) return problem('CHECK_KWARG', 'row_count is a metric of the table', 'Remove column.')
    return { kind: 'measured', description: 'row_count normal', metrics: { elements: { kind: 'rows' } } }
  }
  if (name === null) return problem('CHECK_KWARG', `${metric} is a metric of a column`, 'Say which: column: <name>.')
  const ref = scope.column(String(name))
  if (ref === undefined) return columnMissing(String(name), scope.columnNames)
  const observed = observedMetric(metric, ref)
  if (observed === undefined)
    return problem('CHECK_TYPE', `${ref.name}, which is ${ref.type.text}, has no ${metric} that is a number`)
  return {
    kind: 'measured',
    description: `${metric} of ${ref.name} normal`,
    metrics: {
      elements: { kind: 'rows' },
      considered: ref.present,
      ...(observed.metric === undefined ? {} : { observed: observed.metric }),
    },
    ...(observed.type === undefined ? {} : { resultType: observed.type }),
  }
}

/** `type`: only where the number says something of single values, which may be sensitive. */
function observedMetric(
  name: string,
  ref: ColumnRef,
): { readonly metric?: Metric; readonly type?: DataType } | undefined {
  if (name === 'null_count' || name === 'null_fraction') return {}
  if (name === 'distinct_count') {
    if (ref.type.class === 'other') return undefined
    return { metric: { kind: 'aggregate', function: 'distinct', of: ref.value } }
  }
  if (!isNumeric(ref)) return undefined
  const type = ref.type.class === 'integer' && name !== 'mean' && name !== 'median' ? BIGINT_TYPE : DOUBLE_TYPE
  return { metric: { kind: 'aggregate', function: name as AggregateFunction, of: ref.value }, type }
}

function judgeMetric(kwargs: Kwargs, measured: Measured): Judgement {
  const observed = observedValue(String(kwargs['metric']), measured)
  const elements = measured.count('elements')
  const shown = { observedValue: observed, elementCount: elements }
  const band = normalBand(measured.history, measured.nowMs, {
    sensitivity: Number(kwargs['sensitivity'] ?? 3),
    window: Number(kwargs['window'] ?? 60),
    seasonality: kwargs['seasonality'] === 'none' ? 'none' : 'day_of_week',
    ...limitsOf(String(kwargs['metric'])),
  })
  if (band.kind === 'learning')
    return {
      passed: true,
      message: `${measured.description}: learning, ${band.values} of ${band.needed} earlier values`,
      ...shown,
    }
  const direction = String(kwargs['direction'] ?? 'both')
  const tooLow = observed !== null && observed < band.low && direction !== 'spike'
  const tooHigh = observed !== null && observed > band.high && direction !== 'drop'
  return {
    passed: observed !== null && !tooLow && !tooHigh,
    message: `${measured.description}: ${bandText(band, direction)}; got ${observed === null ? 'no value' : figure(observed)}`,
    details: { low: band.low, high: band.high, median: band.median, earlier_values: band.values },
    ...shown,
  }
}

function observedValue(metric: string, measured: Measured): number | null {
  const elements = measured.count('elements')
  const missing = elements - measured.count('considered')
  switch (metric) {
    case 'row_count':
      return elements
    case 'null_count':
      return missing
    case 'null_fraction':
      return elements === 0 ? null : missing / elements
    default: {
      const cell = measured.cell('observed')
      const value = cell === null ? Number.NaN : Number(cell)
      return Number.isNaN(value) ? null : value
    }
  }
}

function limitsOf(metric: string): { readonly lowest?: number; readonly highest?: number } {
  if (metric === 'null_fraction') return { lowest: 0, highest: 1 }
  return metric.endsWith('_count') || metric === 'stdev' ? { lowest: 0 } : {}
}

/** `expected 900–1,100 from the last 14 values`. */
function bandText(band: Extract<NormalBand, { readonly kind: 'band' }>, direction: string): string {
  const [low, high] = [figure(band.low), figure(band.high)]
  const range = direction === 'drop' ? `at least ${low}` : direction === 'spike' ? `at most ${high}` : `${low}–${high}`
  const day = band.weekday === undefined ? '' : ` of ${WEEKDAYS[band.weekday] ?? 'that weekday'}s`
  return `expected ${range} from the last ${band.values} values${day}`
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

/** Four digits that count, whole numbers whole. */
function figure(value: number): string {
  return Math.abs(value) >= 1000 ? numberText(Math.round(value)) : numberText(Number(value.toPrecision(4)))
}
