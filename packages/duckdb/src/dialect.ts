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
  quantileLinear: (valueSql, fraction) => `quantile_cont(${valueSql}, ${numberLiteral(fraction)})`,
  quantilesDiscrete: (valueSql, fractions) =>
    `quantile_disc(${valueSql}, [${fractions.map(numberLiteral).join(', ')}])`,
  countList: (valueSql, countSql, conditionSql, limit) =>
    `coalesce(list({'value': ${valueSql}, 'count': ${countSql}} ORDER BY ${countSql} DESC, ${valueSql}) FILTER (WHERE ${conditionSql}), [])` +
    (limit === undefined ? '' : `[1:${limit}]`),
  list: (itemsSql) => `[${itemsSql.join(', ')}]`,
  isOneOf,
  bucket: (valueSql, buckets) => `CAST(hash(${valueSql}) % ${buckets} AS INTEGER)`,
  firstValues,
  labelsWhere: (items) =>
    items.length === 0
      ? `CAST([] AS VARCHAR[])`
      : `list_filter([${items
          .map((item) => `CASE WHEN ${item.conditionSql} THEN ${quoteLiteral(item.label)} END`)
          .join(', ')}], lambda label: label IS NOT NULL)`,
}

/** Up to here a heap of the first values is kept; it holds no more than them, whatever meets the condition. */
const HEAP_VALUES = 10_000

/**
 * A FILTER makes DuckDB's planner slow: 500 of these take 11 s with it and 0.4 s with CASE. A single one is cheaper with both,
 * the FILTER for the rows and the CASE for the value, which is then made for these rows only (2M rows, 15 conditions, scan
 * and counts 546 ms: 654 with both and 781 with CASE alone where no row is kept, 722 and 835 where 1 % may be). arg_min skips
 * NULLs.
 */
function firstValues(valueSql: string, orderSql: string, conditionSql: string, limit: number, alone = false): string {
  if (limit > HEAP_VALUES) return `list(${valueSql} ORDER BY ${orderSql}) FILTER (WHERE ${conditionSql})[1:${limit}]`
  const values = `arg_min(CASE WHEN ${conditionSql} THEN ${valueSql} END, ${orderSql}, ${limit})`
  return alone ? `${values} FILTER (WHERE ${conditionSql})` : values
}

/** Above this many texts they are one literal that is split: a statement of a million literals is slow to parse. */
const LISTED_TEXTS = 100

function isOneOf(textSql: string, texts: readonly string[]): string {
  if (texts.length <= LISTED_TEXTS) return `(${textSql} IN (${texts.map(quoteLiteral).join(', ')}))`
  const separator = freeSeparator(texts)
  return `(${textSql} IN (SELECT unnest(string_split(${quoteLiteral(texts.join(separator))}, ${quoteLiteral(separator)}))))`
}

/** A text that neither is in any of the texts nor can arise where two meet. */
function freeSeparator(texts: readonly string[]): string {
  for (let length = 1; ; length += 1) {
    const separator = `\u001f${'\u001e'.repeat(length)}\u001d`
    if (!texts.some((text) => text.includes(separator))) return separator
  }
}

/** Double quotes, doubled inside. NUL cannot be said in a name and is refused by DuckDB itself. */
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
      return textLiteral(value)
    default:
      return nestedLiteral(value)
  }
}

function textLiteral(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`
  return quoted.includes('\0') ? `(${quoted.replaceAll('\0', "' || chr(0) || '")})` : quoted
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
