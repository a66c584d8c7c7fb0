import { stringifyJson, type QueryOptions, type Session } from '@tidegate/core'
import type { PreparedData, RowsData } from './data.ts'
import { dataError } from './describe.ts'
import { tempTable } from './temp-table.ts'

/** Rows of JavaScript in a temporary table. Columns are the keys, in the order in which they are first seen. */
export async function rowsData(session: Session, { rows }: RowsData, options: QueryOptions): Promise<PreparedData> {
  if (!Array.isArray(rows)) throw dataError('rows must be a list of objects')
  const kinds = new Map<string, Kind>()
  for (const [index, row] of rows.entries()) {
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw dataError(`row ${index} is no object`, { hint: 'Write { rows: [{ id: 1, name: "a" }] }.' })
    for (const [name, value] of Object.entries(row)) kinds.set(name, widest(kinds.get(name) ?? 'none', kindOf(value)))
  }
  const names = [...kinds.keys()]
  const columnKinds = names.map((name) => kinds.get(name) ?? 'none')
  const cells = {
    columns: names.map((name, index) => ({ name, type: TYPES[columnKinds[index] ?? 'none'] })),
    rows: rows.length,
    textAt: (row: number, column: number) => textOf(own(rows[row], names[column] ?? ''), columnKinds[column] ?? 'none'),
  }
  return tempTable(session, cells, `${rows.length} rows`, options)
}

type Kind =
  | 'none'
  | 'boolean'
  | 'integer'
  | 'huge'
  | 'number'
  | 'date'
  | 'text'
  | 'bytes'
  | 'nested'
  /** Several kinds in one column. */
  | 'mixed'

const TYPES: Readonly<Record<Kind, string>> = {
  none: 'INTEGER',
  boolean: 'BOOLEAN',
  integer: 'BIGINT',
  huge: 'HUGEINT',
  number: 'DOUBLE',
  date: 'TIMESTAMP',
  text: 'VARCHAR',
  bytes: 'BLOB',
  nested: 'JSON',
  mixed: 'VARCHAR',
}

const [BIGINT_MAX, HUGEINT_MAX] = [2n ** 63n - 1n, 2n ** 127n - 1n]

function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case 'boolean':
      return 'boolean'
    case 'string':
      return 'text'
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'integer' : 'number'
    case 'bigint': {
      const size = value < 0n ? -value - 1n : value
      return size <= BIGINT_MAX ? 'integer' : size <= HUGEINT_MAX ? 'huge' : 'mixed'
    }
    case 'undefined':
      return 'none'
    case 'object':
      if (value === null) return 'none'
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'none' : 'date'
      return value instanceof Uint8Array ? 'bytes' : 'nested'
    default:
      throw dataError(`a ${typeof value} is no value of a table`, {
        hint: 'Rows hold numbers, texts, booleans, Dates, lists and objects.',
      })
  }
}

function widest(left: Kind, right: Kind): Kind {
  if (left === right || right === 'none') return left
  if (left === 'none') return right
  const both = new Set([left, right])
  if (both.has('integer') && both.has('huge')) return 'huge'
  if (both.has('integer') && both.has('number')) return 'number'
  return 'mixed'
}

function own(row: Readonly<Record<string, unknown>> | undefined, name: string): unknown {
  return row !== undefined && Object.hasOwn(row, name) ? row[name] : undefined
}

function textOf(value: unknown, kind: Kind): string | null {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : timestampText(value, kind)
  if (value instanceof Uint8Array && kind === 'bytes') return blobText(value)
  if (typeof value === 'object') return stringifyJson(value)
  return Object.is(value, -0) ? '-0.0' : String(value)
}

/** Years beyond four digits have a sign in ISO 8601 that the engine does not read. */
function timestampText(value: Date, kind: Kind): string {
  const text = value.toISOString()
  if (kind === 'mixed') return text
  const year = value.getUTCFullYear()
  const rest = text.slice(text.indexOf('-', 1), -1).replace('T', ' ')
  return year > 0 ? `${String(year).padStart(4, '0')}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} (BC)`
}

/** Every byte as `\xNN`. */
export function blobText(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += `\\x${byte.toString(16).padStart(2, '0')}`
  return text
}
