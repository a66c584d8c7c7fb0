import type { JsonValue } from '@tidegate/core'
import type { CheckProblem, CompileScope } from '../expectations/definition.ts'
import type { Expression } from '../expression/expression.ts'
import { conditionProblem, ConditionError } from './condition-error.ts'
import { isMap } from '../json-map.ts'
import { conditionOfObject } from './condition-object.ts'
import type { ConditionNode } from './condition-node.ts'
import { lowerCondition } from './lower-condition.ts'
import { parseCondition, type ConditionLanguage } from './parse-condition.ts'
import { rawCondition } from './raw-condition.ts'

export type RowCondition =
  | { readonly kind: 'all-rows' }
  /** True for the rows that take part; NULL counts as false. `text` is for people. */
  | { readonly kind: 'condition'; readonly condition: Expression; readonly text: string }
  | { readonly kind: 'problem'; readonly problem: CheckProblem }

/**
 * The arguments `row_condition` and `condition_parser` of any expectation.
 *
 * - `pandas`, `python`: the language of `DataFrame.query`, with its two-valued logic (`a != 1` holds where a is NULL)
 * - `great_expectations`, `great_expectations__experimental__`, `ge`: `col("a") > 5`, with `&`, `|` and brackets, in the
 *   logic of pandas, as Great Expectations answers where it reads files
 * - `spark`, `spark_sql`: SQL where double quotes are texts · `sql`: SQL where they are names
 * - none: the object that Great Expectations 1.x writes (in the logic of pandas, too), or `col("…")`, or SQL
 *
 * SQL that goes beyond comparisons and boolean logic is handed to the engine as it is, if it is one expression over the row
 * and no query. A row for which the condition is NULL does not take part.
 */
export function parseRowCondition(
  value: JsonValue | undefined,
  conditionParser: JsonValue | undefined,
  scope: CompileScope,
): RowCondition {
  if (value === undefined || value === null || value === '') return { kind: 'all-rows' }
  const text = typeof value === 'string' ? value : undefined
  try {
    if (text === undefined && !isMap(value)) throw new ConditionError('must be a text or a condition object', undefined)
    if (text !== undefined && text.length > MAX_LENGTH)
      throw new ConditionError(`is longer than ${MAX_LENGTH} characters`, undefined)
    if (JSON.stringify(value).includes('\\u0000')) throw new ConditionError('contains a NUL character', undefined)
    const language = languageOf(conditionParser, value)
    const condition = expressionOf(text ?? value, language, scope)
    return { kind: 'condition', condition, text: text ?? JSON.stringify(value) }
  } catch (error) {
    if (error instanceof ConditionError) return { kind: 'problem', problem: conditionProblem(error, text) }
    throw error
  }
}

const MAX_LENGTH = 100_000

function languageOf(conditionParser: JsonValue | undefined, value: JsonValue): ConditionLanguage {
  if (conditionParser === undefined || conditionParser === null) {
    // A condition object holds pandas' language, if it holds a text at all.
    if (typeof value !== 'string') return 'pandas'
    return /(?<![\p{L}\p{N}_])col\s*\(\s*["']/u.test(value) ? 'gx' : 'sql'
  }
  const language = typeof conditionParser === 'string' ? LANGUAGES[conditionParser] : undefined
  if (language !== undefined) return language
  throw new ConditionError(`there is no condition_parser ${JSON.stringify(conditionParser)}`, undefined, {
    hint: `Known are ${Object.keys(LANGUAGES).join(', ')}.`,
  })
}

const LANGUAGES: Readonly<Record<string, ConditionLanguage>> = {
  pandas: 'pandas',
  python: 'pandas',
  spark: 'spark',
  spark_sql: 'spark',
  sql: 'sql',
  great_expectations: 'gx',
  great_expectations__experimental__: 'gx',
  ge: 'gx',
}

function expressionOf(value: JsonValue, language: ConditionLanguage, scope: CompileScope): Expression {
  const sql = language === 'sql' || language === 'spark'
  const logic = sql ? 'three-valued' : 'two-valued'
  const lower = (node: ConditionNode, textsAsNumbers: boolean): Expression =>
    lowerCondition(node, { scope, foldCase: sql, logic, textsAsNumbers })
  if (typeof value !== 'string') return lower(conditionOfObject(isMap(value) ? value : {}, language), true)
  let node: ConditionNode
  try {
    node = parseCondition(value, language)
  } catch (error) {
    if (sql && error instanceof ConditionError && error.beyond) return rawCondition(value, language)
    throw error
  }
  return lower(node, language !== 'pandas')
}
