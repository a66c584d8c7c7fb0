import { connect, maskUrl, openPool, parsePostgresUrl, type ConnectOptions } from '@tidegate/postgres'
import { Kysely } from 'kysely'
import { newer, older } from '../migrate.ts'
import { SCHEMA_VERSION } from '../migrations/index.ts'
import type { OpenDatabaseOptions, OpenedDatabase } from '../opened-database.ts'
import type { Schema } from '../schema.ts'
import { migrateSchema, readVersion } from './open-schema.ts'
import { postgresDialect } from './postgres-dialect.ts'
import { fromPostgresError } from './postgres-state-errors.ts'

/**
 * The state in a schema of a Postgres database: `?schema=` of the address, else `tidegate`. Undefined when it is opened for
 * reading only and there is none yet.
 */
export async function openPostgres(options: OpenDatabaseOptions): Promise<OpenedDatabase | undefined> {
  const { readOnly, busyTimeoutMs } = options
  const path = statePath(options.path)
  const schema = parsePostgresUrl(path).schema ?? DEFAULT_SCHEMA
  const connection: ConnectOptions = {
    readOnly,
    int8: 'number',
    searchPath: schema,
    lockTimeoutMs: busyTimeoutMs,
    // Whoever stops in the middle of a transaction must not stop all others for ever.
    idleInTransactionTimeoutMs: 60_000,
  }
  try {
    const client = await connect(options.path, connection)
    try {
      if (!readOnly) await migrateSchema(client, schema, path)
      const version = await readVersion(client, schema, path)
      if (version === undefined) return undefined
      if (version > SCHEMA_VERSION) throw newer(path, version, SCHEMA_VERSION)
      if (version < SCHEMA_VERSION) throw older(path, version)
    } finally {
      await client.close()
    }
  } catch (error) {
    throw fromPostgresError(error, path)
  }
  const pool = openPool(options.path, { ...connection, maxConnections: 4 })
  const db = new Kysely<Schema>({ dialect: postgresDialect({ pool, path, readOnly }) })
  return {
    db,
    path,
    isOutdated: () => false,
    close: async () => {
      await db.destroy()
      await pool.close()
    },
  }
}

/** Version of the tables; 0 where there are none. Changes nothing. */
export async function readPostgresVersion(url: string): Promise<number> {
  const path = statePath(url)
  try {
    const client = await connect(url, { readOnly: true, int8: 'number' })
    try {
      return (await readVersion(client, parsePostgresUrl(path).schema ?? DEFAULT_SCHEMA, path)) ?? 0
    } finally {
      await client.close()
    }
  } catch (error) {
    throw fromPostgresError(error, path)
  }
}

/** The address without user and password, always with its schema. */
export function statePath(url: string): string {
  const { schema = DEFAULT_SCHEMA } = parsePostgresUrl(url)
  const [server] = maskUrl(url).split('?', 1)
  return `${server ?? ''}?schema=${encodeURIComponent(schema)}`
}

const DEFAULT_SCHEMA = 'tidegate'
