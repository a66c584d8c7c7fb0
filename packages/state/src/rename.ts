import { TidegateError } from '@tidegate/core'
import type { Kysely } from 'kysely'
import { renameDays } from './facts/check-days.ts'
import { forgetListings } from './listing.ts'
import { renameInOperations } from './operations/rename-operations.ts'
import type { Schema } from './schema.ts'
import { combineShares } from './watermark.ts'

/**
 * A target was moved, with its log: its ledger has another location from now on. The log itself names no location, so a
 * rebuild from the new place gives the same.
 *
 * @throws STATE_RENAME when nothing is known of `from`, or something of `to`
 */
export async function renameLocation(db: Kysely<Schema>, from: string, to: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const known = await trx.selectFrom('ledger').select('location').where('location', 'in', [from, to]).execute()
    if (!known.some((row) => row.location === from)) throw refused(`no ledger is indexed at ${from}`)
    if (known.some((row) => row.location === to)) throw refused(`another ledger is indexed at ${to}`)
    await trx.updateTable('ledger').set({ location: to }).where('location', '=', from).execute()
    await trx.updateTable('batch').set({ location: to }).where('location', '=', from).execute()
  })
}

export interface RenamedSource {
  readonly runs: number
  readonly checks: number
  readonly failures: number
  /** File versions that stay under the old name: the ledgers that name them cannot be changed. */
  readonly filesLeft: number
}

/**
 * Gives what only the state knows of a source (runs, checks, failures, a watermark set by hand, the fence, schedules, jobs,
 * alerts, an ingestion made by API) another name.
 *
 * The ids of file versions begin with the source's name and are in the ledgers, which nobody changes. Under the new name the
 * files would be new and would be loaded once more; so a source with live files is refused, unless `leaveFiles`.
 *
 * @throws STATE_RENAME
 */
export async function renameSource(
  db: Kysely<Schema>,
  from: string,
  to: string,
  options: { readonly leaveFiles?: boolean | undefined } = {},
): Promise<RenamedSource> {
  return db.transaction().execute(async (trx) => {
    const taken = await trx.selectFrom('run').select('id').where('source', '=', to).limit(1).executeTakeFirst()
    if (taken !== undefined) throw refused(`source ${JSON.stringify(to)} has runs of its own`)
    const files = await trx
      .selectFrom('file_version')
      .select(({ fn }) => [fn.countAll<number>().as('all'), fn.sum<number | string | null>('live').as('live')])
      .where('source', '=', from)
      .executeTakeFirstOrThrow()
    if (Number(files.live ?? 0) > 0 && options.leaveFiles !== true) {
      throw refused(
        `${files.live} files of source ${JSON.stringify(from)} are loaded, and their commit logs name them by it: under another name they would be loaded again`,
      )
    }
    const counts = { runs: 0, checks: 0, failures: 0 }
    for (const [table, name] of [
      ['run', 'runs'],
      ['check_result', 'checks'],
      ['failure', 'failures'],
    ] as const) {
      const { numUpdatedRows } = await trx
        .updateTable(table)
        .set({ source: to })
        .where('source', '=', from)
        .executeTakeFirst()
      counts[name] = Number(numUpdatedRows)
    }
    await renameDays(trx, from, to)
    await trx.updateTable('contract_version').set({ source: to }).where('source', '=', from).execute()
    await trx.updateTable('lease').set({ source: to }).where('source', '=', from).execute()
    await trx
      .updateTable('watermark_share')
      .set({ source: to })
      .where('source', '=', from)
      .where('ledger_id', '=', 0)
      .execute()
    await renameInOperations(trx, from, to)
    await forgetListings(trx, [from, to])
    await combineShares(trx, from)
    await combineShares(trx, to)
    return { ...counts, filesLeft: files.all }
  })
}

function refused(why: string): TidegateError {
  return new TidegateError('STATE_RENAME', `nothing was renamed: ${why}`, {
    hint: 'Compare the names with `tidegate state verify` and tidegate.yaml.',
    dataNow: 'Nothing was changed.',
  })
}
