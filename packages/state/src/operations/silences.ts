/** A silence that begins or ends counts as a step of the alerts: what was planned without it is planned anew. */
import { stringifyJson, TidegateError, type AlertMatcher, type SilenceRecord } from '@tidegate/core'
import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'
import { raiseRevision } from './alert-revision.ts'

/** Silences that are over are shown for so long. */
const SHOWN_MS = 7 * 24 * 3_600_000

/** @throws `STATE_BAD_INPUT` where one of this id is there, or it ends before it begins */
export async function createSilence(db: Kysely<Schema>, silence: Omit<SilenceRecord, 'hidden'>): Promise<void> {
  const { id, matcher, startsAtMs, endsAtMs, createdBy, createdAtMs, reason } = silence
  if (!(endsAtMs > startsAtMs)) throw refused('a silence ends after it begins')
  await db.transaction().execute(async (trx) => {
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('silence')
      .values({
        id,
        matcher: stringifyJson(matcher),
        starts_at_ms: startsAtMs,
        ends_at_ms: endsAtMs,
        created_by: createdBy,
        created_at_ms: createdAtMs,
        reason,
        hidden: 0,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (numInsertedOrUpdatedRows !== 1n) throw refused(`there is a silence of this id: ${id}`)
    await raiseRevision(trx)
  })
}

/** Newest first. */
export async function listSilences(db: Kysely<Schema>, nowMs: number): Promise<readonly SilenceRecord[]> {
  const rows = await db
    .selectFrom('silence')
    .selectAll()
    .where('ends_at_ms', '>', nowMs - SHOWN_MS)
    .orderBy('starts_at_ms', 'desc')
    .orderBy('id', 'desc')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    matcher: JSON.parse(row.matcher) as AlertMatcher,
    startsAtMs: row.starts_at_ms,
    endsAtMs: row.ends_at_ms,
    createdBy: row.created_by,
    createdAtMs: row.created_at_ms,
    reason: row.reason,
    hidden: row.hidden,
  }))
}

/** One that did not begin yet ends where it would have begun: it never was. */
export async function endSilence(db: Kysely<Schema>, id: string, nowMs: number): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('silence')
      .set({ ends_at_ms: nowMs })
      .where('id', '=', id)
      .where('ends_at_ms', '>', nowMs)
      .executeTakeFirst()
    if (numUpdatedRows !== 1n) return false
    await raiseRevision(trx)
    return true
  })
}

function refused(why: string): TidegateError {
  return new TidegateError('STATE_BAD_INPUT', why, {
    hint: 'Give it an end after its beginning, and an id of its own.',
    dataNow: 'Nothing was written.',
  })
}
