import type { Cell, Dialect } from '@tidegate/core'

/** How DuckDB's SQL says things. Everything that quotes for DuckDB is here. */
export const duckdbDialect: Dialect = {
  name: 'duckdb',
  identifier: quoteIdentifier,
  literal: quoteLiteral,
  // RE2 search. The pattern is a literal, so DuckDB compiles it once.
  regexSearch: (textSql, pattern) => `regexp_matches(${textSql}, ${quoteLiteral(pattern)})`,
  tryCast: (valueSql, type) => `TRY_CAST(${valueSql} AS ${type})`,
  toText: (valueSql) => `CAST(${valueSql} AS VARCHAR)`,
  textLength: (textSql) => `length(${textSql})`,
  countIf: (conditionSql) => `count_if(${conditionSql})`,
  median: (valueSql) => `median(${valueSql})`,
  stddevSample: (valueSql) => `stddev_samp(${valueSql})`,
  // arg_min/arg_max would sort; list() with a filter is cut afterwards. Measured on 5M rows with few hits: +2 % of the scan.
  listSample: (valueSql, conditionSql, limit) => `list(${valueSql}) FILTER (WHERE ${conditionSql})[1:${limit}]`,
  labelsWhere: (items) =>
    items.length === 0
      ? `CAST([] AS VARCHAR[])`
      : `list_filter([${items
          .map((item) => `CASE WHEN ${item.conditionSql} THEN ${quoteLiteral(item.label)} END`)
          .join(', ')}], lambda label: label IS NOT NULL)`,
}

/** Double quotes, doubled inside. NUL cannot be said in SQL text and is refused by DuckDB itself. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A literal with the value's own type; text in single quotes, doubled inside. */
export function quoteLiteral(value: Cell): string {
  if (value === null) return 'NULL'
  switch (typeof value) {
    case 'boolean':
      return value ? 'TRUE' : 'FALSE'
    case 'bigint':
      return value.toString()
    case 'number':
      return numberLiteral(value)
    case 'string':
      return `'${value.replaceAll("'", "''")}'`
    default:
      return nestedLiteral(value)
  }
}

function numberLiteral(value: number): string {
  if (Number.isNaN(value)) return `'NaN'::DOUBLE`
  if (!Number.isFinite(value)) return `'${value > 0 ? '' : '-'}Infinity'::DOUBLE`
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '0' : String(value)
  // An exponent makes DuckDB read a DOUBLE; 0.1 alone would be a DECIMAL(2,1), which compares exactly with doubles cast
  // to decimal and surprises: 0.1 + 0.2 would equal 0.3.
  const text = String(value)
  return text.includes('e') ? text : `${text}e0`
}

function nestedLiteral(value: Exclude<Cell, null | string | number | bigint | boolean>): string {
  if (isList(value)) return `[${value.map((item) => quoteLiteral(item)).join(', ')}]`
  const fields = Object.entries(value).map(([name, item]) => `${quoteLiteral(name)}: ${quoteLiteral(item)}`)
  return `{${fields.join(', ')}}`
}

function isList(value: readonly Cell[] | { readonly [field: string]: Cell }): value is readonly Cell[] {
  return Array.isArray(value)
}
