import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '@tidegate/postgres'
import { startPostgres, type TestPostgres } from '@tidegate/postgres/testing'
import { checkPostgresTarget } from './check-postgres-target.ts'

let server: TestPostgres
beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server.close())

const table = { schema: 'public', name: 'flights' }
const A = { name: 'a', type: 'INTEGER' }
const codesOf = async (url: string, columns = [A]): Promise<readonly string[]> =>
  (await checkPostgresTarget({ url, table }, columns)).map((problem) => problem.code)

test('a database where everything may be made has no problems', async () => {
  expect(await codesOf(await server.createDatabase())).toEqual([])
})

test('a foreign table with other columns, and a type without a counterpart, are all told at once', async () => {
  const url = await server.createDatabase()
  const client = await connect(url)
  await client.query('CREATE TABLE flights (a text)')
  await client.close()
  const columns = [A, { name: 'b', type: 'DATE' }, { name: 'g', type: 'GEOMETRY' }]
  expect(await codesOf(url, columns)).toEqual(['TARGET_TABLE_FOREIGN', 'TARGET_TABLE_FOREIGN', 'TARGET_COLUMN'])
})

test('a user without rights hears which ones, and no message has the password', async () => {
  const url = await server.createDatabase()
  const client = await connect(url)
  await client.query(`CREATE ROLE guest LOGIN PASSWORD 'hidden-word'`)
  await client.close()
  const guest = new URL(url)
  guest.username = 'guest'
  guest.password = 'hidden-word'
  expect(await codesOf(guest.href)).toEqual(['TARGET_PERMISSION', 'TARGET_PERMISSION'])
  guest.password = 'other-word'
  const problems = await checkPostgresTarget({ url: guest.href, table })
  expect(problems.map(({ code }) => code)).toEqual(['PG_AUTH'])
  expect(problems.map(({ message, hint }) => `${message} ${hint ?? ''}`).join('')).not.toMatch(/hidden-word|other-word/)
})
