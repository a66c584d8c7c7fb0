import type { FileVersionId } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import { forEachRow } from './for-each-row.ts'
import type { Schema } from './schema.ts'

/** What an id says; the database stores this instead of the id. */
export interface FileKey {
  readonly id: FileVersionId
  readonly sourceId: number
  readonly path: string
  readonly ordinal: number
}

/** The number of every source that has a name here. */
export type SourceIds = ReadonlyMap<string, number>

export async function readSourceIds(db: Kysely<Schema>): Promise<SourceIds> {
  const { rows } = await sql<{
    id: number
    name: string
  }>`select id, name from source_name`.execute(db)
  return new Map(rows.map((row) => [row.name, row.id]))
}

/** The number of this source, given now if it has none. */
export async function takeSourceId(trx: Kysely<Schema>, source: string): Promise<number> {
  const known = await findSourceId(trx, source)
  if (known !== undefined) return known
  const { rows } = await sql<{ id: number }>`
    insert into source_name (id, name) values ((select coalesce(max(id), 0) + 1 from source_name), ${source})
    returning id`.execute(trx)
  return rows[0]?.id ?? 0
}

export async function findSourceId(db: Kysely<Schema>, source: string): Promise<number | undefined> {
  const { rows } = await sql<{
    id: number
  }>`select id from source_name where name = ${source}`.execute(db)
  return rows[0]?.id
}

/** Ids of no known source, and texts that are no ids, are left out. A source's name may hold any character, `/` too. */
export function keysOf(ids: Iterable<FileVersionId>, sources: SourceIds): readonly FileKey[] {
  const keys: FileKey[] = []
  for (const id of new Set(ids)) {
    const end = id.lastIndexOf('#')
    const ordinal = Number(id.slice(end + 1))
    if (end === -1 || !Number.isSafeInteger(ordinal)) continue
    for (let slash = id.indexOf('/'); slash !== -1 && slash < end; slash = id.indexOf('/', slash + 1)) {
      const sourceId = sources.get(id.slice(0, slash))
      if (sourceId !== undefined) keys.push({ id, sourceId, path: id.slice(slash + 1, end), ordinal })
    }
  }
  return keys
}

/** The number of each of these versions that the ledger has. */
export async function findFiles(
  trx: Kysely<Schema>,
  ledgerId: number,
  keys: readonly FileKey[],
): Promise<Map<FileVersionId, number>> {
  const found = await forEachRow<{ n: number; id: number }>(
    trx,
    { n: 'bigint', source_id: 'bigint', path: 'text', ordinal: 'bigint' },
    keys.map((key, n) => [n, key.sourceId, key.path, key.ordinal]),
    `select new.n, file.id from new join file_version_row as file
     on file.source_id = new.source_id and file.path = new.path and file.ordinal = new.ordinal
     and file.ledger_id = ${String(ledgerId)}`,
  )
  return new Map(found.flatMap(({ n, id }) => (keys[n] === undefined ? [] : [[keys[n].id, id]])))
}
