import type { Kysely } from 'kysely'
import { forgetDays } from './facts/check-days.ts'
import type { Schema } from './schema.ts'

export interface PrunedHistory {
  readonly runs: number
  readonly checks: number
  readonly notices: number
}

/**
 * Forgets runs that ended, checks and delivered notices from before this moment. The newest run of each source and command
 * stays, whatever its age: it says when something happened last.
 *
 * @param dryRun counts what would go
 */
export async function pruneHistory(db: Kysely<Schema>, beforeMs: number, dryRun: boolean): Promise<PrunedHistory> {
  // Counting is allowed where writing is not.
  if (dryRun) return prune(db, beforeMs, true)
  return db.transaction().execute((trx) => prune(trx, beforeMs, false))
}

async function prune(trx: Kysely<Schema>, beforeMs: number, dryRun: boolean): Promise<PrunedHistory> {
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
    .where('delivered_at_ms', '<', beforeMs)
    .executeTakeFirstOrThrow()
  if (!dryRun) {
    for (let start = 0; start < gone.length; start += 500) {
      await trx
        .deleteFrom('run')
        .where('id', 'in', gone.slice(start, start + 500))
        .execute()
    }
    await forgetDays(trx, beforeMs)
    await trx.deleteFrom('check_result').where('checked_at_ms', '<', beforeMs).execute()
    await trx.deleteFrom('outbox').where('delivered_at_ms', '<', beforeMs).execute()
  }
  return { runs: gone.length, checks: count(checks), notices: count(notices) }
}
