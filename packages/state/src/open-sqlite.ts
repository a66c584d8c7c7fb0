import { existsSync } from 'node:fs'
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
  const database = await (readOnly ? openForReading(file, busyTimeoutMs) : openForWriting(file, busyTimeoutMs))
  const db = new Kysely<Schema>({ dialect: sqliteDialect({ database, path: file, readOnly, busyTimeoutMs }) })
  return {
    db,
    path: file,
    close: async () => {
      await db.destroy()
      // Kysely does not destroy a driver that never ran a query.
      database.close()
      if (leavesTraces) tidyAfterReading(file)
    },
  }
}
