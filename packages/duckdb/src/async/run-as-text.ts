import type { Cell, QueryResult } from '@tidegate/core'
import { quoteIdentifier } from '../dialect.ts'
import { decoderOf } from './decode-text.ts'
import type { AsyncDatabase } from './session-on-database.ts'
import { textSql } from './text-sql.ts'
import { parseEngineType, type EngineType } from './engine-type.ts'

/**
 * Runs one statement. What answers with rows is asked for its columns first (the engine binds it and reads no data) and
 * then for the text of each: the binding's own values lose digits of decimals, times and large integers.
 */
export async function runAsText(database: AsyncDatabase, sql: string): Promise<QueryResult> {
  const statement = sql.trim().replace(/;+$/, '')
  const select = asSelect(statement)
  return select === undefined ? runPlain(database, statement) : runSelect(database, select)
}

/** The statement as something that stands in a FROM, or undefined if it cannot: DDL, COPY, settings. */
function asSelect(statement: string): string | undefined {
  const word = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*([a-z(]+)/i.exec(statement)?.[1]?.toLowerCase() ?? ''
  if (SELECTS.has(word) || word.startsWith('(')) return statement
  return LISTINGS.has(word) ? `SELECT * FROM (\n${statement}\n)` : undefined
}

const SELECTS: ReadonlySet<string> = new Set(['select', 'with', 'from', 'values', 'table', 'pivot', 'unpivot'])
const LISTINGS: ReadonlySet<string> = new Set(['describe', 'show', 'summarize'])

async function runSelect(database: AsyncDatabase, sql: string): Promise<QueryResult> {
  const described = await database.all(`DESCRIBE ${sql}`)
  const columns = described.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }))
  const types = columns.map((column): EngineType => parseEngineType(column.type))
  // Names of our own: those of the columns may repeat, and rows come back as objects.
  const names = columns.map((_, index) => `c${index}`)
  const list = types.map((type, index) => `${textSql(type, `v.c${index}`)} AS c${index}`)
  const rows = await database.all(
    `SELECT ${list.join(', ')} FROM (\n${sql}\n) AS v(${names.map((name) => quoteIdentifier(name)).join(', ')})`,
  )
  const decoders = types.map((type) => decoderOf(type))
  return {
    columns,
    rows: rows.map((row) => names.map((name, index): Cell => decoders[index]?.(textOrNull(row[name])) ?? null)),
  }
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value)
}

/** What such statements answer with is a count or a remark. */
async function runPlain(database: AsyncDatabase, sql: string): Promise<QueryResult> {
  const rows = (await database.all(sql)) ?? []
  const names = Object.keys(rows[0] ?? {})
  return {
    columns: names.map((name) => ({ name, type: typeof rows[0]?.[name] === 'string' ? 'VARCHAR' : 'BIGINT' })),
    rows: rows.map((row) => names.map((name) => plainCell(row[name]))),
  }
}

function plainCell(value: unknown): Cell {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value
  return value === null || value === undefined ? null : String(value)
}
