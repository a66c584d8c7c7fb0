import type { ColumnSchema } from '@tidegate/core'

/** Columns that dq adds to rejected rows. */
const RULES = '__tg_rules'
const PLACE = '__tg_row'
const OWN = /^__tg_/

/**
 * Rejected rows as `number` (place in the file, or in what was staged), `row` (a JSON object) and `rules` (a JSON list), for
 * DuckDB. JSON has no NaN and no infinity: such a value is a text.
 */
export function rejectedSelect(
  columns: readonly ColumnSchema[],
  rows: string,
  { identifier, literal }: { identifier(name: string): string; literal(text: string): string },
): string {
  const has = (name: string): boolean => columns.some((column) => column.name === name)
  const fields = columns
    .filter(({ name }) => !OWN.test(name))
    .map(({ name, type }) => `${literal(name)}, ${valueOf(`r.${identifier(name)}`, type)}`)
  const row = fields.length === 0 ? `'{}'` : `json_object(${fields.join(', ')})`
  const number = has(PLACE) ? `CAST(r.${identifier(PLACE)} AS BIGINT)` : 'row_number() OVER () - 1'
  const rules = has(RULES) ? `to_json(r.${identifier(RULES)})` : 'NULL'
  return `SELECT ${number} AS number, CAST(${row} AS VARCHAR) AS "row", CAST(${rules} AS VARCHAR) AS rules FROM ${rows} AS r`
}

function valueOf(cell: string, type: string): string {
  if (/^(FLOAT|DOUBLE)$/i.test(type))
    return `CASE WHEN isfinite(${cell}) THEN to_json(${cell}) ELSE to_json(CAST(${cell} AS VARCHAR)) END`
  return /^(TINYINT|SMALLINT|INTEGER|BIGINT|BOOLEAN|VARCHAR|DECIMAL.*)$/i.test(type) || /[[(]/.test(type)
    ? cell
    : `CAST(${cell} AS VARCHAR)`
}
