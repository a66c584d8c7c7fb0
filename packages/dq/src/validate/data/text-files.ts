import { stat } from 'node:fs/promises'
import type { ColumnSchema, Dialect, QueryOptions, Session } from '@tidegate/core'
import { parseType } from '../../expression/data-type.ts'
import { dataError } from './describe.ts'

/**
 * A file of text without a single byte is no table, as it is none for Parquet. What is no file of this machine (URLs, pipes)
 * is left to the engine. @throws `CHECK_DATA`
 */
export async function checkNotEmpty(files: readonly string[], names: readonly string[]): Promise<void> {
  for (const [index, file] of files.entries()) {
    const found = await stat(file).catch(() => undefined)
    if (found?.isFile() === true && found.size === 0)
      throw dataError(`${names[index] ?? file} is empty: it has not a single byte`, {
        hint: 'A table without rows still has a header, or the brackets of JSON; write the file again.',
      })
  }
}

/**
 * Two columns of one name in the header of a CSV file. The engine calls the second `a_1`, so only files in which some
 * column is called like that are looked at again. @throws `CHECK_DATA`
 */
export async function checkHeaders(
  session: Session,
  files: readonly { readonly name: string; /** As the engine's readers take it. */ readonly pattern: string }[],
  columns: readonly ColumnSchema[],
  options: QueryOptions,
): Promise<void> {
  if (!mayRepeat(columns)) return
  for (const { name, pattern } of files) {
    const header = await headerOf(session, pattern, options)
    const repeated = header.find((column, index) => header.indexOf(column) < index)
    if (repeated !== undefined)
      throw dataError(`${name} has two columns ${JSON.stringify(repeated)}`, {
        hint: 'Checks find columns by their names; rename one of them in the header.',
      })
  }
}

/**
 * Without a row the engine takes every column of a CSV file for VARCHAR: then the declared types of its columns, as SQL of a
 * struct. Undefined where there are rows, or nothing to say.
 */
export async function typesWithoutRows(
  session: Session,
  from: string,
  columns: readonly ColumnSchema[],
  declared: ReadonlyMap<string, string>,
  options: QueryOptions,
): Promise<string | undefined> {
  const { dialect } = session
  const fields = columns.flatMap(({ name }) => {
    const type = parseType(declared.get(name) ?? '')
    return type === undefined || type.name === 'VARCHAR'
      ? []
      : [`${dialect.literal(name)}: ${dialect.literal(type.text)}`]
  })
  if (fields.length === 0 || columns.some(({ type }) => type !== 'VARCHAR')) return undefined
  const { rows } = await session.query(`SELECT 1 FROM ${from} LIMIT 1`, options)
  return rows.length > 0 ? undefined : `{${fields.join(', ')}}`
}

function mayRepeat(columns: readonly ColumnSchema[]): boolean {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()))
  return columns.some(({ name }) => {
    const base = /^(.*)_[0-9]+$/s.exec(name)?.[1]
    return base !== undefined && names.has(base.toLowerCase())
  })
}

/** The header as it is written; nothing where there is none, or where the engine cannot say. */
async function headerOf(session: Session, pattern: string, options: QueryOptions): Promise<readonly string[]> {
  const { dialect } = session
  const sniffed = await rowOf(
    session,
    `SELECT HasHeader, Delimiter, Quote, "Escape", SkipRows FROM sniff_csv(${dialect.literal(pattern)})`,
    options,
  )
  const [hasHeader, delimiter, quote, escape, skip] = sniffed
  if (hasHeader !== true) return []
  const settings = [
    `delim = ${sign(dialect, delimiter)}`,
    `quote = ${sign(dialect, quote)}`,
    `escape = ${sign(dialect, escape)}`,
    `skip = ${Number(skip)}`,
    'header = false, all_varchar = true, null_padding = true, hive_partitioning = false',
  ]
  const row = await rowOf(
    session,
    `SELECT * FROM read_csv(${[dialect.literal(pattern), ...settings].join(', ')}) LIMIT 1`,
    options,
  )
  return row.filter((cell) => typeof cell === 'string')
}

function sign(dialect: Dialect, sniffed: unknown): string {
  return dialect.literal(typeof sniffed !== 'string' || sniffed === '(empty)' ? '' : sniffed)
}

async function rowOf(session: Session, sql: string, options: QueryOptions): Promise<readonly unknown[]> {
  try {
    const { rows } = await session.query(sql, options)
    return rows[0] ?? []
  } catch (error) {
    // The file could be read: what cannot be told about its header is no reason to refuse it.
    if (error instanceof Error && 'code' in error && error.code === 'ENGINE_SQL') return []
    throw error
  }
}
