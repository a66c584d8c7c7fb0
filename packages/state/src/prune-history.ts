import { sql, type Kysely } from 'kysely'
import { forgetDays } from './facts/check-days.ts'
import { forgetCounted } from './facts/metric-sums.ts'
import { pruneOperations, type PrunedOperations } from './operations/prune-operations.ts'
import type { Schema } from './schema.ts'

export interface PrunedHistory extends PrunedOperations {
  readonly runs: number
  readonly checks: number
  readonly notices: number
}

/**
 * Forgets runs that ended, checks, notices that were delivered or given up, and what the daemon kept, from before this moment. The newest run of each source and command
 * stays, whatever its age: it says when something happened last.
 *
 * @param dryRun counts what would go
 */
export async function pruneHistory(
  db: Kysely<Schema>,
  beforeMs: number,
  nowMs: number,
  dryRun: boolean,
): Promise<PrunedHistory> {
  // Counting is allowed where writing is not.
  if (dryRun) return prune(db, beforeMs, nowMs, true)
  return db.transaction().execute((trx) => prune(trx, beforeMs, nowMs, false))
}

async function prune(trx: Kysely<Schema>, beforeMs: number, nowMs: number, dryRun: boolean): Promise<PrunedHistory> {
  const operations = await pruneOperations(trx, beforeMs, nowMs, dryRun)
  const newest = await trx
    .selectFrom('run')
    .select(({ fn }) => ['source', 'command', fn.max('started_at_ms').as('at')])
    .groupBy(['source', 'command'])
    .execute()
  const kept = new Set(newest.map(({ source, command, at }) => JSON.stringify([source, command, at])))
  const old = await trx
    .selectFrom('run')
    .select(['id', 'source', 'command', 'started_at_ms'])
    .where('started_at_ms', '<', beforeMs)
    .where('status', '!=', 'running')
    .execute()
  const gone = old
    .filter((run) => !kept.has(JSON.stringify([run.source, run.command, run.started_at_ms])))
    .map((run) => run.id)
  const count = ({ many }: { many: number | string | bigint }): number => Number(many)
  const checks = await trx
    .selectFrom('check_result')
    .select(({ fn }) => fn.countAll().as('many'))
    .where('checked_at_ms', '<', beforeMs)
    .executeTakeFirstOrThrow()
  const notices = await trx
    .selectFrom('outbox')
    .select(({ fn }) => fn.countAll().as('many'))
    .where(({ or, eb }) => or([eb('delivered_at_ms', '<', beforeMs), eb('given_up_at_ms', '<', beforeMs)]))
    .executeTakeFirstOrThrow()
  if (!dryRun) {
    for (let start = 0; start < gone.length; start += 500) {
      const ids = gone.slice(start, start + 500)
      await forgetCounted(trx, sql<boolean>`id in (${sql.join(ids)})`)
      await trx.deleteFrom('run').where('id', 'in', ids).execute()
    }
    await forgetDays(trx, beforeMs)
    await trx.deleteFrom('check_result').where('checked_at_ms', '<', beforeMs).execute()
    await trx
      .deleteFrom('outbox')
      .where(({ or, eb }) => or([eb('delivered_at_ms', '<', beforeMs), eb('given_up_at_ms', '<', beforeMs)]))
      .execute()
  }
  return { runs: gone.length, checks: count(checks), notices: count(notices), ...operations }
}
