import type { ColumnSchema, QueryOptions, Session } from '@tidegate/core'
import { arrowColumn } from './arrow-column.ts'
import type { ArrowData, PreparedData } from './data.ts'
import { dataError } from './describe.ts'
import { tempTable } from './temp-table.ts'

/** An Arrow table in a temporary table, with the types of its schema. */
export async function arrowData(session: Session, { arrow }: ArrowData, options: QueryOptions): Promise<PreparedData> {
  const fields = arrow?.schema?.fields
  if (!Array.isArray(fields) || typeof arrow.getChildAt !== 'function' || typeof arrow.numRows !== 'number')
    throw dataError('this is no Arrow table', { hint: 'Pass a Table of apache-arrow: { arrow: tableFromIPC(bytes) }.' })
  const columns: ColumnSchema[] = []
  const readers: ((row: number) => string | null)[] = []
  for (const [index, field] of arrow.schema.fields.entries()) {
    const vector = arrow.getChildAt(index)
    const column = arrowColumn(field.type)
    columns.push({ name: field.name, type: column.type })
    readers.push(vector === null ? () => null : column.readerOf(vector))
  }
  const cells = {
    columns,
    rows: arrow.numRows,
    textAt: (row: number, column: number) => readers[column]?.(row) ?? null,
  }
  return tempTable(session, cells, `an Arrow table of ${arrow.numRows} rows`, options)
}
