import { PostgresAdapter, type Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** For the few statements that cannot be said once for both engines. */
export function isPostgres(db: Kysely<Schema>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter
}
