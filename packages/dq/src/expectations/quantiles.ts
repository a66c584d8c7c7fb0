import type { Cell, JsonValue } from '@tidegate/core'
import { boundsProblem, isWithin, type Bounds } from '../expression/bounds.ts'
import type { ColumnRef } from '../expression/column-ref.ts'
import { DOUBLE_TYPE, type DataType } from '../expression/data-type.ts'
import { compare } from '../expression/expression.ts'
import type { Metric } from '../expression/metric.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Judgement, Kwargs, Measured } from './definition.ts'
import { missing } from './distinct.ts'
import { family } from './families.ts'
import { asDouble, isNumeric } from './numeric.ts'
import { columnMissing, problem } from './problems.ts'
import { numberText } from './row-judgement.ts'

/**
 * Each quantile within its range; null is an open end. A quantile is the smallest value with at least that share of the values
 * at or below it (SQL's `percentile_disc`, as Great Expectations does in databases). With `allow_relative_error` one of `nearest`
 * (its default on pandas), `lower`, `higher`, `midpoint`, `linear` it is what pandas makes of that word. Answers are exact in any
 * case, so that a permitted error changes nothing. A number that is within 0.01 % of an end of its range is in it.
 */
export const quantilesBetween: ExpectationDefinition = {
  type: 'expect_column_quantile_values_to_be_between',
  kind: 'column-aggregate',
  dimension: 'consistency',
  label: 'quantiles',
  kwargs: {
    column: { type: 'column', required: true },
    quantile_ranges: { type: 'object', required: true },
    allow_relative_error: { type: 'any', default: false },
  },
  compile: compileQuantiles,
  judge: judgeQuantiles,
}

interface QuantileRange {
  readonly fraction: number
  readonly bounds: Bounds
}

function compileQuantiles(kwargs: Kwargs, scope: CompileScope): Compiled {
  const name = String(kwargs['column'])
  const ref = scope.column(name)
  if (ref === undefined) return columnMissing(name, scope.columnNames)
  if (!QUANTILE_FAMILIES.has(family(ref) ?? ''))
    return problem('CHECK_TYPE', `${name}, which is ${ref.type.text}, has no quantiles`)
  const method = methodOf(kwargs['allow_relative_error'] ?? null)
  if (method === undefined)
    return problem(
      'CHECK_KWARG',
      `allow_relative_error ${JSON.stringify(kwargs['allow_relative_error'])} is not supported`,
      'Use false, true, a number from 0 to 1 (answers are exact with all of them), or one of nearest, lower, higher, midpoint, linear.',
    )
  if (method !== 'exact' && !isNumeric(ref))
    return problem('CHECK_TYPE', `quantiles of ${name}, which is ${ref.type.text}, cannot be interpolated`)
  const ranges = quantileRanges(kwargs)
  if (typeof ranges === 'string') return problem('CHECK_KWARG', `quantile_ranges ${ranges}`, SHAPE)
  const type = method === 'exact' ? ref.type : DOUBLE_TYPE
  for (const { bounds } of ranges) {
    const wrong = boundsProblem(type, bounds, `a quantile of ${name}`)
    if (wrong !== undefined) return problem('CHECK_BOUNDS', wrong)
  }
  const fractions = ranges.map(({ fraction }) => fraction)
  return {
    kind: 'measured',
    description:
      ranges.length === 1
        ? `a quantile of ${name} in its range`
        : `${ranges.length} quantiles of ${name} in their ranges`,
    metrics: {
      elements: { kind: 'rows' },
      considered: ref.present,
      ...(method === 'exact'
        ? { quantiles: { kind: 'quantiles', of: ref.value, fractions } as const }
        : pandasMetrics(ref, fractions, method)),
    },
    resultType: type,
  }
}

const QUANTILE_FAMILIES: ReadonlySet<string> = new Set(['number', 'instant', 'time'])

const SHAPE = 'It is {quantiles: [0.5, …], value_ranges: [[1, 2], …]} with one range per quantile; null is an open end.'

type Method = 'exact' | 'nearest' | 'lower' | 'higher' | 'midpoint' | 'linear'

const PANDAS_METHODS: readonly Method[] = ['nearest', 'lower', 'higher', 'midpoint', 'linear']

function methodOf(given: JsonValue): Method | undefined {
  const pandas = PANDAS_METHODS.find((method) => method === given)
  if (pandas !== undefined) return pandas
  const allowed =
    given === null || typeof given === 'boolean' || (typeof given === 'number' && given >= 0 && given <= 1)
  return allowed ? 'exact' : undefined
}

/** The ranges, or what is wrong with them. */
function quantileRanges(kwargs: Kwargs): readonly QuantileRange[] | string {
  const given = kwargs['quantile_ranges'] as Readonly<Record<string, JsonValue>>
  const [quantiles, ranges] = [given['quantiles'], given['value_ranges']]
  if (!Array.isArray(quantiles) || !Array.isArray(ranges)) return 'must have quantiles and value_ranges'
  if (quantiles.length === 0) return 'names no quantile'
  if (quantiles.length !== ranges.length) return `has ${quantiles.length} quantiles and ${ranges.length} value_ranges`
  const result: QuantileRange[] = []
  for (const [index, fraction] of (quantiles as readonly JsonValue[]).entries()) {
    const range = (ranges as readonly JsonValue[])[index]
    if (typeof fraction !== 'number' || fraction < 0 || fraction > 1)
      return `has the quantile ${JSON.stringify(fraction)}, which is not from 0 to 1`
    if (!Array.isArray(range) || range.length !== 2 || !range.every(isBound))
      return `has the value range ${JSON.stringify(range)}, which is not a pair`
    const [min = null, max = null] = range as readonly JsonValue[]
    result.push({ fraction, bounds: { min, max, strictMin: false, strictMax: false } })
  }
  return result
}

function isBound(value: JsonValue): boolean {
  return value === null || typeof value === 'number' || typeof value === 'string'
}

/** The interpolated quantile, or the values on both sides of it. */
function pandasMetrics(ref: ColumnRef, fractions: readonly number[], method: Method): Readonly<Record<string, Metric>> {
  const value = asDouble(ref)
  return Object.fromEntries(
    fractions.flatMap((fraction, index): readonly (readonly [string, Metric])[] => {
      const linear = { op: 'over-file', function: 'quantile-linear', of: value, fraction } as const
      if (method === 'linear') return [[`linear${index}`, { kind: 'aggregate', function: 'max', of: linear }]]
      return [
        [`lower${index}`, { kind: 'aggregate', function: 'max', of: value, among: compare(value, '<=', linear) }],
        [`higher${index}`, { kind: 'aggregate', function: 'min', of: value, among: compare(value, '>=', linear) }],
      ]
    }),
  )
}

function observedQuantile(method: Method, fraction: number, index: number, measured: Measured): Cell {
  if (method === 'exact') {
    const list = measured.cell('quantiles')
    return Array.isArray(list) ? ((list as readonly Cell[])[index] ?? null) : null
  }
  if (method === 'linear') return measured.cell(`linear${index}`)
  const [lower, higher] = [measured.cell(`lower${index}`), measured.cell(`higher${index}`)]
  if (lower === null || higher === null) return null
  if (method === 'midpoint') return (Number(lower) + Number(higher)) / 2
  const takesLower =
    method === 'lower' || (method === 'nearest' && isNearerBelow(fraction, measured.count('considered')))
  return takesLower ? lower : higher
}

/** Halfway between two places pandas takes the even one. */
function isNearerBelow(fraction: number, count: number): boolean {
  const place = fraction * (count - 1)
  const below = Math.floor(place)
  return place - below < 0.5 || (place - below === 0.5 && below % 2 === 0)
}

function judgeQuantiles(kwargs: Kwargs, measured: Measured): Judgement {
  const parsed = quantileRanges(kwargs)
  const ranges = typeof parsed === 'string' ? [] : parsed
  const type = measured.resultType ?? DOUBLE_TYPE
  const method = methodOf(kwargs['allow_relative_error'] ?? null) ?? 'exact'
  const values = ranges.map(({ fraction }, index): Cell => {
    const value = observedQuantile(method, fraction, index, measured)
    return Number.isNaN(value) ? null : value
  })
  const details = values.map((value, index) => isInRange(type, value, ranges[index]))
  const outside = details.filter((passed) => !passed).length
  return {
    passed: outside === 0,
    message: `${measured.description}: ${outside === 0 ? 'all' : `${numberText(outside)} outside`}`,
    observedValue: { quantiles: ranges.map(({ fraction }) => fraction), values },
    details: { success_details: details },
    ...missing(measured),
  }
}

function isInRange(type: DataType, value: Cell, range: QuantileRange | undefined): boolean {
  if (value === null || range === undefined) return false
  return (
    isWithin(type, value, range.bounds) === true || isClose(value, range.bounds.min) || isClose(value, range.bounds.max)
  )
}

/** Great Expectations' tolerance, for numbers. */
function isClose(value: Cell, bound: JsonValue): boolean {
  if (typeof bound !== 'number') return false
  return Math.abs(Number(value) - bound) <= 1e-8 + 1e-4 * Math.abs(bound)
}
