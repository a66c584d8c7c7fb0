/**
 * The watermark of a source is the highest of its shares: one share per ledger that holds files of this source, and one
 * (ledger 0) for what was set by hand.
 *
 *   (1) A share of a ledger only rises, except that setting a value by hand empties it. [raiseShare, updateWatermark]
 *   (2) `watermark` always equals the combination of the shares.                        [combineShares, called last]
 *
 * Because each ledger has its own share, one ledger can be forgotten and read again without counting twice, and the
 * order in which ledgers are read does not matter.
 */
import { stringifyJson, type JsonValue, type WatermarkRecord } from '@tidegate/core'
import type { Kysely, Transaction } from 'kysely'
import { isHigher } from './is-higher.ts'
import type { Schema, WatermarkShareTable, WatermarkTable } from './schema.ts'

export interface WatermarkUpdate {
  /** @defaultValue the type it had, else `VARCHAR` */
  readonly type?: string | undefined
  /** Added to the records counted so far. @defaultValue 0 */
  readonly recordsProcessed?: number | undefined
  /** Replaces what was set by hand before. @defaultValue unchanged */
  readonly metadata?: Readonly<Record<string, JsonValue>> | undefined
}

const BY_HAND = 0

export async function getWatermark(db: Kysely<Schema>, source: string): Promise<WatermarkRecord | undefined> {
  const row = await db.selectFrom('watermark').selectAll().where('source', '=', source).executeTakeFirst()
  return row === undefined ? undefined : toRecord(row)
}

export async function listWatermarks(db: Kysely<Schema>): Promise<readonly WatermarkRecord[]> {
  const rows = await db.selectFrom('watermark').selectAll().orderBy('source').execute()
  return rows.map((row) => toRecord(row))
}

/** Sets the value whether it is higher or lower. Later entries raise it from there. */
export async function updateWatermark(
  db: Kysely<Schema>,
  source: string,
  value: string,
  update: WatermarkUpdate,
  nowMs: number,
): Promise<WatermarkRecord> {
  return db.transaction().execute(async (trx) => {
    const before = await getWatermark(trx, source)
    await trx.updateTable('watermark_share').set({ value: null }).where('source', '=', source).execute()
    const byHand = await readShare(trx, source, BY_HAND)
    await writeShare(trx, {
      source,
      ledger_id: BY_HAND,
      value,
      type: update.type ?? before?.type ?? 'VARCHAR',
      updated_at_ms: nowMs,
      records_processed: (byHand?.records_processed ?? 0) + (update.recordsProcessed ?? 0),
      metadata: update.metadata === undefined ? (byHand?.metadata ?? '{}') : stringifyJson(update.metadata),
    })
    await combineShares(trx, source)
    const after = await trx.selectFrom('watermark').selectAll().where('source', '=', source).executeTakeFirstOrThrow()
    return toRecord(after)
  })
}

/** Forgets value and counts. Returns false when there was none. */
export async function resetWatermark(db: Kysely<Schema>, source: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const result = await trx.deleteFrom('watermark_share').where('source', '=', source).executeTakeFirst()
    await combineShares(trx, source)
    return result.numDeletedRows > 0n
  })
}

export interface ShareRaise {
  readonly source: string
  readonly ledgerId: number
  readonly value: string
  readonly type: string
  readonly column: string
  readonly records: number
  readonly atMs: number
}

/** Counts the records of one entry and raises the ledger's share if the entry's value is higher. */
export async function raiseShare(trx: Transaction<Schema>, raise: ShareRaise): Promise<void> {
  const share = await readShare(trx, raise.source, raise.ledgerId)
  const current = share === undefined ? undefined : valueOf(share)
  const candidate = { value: raise.value, type: raise.type, updatedAtMs: raise.atMs }
  const raised = current === undefined || isHigher(candidate, current)
  await writeShare(trx, {
    source: raise.source,
    ledger_id: raise.ledgerId,
    value: raised ? raise.value : current.value,
    type: raised ? raise.type : current.type,
    updated_at_ms: Math.max(raise.atMs, share?.updated_at_ms ?? raise.atMs),
    records_processed: (share?.records_processed ?? 0) + raise.records,
    metadata: stringifyJson({ column: raise.column }),
  })
  await combineShares(trx, raise.source)
}

/** Makes the row of `watermark` from the shares. */
export async function combineShares(trx: Transaction<Schema>, source: string): Promise<void> {
  const shares = await trx
    .selectFrom('watermark_share')
    .selectAll()
    .where('source', '=', source)
    .orderBy('updated_at_ms')
    .orderBy('value')
    .orderBy('metadata')
    .execute()
  let best: WatermarkShareTable | undefined
  for (const share of shares) {
    const candidate = valueOf(share)
    const current = best === undefined ? undefined : valueOf(best)
    if (candidate !== undefined && (current === undefined || isHigher(candidate, current))) best = share
  }
  await trx.deleteFrom('watermark').where('source', '=', source).execute()
  if (best?.value === null || best === undefined) return
  await trx
    .insertInto('watermark')
    .values({
      source,
      value: best.value,
      type: best.type,
      updated_at_ms: Math.max(...shares.map((share) => share.updated_at_ms)),
      records_processed: shares.reduce((sum, share) => sum + share.records_processed, 0),
      metadata: mergeMetadata(best, shares),
    })
    .execute()
}

/** What was set by hand stands; the column comes from the share that has the value. */
function mergeMetadata(best: WatermarkShareTable, shares: readonly WatermarkShareTable[]): string {
  const byHand = shares.find((share) => share.ledger_id === BY_HAND)
  return stringifyJson({ ...parseMetadata(best.metadata), ...parseMetadata(byHand?.metadata ?? '{}') })
}

function valueOf(
  share: WatermarkShareTable,
): { readonly value: string; readonly type: string; readonly updatedAtMs: number } | undefined {
  return share.value === null ? undefined : { value: share.value, type: share.type, updatedAtMs: share.updated_at_ms }
}

async function readShare(
  trx: Transaction<Schema>,
  source: string,
  ledgerId: number,
): Promise<WatermarkShareTable | undefined> {
  return trx
    .selectFrom('watermark_share')
    .selectAll()
    .where('source', '=', source)
    .where('ledger_id', '=', ledgerId)
    .executeTakeFirst()
}

async function writeShare(trx: Transaction<Schema>, share: WatermarkShareTable): Promise<void> {
  const { source: _source, ledger_id: _ledger, ...values } = share
  await trx
    .insertInto('watermark_share')
    .values(share)
    .onConflict((conflict) => conflict.columns(['source', 'ledger_id']).doUpdateSet(values))
    .execute()
}

function toRecord(row: WatermarkTable): WatermarkRecord {
  return {
    source: row.source,
    value: row.value,
    type: row.type,
    updatedAtMs: row.updated_at_ms,
    recordsProcessed: row.records_processed,
    metadata: parseMetadata(row.metadata),
  }
}

function parseMetadata(text: string): Readonly<Record<string, JsonValue>> {
  return JSON.parse(text) as Record<string, JsonValue>
}
