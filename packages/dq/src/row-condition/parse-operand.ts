import type { Comparison } from '../expression/expression.ts'
import { ConditionError } from './condition-error.ts'
import { negated, type ConditionNode } from './condition-node.ts'
import type { Parser } from './parse-condition.ts'

/** `(1, 2)` or `[1, 2]`, constants only. */
export function parseValueList({ reader, language }: Parser): readonly ConditionNode[] {
  const open = reader.symbol('(', '[')
  if (open === undefined) return reader.fail('a list of values')
  const close = open.text === '(' ? ')' : ']'
  const items: ConditionNode[] = []
  while (reader.symbol(close) === undefined) {
    if (items.length > 0) {
      if (reader.symbol(',') === undefined) reader.fail(`, or ${close}`)
      // Python allows a comma at the end.
      if (language === 'pandas' && reader.symbol(close) !== undefined) break
    }
    items.push(constant())
  }
  return items

  function constant(): ConditionNode {
    const { at } = reader.peek()
    const minus = reader.symbol('-') !== undefined
    const { kind, text } = reader.peek()
    if (kind === 'number') {
      reader.next()
      return { kind, text: minus ? `-${text}` : text, at }
    }
    if (!minus && kind === 'text') {
      reader.next()
      return { kind, text, at }
    }
    const truth = minus ? undefined : reader.word('true', 'false', 'True', 'False')
    if (truth !== undefined) return { kind: 'boolean', value: truth.text.toLowerCase() === 'true', at }
    const nothing = minus ? undefined : reader.word('null', 'none', 'None')
    if (nothing !== undefined) return { kind: 'null', at }
    if (language === 'sql' || language === 'spark') throw new ConditionError('expected a value', at, { beyond: true })
    return reader.fail('a value')
  }
}

/** Great Expectations' own language: `col("x")` and `date("2024-01-01")`. */
export function parseDslValue({ reader }: Parser, word: string, at: number): ConditionNode {
  if (word !== 'col' && word !== 'date')
    throw new ConditionError(`${JSON.stringify(word)} is not known here`, at, {
      hint: `A column is written col("${word}"), a text in quotes.`,
    })
  reader.expect('(')
  if (reader.peek().kind !== 'text') return reader.fail('a text in quotes')
  const { text } = reader.next()
  reader.expect(')')
  return word === 'col' ? { kind: 'column', name: text, bare: false, at } : { kind: 'text', text, at }
}

/** What follows the dot of `a.isnull()`, `a.isin([1, 2])`, `a.str.startswith("x")`, `col("a").notNull()`. */
export function pandasMethod(parser: Parser, item: ConditionNode): ConditionNode {
  const { reader } = parser
  const { text, at, kind } = reader.next()
  const name = text.toLowerCase().replaceAll('_', '')
  if (kind === 'word' && name === 'str' && reader.symbol('.') !== undefined) return textMethod(parser, item)
  if (kind !== 'word' || !METHODS.has(name))
    throw new ConditionError(`.${text} is not known here`, at, {
      hint: 'Known are isnull(), notnull(), isin([…]), between(a, b), str.startswith("…") and str.endswith("…"). A name with a dot needs `backticks`.',
    })
  reader.expect('(')
  const node = ((): ConditionNode => {
    switch (name) {
      case 'isnull':
      case 'isna':
        return { kind: 'is-null', item, at }
      case 'notnull':
      case 'notna':
      case 'isnotnull':
        return negated({ kind: 'is-null', item, at })
      case 'isin':
        return { kind: 'in', item, values: parseValueList(parser), at }
      case 'isnotin':
        return negated({ kind: 'in', item, values: parseValueList(parser), at })
      default:
        return between(parser, item, at)
    }
  })()
  reader.expect(')')
  return node
}

const METHODS: ReadonlySet<string> = new Set([
  'isnull',
  'isna',
  'notnull',
  'notna',
  'isnotnull',
  'isin',
  'isnotin',
  'between',
])

function between(parser: Parser, left: ConditionNode, at: number): ConditionNode {
  const side = (operator: Comparison): ConditionNode => ({
    kind: 'compare',
    operator,
    left,
    right: parser.condition(),
    at,
  })
  const low = side('>=')
  parser.reader.expect(',')
  return { kind: 'logic', operator: 'and', items: [low, side('<=')], at }
}

function textMethod({ reader }: Parser, item: ConditionNode): ConditionNode {
  const { text: method, at } = reader.next()
  if (method !== 'startswith' && method !== 'endswith')
    throw new ConditionError(`.str.${method} is not known here`, at, {
      hint: 'Known are str.startswith("…") and str.endswith("…").',
    })
  reader.expect('(')
  if (reader.peek().kind !== 'text') return reader.fail('a text in quotes')
  const { text } = reader.next()
  reader.expect(')')
  return { kind: 'affix', item, end: method === 'startswith' ? 'start' : 'end', text, at }
}
