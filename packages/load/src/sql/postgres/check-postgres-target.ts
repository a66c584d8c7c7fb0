import { isTidegateError, TidegateError, type ColumnSchema } from '@tidegate/core'
import { quoteIdentifier, quoteLiteral } from '@tidegate/postgres'
import { HOME_SCHEMA, PART_COLUMN } from '../ledger-tables.ts'
import { qualified } from '../plan-table.ts'
import type { SqlConnection, SqlDatabase } from '../sql-database.ts'
import { postgresDatabase, type PostgresTableOptions } from './open-postgres-table.ts'

/**
 * Everything that would stop the first batch, all at once, and nothing is changed: can we connect, is the server new enough, may
 * this user make or write the tables, do the columns of a table that is there agree.
 *
 * @param columns of the contract, where they are known
 */
export async function checkPostgresTarget(
  options: Pick<PostgresTableOptions, 'url' | 'table' | 'applicationName'>,
  columns: readonly ColumnSchema[] = [],
): Promise<readonly TidegateError[]> {
  const database = postgresDatabase(options)
  let connection: SqlConnection
  try {
    connection = await database.connect()
  } catch (error) {
    if (isTidegateError(error)) return [error]
    throw error
  }
  try {
    return [...(await rightsProblems(connection, database)), ...(await columnProblems(connection, database, columns))]
  } finally {
    await connection.close()
  }
}

async function rightsProblems(connection: SqlConnection, database: SqlDatabase): Promise<readonly TidegateError[]> {
  const problems: TidegateError[] = []
  for (const schema of new Set([HOME_SCHEMA, database.table.schema])) {
    const there = await isTrue(
      connection,
      `EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = ${quoteLiteral(schema)})`,
    )
    if (!there) {
      const may = await isTrue(connection, `has_database_privilege(current_database(), 'CREATE')`)
      if (!may) problems.push(lacks(`may not create the schema ${schema}`, `GRANT CREATE ON DATABASE … TO …`))
      continue
    }
    const isMissing =
      schema === HOME_SCHEMA
        ? !(await database.hasLedger(connection))
        : (await database.shape(connection)) === undefined
    const right = isMissing ? 'CREATE' : 'USAGE'
    const may = await isTrue(connection, `has_schema_privilege(${quoteLiteral(schema)}, '${right}')`)
    if (!may)
      problems.push(
        lacks(
          `has no right ${right} on the schema ${schema}`,
          `GRANT ${right} ON SCHEMA ${quoteIdentifier(schema)} TO …`,
        ),
      )
  }
  if ((await database.shape(connection))?.kind === 'table') {
    for (const right of ['SELECT', 'INSERT', 'DELETE']) {
      const may = await isTrue(connection, `has_table_privilege(${quoteLiteral(qualified(database))}, '${right}')`)
      if (!may) problems.push(lacks(`may not ${right} on the table`, `GRANT ${right} ON ${qualified(database)} TO …`))
    }
  }
  return problems
}

/** Types are compared only where both are known; a table of ours is changed with the first batch that needs it. */
async function columnProblems(
  connection: SqlConnection,
  database: SqlDatabase,
  columns: readonly ColumnSchema[],
): Promise<readonly TidegateError[]> {
  const shape = await database.shape(connection)
  const problems: TidegateError[] = []
  for (const column of columns) {
    try {
      const wanted = database.columnType(column)
      const found = shape?.columns.find(({ name }) => name === column.name)
      const isOurs = shape?.columns.some(({ name }) => name === PART_COLUMN) === true
      if (shape === undefined || isOurs) continue
      if (found === undefined) problems.push(differs(`it has no column ${column.name}`))
      else if (!database.sameType(found.type, wanted))
        problems.push(differs(`column ${column.name} is ${found.type}, not ${wanted}`))
    } catch (error) {
      if (!isTidegateError(error)) throw error
      problems.push(error)
    }
  }
  return problems
}

async function isTrue(connection: SqlConnection, condition: string): Promise<boolean> {
  return (await connection.rows(`SELECT ${condition} AS yes`))[0]?.[0] === true
}

function lacks(what: string, grant: string): TidegateError {
  return new TidegateError('TARGET_PERMISSION', `The user of the target ${what}.`, {
    hint: `Have an administrator run: ${grant}`,
    dataNow: 'Nothing was changed.',
  })
}

function differs(because: string): TidegateError {
  return new TidegateError('TARGET_TABLE_FOREIGN', `The target table was not made by Tidegate, and ${because}.`, {
    hint: 'Give another table, or change this one.',
    dataNow: 'Nothing was changed.',
  })
}
