import type Sqlite from 'better-sqlite3'
import { TidegateError } from '@tidegate/core'
import { MIGRATIONS, SCHEMA_VERSION } from './migrations/index.ts'
import { retryBusy } from './retry-busy.ts'

/** Marks the file as ours (`PRAGMA application_id`): 'TIDE'. */
export const APPLICATION_ID = 0x54494445

/**
 * Brings the tables to {@link SCHEMA_VERSION}. Each step and its version number are one transaction: a crash leaves the
 * old version or the new one. Safe from several processes at once.
 */
export async function migrate(
  database: Sqlite.Database,
  path: string,
  busyTimeoutMs: number,
  migrations: readonly string[] = MIGRATIONS,
): Promise<void> {
  while (checkVersion(database, path, migrations.length) < migrations.length) {
    await retryBusy(busyTimeoutMs, () => {
      database.exec('begin immediate')
    })
    try {
      // Read again under the lock: another process may have done this step.
      const version = checkVersion(database, path, migrations.length)
      const step = migrations[version]
      if (step !== undefined) {
        database.exec(step)
        database.pragma(`application_id = ${String(APPLICATION_ID)}`)
        database.pragma(`user_version = ${String(version + 1)}`)
      }
      database.exec('commit')
    } catch (error) {
      if (database.inTransaction) database.exec('rollback')
      throw error
    }
  }
}

/** The version of the tables in this file. Refuses files of other programs and of newer versions. */
export function checkVersion(database: Sqlite.Database, path: string, newest: number = SCHEMA_VERSION): number {
  const version = Number(database.pragma('user_version', { simple: true }))
  const application = Number(database.pragma('application_id', { simple: true }))
  const empty = database.prepare('select 1 from sqlite_schema limit 1').get() === undefined
  if (application !== APPLICATION_ID && !(empty && version === 0 && application === 0)) throw foreign(path)
  if (version > newest) throw newer(path, version, newest)
  return version
}

export function newer(path: string, version: number, newest: number): TidegateError {
  return new TidegateError(
    'STATE_NEWER',
    `the state database has version ${String(version)}, this Tidegate knows up to ${String(newest)}: ${path}`,
    {
      hint: 'A newer Tidegate wrote it: upgrade tidegate here as well.',
      dataNow: 'The file was not changed.',
    },
  )
}

/** For readers, who change nothing. */
export function older(path: string, version: number): TidegateError {
  return new TidegateError(
    'STATE_OLDER',
    `the state database has version ${String(version)}, this Tidegate reads ${String(SCHEMA_VERSION)}: ${path}`,
    { hint: 'Run `tidegate state migrate`, or any command that writes.', dataNow: 'Nothing was changed.' },
  )
}

export function foreign(path: string): TidegateError {
  return new TidegateError('STATE_FOREIGN', `this SQLite database belongs to another program: ${path}`, {
    hint: 'Point `state` at a file of its own.',
    dataNow: 'The file was not changed.',
  })
}
