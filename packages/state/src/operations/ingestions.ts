/**
 * Ingestions that were made by API.
 *
 *   (1) A version of an id is given once: one that is made again goes on after the last that was deleted, so that nobody who
 *       holds an older version changes it unseen.                                                    [rememberVersion]
 */
import { stringifyJson, type IngestionRecord, type IngestionStore, type JsonValue } from '@tidegate/core'
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import type { IngestionTable } from './tables.ts'

/** In the order of their names. */
export async function listIngestions(db: Kysely<Schema>): Promise<readonly IngestionRecord[]> {
  const rows = await db.selectFrom('ingestion').selectAll().orderBy('id').execute()
  return rows.map((row) => toIngestion(row))
}

export async function getIngestion(db: Kysely<Schema>, id: string): Promise<IngestionRecord | undefined> {
  const row = await db.selectFrom('ingestion').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : toIngestion(row)
}

export async function createIngestion(db: Kysely<Schema>, record: Omit<IngestionRecord, 'version'>): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('ingestion')
      .values({
        id: record.id,
        entry: stringifyJson(record.entry),
        version: (await lastVersion(trx, record.id)) + 1,
        created_by: record.createdBy,
        created_at_ms: record.createdAtMs,
        updated_by: record.updatedBy,
        updated_at_ms: record.updatedAtMs,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    return numInsertedOrUpdatedRows === 1n
  })
}

export async function updateIngestion(
  db: Kysely<Schema>,
  id: string,
  change: Parameters<IngestionStore['updateIngestion']>[1],
  nowMs: number,
): Promise<IngestionRecord | 'conflict' | undefined> {
  return db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom('ingestion').selectAll().where('id', '=', id).executeTakeFirst()
    if (row === undefined) return undefined
    if (change.ifVersion !== undefined && change.ifVersion !== row.version) return 'conflict'
    const set = {
      entry: stringifyJson(change.entry),
      version: row.version + 1,
      updated_by: change.by,
      updated_at_ms: nowMs,
    }
    await trx.updateTable('ingestion').set(set).where('id', '=', id).execute()
    return toIngestion({ ...row, ...set })
  })
}

export async function deleteIngestion(
  db: Kysely<Schema>,
  id: string,
  ifVersion: number | undefined,
): Promise<'deleted' | 'conflict' | undefined> {
  return db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom('ingestion').select('version').where('id', '=', id).executeTakeFirst()
    if (row === undefined) return undefined
    if (ifVersion !== undefined && ifVersion !== row.version) return 'conflict'
    await trx.deleteFrom('ingestion').where('id', '=', id).execute()
    await rememberVersion(trx, id, row.version)
    return 'deleted'
  })
}

const LAST_VERSION = 'ingestion_version'

/** Of those that had this id and are gone; 0 where none had it. */
export async function lastVersion(trx: Transaction<Schema>, id: string): Promise<number> {
  const last = await trx
    .selectFrom('forgotten')
    .select('value')
    .where('name', '=', LAST_VERSION)
    .where('labels', '=', JSON.stringify([id]))
    .executeTakeFirst()
  return last?.value ?? 0
}

/** Of an id that nothing has any more. */
export async function rememberVersion(trx: Transaction<Schema>, id: string, version: number): Promise<void> {
  await trx
    .insertInto('forgotten')
    .values({ name: LAST_VERSION, labels: JSON.stringify([id]), value: version })
    .onConflict((conflict) => conflict.columns(['name', 'labels']).doUpdateSet({ value: version }))
    .execute()
}

function toIngestion(row: IngestionTable): IngestionRecord {
  return {
    id: row.id,
    entry: JSON.parse(row.entry) as Record<string, JsonValue>,
    version: row.version,
    createdBy: row.created_by,
    createdAtMs: row.created_at_ms,
    updatedBy: row.updated_by,
    updatedAtMs: row.updated_at_ms,
  }
}
