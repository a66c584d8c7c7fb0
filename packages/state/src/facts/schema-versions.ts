import type { FactWindow, SchemaVersionFact } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import { toSchemaVersion, type SchemaVersionRow } from '../list-schemas.ts'
import type { Schema } from '../schema.ts'
import { ofSources } from './window.ts'

export async function schemaVersions(
  db: Kysely<Schema>,
  { sinceMs, untilMs, sources }: FactWindow,
): Promise<readonly SchemaVersionFact[]> {
  const { rows } = await sql<SchemaVersionRow>`
    with versions as (
      select ledger_id, source, dataset, schema_id, columns, first_seen_ms, seq,
        lead(first_seen_ms) over (partition by ledger_id, source, dataset order by seq) as next_ms
      from schema_version where ${ofSources('source', sources)}
    )
    select ledger.location, versions.* from versions join ledger on ledger.id = versions.ledger_id
    where (first_seen_ms >= ${sinceMs} and first_seen_ms < ${untilMs}) or (next_ms >= ${sinceMs} and next_ms < ${untilMs})
    order by source, dataset, first_seen_ms, versions.seq, ledger.location`.execute(db)
  return rows.map((row) => toSchemaVersion(row))
}
