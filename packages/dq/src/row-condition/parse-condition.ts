import type { Comparison } from '../expression/expression.ts'
import { ConditionError } from './condition-error.ts'
import { negated, type ConditionNode } from './condition-node.ts'
import { pandasMethod, parseDslValue, parseValueList } from './parse-operand.ts'
import { tokenReader, type TokenReader } from './token-reader.ts'
import { SPELLINGS, tokensOf } from './tokens.ts'

/** `sql` and `spark` differ in their quotes; `gx` is `col("x") > 5`. */
export type ConditionLanguage = 'sql' | 'spark' | 'pandas' | 'gx'

export interface Parser {
  readonly language: ConditionLanguage
  readonly reader: TokenReader
  /** A whole condition or value, however many brackets deep. */
  condition(): ConditionNode
}

/**
 * Reads a condition: or, and, not, comparison, sum, product, sign, value, from weak to strong. `&` and `|` are as weak as
 * `and` and `or`, as they are for pandas' query. @throws ConditionError
 */
export function parseCondition(text: string, language: ConditionLanguage): ConditionNode {
  const tokens = tokensOf(text, SPELLINGS[language])
  const reader = tokenReader(tokens, language !== 'pandas')
  let depth = 0
  const parser: Parser = {
    language,
    reader,
    condition() {
      if (++depth > MAX_DEPTH) throw new ConditionError('brackets are nested too deeply', reader.peek().at)
      const node = either(parser)
      depth--
      return node
    },
  }
  if (reader.peek().kind === 'end') throw new ConditionError('the condition is empty', 0)
  const node = parser.condition()
  if (reader.peek().kind !== 'end') {
    const { kind, text: word, at } = reader.peek()
    throw new ConditionError('expected the end, or and/or', at, {
      beyond: kind === 'symbol' ? !CLOSING.has(word) : kind === 'word' && SQL_ONLY.has(word.toLowerCase()),
    })
  }
  return node
}

const MAX_DEPTH = 100
const CLOSING: ReadonlySet<string> = new Set([')', ']', '}', ','])
/** Words that go on a SQL expression in ways this parser does not know. */
const SQL_ONLY: ReadonlySet<string> = new Set(['ilike', 'similar', 'glob', 'collate', 'at', 'rlike', 'regexp'])

function either(parser: Parser): ConditionNode {
  return chain(parser, 'or', ['|'], both)
}

function both(parser: Parser): ConditionNode {
  return chain(parser, 'and', ['&'], inverse)
}

function chain(
  parser: Parser,
  operator: 'and' | 'or',
  symbols: readonly string[],
  operand: (parser: Parser) => ConditionNode,
): ConditionNode {
  const first = operand(parser)
  const items = [first]
  // In SQL a lone & or | works on bits, and || joins texts.
  const spelt = parser.language === 'sql' || parser.language === 'spark' ? [] : symbols
  while (parser.reader.word(operator) ?? parser.reader.symbol(...spelt)) items.push(operand(parser))
  return items.length === 1 ? first : { kind: 'logic', operator, items, at: first.at }
}

function inverse(parser: Parser): ConditionNode {
  const { reader, language } = parser
  let flips = 0
  const at = reader.peek().at
  while (
    reader.word('not') ??
    (language === 'sql' ? undefined : reader.symbol(...(language === 'spark' ? ['!'] : ['~', '!'])))
  )
    flips++
  const item = comparison(parser)
  return flips % 2 === 0 ? (flips === 0 ? item : negated(negated(item))) : { kind: 'not', item, at }
}

/** Also chains: `1 < a <= 5` means `1 < a and a <= 5` (pandas). */
function comparison(parser: Parser): ConditionNode {
  const { reader, language } = parser
  const first = sum(parser)
  const parts: ConditionNode[] = []
  let left = first
  for (;;) {
    const part =
      language === 'pandas' ? pandasTail(parser, left) : language === 'gx' ? undefined : sqlTail(parser, left)
    if (part !== undefined) {
      parts.push(part)
      break
    }
    const token = reader.symbol('<', '<=', '>', '>=', '==', '!=', '<>', '=')
    const operator = token === undefined ? undefined : COMPARISONS[token.text]
    if (token === undefined || operator === undefined) break
    if (token.text === '=' && language !== 'sql' && language !== 'spark')
      throw new ConditionError('a single = compares nothing', token.at, { hint: 'Write ==.' })
    const right = sum(parser)
    parts.push({ kind: 'compare', operator, left, right, at: token.at })
    if (parts.length > 1 && language !== 'pandas')
      throw new ConditionError('two comparisons in a row', token.at, { hint: 'Join them with AND.' })
    left = right
  }
  const [only] = parts
  if (only === undefined) return first
  return parts.length === 1 ? only : { kind: 'logic', operator: 'and', items: parts, at: first.at }
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '=': '=',
  '==': '=',
  '<>': '<>',
  '!=': '<>',
}

function pandasTail(parser: Parser, item: ConditionNode): ConditionNode | undefined {
  const { reader } = parser
  const { at } = reader.peek()
  const not = reader.isWord('not') && reader.isWord('in', 1)
  if (not) reader.next()
  if (reader.word('in') === undefined) return undefined
  const node: ConditionNode = { kind: 'in', item, values: parseValueList(parser), at }
  return not ? negated(node) : node
}

function sqlTail(parser: Parser, item: ConditionNode): ConditionNode | undefined {
  const { reader } = parser
  const { at } = reader.peek()
  if (reader.word('is') !== undefined) {
    const not = reader.word('not') !== undefined
    const truth = reader.word('true', 'false')
    if (truth !== undefined || reader.isWord('distinct'))
      throw new ConditionError('IS with more than NULL', at, { beyond: true })
    if (reader.word('null') === undefined) reader.fail('NULL')
    const node: ConditionNode = { kind: 'is-null', item, at }
    return not ? negated(node) : node
  }
  const not = reader.isWord('not') && ['in', 'between', 'like'].some((word) => reader.isWord(word, 1))
  if (not) reader.next()
  const node = sqlPredicate(parser, item)
  return node === undefined || !not ? node : negated(node)
}

function sqlPredicate(parser: Parser, item: ConditionNode): ConditionNode | undefined {
  const { reader } = parser
  const { at } = reader.peek()
  if (reader.word('in') !== undefined) return { kind: 'in', item, values: parseValueList(parser), at }
  if (reader.word('between') !== undefined) {
    const low = sum(parser)
    if (reader.word('and') === undefined) reader.fail('AND')
    const high = sum(parser)
    const side = (operator: Comparison, right: ConditionNode): ConditionNode => ({
      kind: 'compare',
      operator,
      left: item,
      right,
      at,
    })
    return { kind: 'logic', operator: 'and', items: [side('>=', low), side('<=', high)], at }
  }
  if (reader.word('like') === undefined) return undefined
  if (reader.peek().kind !== 'text') throw new ConditionError('LIKE without a text', at, { beyond: true })
  const pattern = reader.next().text
  if (reader.isWord('escape')) throw new ConditionError('ESCAPE', at, { beyond: true })
  return { kind: 'like', item, pattern, at }
}

function sum(parser: Parser): ConditionNode {
  return arithmetic(parser, ['+', '-'], (inner) => arithmetic(inner, ['*', '/'], sign))
}

function arithmetic(
  parser: Parser,
  operators: readonly ('+' | '-' | '*' | '/')[],
  operand: (parser: Parser) => ConditionNode,
): ConditionNode {
  let left = operand(parser)
  for (;;) {
    const token = parser.reader.symbol(...operators)
    if (token === undefined) return left
    left = { kind: 'arithmetic', operator: token.text as '+', left, right: operand(parser), at: token.at }
  }
}

function sign(parser: Parser): ConditionNode {
  const { reader } = parser
  const signs: string[] = []
  const { at } = reader.peek()
  for (let token = reader.symbol('+', '-'); token !== undefined; token = reader.symbol('+', '-')) signs.push(token.text)
  const item = methods(parser, primary(parser))
  return signs.filter((text) => text === '-').length % 2 === 1 ? { kind: 'negative', item, at } : item
}

function methods(parser: Parser, start: ConditionNode): ConditionNode {
  const { reader, language } = parser
  let item = start
  while (reader.symbol('.') !== undefined) {
    if (language === 'sql' || language === 'spark')
      throw new ConditionError('a dot', reader.peek().at, { beyond: true })
    item = pandasMethod(parser, item)
  }
  return item
}

function primary(parser: Parser): ConditionNode {
  const { reader, language } = parser
  const { kind, text, at } = reader.peek()
  switch (kind) {
    case 'number':
    case 'text':
      reader.next()
      return { kind, text, at }
    case 'name':
      reader.next()
      return { kind: 'column', name: text, bare: false, at }
    case 'word':
      return word(parser)
    case 'symbol':
      if (text === '(') {
        reader.next()
        const node = parser.condition()
        if (reader.peek().text === ',' && reader.peek().kind === 'symbol')
          throw new ConditionError('expected )', reader.peek().at, { beyond: true })
        reader.expect(')')
        return node
      }
      if (text === '[' && language === 'pandas') return { kind: 'list', items: parseValueList(parser), at }
      if (text === '@')
        throw new ConditionError('variables of Python are not known here', at, {
          hint: 'Write the value, or {"$PARAMETER": "name"} around the whole condition.',
        })
      return reader.fail('a column or a value')
    default:
      return reader.fail('a column or a value')
  }
}

function word(parser: Parser): ConditionNode {
  const { reader, language } = parser
  const { text, at } = reader.next()
  const lower = text.toLowerCase()
  if (lower === 'true' || lower === 'false') return { kind: 'boolean', value: lower === 'true', at }
  if (lower === 'null' || lower === 'none') return { kind: 'null', at }
  if (language === 'gx') return parseDslValue(parser, text, at)
  if (RESERVED.has(lower)) throw new ConditionError('expected a column or a value', at)
  const after = reader.peek()
  if (language === 'pandas') {
    if (after.text === '(' && after.kind === 'symbol')
      throw new ConditionError(`functions such as ${text}() are not known here`, at)
    return { kind: 'column', name: text, bare: true, at }
  }
  // DATE '2024-01-01': the column's type says what it is.
  if (after.kind === 'text' && (lower === 'date' || lower === 'timestamp'))
    return { kind: 'text', text: reader.next().text, at }
  const goesOn = after.kind === 'text' || after.kind === 'number' || (after.kind === 'symbol' && after.text === '(')
  if (goesOn || lower === 'case') throw new ConditionError(text, at, { beyond: true })
  return { kind: 'column', name: text, bare: true, at }
}

const RESERVED: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'is', 'between', 'like'])
