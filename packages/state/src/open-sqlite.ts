import { existsSync, statSync, type BigIntStats } from 'node:fs'
import path from 'node:path'
import { Kysely } from 'kysely'
import { openForReading, openForWriting, tidyAfterReading } from './open-database.ts'
import type { OpenDatabaseOptions, OpenedDatabase } from './opened-database.ts'
import type { Schema } from './schema.ts'
import { sqliteDialect } from './sqlite-dialect.ts'

export async function openSqlite(options: OpenDatabaseOptions): Promise<OpenedDatabase> {
  const { readOnly, busyTimeoutMs } = options
  const file = options.path === ':memory:' ? options.path : path.resolve(options.path)
  const leavesTraces = readOnly && !existsSync(`${file}-wal`)
  // Before it is opened: what changes meanwhile makes it look outdated, and not up to date.
  const before = { file: stampOf(file), place: placeOf(file) }
  const database = await (readOnly ? openForReading(file, busyTimeoutMs) : openForWriting(file, busyTimeoutMs))
  const db = new Kysely<Schema>({ dialect: sqliteDialect({ database, path: file, readOnly, busyTimeoutMs }) })
  return {
    db,
    path: file,
    isOutdated() {
      if (!readOnly || file === ':memory:') return false
      // A copy in memory is as old as what was read; SQLite itself sees what is written into a file that it has open.
      return database.memory ? stampOf(file) !== before.file : placeOf(file) !== before.place
    },
    close: async () => {
      await db.destroy()
      // Kysely does not destroy a driver that never ran a query.
      database.close()
      if (leavesTraces) tidyAfterReading(file)
    },
  }
}

/** Which file it is; empty where there is none. */
function placeOf(file: string): string {
  const found = statOf(file)
  return found === undefined ? '' : `${found.dev}:${found.ino}`
}

/** Which file it is and what was last written to it. */
function stampOf(file: string): string {
  return [file, `${file}-wal`]
    .map((name) => {
      const found = statOf(name)
      return found === undefined ? '' : `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}`
    })
    .join(' ')
}

/** Undefined also where it cannot be asked: opening it says why. */
function statOf(file: string): BigIntStats | undefined {
  try {
    return statSync(file, { bigint: true, throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
