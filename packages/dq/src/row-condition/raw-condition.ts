import type { Expression } from '../expression/expression.ts'
import { ConditionError } from './condition-error.ts'
import { SPELLINGS, tokensOf, type Token } from './tokens.ts'

/**
 * SQL beyond what the parser knows, as it is: one expression over the row. It is put together again from its tokens, so that
 * nothing but names, texts, numbers and operators can reach the engine: no comments, no `;`, no placeholders, no quotes that
 * end elsewhere than we think. Words that begin a query are refused, so it can read no file and no other table.
 * @throws ConditionError
 */
export function rawCondition(text: string, language: 'sql' | 'spark'): Expression {
  const tokens = tokensOf(text, SPELLINGS[language])
  const open: Token[] = []
  for (const [index, token] of tokens.entries()) {
    const { kind, text: word, at } = token
    // Words would be looked at, and quotes would hide them.
    if (kind === 'name' && tokens[index + 1]?.text === '(' && tokens[index + 1]?.kind === 'symbol')
      throw new ConditionError('the name of a function stands without quotes', at)
    if (kind === 'word') checkWord(word.toLowerCase(), index, tokens, open)
    if (kind !== 'symbol') continue
    if (word === '@' || word === '{' || word === '}') throw new ConditionError(`${word} is not allowed`, at)
    if (word === ',' && open.length === 0) throw new ConditionError('one condition, not two', at)
    if (word === '(' || word === '[') open.push(token)
    if ((word === ')' || word === ']') && open.pop()?.text !== (word === ')' ? '(' : '['))
      throw new ConditionError(`nothing opened this ${word}`, at)
  }
  const left = open.at(-1)
  if (left !== undefined) throw new ConditionError(`this ${left.text} is not closed`, left.at)
  return { op: 'raw', sql: tokens.map(spelt).join(' ').trim() }
}

function checkWord(word: string, index: number, tokens: readonly Token[], open: readonly Token[]): void {
  const { at } = tokens[index] ?? { at: 0 }
  if (QUERY_WORDS.has(word))
    throw new ConditionError(`${word.toUpperCase()} is not allowed in a condition`, at, {
      hint: 'A condition looks at one row. For other tables use expect_column_values_to_exist_in_other_table or unexpected_rows_expectation.',
    })
  if (word !== 'from') return
  // IS DISTINCT FROM, extract(year FROM d), trim(BOTH ' ' FROM s), substring(s FROM 2)
  const before = tokens[index - 1]?.text.toLowerCase()
  const bracket = open.at(-1)
  const caller = bracket === undefined ? undefined : tokens[tokens.indexOf(bracket) - 1]?.text.toLowerCase()
  if (before !== 'distinct' && !(caller !== undefined && FROM_FUNCTIONS.has(caller)))
    throw new ConditionError('FROM is not allowed in a condition', at)
}

const FROM_FUNCTIONS: ReadonlySet<string> = new Set(['extract', 'trim', 'substring', 'overlay'])

const QUERY_WORDS: ReadonlySet<string> = new Set(
  `
    select with values table describe desc show summarize pivot unpivot explain insert update delete
    merge create drop alter truncate copy export import attach detach use pragma set reset install load
    call execute prepare vacuum union intersect except join where group having qualify order limit
    offset window over exists any some into returning grant checkpoint getvariable getenv nextval
    currval read_text read_blob query query_table error write_log current_setting json_serialize_plan
    json_execute_serialized_sql
  `
    .trim()
    .split(/\s+/),
)

function spelt({ kind, text }: Token): string {
  switch (kind) {
    case 'text':
      return `'${text.replaceAll("'", "''")}'`
    case 'name':
      return `"${text.replaceAll('"', '""')}"`
    default:
      return text
  }
}
