import { closest } from '../compile/closest.ts'
import type { ColumnRef } from '../expression/column-ref.ts'
import type { CompileScope } from '../expectations/definition.ts'
import { and, compare, FALSE, isNull, not, or, type Comparison, type Expression } from '../expression/expression.ts'
import { comparison, member, unlike, type Constant } from './compare-constant.ts'
import { ConditionError } from './condition-error.ts'
import type { ConditionNode } from './condition-node.ts'

export interface LowerOptions {
  readonly scope: CompileScope
  /**
   * `three-valued`: SQL, where a comparison with NULL is NULL, and so is its negation. `two-valued`: pandas, where it is
   * false, its negation true, and `a != 1` true.
   */
  readonly logic: 'three-valued' | 'two-valued'
  /** The text '5' may be compared with a column of numbers. */
  readonly textsAsNumbers: boolean
  /** Names written without quotes may differ in case (SQL). */
  readonly foldCase: boolean
}

/** The condition over the columns of the data. @throws ConditionError for a missing column or a comparison that makes no sense */
export function lowerCondition(node: ConditionNode, options: LowerOptions): Expression {
  const lower = (item: ConditionNode): Expression => lowerCondition(item, options)
  const decided = (item: Expression): Expression =>
    options.logic === 'two-valued' ? { op: 'coalesce', items: [item, FALSE] } : item
  switch (node.kind) {
    case 'logic':
      return node.operator === 'and' ? and(node.items.map(lower)) : or(node.items.map(lower))
    case 'not':
      return not(decided(lower(node.item)))
    case 'compare':
      return lowerComparison(node, options)
    case 'in':
      return lowerMembership(node.item, node.values, options)
    case 'is-null':
      return lowerNullity(node.item, options)
    case 'like':
      return { op: 'like', item: textColumn(node.item, 'LIKE', options), pattern: node.pattern }
    case 'affix': {
      const literal = node.text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
      const item = textColumn(node.item, `str.${node.end}swith`, options)
      return { op: 'matches', item, pattern: node.end === 'start' ? `^${literal}` : `${literal}$` }
    }
    case 'boolean':
      return { op: 'literal', value: node.value }
    case 'column': {
      const ref = columnOf(node, options)
      if (ref.type.class === 'boolean') return ref.value
      throw new ConditionError(
        `column ${JSON.stringify(node.name)}, which is ${ref.type.text}, is no condition`,
        node.at,
      )
    }
    default:
      throw new ConditionError('a condition is expected, not a value', node.at)
  }
}

function lowerNullity(item: ConditionNode, options: LowerOptions): Expression {
  if (item.kind === 'column') return columnOf(item, options).missing
  return isNull(operand(item, options).expression)
}

function lowerComparison(
  { left, right, operator, at }: Extract<ConditionNode, { readonly kind: 'compare' }>,
  options: LowerOptions,
): Expression {
  if (left.kind === 'null' || right.kind === 'null')
    throw new ConditionError('nothing equals NULL', at, {
      hint: 'Use IS NULL, or .isnull() in pandas conditions.',
    })
  // pandas reads `a == [1, 2]` as `a in [1, 2]`.
  if (right.kind === 'list' && (operator === '=' || operator === '<>')) {
    const inside = lowerMembership(left, right.items, options)
    return operator === '=' ? inside : not({ op: 'coalesce', items: [inside, FALSE] })
  }
  const compared = comparedWith(left, operator, right, options)
  if (options.logic === 'three-valued' || operator !== '<>') return compared
  const sides = [left, right].filter((side) => constantOf(side) === undefined)
  return or([compared, ...sides.map((side) => lowerNullity(side, options))])
}

function comparedWith(
  left: ConditionNode,
  operator: Comparison,
  right: ConditionNode,
  options: LowerOptions,
): Expression {
  const at = left.at
  const [first, second] = [constantOf(left), constantOf(right)]
  if (left.kind === 'column' && second !== undefined)
    return comparison(comparable(left, second, options), operator, second, right.at ?? at)
  if (right.kind === 'column' && first !== undefined)
    return comparison(comparable(right, first, options), MIRRORED[operator], first, at)
  const [a, b] = [operand(left, options), operand(right, options)]
  if (a.family !== b.family) throw new ConditionError(`a ${a.family} cannot be compared with a ${b.family}`, at)
  return compare(a.expression, operator, b.expression)
}

const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '=': '=',
  '<>': '<>',
}

function lowerMembership(item: ConditionNode, values: readonly ConditionNode[], options: LowerOptions): Expression {
  if (item.kind !== 'column') throw new ConditionError('only a column can be looked up in a list', item.at)
  const constants = values.map((value) => {
    const constant = constantOf(value)
    if (constant !== undefined) return { ...constant, at: value.at ?? item.at }
    throw new ConditionError(
      value.kind === 'null' ? 'NULL in a list is never found' : 'only constants can stand in a list',
      value.at ?? item.at,
      { hint: value.kind === 'null' ? 'Add `or … IS NULL`.' : undefined },
    )
  })
  const [first] = constants
  return member(first === undefined ? columnOf(item, options) : comparable(item, first, options), constants)
}

/** SQL reads the text '5' as a number where one is expected; for pandas it equals none, which nobody means. */
function comparable(
  node: Extract<ConditionNode, { readonly kind: 'column' }>,
  constant: Constant,
  options: LowerOptions,
): ColumnRef {
  const ref = columnOf(node, options)
  if (!options.textsAsNumbers && constant.kind === 'text' && familyOf(ref) === 'number')
    throw unlike(ref, constant, node.at)
  return ref
}

function textColumn(item: ConditionNode, what: string, options: LowerOptions): Expression {
  const { expression, family } = operand(item, options)
  if (family !== 'text') throw new ConditionError(`${what} needs a text, not a ${family}`, item.at)
  return expression
}

function constantOf(node: ConditionNode): Constant | undefined {
  switch (node.kind) {
    case 'number':
      return { kind: 'number', text: node.text }
    case 'text':
      return { kind: 'text', text: node.text }
    case 'boolean':
      return { kind: 'boolean', value: node.value }
    case 'negative': {
      const item = constantOf(node.item)
      if (item?.kind !== 'number') return undefined
      return { kind: 'number', text: item.text.startsWith('-') ? item.text.slice(1) : `-${item.text}` }
    }
    default:
      return undefined
  }
}

interface Operand {
  readonly expression: Expression
  readonly family: Family
}

type Family = 'number' | 'text' | 'date or time' | 'time of day' | 'boolean' | 'value of another kind'

function operand(node: ConditionNode, options: LowerOptions): Operand {
  switch (node.kind) {
    case 'column': {
      const ref = columnOf(node, options)
      return { expression: ref.value, family: familyOf(ref) }
    }
    case 'number':
      return { expression: { op: 'literal', value: Number(node.text) }, family: 'number' }
    case 'text':
      return { expression: { op: 'literal', value: node.text }, family: 'text' }
    case 'boolean':
      return { expression: { op: 'literal', value: node.value }, family: 'boolean' }
    case 'negative': {
      const zero: Expression = { op: 'literal', value: 0 }
      return {
        expression: { op: 'arithmetic', operator: '-', left: zero, right: numberOf(node.item, options) },
        family: 'number',
      }
    }
    case 'arithmetic': {
      const { operator } = node
      const [left, right] = [numberOf(node.left, options), numberOf(node.right, options)]
      return { expression: { op: 'arithmetic', operator, left, right }, family: 'number' }
    }
    default:
      throw new ConditionError('a column or a value is expected here', node.at)
  }
}

function numberOf(node: ConditionNode, options: LowerOptions): Expression {
  const { expression, family } = operand(node, options)
  if (family !== 'number') throw new ConditionError(`a ${family} cannot be reckoned with`, node.at)
  return expression
}

function familyOf({ type }: ColumnRef): Family {
  switch (type.class) {
    case 'integer':
    case 'decimal':
    case 'float':
      return 'number'
    case 'date':
    case 'timestamp':
      return 'date or time'
    case 'time':
      return 'time of day'
    case 'text':
    case 'boolean':
      return type.class
    default:
      return 'value of another kind'
  }
}

function columnOf(
  { name, bare, at }: Extract<ConditionNode, { readonly kind: 'column' }>,
  { scope, foldCase }: LowerOptions,
): ColumnRef {
  const exact = scope.column(name)
  if (exact !== undefined) return exact
  const lower = name.toLowerCase()
  const alike = foldCase && bare ? scope.columnNames.filter((other) => other.toLowerCase() === lower) : []
  const [only] = alike
  const folded = alike.length === 1 && only !== undefined ? scope.column(only) : undefined
  if (folded !== undefined) return folded
  if (alike.length > 1)
    throw new ConditionError(
      `${JSON.stringify(name)} may mean ${alike.map((other) => JSON.stringify(other)).join(' or ')}`,
      at,
      {
        hint: 'Write the name in quotes, with its own case.',
      },
    )
  const suggestion = closest(name, scope.columnNames)
  throw new ConditionError(`the data has no column ${JSON.stringify(name)}`, at, {
    code: 'CHECK_COLUMN_MISSING',
    hint: suggestion === undefined ? 'Correct the column, or remove the condition.' : `Did you mean ${suggestion}?`,
  })
}
