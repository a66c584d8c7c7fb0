import type { TopColumn } from './top-columns.ts'

/** What a raw column becomes, in DuckDB's SQL. */
export interface FixedColumn {
  readonly column: TopColumn
  readonly fix: 'utf8-replace' | 'int96' | 'timestamps'
  /** DuckDB's type of the column before it was shown raw. */
  readonly type: string
  /** Of DuckDB: a map from each bad text to the one that replaces it (utf8-replace). */
  readonly variable?: string
}

const MICROS_PER_DAY = 86_400_000_000n
/** Julian day of 1970-01-01. */
const JULIAN_EPOCH = 2_440_588
/** 0001-01-01 and 10000-01-01, in days from 1970-01-01. */
const FIRST_DAY = -719_162n
const END_DAY = 2_932_897n
/** What a TIMESTAMP of DuckDB can hold without its infinities. */
const MAX_MICROS = 9_223_372_036_854_775_806n

/** The value as it is to be stored; NULL where it does not fit. */
export function fixedSql({ column, fix, type, variable }: FixedColumn, name: string): string {
  switch (fix) {
    case 'utf8-replace':
      // What a branch is not meant for must not come into it: decode fails.
      return `CASE WHEN ${isBadText(name)} THEN getvariable('${variable ?? ''}')[${name}] ELSE decode(CASE WHEN ${isBadText(name)} THEN NULL ELSE ${name} END) END`
    case 'int96': {
      const micros = int96Micros(name)
      return `make_timestamp(CASE WHEN ${int96Fits(name)} THEN (${micros})::BIGINT END)`
    }
    case 'timestamps':
      return timestampSql(column, type, name)
  }
}

/** Whether the value is lost by {@link fixedSql}: it is not NULL and becomes NULL. */
export function lostSql({ column, fix }: FixedColumn, name: string): string {
  switch (fix) {
    case 'utf8-replace':
      return 'false'
    case 'int96':
      return `(${name} IS NOT NULL AND NOT (${int96Fits(name)}))`
    case 'timestamps':
      return `(${name} IS NOT NULL AND NOT (${inYears(column, name)}))`
  }
}

/** Whether the value is another one afterwards, but not NULL. */
export function changedSql({ fix }: FixedColumn, name: string): string {
  switch (fix) {
    case 'utf8-replace':
      return isBadText(name)
    case 'int96':
      // A timestamp in microseconds has no place for the last three digits.
      return `(${int96Fits(name)} AND ${int96Nanos(name)} % 1000 <> 0)`
    case 'timestamps':
      return 'false'
  }
}

/** Whether a value of a column that is shown as binary is no UTF-8. */
export function isBadText(name: string): string {
  return `(${name} IS NOT NULL AND TRY(decode(${name})) IS NULL)`
}

/** Twelve bytes: nanoseconds of the day, then the Julian day; both little-endian. */
function int96Nanos(name: string): string {
  return `('0x' || ${reversed(name, 0, 8)})::UBIGINT`
}

function int96Day(name: string): string {
  return `('0x' || ${reversed(name, 8, 12)})::UINTEGER`
}

function reversed(name: string, from: number, to: number): string {
  const pairs: string[] = []
  for (let byte = to - 1; byte >= from; byte--) pairs.push(`substr(hex(${name}), ${byte * 2 + 1}, 2)`)
  return `(${pairs.join(' || ')})`
}

function int96Micros(name: string): string {
  return `((${int96Day(name)})::HUGEINT - ${JULIAN_EPOCH}) * ${MICROS_PER_DAY} + (${int96Nanos(name)} // 1000)::HUGEINT`
}

/** A time of day beyond the day is no time that the writer meant. */
function int96Fits(name: string): string {
  return `(${int96Nanos(name)} < ${MICROS_PER_DAY * 1000n} AND ${int96Micros(name)} BETWEEN -${MAX_MICROS} AND ${MAX_MICROS})`
}

function inYears({ kind, unit }: TopColumn, name: string): string {
  const perDay =
    kind === 'date' ? 1n : unit === 'ms' ? 86_400_000n : unit === 'us' ? MICROS_PER_DAY : MICROS_PER_DAY * 1000n
  return `(${name} >= ${FIRST_DAY * perDay} AND ${name} < ${END_DAY * perDay})`
}

function timestampSql(column: TopColumn, type: string, name: string): string {
  const value = `CASE WHEN ${inYears(column, name)} THEN ${name} END`
  if (column.kind === 'date') return `(DATE '1970-01-01' + (${value})::INTEGER)`
  if (column.unit === 'ns') return `make_timestamp_ns(${value})::${type}`
  return `make_timestamp((${value}) * ${column.unit === 'ms' ? 1000 : 1})::${type}`
}
