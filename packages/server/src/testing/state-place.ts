import { startPostgres, type TestPostgres } from '@tidegate/postgres/testing'
import { beforeAll } from 'vitest'

let server: TestPostgres | undefined
let schemas = 0

/** Where a test opens a new state: what it names itself, or after {@link usePostgres} a schema of its own. */
export function statePlace(onSqlite: string): string {
  return server === undefined ? onSqlite : freshSchema(server)
}

export function freshSchema({ url }: TestPostgres): string {
  schemas += 1
  return `${url}?schema=place${String(schemas)}`
}

/** From here on the tests of this file run on Postgres. Called while they are collected. */
export function usePostgres(): void {
  beforeAll(async () => {
    const started = await startPostgres()
    server = started
    return async () => {
      server = undefined
      await started.close()
    }
  })
}
