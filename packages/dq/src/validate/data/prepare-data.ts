import type { QueryOptions, Session } from '@tidegate/core'
import type { OtherTable } from '../../expectations/definition.ts'
import { arrowData } from './arrow-data.ts'
import type { Data, PreparedData } from './data.ts'
import { dataError } from './describe.ts'
import { filesData } from './files-data.ts'
import { rowsData } from './rows-data.ts'
import { tableData } from './table-data.ts'

/**
 * Makes any data readable for checks. `declared`: the contract's types by column, where the data has none of its own.
 * @throws `CHECK_DATA` when there is nothing to read
 */
export function prepareData(
  session: Session,
  data: Data,
  each: boolean,
  options: QueryOptions,
  declared?: ReadonlyMap<string, string>,
): Promise<PreparedData> {
  if (typeof data !== 'object' || data === null) throw dataError('no data was named', { hint: KINDS })
  if ('table' in data) return tableData(session, data, options)
  if ('files' in data) return filesData(session, data, each, options, declared)
  if ('rows' in data) return rowsData(session, data, options)
  if ('arrow' in data) return arrowData(session, data, options)
  throw dataError(`data with the keys ${Object.keys(data).join(', ')} is not known`, { hint: KINDS })
}

const KINDS = 'Write { table }, { files }, { rows } or { arrow }.'

export interface PreparedTables {
  readonly tables: ReadonlyMap<string, OtherTable>
  dispose(): Promise<void>
}

/** The other tables that expectations may name. */
export async function prepareTables(
  session: Session,
  tables: Readonly<Record<string, Data>>,
  options: QueryOptions,
): Promise<PreparedTables> {
  const prepared: (readonly [string, PreparedData])[] = []
  const dispose = async (): Promise<void> => {
    for (const [, data] of prepared) await data.dispose()
  }
  try {
    for (const [name, data] of Object.entries(tables))
      prepared.push([name, await prepareData(session, data, false, options)])
  } catch (error) {
    await dispose()
    throw error
  }
  const entries = prepared.map(
    ([name, { relation }]) => [name, { sql: relation.sql, columns: relation.columns }] as const,
  )
  return { tables: new Map(entries), dispose }
}
