/**
 * Rows are staged as Parquet whatever the target, and the engine writes some types as others: HUGEINT as DOUBLE, an INTERVAL
 * without its microseconds. Such a column is cast to a type that stays what it is, and a value that would be another one
 * when it is read back is found before anything is written. Pure.
 */
import type { Dialect } from '@tidegate/core'
import { parseType } from '@tidegate/dq'

/** The type as which a column is stored; undefined where no type would keep its values. */
export function storedType(type: string): string | undefined {
  const parsed = parseType(type)
  if (parsed?.class !== 'nested') return STORED_AS.get(parsed?.name ?? type) ?? type
  if (NESTED_AND_LOST.test(withoutQuoted(parsed.text))) return undefined
  // A word before a comma, a bracket or the end is a type; before anything else it names a member.
  return type.replaceAll(PIECE, (piece) => {
    if (/^["']/.test(piece)) return piece
    if (piece.startsWith('[')) return '[]'
    return STORED_AS.get(/^ENUM\s*\(/i.test(piece) ? 'ENUM' : piece.toUpperCase()) ?? piece
  })
}

const PIECE =
  /"(?:[^"]|"")*"|'(?:[^']|'')*'|\bENUM\s*\((?:'(?:[^']|'')*'|[^')])*\)|\[\d+\]|\b[A-Z_]+\b(?=\s*(?:[,)[]|$))/gi

const STORED_AS: ReadonlyMap<string, string> = new Map([
  ['HUGEINT', 'DECIMAL(38,0)'],
  ['UHUGEINT', 'DECIMAL(38,0)'],
  ['BIGNUM', 'VARCHAR'],
  ['BIT', 'VARCHAR'],
  ['ENUM', 'VARCHAR'],
  ['TIMESTAMP_S', 'TIMESTAMP'],
  ['TIMESTAMP_MS', 'TIMESTAMP'],
  ['"NULL"', 'INTEGER'],
])

const NESTED_AND_LOST = /\bUNION\(|\b(?:INTERVAL|TIMETZ|TIME WITH TIME ZONE)(?=\s*(?:[,)[]|$))/

function withoutQuoted(text: string): string {
  return text.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, '""')
}

/** Whether Parquet keeps the type, but not all of its values. */
export function changesValues(type: string): boolean {
  return ['INTERVAL', 'TIMETZ'].includes(parseType(type)?.name ?? '')
}

/** The condition under which a value of the column would come back as another; undefined: none does. */
export function changedSql(name: string, type: string, dialect: Dialect): string | undefined {
  const value = dialect.identifier(name)
  switch (parseType(type)?.name) {
    case 'INTERVAL':
      return `${value} IS NOT NULL AND NOT (${keptInterval(value, dialect)})`
    case 'TIMETZ':
      // Parquet keeps the moment of the day in UTC, and no offset.
      return `CAST(${value} AS VARCHAR) NOT LIKE ${dialect.literal('%+00')} OR CAST(${value} AS VARCHAR) LIKE ${dialect.literal('24%')}`
    case 'BIT':
    case 'BIGNUM':
    case 'ENUM':
      return undefined
    default: {
      const stored = storedType(type)
      if (stored === undefined || stored === type) return undefined
      const cast = dialect.tryCast(value, stored)
      return `${value} IS NOT NULL AND CAST(${cast} AS VARCHAR) IS DISTINCT FROM CAST(${value} AS VARCHAR)`
    }
  }
}

/** Months, days and whole milliseconds of 32 bits, none negative. */
function keptInterval(value: string, dialect: Dialect): string {
  const part = (name: string): string => `datepart(${dialect.literal(name)}, ${value})`
  const months = `(12 * ${part('year')} + ${part('month')})`
  const microseconds = `(3600000000 * ${part('hour')} + 60000000 * ${part('minute')} + ${part('microsecond')})`
  return `${months} >= 0 AND ${part('day')} >= 0 AND ${microseconds} BETWEEN 0 AND 4294967295000 AND ${microseconds} % 1000 = 0`
}
