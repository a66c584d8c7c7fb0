import { boundsProblem, isWithin } from '../expression/bounds.ts'
import type { ColumnRef } from '../expression/column-ref.ts'
import { BIGINT_TYPE, DOUBLE_TYPE, parseType, type DataType } from '../expression/data-type.ts'
import type { Expression } from '../expression/expression.ts'
import type { AggregateFunction, Metric } from '../expression/metric.ts'
import { boundKwargs, boundsOf, boundsText } from './between.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Judgement, Kwargs, Measured } from './definition.ts'
import { finiteDouble, isInfinite } from './numeric.ts'
import { oldArgumentProblem, OUTPUT_FORMAT, PARSE_STRINGS } from './old-arguments.ts'
import { columnMissing, problem } from './problems.ts'
import { numberText } from './row-judgement.ts'

export const minBetween: ExpectationDefinition = aggregateBetween('min')
export const maxBetween: ExpectationDefinition = aggregateBetween('max')
export const meanBetween: ExpectationDefinition = aggregateBetween('mean')
export const sumBetween: ExpectationDefinition = aggregateBetween('sum')
export const medianBetween: ExpectationDefinition = aggregateBetween('median')
/** Of a sample (n − 1): NULL, so failed, for fewer than two values. */
export const stdevBetween: ExpectationDefinition = aggregateBetween('stdev')

function aggregateBetween(name: AggregateFunction): ExpectationDefinition {
  return {
    type: `expect_column_${name}_to_be_between`,
    kind: 'column-aggregate',
    dimension: name === 'min' || name === 'max' ? 'validity' : 'consistency',
    label: name,
    kwargs: {
      column: { type: 'column', required: true },
      ...boundKwargs('bound'),
      ...(name === 'min' || name === 'max' ? { ...PARSE_STRINGS, ...OUTPUT_FORMAT } : {}),
    },
    compile: (kwargs, scope) => compileAggregate(name, kwargs, scope),
    judge: judgeAggregate,
  }
}

function compileAggregate(name: AggregateFunction, kwargs: Kwargs, scope: CompileScope): Compiled {
  const columnName = String(kwargs['column'])
  const ref = scope.column(columnName)
  if (ref === undefined) return columnMissing(columnName, scope.columnNames)
  const type = resultType(name, ref)
  if (type === undefined) return problem('CHECK_TYPE', `${columnName}, which is ${ref.type.text}, has no ${name}`)
  const old = oldArgumentProblem(kwargs, ref)
  if (old !== undefined) return old
  const bounds = boundsOf(kwargs)
  const wrong = boundsProblem(type, bounds, `the ${name} of ${columnName}`)
  if (wrong !== undefined) return problem('CHECK_BOUNDS', wrong)
  return {
    kind: 'measured',
    description: `${name} of ${columnName} ${boundsText(bounds)}`,
    metrics: {
      elements: { kind: 'rows' },
      considered: ref.present,
      ...observedMetrics(name, ref),
    },
    resultType: type,
  }
}

/** No engine takes the deviation of an infinity: infinities are counted, and then there is none. */
function observedMetrics(name: AggregateFunction, ref: ColumnRef): Readonly<Record<string, Metric>> {
  if (name !== 'stdev' || ref.type.class !== 'float')
    return { observed: { kind: 'aggregate', function: name, of: measuredValue(name, ref) } }
  return {
    observed: { kind: 'aggregate', function: name, of: finiteDouble(ref) },
    infinite: { kind: 'count', where: isInfinite(ref) },
  }
}

/** Of booleans, true is 1: their mean is the share of true, as in pandas. */
function measuredValue(name: AggregateFunction, ref: ColumnRef): Expression {
  if (ref.type.class === 'boolean') return { op: 'cast', item: ref.value, type: 'INTEGER' }
  const type = name === 'median' && ref.type.class === 'decimal' ? medianType(ref.type) : undefined
  return type === undefined ? ref.value : { op: 'cast', item: ref.value, type: type.text }
}

/** Half-way between two decimals needs one digit more than they have. */
function medianType({ precision, scale }: DataType): DataType {
  const text = `DECIMAL(${precision + 1},${scale + 1})`
  return precision < WIDEST_DECIMAL ? (parseType(text) ?? DOUBLE_TYPE) : DOUBLE_TYPE
}

const WIDEST_DECIMAL = 38

function resultType(name: AggregateFunction, { type }: ColumnRef): DataType | undefined {
  const numeric = type.class === 'integer' || type.class === 'decimal' || type.class === 'float'
  if (name === 'min' || name === 'max') return numeric || ORDERED.has(type.class) ? type : undefined
  if (type.class === 'boolean') return name === 'sum' ? BIGINT_TYPE : DOUBLE_TYPE
  if (!numeric) return undefined
  if (name === 'median' && type.class === 'decimal') return medianType(type)
  return name === 'sum' ? type : DOUBLE_TYPE
}

const ORDERED: ReadonlySet<string> = new Set(['text', 'date', 'timestamp', 'time'])

/** No value to aggregate, or NaN (∞ − ∞): failed, with NULL observed. */
function judgeAggregate(kwargs: Kwargs, measured: Measured): Judgement {
  const cell = measured.cell('observed')
  const observed = Number.isNaN(cell) || measured.count('infinite') > 0 ? null : cell
  const within = observed === null || isWithin(measured.resultType ?? DOUBLE_TYPE, observed, boundsOf(kwargs))
  return {
    passed: observed !== null && within === true,
    message: `${measured.description}: ${observed === null ? 'no value' : typeof observed === 'number' ? numberText(observed) : String(observed)}`,
    observedValue: observed,
    elementCount: measured.count('elements'),
    missingCount: measured.count('elements') - measured.count('considered'),
  }
}
