import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { connect } from '../connect.ts'
import { quoteIdentifier } from '../quote.ts'
import type { KeeperOptions } from './keep-postgres.ts'

/** A real server, on a free port of 127.0.0.1, with an empty data folder. It dies with this process, however that dies. */
export interface TestPostgres {
  /** Of the database `postgres`, as superuser. Stays the same over restarts. */
  readonly url: string
  readonly port: number
  readonly folder: string
  /** Makes a database of its own for a test. */
  createDatabase(name?: string): Promise<string>
  /** Fast shutdown: connections end, everything is written. */
  stop(): Promise<void>
  /** After `stop` or `kill`. */
  start(): Promise<void>
  restart(): Promise<void>
  /** SIGKILL to the server: it recovers from its log at the next `start`. */
  kill(): Promise<void>
  /** Ends the server and removes its folder. Calling it again does nothing. */
  close(): Promise<void>
}

export interface TestPostgresOptions {
  /** Whether commits reach the disk. Off only saves time: nothing is lost by a SIGKILL of the server. @defaultValue false */
  readonly fsync?: boolean | undefined
  /** Further settings of postgresql.conf, by name. */
  readonly settings?: Readonly<Record<string, string>> | undefined
}

/** About half a second; the first time on a machine some seconds more. */
export async function startPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const fsync = options.fsync === true ? 'on' : 'off'
  const keeperOptions: KeeperOptions = {
    password: PASSWORD,
    settings: { fsync, full_page_writes: fsync, ...options.settings },
  }
  const keeper = spawn(
    process.execPath,
    [
      '--conditions=tidegate:source',
      fileURLToPath(new URL('keep-postgres.ts', import.meta.url)),
      JSON.stringify(keeperOptions),
    ],
    // Of its own group: a SIGKILL of the test's group must not reach it before it has killed the server.
    { stdio: ['pipe', 'pipe', 'inherit'], detached: true, env: { ...process.env, NODE_OPTIONS: '' } },
  )
  const ended = new Promise<void>((resolve) => {
    keeper.once('exit', () => resolve())
  })
  const lines = createInterface({ input: keeper.stdout })[Symbol.asyncIterator]()
  // A forgotten close must not keep a test process alive.
  keeper.unref()

  let turn: Promise<unknown> = Promise.resolve()
  async function read(): Promise<KeeperAnswer> {
    const line = await lines.next()
    if (line.done === true) throw new Error('the process that keeps the test server ended')
    const answer = JSON.parse(line.value) as KeeperAnswer & { readonly error?: string }
    if (answer.error !== undefined) throw new Error(`the test server did not do as it was told: ${answer.error}`)
    return answer
  }
  async function tell(command: string): Promise<void> {
    const mine = turn.then(async () => {
      keeper.stdin.write(`${JSON.stringify({ command })}\n`)
      await read()
    })
    turn = mine.catch(() => undefined)
    await mine
  }

  const { port, folder } = await read()
  const urlOf = (database: string): string => `postgres://postgres:${PASSWORD}@127.0.0.1:${String(port)}/${database}`
  return {
    url: urlOf('postgres'),
    port,
    folder,
    async createDatabase(name = `test_${randomUUID().replaceAll('-', '').slice(0, 12)}`) {
      const client = await connect(urlOf('postgres'))
      try {
        await client.query(`create database ${quoteIdentifier(name)}`)
      } finally {
        await client.close()
      }
      return urlOf(encodeURIComponent(name))
    },
    stop: async () => tell('stop'),
    start: async () => tell('start'),
    restart: async () => tell('restart'),
    kill: async () => tell('kill'),
    async close() {
      keeper.ref()
      keeper.stdin.end()
      await ended
    },
  }
}

interface KeeperAnswer {
  readonly port: number
  readonly folder: string
}

/** Looks like one that must not be shown anywhere. */
const PASSWORD = 'tide-gate-secret'
