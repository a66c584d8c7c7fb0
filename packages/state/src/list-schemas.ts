import type { ColumnSchema, SchemaVersionFact } from '@tidegate/core'
import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** A schema version, under the name that programs know it by. `seq` is the entry that brought it. */
export type SchemaRecord = SchemaVersionFact

/** Schema versions, oldest first. */
export async function listSchemas(
  db: Kysely<Schema>,
  filter: { readonly source?: string | undefined; readonly dataset?: string | undefined } = {},
): Promise<readonly SchemaRecord[]> {
  let query = db
    .selectFrom('schema_version')
    .innerJoin('ledger', 'ledger.id', 'schema_version.ledger_id')
    .selectAll('schema_version')
    .select('ledger.location')
  if (filter.source !== undefined) query = query.where('source', '=', filter.source)
  if (filter.dataset !== undefined) query = query.where('dataset', '=', filter.dataset)
  const rows = await query
    .orderBy('first_seen_ms')
    .orderBy('schema_version.seq')
    .orderBy('ledger.location')
    .orderBy('source')
    .orderBy('dataset')
    .execute()
  return rows.map((row) => toSchemaVersion(row))
}

export interface SchemaVersionRow {
  readonly location: string
  readonly source: string
  readonly dataset: string
  readonly schema_id: string
  readonly columns: string
  readonly first_seen_ms: number
  readonly seq: number
}

export function toSchemaVersion(row: SchemaVersionRow): SchemaVersionFact {
  return {
    location: row.location,
    source: row.source,
    dataset: row.dataset,
    id: row.schema_id,
    columns: JSON.parse(row.columns) as ColumnSchema[],
    firstSeenMs: row.first_seen_ms,
    seq: row.seq,
  }
}
