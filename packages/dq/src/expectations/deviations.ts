import type { ColumnRef } from '../expression/column-ref.ts'
import { and, compare, or, type Expression } from '../expression/expression.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Kwargs } from './definition.ts'
import { asDouble, finiteDouble, isInfinite, isNumeric } from './numeric.ts'
import { columnMissing, problem } from './problems.ts'
import { compileRows, judgeRows, MOSTLY } from './row-judgement.ts'

/**
 * (value − mean) / sample deviation below the threshold; with `double_sided` its absolute value below the absolute
 * threshold. Infinities have no part in mean and deviation and are always too far, on a single side only the positive one.
 * Without a deviation (fewer than two finite values, or all equal) every finite value passes.
 */
export const zScoresLess: ExpectationDefinition = {
  type: 'expect_column_value_z_scores_to_be_less_than',
  kind: 'column-map',
  dimension: 'validity',
  label: 'z_score',
  kwargs: {
    column: { type: 'column', required: true },
    threshold: { type: 'number', required: true },
    double_sided: { type: 'boolean', default: true },
    ...MOSTLY,
  },
  compile(kwargs, scope) {
    const ref = numericColumn(kwargs, scope)
    if ('kind' in ref) return ref
    const doubleSided = kwargs['double_sided'] === true
    const threshold = Number(kwargs['threshold'])
    const limit = doubleSided ? Math.abs(threshold) : threshold
    const distance = fromMean(ref, doubleSided)
    // Divided by NULL where all are equal: not by zero, which is infinite.
    const spread: Expression = { op: 'nullif', item: overFile(ref, 'stdev'), value: number(0) }
    const score: Expression = { op: 'arithmetic', operator: '/', left: distance, right: spread }
    const words = doubleSided ? 'absolute z-score' : 'z-score'
    const far = orInfinite(ref, doubleSided, compare(score, '>=', number(limit)))
    return compileRows(ref, far, `${words} of ${ref.name} less than ${limit}`)
  },
  judge: judgeRows,
}

/**
 * `iqr`: from q1 − multiplier × (q3 − q1) to q3 + multiplier × (q3 − q1), the fences included, quartiles interpolated.
 * `std`: nearer to the mean than multiplier × sample deviation, the distance itself being too far; infinities have no part in
 * both and are outliers. Without a spread no finite value is an outlier.
 */
export const notBeOutliers: ExpectationDefinition = {
  type: 'expect_column_values_to_not_be_outliers',
  kind: 'column-map',
  dimension: 'validity',
  label: 'no_outliers',
  kwargs: {
    column: { type: 'column', required: true },
    method: { type: { oneOf: ['iqr', 'std'] }, default: 'iqr' },
    multiplier: { type: 'number', default: 1.5 },
    ...MOSTLY,
  },
  compile(kwargs, scope) {
    const ref = numericColumn(kwargs, scope)
    if ('kind' in ref) return ref
    const multiplier = Number(kwargs['multiplier'])
    if (multiplier < 0)
      return problem(
        'CHECK_KWARG',
        `argument multiplier must be at least 0, not ${multiplier}`,
        'The usual one is 1.5.',
      )
    return kwargs['method'] === 'std'
      ? compileRows(ref, farFromMean(ref, multiplier), `${ref.name} within ${multiplier} deviations of the mean`)
      : compileRows(ref, beyondFences(ref, multiplier), `${ref.name} within ${multiplier} interquartile ranges`)
  },
  judge: judgeRows,
}

function farFromMean(ref: ColumnRef, multiplier: number): Expression {
  const spread = overFile(ref, 'stdev')
  const distance = fromMean(ref, true)
  const limit = arithmetic(number(multiplier), '*', spread)
  const far = multiplier === 0 ? compare(distance, '<>', number(0)) : compare(distance, '>=', limit)
  return orInfinite(ref, true, and([compare(spread, '>', number(0)), far]))
}

function beyondFences(ref: ColumnRef, multiplier: number): Expression {
  const [low, high] = [quantile(ref, 0.25), quantile(ref, 0.75)]
  // ∞ − ∞ is NaN, which sorts above everything: then there are no fences.
  const spread: Expression = {
    op: 'nullif',
    item: arithmetic(high, '-', low),
    value: { op: 'literal', value: Number.NaN },
  }
  const reach = arithmetic(number(multiplier), '*', spread)
  const value = asDouble(ref)
  return and([
    compare(spread, '<', number(Infinity)),
    or([compare(value, '<', arithmetic(low, '-', reach)), compare(value, '>', arithmetic(high, '+', reach))]),
  ])
}

function numericColumn(kwargs: Kwargs, scope: CompileScope): ColumnRef | Compiled {
  const name = String(kwargs['column'])
  const ref = scope.column(name)
  if (ref === undefined) return columnMissing(name, scope.columnNames)
  return isNumeric(ref) ? ref : problem('CHECK_TYPE', `${name}, which is ${ref.type.text}, is not a column of numbers`)
}

/** Infinities are infinitely far from any mean, also where the other values have no deviation. */
function orInfinite(ref: ColumnRef, bothSides: boolean, far: Expression): Expression {
  if (ref.type.class !== 'float') return far
  return or([bothSides ? isInfinite(ref) : compare(asDouble(ref), '=', number(Infinity)), far])
}

/** Infinities have no part in the mean and the deviation. */
function fromMean(ref: ColumnRef, absolute: boolean): Expression {
  const distance = arithmetic(asDouble(ref), '-', overFile(ref, 'mean'))
  return absolute ? { op: 'absolute', item: distance } : distance
}

function overFile(ref: ColumnRef, name: 'mean' | 'stdev'): Expression {
  return { op: 'over-file', function: name, of: finiteDouble(ref) }
}

function quantile(ref: ColumnRef, fraction: number): Expression {
  return { op: 'over-file', function: 'quantile-linear', of: asDouble(ref), fraction }
}

function arithmetic(left: Expression, operator: '+' | '-' | '*' | '/', right: Expression): Expression {
  return { op: 'arithmetic', operator, left, right }
}

function number(value: number): Expression {
  return { op: 'literal', value }
}
