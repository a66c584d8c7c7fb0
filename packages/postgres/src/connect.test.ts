import { connect as connectSocket, createServer, type AddressInfo } from 'node:net'
import { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  connect,
  copyIn,
  copyOut,
  inTransaction,
  locationOf,
  maskUrl,
  openPool,
  quoteIdentifier,
  quoteLiteral,
} from './index.ts'
import { startPostgres, type TestPostgres } from './testing/start-postgres.ts'

let server: TestPostgres
let url: string

beforeAll(async () => {
  server = await startPostgres({ settings: { synchronous_commit: 'off', timezone: 'Asia/Tokyo' } })
  url = await server.createDatabase()
})
afterAll(async () => {
  await server.close()
})

test('a session is in UTC and its commits are durable, whatever the server says', async () => {
  const client = await connect(url)
  const sql = `select current_setting('timezone') as zone, current_setting('synchronous_commit') as sync`
  expect((await client.query(sql)).rows).toEqual([{ zone: 'UTC', sync: 'on' }])
  await client.close()
})

test('values come exactly', async () => {
  const client = await connect(url)
  const sql = `select 9223372036854775807 as a, 0.1::numeric as b, 'nan'::float8 as c, '2024-01-31 10:00'::timestamp as d, true as e, null as f`
  expect((await client.query(sql)).rows).toEqual([
    { a: 9_223_372_036_854_775_807n, b: '0.1', c: Number.NaN, d: '2024-01-31 10:00:00', e: true, f: null },
  ])
  await client.close()
})

describe('errors are coded and show no password', () => {
  test.each([
    ['PG_AUTH', () => url.replace('secret', 'wrong')],
    ['PG_NO_DATABASE', () => `${url}x`],
    ['PG_CONNECT', () => url.replace(/:\d+\//, ':1/')],
    ['PG_URL', () => 'postgres://u:tide-gate-secret@h:99999/d'],
  ])('%s', async (code, address) => {
    const error: unknown = await connect(address()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code })
    expect(String(error)).not.toMatch(/tide-gate/)
  })

  test.each([
    ['PG_VALUE', `select 'my secret'::int`],
    ['PG_SCHEMA', 'select * from nowhere'],
    ['PG_CONSTRAINT', `create temp table t (x text primary key); insert into t values ('my secret'), ('my secret')`],
    ['PG_BUSY', `set statement_timeout = 20; select pg_sleep(5)`],
    ['PG_READ_ONLY', 'begin read only; create table t (x int)'],
    ['PG_GONE', 'select pg_terminate_backend(pg_backend_pid())'],
  ])('%s', async (code, sql) => {
    const client = await connect(url)
    const error: unknown = await client.query(sql).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code })
    expect(String(error)).not.toMatch(/my secret/)
    await client.close()
  })
})

test('COPY counts rows both ways, and what fails in the middle leaves nothing', async () => {
  const client = await connect(url)
  await client.query('create table copied (n int, t text)')
  expect(await copyIn(client, 'copy copied from stdin (format csv)', Readable.from(['1,a\n2,', '"b,""c"\n']))).toBe(2)
  const broken = Readable.from(
    (function* () {
      yield '3,x\n'
      throw new Error('no more')
    })(),
  )
  await expect(copyIn(client, 'copy copied from stdin (format csv)', broken)).rejects.toThrow('no more')
  let text = ''
  const sink = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  expect(await copyOut(client, 'copy copied to stdout (format csv)', sink)).toBe(2)
  expect(text).toBe('1,a\n2,"b,""c"\n')
  await client.close()
})

test('a connection that is given back in a transaction is not given to the next', async () => {
  const pool = openPool(url, { maxConnections: 1 })
  await pool.query('create table pooled (n int)')
  await pool.withClient(async (client) => client.query('begin; insert into pooled values (1)'))
  expect((await pool.query('select * from pooled')).rows).toEqual([])
  const failing = pool.withClient(async (client) =>
    inTransaction(client, async () => {
      await client.query('insert into pooled values (2)')
      throw new Error('stop')
    }),
  )
  await expect(failing).rejects.toThrow('stop')
  expect((await pool.query('select * from pooled')).rows).toEqual([])
  await pool.close()
})

test('a connection whose `begin` failed is not given to the next, however late the server says where it stands', async () => {
  const slow = await slowStatus(server.port)
  const pool = openPool(url.replace(`:${String(server.port)}/`, `:${String(slow.port)}/`), { maxConnections: 1 })
  await expect(pool.query('begin; select 1 / 0')).rejects.toMatchObject({ code: 'PG_VALUE' })
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await pool.close()
  slow.close()
})

/** A way to the server on which the word after an error (ReadyForQuery) comes in a later packet, as on a busy machine. */
async function slowStatus(port: number): Promise<{ readonly port: number; readonly close: () => void }> {
  const proxy = createServer((client) => {
    const upstream = connectSocket(port, '127.0.0.1')
    client.on('error', () => upstream.destroy()).pipe(upstream)
    upstream.on('error', () => client.destroy()).on('end', () => client.end())
    let turn: Promise<unknown> = Promise.resolve()
    upstream.on('data', (bytes: Buffer) => {
      const status = bytes.length < 6 ? 0 : bytes.length - 6
      const isStatus = bytes[status] === 'Z'.charCodeAt(0)
      turn = turn.then(async () => {
        if (isStatus) {
          client.write(bytes.subarray(0, status))
          await sleep(20)
        }
        client.write(isStatus ? bytes.subarray(status) : bytes)
      })
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return { port: (proxy.address() as AddressInfo).port, close: () => proxy.close() }
}

test.each(['plain', `a"b'c`, 'back\\slash', '🛬', ';--'])(
  '%j survives quoting as a name and as a text',
  async (text) => {
    const client = await connect(url)
    const { rows } = await client.query(`select ${quoteLiteral(text)} as ${quoteIdentifier(text)}`)
    expect(rows).toEqual([{ [text]: text }])
    await client.close()
  },
)

test('an address is shown without user, password and parameters', () => {
  expect(maskUrl('postgres://u:p%40ss@Host:1/db?schema=s&password=x')).toBe('postgres://host:1/db?schema=s')
  expect(locationOf('postgres://u:p@h/db', 's', 't')).toBe('postgres://h:5432/db#s.t')
})
