import { randomBytes } from 'node:crypto'
import { connect, quoteIdentifier } from '@tidegate/postgres'

/** A database of its own on somebody's server: theirs are not touched, not even by a table in another schema. */
export interface ScratchDatabase extends AsyncDisposable {
  readonly url: string
}

/** @throws PG_… if the server is not there or the user may not make databases */
export async function makeScratchDatabase(serverUrl: string): Promise<ScratchDatabase> {
  const name = `tidegate_chaos_${randomBytes(6).toString('hex')}`
  const run = async (statement: string): Promise<void> => {
    const client = await connect(serverUrl)
    try {
      await client.query(statement)
    } finally {
      await client.close()
    }
  }
  await run(`CREATE DATABASE ${quoteIdentifier(name)}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  // A schema of the original has no meaning here.
  url.searchParams.delete('schema')
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => run(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`),
  }
}
