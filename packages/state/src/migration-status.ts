import { existsSync } from 'node:fs'
import path from 'node:path'
import type Sqlite from 'better-sqlite3'
import { MIGRATION_NAMES, SCHEMA_VERSION } from './migrations/index.ts'

export interface MigrationStatus {
  readonly engine: 'sqlite' | 'postgres'
  /** The absolute path, or the address without user and password. */
  readonly path: string
  /** Version of the tables; 0 where there are none yet. */
  readonly current: number
  /** The version that this Tidegate reads and writes. */
  readonly newest: number
  /** Names of the steps that the next writing command makes, in order. */
  readonly pending: readonly string[]
}

/** Looks without changing anything. @throws as `openState` */
export async function migrationStatus(where: string): Promise<MigrationStatus> {
  if (/^postgres(?:ql)?:\/\//i.test(where)) {
    const { readPostgresVersion, statePath } = await import('./postgres/open-postgres.ts')
    return statusOf('postgres', statePath(where), await readPostgresVersion(where))
  }
  const file = path.resolve(where)
  return statusOf('sqlite', file, await readSqliteVersion(file))
}

function statusOf(engine: MigrationStatus['engine'], where: string, current: number): MigrationStatus {
  return { engine, path: where, current, newest: SCHEMA_VERSION, pending: MIGRATION_NAMES.slice(current) }
}

async function readSqliteVersion(file: string): Promise<number> {
  if (!existsSync(file)) return 0
  const { default: Sqlite } = await import('better-sqlite3')
  const { checkVersion } = await import('./migrate.ts')
  const { toStateError } = await import('./state-errors.ts')
  let database: Sqlite.Database | undefined
  try {
    database = new Sqlite(file, { readonly: true })
    return checkVersion(database, file)
  } catch (error) {
    throw toStateError(error, file)
  } finally {
    database?.close()
  }
}
