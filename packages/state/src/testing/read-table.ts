import Sqlite from 'better-sqlite3'
import { connect } from '@tidegate/postgres'

/** All rows of a table or view as another program sees them, the columns in their order. */
export async function readTable(path: string, table: string, orderBy: string): Promise<readonly object[]> {
  const statement = `select * from ${table} order by ${orderBy}`
  if (!path.startsWith('postgres:')) {
    const database = new Sqlite(path, { readonly: true })
    const rows = database.prepare(statement).all() as object[]
    database.close()
    return rows
  }
  const schema = new URL(path).searchParams.get('schema') ?? ''
  const client = await connect(path, { searchPath: schema, int8: 'number' })
  const { rows } = await client.query<object>(statement)
  await client.close()
  return rows
}
