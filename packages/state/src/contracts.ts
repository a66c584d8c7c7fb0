import { stringifyJson, type ContractVersion } from '@tidegate/core'
import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** Keeps it where it is not the newest of its source and dataset. Looks before it takes the lock: mostly nothing is new. */
export async function recordContract(db: Kysely<Schema>, version: ContractVersion): Promise<void> {
  if (await isNewest(db, version)) return
  await db.transaction().execute(async (trx) => {
    if (await isNewest(trx, version)) return
    await trx
      .insertInto('contract_version')
      .values({
        source: version.source,
        dataset: version.dataset,
        first_used_ms: version.firstUsedMs,
        contract_id: version.id,
        run: version.run,
        version: version.version,
        columns: stringifyJson(version.columns),
        checks: stringifyJson(version.checks),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  })
}

async function isNewest(db: Kysely<Schema>, { source, dataset, id }: ContractVersion): Promise<boolean> {
  const newest = await db
    .selectFrom('contract_version')
    .select('contract_id')
    .where('source', '=', source)
    .where('dataset', '=', dataset)
    .orderBy('first_used_ms', 'desc')
    .orderBy('contract_id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return newest?.contract_id === id
}
