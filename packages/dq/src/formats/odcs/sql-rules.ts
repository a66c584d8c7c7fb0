import { own, textAt } from '../format-note.ts'
import type { JsonMap } from '../../json-map.ts'
import { SQL_ROWS_TYPE, sqlName } from '../our-types.ts'
import { mustCondition } from './must-operators.ts'
import type { QualityChecks, QualityPlace, Say } from './quality-rules.ts'

/**
 * A query that returns one number or truth. It is wrapped so that it returns a row when the number is not what it must
 * be; `{object}` and `{table}` become `{batch}`, `{property}` and `{column}` the column's name.
 */
export function sqlRule(rule: JsonMap, { column, table }: QualityPlace, say: Say): QualityChecks {
  const query = withoutSemicolons(textAt(rule, 'query') ?? '')
  if (query === '') return say('dropped', 'it has no query; it is kept in meta')
  const condition = mustCondition(rule)
  if (condition === undefined) return say('dropped', 'its operator cannot be read; it is kept in meta')
  if (/\$?\{(property|column)\}/.test(query) && column === undefined)
    return say('dropped', 'it speaks of a property and stands at none; it is kept in meta')
  if (own(rule, 'unit') === 'percent') say('changed', 'the number of the query is compared as it is')
  const filled = query
    .replaceAll(/\$?\{(object|table|model|schema)\}/g, '{batch}')
    .replaceAll(/\$?\{(property|column|field)\}/g, () => sqlName(column ?? ''))
  if (!filled.includes('{batch}'))
    say('changed', `the query does not say {object}; a table ${JSON.stringify(table)} has to be there when it runs`)
  const text = `SELECT * FROM (${filled}) AS answer(value) WHERE (${condition}) IS NOT TRUE`
  return [{ type: SQL_ROWS_TYPE, kwargs: { unexpected_rows_query: text } }]
}

function withoutSemicolons(query: string): string {
  let text = query.trim()
  while (text.endsWith(';')) text = text.slice(0, -1).trimEnd()
  return text
}
