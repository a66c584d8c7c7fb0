import { stringifyJson, type AlertSignal, type JsonValue } from '@tidegate/core'
import type { Kysely, Transaction } from 'kysely'
import { chunksOf } from '../chunks-of.ts'
import type { Schema } from '../schema.ts'
import type { AlertSignalTable } from './tables.ts'

export async function addSignals(db: Kysely<Schema>, signals: readonly AlertSignal[]): Promise<void> {
  if (signals.length > 0) await db.transaction().execute(async (trx) => insertSignals(trx, signals))
}

/** A key that is there is known, also after it was folded in. */
export async function insertSignals(trx: Transaction<Schema>, signals: readonly AlertSignal[]): Promise<void> {
  for (const chunk of chunksOf(
    signals.map((signal) => toRow(signal)),
    100,
  )) {
    await trx
      .insertInto('alert_signal')
      .values(chunk)
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute()
  }
}

/** Oldest first; of one moment in the order in which they were written. */
export async function pendingSignals(db: Kysely<Schema>, limit: number): Promise<readonly AlertSignal[]> {
  const rows = await db
    .selectFrom('alert_signal')
    .selectAll()
    // The number itself: SQLite sees the index that holds these alone only then.
    .where(({ eb, lit }) => eb('folded', '=', lit(0)))
    .orderBy('at_ms')
    .orderBy('position')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    key: row.key,
    kind: row.kind,
    effect: row.effect,
    source: row.source,
    dataset: row.dataset,
    severity: row.severity,
    run: row.run,
    atMs: row.at_ms,
    detail: JSON.parse(row.detail) as Record<string, JsonValue>,
  }))
}

export async function foldSignals(trx: Transaction<Schema>, keys: readonly string[]): Promise<void> {
  for (const chunk of chunksOf(keys, 500)) {
    await trx.updateTable('alert_signal').set({ folded: 1 }).where('key', 'in', chunk).execute()
  }
}

function toRow(signal: AlertSignal): Omit<AlertSignalTable, 'position'> {
  return {
    key: signal.key,
    kind: signal.kind,
    effect: signal.effect,
    source: signal.source,
    dataset: signal.dataset,
    severity: signal.severity,
    run: signal.run,
    at_ms: signal.atMs,
    detail: stringifyJson(signal.detail),
    folded: 0,
  }
}
