import { FILE_COLUMN, ROW_COLUMN, type QueryOptions, type Session } from '@tidegate/core'
import type { PreparedData, TableData } from './data.ts'
import { asDataError, dataError, describe, hasColumn } from './describe.ts'

/**
 * A table or view of the session. The ordinal of a row is its `rowid` where the engine's tables have one (after deletions it
 * has gaps), else its place in the order in which the engine reads.
 */
export async function tableData(session: Session, data: TableData, options: QueryOptions): Promise<PreparedData> {
  const { dialect } = session
  const name = tableName(session, data.table)
  try {
    const columns = await describe(session, name, options)
    const row = hasColumn(columns, 'rowid') ? undefined : await rowIdOf(session, name, options)
    const ordinal = row ?? `row_number() OVER (${dialect.name === 'spark' ? 'ORDER BY 1' : ''}) - 1`
    return {
      relation: {
        sql: `(SELECT *, ${dialect.literal(data.table)} AS ${dialect.identifier(FILE_COLUMN)}, CAST(${ordinal} AS BIGINT) AS ${dialect.identifier(ROW_COLUMN)} FROM ${name})`,
        columns,
        fileColumn: FILE_COLUMN,
        rowColumn: ROW_COLUMN,
        files: [{ key: data.table, path: data.table }],
      },
      statistics: [],
      description: `table ${data.table}`,
      locate: ({ row: place }) => place,
      lasts: true,
      dispose: async () => {},
    }
  } catch (error) {
    throw asDataError(`the table ${JSON.stringify(data.table)}`, error)
  }
}

/** Each part quoted. A part in double quotes may hold dots: `sales."2024.q1"`. */
export function tableName(session: Session, table: unknown): string {
  const parts = typeof table === 'string' ? (table.match(/"(?:[^"]|"")*"|[^".]+|\./g) ?? []) : []
  const names = parts.filter((_, index) => index % 2 === 0)
  const sound = parts.every((part, index) => (part === '.') === (index % 2 === 1)) && parts.length % 2 === 1
  if (!sound || names.length > 3 || parts.join('') !== table)
    throw dataError(`${JSON.stringify(table)} is not the name of a table`, {
      hint: 'Write `table`, `schema.table` or `database.schema.table`; a name with dots goes in double quotes.',
    })
  return names
    .map((part) => session.dialect.identifier(part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part))
    .join('.')
}

/** `rowid`, if the engine knows it of this table. A view has none, and asking is an error that costs nothing. */
async function rowIdOf(session: Session, name: string, options: QueryOptions): Promise<string | undefined> {
  if (session.dialect.name !== 'duckdb') return undefined
  try {
    await session.query(`SELECT rowid FROM ${name} LIMIT 0`, options)
    return 'rowid'
  } catch {
    options.signal?.throwIfAborted()
    return undefined
  }
}
