import { TidegateError } from '@tidegate/core'
import { inTransaction, quoteIdentifier, type PostgresClient } from '@tidegate/postgres'
import { newer } from '../migrate.ts'
import { MIGRATIONS } from '../migrations/index.ts'
import { toPostgres } from '../migrations/to-postgres.ts'

/** Undefined: there is no schema of this name, or an empty one. */
export async function readVersion(client: PostgresClient, schema: string, path: string): Promise<number | undefined> {
  const { rows } = await client.query<{ readonly name: string }>(
    `select relname::text as name from pg_catalog.pg_class
     where relnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1) and relkind in ('r', 'v', 'p', 'm', 'f')`,
    [schema],
  )
  if (rows.length === 0) return undefined
  if (!rows.some((row) => row.name === 'tidegate_state')) throw foreign(path)
  const found = await client.query<{ readonly version: number }>(
    `select version from ${quoteIdentifier(schema)}.tidegate_state`,
  )
  const version = found.rows[0]?.version
  if (version === undefined) throw foreign(path)
  return version
}

/**
 * Makes the schema, or brings its tables to the newest version. All steps are one transaction: a crash leaves the old
 * version or the new one. Of several processes that come at once one does it and the others wait.
 */
export async function migrateSchema(
  client: PostgresClient,
  schema: string,
  path: string,
  migrations: readonly string[] = MIGRATIONS,
): Promise<void> {
  const known = await readVersion(client, schema, path)
  if (known !== undefined && known > migrations.length) throw newer(path, known, migrations.length)
  if (known === migrations.length) return
  await inTransaction(client, async () => {
    // Any number that nobody else is likely to lock, the same for a schema of the same name.
    await client.query(`select pg_advisory_xact_lock(1414087749, hashtext($1))`, [schema])
    const exists = await client.query('select 1 from pg_catalog.pg_namespace where nspname = $1', [schema])
    if (exists.rowCount === 0) await client.query(`create schema ${quoteIdentifier(schema)}`)
    const version = (await readVersion(client, schema, path)) ?? 0
    if (version > migrations.length) throw newer(path, version, migrations.length)
    if (version === 0) await client.query(VERSION_TABLE)
    for (const migration of migrations.slice(version)) await client.query(toPostgres(migration))
    await client.query('update tidegate_state set version = $1', [migrations.length])
  })
}

const VERSION_TABLE = `create table tidegate_state (only_row boolean primary key default true check (only_row), version bigint not null);
insert into tidegate_state (version) values (0)`

function foreign(path: string): TidegateError {
  return new TidegateError('STATE_FOREIGN', `this schema has tables of another program: ${path}`, {
    hint: 'Name a schema of its own: postgres://…/database?schema=tidegate.',
    dataNow: 'Nothing was changed.',
  })
}
