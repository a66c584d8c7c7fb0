/**
 * Text → typed value, in the engine's SQL. A cast alone is too kind: it rounds `1.5` to an integer, drops the time of a
 * date and reads `1_000`. What would change the value is NULL here, and the caller names it a misfit.
 */
import type { Dialect, ReadOptions } from '@tidegate/core'

export type ValueOptions = Pick<ReadOptions, 'decimal' | 'date_format' | 'timestamp_format' | 'timezone'>

/** An expression that is the value of `textSql` in `type`, or NULL where the text does not fit. */
export function typedValue(dialect: Dialect, textSql: string, type: string, options: ValueOptions): string {
  const base = type.toUpperCase()
  const cast = (text: string): string => dialect.tryCast(text, type)
  const when = (pattern: string, value: string): string =>
    `CASE WHEN regexp_full_match(${textSql}, ${dialect.literal(pattern)}) THEN ${value} END`
  if (base === 'VARCHAR') return textSql
  if (INTEGERS.has(base)) return when(String.raw`\s*[+-]?[0-9]+(\.0*)?\s*`, cast(textSql))
  const decimal = /^DECIMAL\(\d+,\s*(\d+)\)$/.exec(base)
  if (decimal !== null) {
    const mark = options.decimal === ',' ? ',' : String.raw`\.`
    return when(String.raw`\s*[+-]?[0-9]*(${mark}[0-9]{0,${decimal[1]}}0*)?\s*`, cast(withPoint(textSql, options)))
  }
  if (base === 'DOUBLE' || base === 'FLOAT') {
    const mark = options.decimal === ',' ? ',' : String.raw`\.`
    return when(
      String.raw`(?i)\s*([+-]?([0-9]+(${mark}[0-9]*)?|${mark}[0-9]+)(e[+-]?[0-9]+)?|nan|[+-]?inf(inity)?)\s*`,
      cast(withPoint(textSql, options)),
    )
  }
  if (base === 'DATE') return dateValue(dialect, textSql, options)
  if (base.startsWith('TIMESTAMP')) return timestampValue(dialect, textSql, type, options)
  if (base === 'JSON') return cast(textSql)
  if (base.startsWith('STRUCT') || base.startsWith('MAP') || base.endsWith('[]'))
    return nestedValue(dialect, textSql, type)
  return cast(textSql)
}

/**
 * The lenient cast turns what does not fit inside of a value into NULL, silently; the strict one refuses keys that are
 * merely absent. So the lenient value counts only if all that was in the text is still in it.
 */
function nestedValue(dialect: Dialect, textSql: string, type: string): string {
  const json = dialect.tryCast(textSql, 'JSON')
  const value = dialect.tryCast(json, type)
  const kept = `json_contains(${withPoints(`CAST(to_json(${value}) AS VARCHAR)`)}, ${withPoints(`CAST(${json} AS VARCHAR)`)})`
  return `CASE WHEN TRY(CAST(${json} AS ${type})) IS NOT NULL OR ${kept} THEN ${value} END`
}

/** Writes the integers of a JSON text as fractions, so that 1 and 1.0 compare as equal. Twice: matches share commas. */
function withPoints(textSql: string): string {
  const once = (sql: string): string =>
    String.raw`regexp_replace(${sql}, '([:\[,]\s*-?[0-9]+)(\s*[,}\]])', '\1.0\2', 'g')`
  return once(once(textSql))
}

const INTEGERS: ReadonlySet<string> = new Set([
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'HUGEINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
  'UHUGEINT',
])

function withPoint(textSql: string, options: ValueOptions): string {
  return options.decimal === ',' ? `replace(${textSql}, ',', '.')` : textSql
}

function dateValue(dialect: Dialect, textSql: string, { date_format: format }: ValueOptions): string {
  if (format !== undefined && format !== '') return `CAST(try_strptime(${textSql}, ${dialect.literal(format)}) AS DATE)`
  const date = dialect.tryCast(textSql, 'DATE')
  return `CASE WHEN strpos(${textSql}, ':') = 0 OR ${dialect.tryCast(textSql, 'TIMESTAMP')} = ${date} THEN ${date} END`
}

function timestampValue(dialect: Dialect, textSql: string, type: string, options: ValueOptions): string {
  const format = options.timestamp_format
  const zone = options.timezone ?? 'UTC'
  const zoned = type.toUpperCase() === 'TIMESTAMP WITH TIME ZONE' || type.toUpperCase() === 'TIMESTAMPTZ'
  const plain =
    format === undefined || format === ''
      ? dialect.tryCast(textSql, zoned ? 'TIMESTAMP' : type)
      : `CAST(try_strptime(${textSql}, ${dialect.literal(format)}) AS ${zoned ? 'TIMESTAMP' : type})`
  if (!zoned) return plain
  const local = zone === 'UTC' ? dialect.tryCast(plain, type) : `timezone(${dialect.literal(zone)}, ${plain})`
  const hasOffset = `regexp_matches(${textSql}, ${dialect.literal(String.raw`:[0-9.]+\s*(Z|z|[+-][0-9]{2}(:?[0-9]{2})?)\s*$`)})`
  return `CASE WHEN ${hasOffset} THEN ${dialect.tryCast(textSql, type)} ELSE ${local} END`
}
