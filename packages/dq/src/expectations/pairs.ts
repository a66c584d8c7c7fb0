import type { JsonValue } from '@tidegate/core'
import type { ColumnRef } from '../expression/column-ref.ts'
import { and, compare, FALSE, isNull, NAN, not, or, TRUE, type Expression } from '../expression/expression.ts'
import { memberLiteral } from '../expression/value-set.ts'
import { hasSetMembers } from '../expression/value-set.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Kwargs, KwargSpec } from './definition.ts'
import { family, isOrdered } from './families.ts'
import { oldArgumentProblem, PARSE_STRINGS } from './old-arguments.ts'
import { columnMissing, problem } from './problems.ts'
import { judgeRows, MOSTLY, compileKeptRows } from './row-judgement.ts'

const KWARGS: Readonly<Record<string, KwargSpec>> = {
  column_A: { type: 'column', required: true },
  column_B: { type: 'column', required: true },
  ignore_row_if: {
    type: { oneOf: ['both_values_are_missing', 'either_value_is_missing', 'neither'] },
    default: 'both_values_are_missing',
  },
  ...MOSTLY,
}

type Pair = readonly [a: ColumnRef, b: ColumnRef]

/** A value that is missing in a row that counts makes the row unexpected. */
export const pairGreater: ExpectationDefinition = {
  type: 'expect_column_pair_values_a_to_be_greater_than_b',
  kind: 'pair-map',
  dimension: 'consistency',
  label: 'greater',
  kwargs: {
    ...KWARGS,
    or_equal: { type: 'boolean', default: false },
    ...PARSE_STRINGS,
    allow_cross_type_comparisons: { type: 'boolean', default: false },
  },
  compile(kwargs, scope) {
    const pair = resolvePair(kwargs, scope)
    if ('kind' in pair) return pair
    const [a, b] = pair
    const orEqual = kwargs['or_equal'] === true
    const description = `${a.name} ${orEqual ? 'at least' : 'greater than'} ${b.name}`
    const old = oldArgumentProblem(kwargs, a)
    if (old !== undefined) return old
    const comparable = (isOrdered(a) || family(a) === 'boolean') && family(a) === family(b)
    if (!comparable && kwargs['allow_cross_type_comparisons'] === true)
      return compilePair(pair, kwargs, TRUE, description)
    if (!comparable) return incomparable(a, b)
    return compilePair(pair, kwargs, compare(a.value, orEqual ? '<' : '<=', b.value), description)
  },
  judge: judgeRows,
}

/** Two missing values in a row that counts are not equal. */
export const pairEqual: ExpectationDefinition = {
  type: 'expect_column_pair_values_to_be_equal',
  kind: 'pair-map',
  dimension: 'consistency',
  label: 'equal',
  kwargs: KWARGS,
  compile(kwargs, scope) {
    const pair = resolvePair(kwargs, scope)
    if ('kind' in pair) return pair
    const [a, b] = pair
    if (family(a) === undefined || family(a) !== family(b)) return incomparable(a, b)
    return compilePair(pair, kwargs, compare(a.value, '<>', b.value), `${a.name} equal to ${b.name}`)
  },
  judge: judgeRows,
}

/** The pair is in the list; a null in a listed pair stands for a missing value. No list is vacuously true. */
export const pairInSet: ExpectationDefinition = {
  type: 'expect_column_pair_values_to_be_in_set',
  kind: 'pair-map',
  dimension: 'validity',
  label: 'in_set',
  kwargs: { ...KWARGS, value_pairs_set: { type: 'pairs', required: true } },
  compile(kwargs, scope) {
    const pair = resolvePair(kwargs, scope)
    if ('kind' in pair) return pair
    const odd = pair.find((ref) => !hasSetMembers(ref))
    if (odd !== undefined)
      return problem('CHECK_TYPE', `values of ${odd.name}, which is ${odd.type.text}, cannot be looked up in a set`)
    const [a, b] = pair
    const set = kwargs['value_pairs_set']
    const description = `${a.name} and ${b.name} in a set of ${Array.isArray(set) ? set.length : 'any'} pairs`
    if (!Array.isArray(set)) return compileKept(pair, kwargs, FALSE, description)
    const listed = (set as readonly JsonValue[]).flatMap((item) => listedPair(pair, item as readonly JsonValue[]))
    return compileKept(pair, kwargs, listed.length === 0 ? TRUE : not(or(listed)), description)
  },
  judge: judgeRows,
}

/** Never NULL: `same` decides also where a value is missing. */
function listedPair([a, b]: Pair, [left = null, right = null]: readonly JsonValue[]): readonly Expression[] {
  const [isLeft, isRight] = [isMember(a, left), isMember(b, right)]
  return isLeft === undefined || isRight === undefined ? [] : [and([isLeft, isRight])]
}

function isMember(ref: ColumnRef, member: JsonValue): Expression | undefined {
  if (member === null) return isNull(ref.value)
  const literal = memberLiteral(ref.type, member)
  return literal === undefined ? undefined : { op: 'same', left: ref.value, right: literal }
}

function resolvePair(kwargs: Kwargs, scope: CompileScope): Pair | Compiled {
  const [nameA, nameB] = [String(kwargs['column_A']), String(kwargs['column_B'])]
  const [a, b] = [scope.column(nameA), scope.column(nameB)]
  if (a === undefined) return columnMissing(nameA, scope.columnNames)
  if (b === undefined) return columnMissing(nameB, scope.columnNames)
  return [a, b]
}

function incomparable(a: ColumnRef, b: ColumnRef): Compiled {
  return problem(
    'CHECK_TYPE',
    `${a.name} (${a.type.text}) cannot be compared with ${b.name} (${b.type.text})`,
    'Compare columns of one kind, or give one of them another type in the contract.',
  )
}

/** `broken` is NULL where a value is missing; such a row is unexpected if it counts. */
function compilePair(pair: Pair, kwargs: Kwargs, broken: Expression, description: string): Compiled {
  return compileMeasured(pair, kwargs, brokenRows(pair, kwargs['ignore_row_if'], broken), description)
}

/** Says no more than it must: what is NULL counts as not broken, and every part is computed for every row. */
function brokenRows([a, b]: Pair, ignoreRowIf: JsonValue | undefined, broken: Expression): Expression {
  if (broken === TRUE) return keptRows([a, b], ignoreRowIf)
  if (ignoreRowIf === 'either_value_is_missing') return broken
  if (ignoreRowIf === 'neither') return or([broken, a.missing, b.missing])
  return or([broken, compare(a.missing, '<>', b.missing)])
}

/** `broken` decides also where a value is missing. */
function compileKept(pair: Pair, kwargs: Kwargs, broken: Expression, description: string): Compiled {
  const kept = keptRows(pair, kwargs['ignore_row_if'])
  const violated = broken === FALSE || kept === TRUE ? broken : broken === TRUE ? kept : and([kept, broken])
  return compileMeasured(pair, kwargs, violated, description)
}

function compileMeasured(pair: Pair, kwargs: Kwargs, violated: Expression, description: string): Compiled {
  const [a, b] = pair
  const kept = keptRows(pair, kwargs['ignore_row_if'])
  const shown: Expression = {
    op: 'record',
    fields: [[a.name, a.value], ...(a.name === b.name ? [] : [[b.name, b.value] as const])],
  }
  return compileKeptRows(shown, kept, violated, description)
}

function keptRows([a, b]: Pair, ignoreRowIf: JsonValue | undefined): Expression {
  if (ignoreRowIf === 'neither') return TRUE
  const present = [isPresent(a), isPresent(b)]
  return ignoreRowIf === 'either_value_is_missing' ? and(present) : or(present)
}

/** NaN sorts above infinity, so one comparison leaves out NULL and NaN. */
function isPresent(ref: ColumnRef): Expression {
  return ref.type.class === 'float' ? compare(ref.raw, '<', NAN) : not(ref.missing)
}
