import type { ContractCheckFact, ContractColumnFact, ContractVersion, FactWindow } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import type { ContractVersionTable, Schema } from '../schema.ts'
import { ofSources } from './window.ts'

export async function contractVersions(
  db: Kysely<Schema>,
  { sinceMs, untilMs, sources }: FactWindow,
): Promise<readonly ContractVersion[]> {
  const { rows } = await sql<ContractVersionTable>`
    with versions as (
      select contract_version.*,
        lead(first_used_ms) over (partition by source, dataset order by first_used_ms, contract_id) as next_ms
      from contract_version where ${ofSources('source', sources)}
    )
    select * from versions
    where (first_used_ms >= ${sinceMs} and first_used_ms < ${untilMs}) or (next_ms >= ${sinceMs} and next_ms < ${untilMs})
    order by source, dataset, first_used_ms, contract_id`.execute(db)
  return rows.map((row) => ({
    source: row.source,
    dataset: row.dataset,
    id: row.contract_id,
    firstUsedMs: row.first_used_ms,
    run: row.run,
    version: row.version,
    columns: JSON.parse(row.columns) as ContractColumnFact[],
    checks: JSON.parse(row.checks) as ContractCheckFact[],
  }))
}
