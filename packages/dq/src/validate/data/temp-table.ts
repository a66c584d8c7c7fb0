import { randomUUID } from 'node:crypto'
import { FILE_COLUMN, ROW_COLUMN, type ColumnSchema, type QueryOptions, type Session } from '@tidegate/core'
import type { PreparedData } from './data.ts'
import { asDataError, dataError } from './describe.ts'

export interface Cells {
  readonly columns: readonly ColumnSchema[]
  readonly rows: number
  /** The value as text that the engine casts to the column's type, or null. */
  textAt(row: number, column: number): string | null
}

/** Cells in one statement: what the engine parses in some milliseconds and some megabytes. */
const CELLS_PER_STATEMENT = 50_000

/**
 * Copies values into a temporary table, as text that the engine casts: exact for every type, whatever the session's client
 * makes of JavaScript's values.
 */
export async function tempTable(
  session: Session,
  cells: Cells,
  description: string,
  options: QueryOptions,
): Promise<PreparedData> {
  const { dialect } = session
  if (dialect.name !== 'duckdb')
    throw dataError('rows can be validated by DuckDB only', { hint: 'Register them as a table and name the table.' })
  checkNames(cells.columns)
  const table = dialect.identifier(`__tg_rows_${randomUUID().replaceAll('-', '')}`)
  const dispose = async (): Promise<void> => void (await session.query(`DROP TABLE IF EXISTS ${table}`))
  const list = cells.columns.map(({ name, type }) => `${dialect.identifier(name)} ${type}`)
  try {
    await session.query(`CREATE TEMPORARY TABLE ${table} (${list.join(', ')})`, options)
    const step = Math.max(1, Math.floor(CELLS_PER_STATEMENT / cells.columns.length))
    for (let first = 0; first < cells.rows; first += step)
      await session.query(insertSql(session, table, cells, first, Math.min(cells.rows, first + step)), options)
  } catch (error) {
    await dispose().catch(() => {})
    throw asDataError(description, error)
  }
  return {
    relation: {
      sql: `(SELECT *, ${dialect.literal('rows')} AS ${dialect.identifier(FILE_COLUMN)}, rowid AS ${dialect.identifier(ROW_COLUMN)} FROM ${table})`,
      columns: cells.columns,
      fileColumn: FILE_COLUMN,
      rowColumn: ROW_COLUMN,
      files: [{ key: 'rows', path: 'rows', rows: cells.rows }],
    },
    statistics: [],
    description,
    locate: ({ row }) => row,
    lasts: false,
    dispose,
  }
}

/** One list of texts per column: its cost grows with the cells, also where there are thousands of columns. */
function insertSql(session: Session, table: string, cells: Cells, first: number, end: number): string {
  const { dialect } = session
  const lists = cells.columns.map(({ type }, column) => {
    const texts: (string | null)[] = []
    // A half of a surrogate pair is no text for anybody else.
    for (let row = first; row < end; row++) texts.push(cells.textAt(row, column)?.toWellFormed() ?? null)
    return `CAST(unnest(from_json(${dialect.literal(JSON.stringify(texts))}, '["VARCHAR"]')) AS ${type})`
  })
  return `INSERT INTO ${table} SELECT ${lists.join(', ')}`
}

function checkNames(columns: readonly ColumnSchema[]): void {
  if (columns.length === 0)
    throw dataError('there is no column', { hint: 'Rows need at least one key, an Arrow table at least one field.' })
  const seen = new Map<string, string>()
  for (const { name } of columns) {
    const folded = name.toLowerCase()
    const other = seen.get(folded)
    if (name === '' || name.includes('\0'))
      throw dataError(`${JSON.stringify(name)} cannot be the name of a column`, { hint: 'Give the column a name.' })
    if (folded.startsWith('__tg_'))
      throw dataError(`the column ${JSON.stringify(name)} has a name that is reserved`, {
        hint: 'Names that start with __tg_ belong to Tidegate; rename the column.',
      })
    if (other !== undefined)
      throw dataError(`the columns ${JSON.stringify(other)} and ${JSON.stringify(name)} are one for the engine`, {
        hint: 'Names of columns must differ in more than their case.',
      })
    seen.set(folded, name)
  }
}
