/**
 * A real daemon over a project that somebody attacks by API, with a token that may write and run.
 *
 *   home/project   the project; `server.roots` is landing, lake, quarantine and contracts in it
 *   home/outside   files of others, links lead there from inside of the roots
 *   home/vault     read by a source of the operator: the engine may, who calls the API may not
 *
 * Each secret place holds a text of its own, and a server of HTTP counts who calls.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { openDuckDB } from '@tidegate/duckdb'

const HOST = fileURLToPath(new URL('daemon-host.ts', import.meta.url))

/** What nobody may see who comes by API. */
export const SECRETS = {
  outside: 'SENTINELoutside7f3a',
  vault: 'SENTINELvault91bc',
  env: 'SENTINELenv44de',
  config: 'SENTINELconfig08aa',
  process: 'SENTINELprocess5c5c',
} as const

export interface AttackReply {
  readonly status: number
  readonly type: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface AttackedDaemon {
  readonly home: string
  readonly project: string
  /** Of the server that nobody may call. */
  readonly trap: string
  call(method: 'GET' | 'POST' | 'PUT', address: string, body?: unknown): Promise<AttackReply>
  /** Makes the ingestion, runs it where it is taken, and says how that ended: a code, or the state of its run. */
  attempt(id: string, entry: unknown): Promise<string>
  land(file: string, text: string): void
  /** Requests that the trap saw. */
  trapped(): readonly string[]
  /** Stops the daemon. Everything that was answered, logged, kept or written, as one text. */
  everything(): Promise<string>
  remove(): Promise<void>
}

export async function attackDaemon(config: Readonly<Record<string, unknown>> = {}): Promise<AttackedDaemon> {
  const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'tidegate-')))
  const project = path.join(home, 'project')
  const calls: string[] = []
  const trap = createServer((request, response) => {
    calls.push(`${request.method ?? ''} ${request.url ?? ''}`)
    response.end('id\n1\n')
  })
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
  build(home, project, config)
  const seen: string[] = []
  const { child, url } = await start(project, seen)
  const ask = async (method: string, address: string, body?: unknown, token?: string): Promise<AttackReply> => {
    const response = await fetch(`${url}${address}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    seen.push(text)
    const type = response.headers.get('content-type') ?? ''
    const parsed: unknown = /json/.test(type) ? JSON.parse(text) : {}
    return { status: response.status, type, body: parsed as AttackReply['body'] }
  }
  const { body } = await ask('POST', '/api/v1/tokens', { name: 'attacker', scope: 'write' })
  const token = String(body['token'])

  const attacked: AttackedDaemon = {
    home,
    project,
    trap: `http://127.0.0.1:${String((trap.address() as AddressInfo).port)}`,
    call: (method, address, sent) => ask(method, address, sent, token),
    async attempt(id, entry) {
      const made = await attacked.call('POST', '/api/v1/ingestions', { id, entry })
      if (made.status !== 201) return `refused: ${String(made.body['detail'])}`
      const run = await attacked.call('POST', `/api/v1/ingestions/${id}/run`)
      if (run.status !== 202) return String(run.body['code'] ?? run.status)
      for (;;) {
        const { body: now } = await attacked.call('GET', `/api/v1/runs/${String(run.body['id'])}`)
        const state = String(now['state'])
        if (!/queued|running|retrying/.test(state)) return state
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    },
    land(file, text) {
      mkdirSync(path.dirname(path.join(project, file)), { recursive: true })
      writeFileSync(path.join(project, file), text)
    },
    trapped: () => calls,
    async everything() {
      await stop(child)
      return [...seen, ...(await written(project))].join('\n')
    },
    async remove() {
      await stop(child)
      trap.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
  return attacked
}

function build(home: string, project: string, config: Readonly<Record<string, unknown>>): void {
  for (const folder of [
    'outside/lake',
    'vault',
    'project/landing/own',
    'project/contracts',
    'project/lake',
    'project/quarantine',
  ])
    mkdirSync(path.join(home, folder), { recursive: true })
  const put = (file: string, text: string): void => writeFileSync(path.join(home, file), text)
  put('outside/secret.csv', `id,text\n1,${SECRETS.outside}\n`)
  put('outside/secret.yaml', `contract: ${SECRETS.outside}\nversion: 1\n`)
  put('vault/payroll.csv', `id,text\n1,${SECRETS.vault}\n`)
  put('project/.env', `DB_PASSWORD=${SECRETS.env}\n`)
  put(
    'project/tidegate.yaml',
    JSON.stringify({
      version: 1,
      state: '.tidegate/state.db',
      server: { roots: ['landing', 'landing2', 'lake', 'quarantine', 'contracts'], max_runs: 2 },
      sources: {
        payroll: {
          path: '../vault/*.csv',
          ready: { settle: '0s' },
          on_missing_contract: 'admit',
          target: { path: 'lake/payroll' },
        },
      },
      channels: { ops: { kind: 'webhook', url: `https://hooks.example.com/${SECRETS.config}` } },
      ...config,
    }),
  )
  symlinkSync(path.join(home, 'outside'), path.join(project, 'landing/way-out'))
  symlinkSync(path.join(home, 'outside/secret.csv'), path.join(project, 'landing/own/linked.csv'))
  symlinkSync(path.join(home, 'outside/secret.yaml'), path.join(project, 'contracts/linked.yaml'))
  symlinkSync(path.join(home, 'outside/lake'), path.join(project, 'lake/linked'))
  symlinkSync(path.join(home, 'outside/lake'), path.join(project, 'quarantine/linked'))
}

async function start(project: string, seen: string[]): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const words = ['--conditions=tidegate:source', '--disable-warning=ExperimentalWarning', HOST, project]
  const env = { ...process.env, TIDEGATE_ATTACKED: SECRETS.process }
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env })
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      seen.push(chunk.toString())
      const found = /"url":"(http:[^"]+?)\/?"/.exec(chunk.toString())
      if (found?.[1] !== undefined) resolve(found[1])
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', () => reject(new Error(seen.join('\n'))))
  })
  return { child, url }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

/** Every file of the project but those of the operator; of Parquet also what it says when it is read. */
async function written(project: string): Promise<readonly string[]> {
  const own = new Set(['.env', 'tidegate.yaml'].map((file) => path.join(project, file)))
  const files = readdirSync(project, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    // The listing follows links.
    .filter((file) => realpathSync(file) === file)
    .filter((file) => !own.has(file) && !file.startsWith(path.join(project, 'lake/payroll')))
  const texts = files.map((file) => readFileSync(file, 'latin1'))
  const session = await openDuckDB({ threads: 1 })
  try {
    for (const file of files.filter((name) => name.endsWith('.parquet'))) {
      const { rows } = await session.query(
        `SELECT to_json(t)::VARCHAR FROM read_parquet(${session.dialect.literal(file)}) t`,
      )
      texts.push(...rows.map(([row]) => String(row)))
    }
  } finally {
    await session.close()
  }
  return texts
}
