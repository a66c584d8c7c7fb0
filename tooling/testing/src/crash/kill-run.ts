import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { runInGroup, type CommandEnd, type CommandUnderTest } from '../crash-harness.ts'

/** The moment at which a run has to die. */
export type Moment =
  /** The nth time that the product publishes this phase on `tidegate:phase`. */
  | {
      readonly on: 'phase'
      readonly phase: string
      readonly nth: number
      /** Counted from the first time that this phase was published. */
      readonly after?: string | undefined
    }
  /** The nth publication of any phase, but at the phase `until` at the latest. */
  | { readonly on: 'step'; readonly nth: number; readonly until: string }
  /** The nth statement of the state database or of Postgres that matches. */
  | {
      readonly on: 'sql'
      readonly like: string
      readonly nth: number
      /** `sent`: it is on its way, the answer is not here. */
      readonly at: 'before' | 'after' | 'sent'
    }
  /** The nth call of a function of `node:fs/promises` on a path that contains this text. */
  | {
      readonly on: 'fs'
      readonly op: 'readdir' | 'open' | 'sync' | 'rename' | 'link' | 'unlink' | 'copyFile' | 'rm' | 'mkdir'
      readonly path: string
      readonly nth: number
      readonly at: 'before' | 'after'
    }
  /** The engine has a file below this folder open. */
  | { readonly on: 'open'; readonly below: string }
  /** Nowhere: calls of the file system fail, from the nth on, so many times. */
  | {
      readonly on: 'fail'
      readonly op: 'open' | 'write' | 'sync' | 'rename' | 'link' | 'unlink' | 'mkdir'
      readonly path: string
      readonly nth: number
      readonly times: number
      readonly code: 'EIO' | 'ENOSPC'
    }
  /** A staged Parquet file is there, somewhere below this folder, and has no footer yet. */
  | { readonly on: 'file'; readonly below: string }

export type KillOrder = Moment & {
  /** First ask with SIGTERM; kill at the next phase after it. */
  readonly before?: 'SIGTERM' | undefined
  /** Folder that gets a record of what was made durable (lost-writes.ts). */
  readonly record?: string | undefined
}

export interface KillEnd extends CommandEnd {
  /** What the dying process wrote down; undefined when the moment never came. */
  readonly death: Readonly<Record<string, unknown>> | undefined
}

/** Runs the command until the moment of the order, and kills its process group with SIGKILL there. */
export async function killRun(command: CommandUnderTest, order: KillOrder): Promise<KillEnd> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-kill-'))
  const report = path.join(folder, 'report.ndjson')
  if (order.record !== undefined) mkdirSync(path.join(order.record, 'graves'), { recursive: true })
  try {
    const end = await runInGroup(command, {
      TIDEGATE_KILL: JSON.stringify(withModules(order)),
      TIDEGATE_KILL_REPORT: report,
      NODE_OPTIONS: nodeOptions(),
    })
    const [last] = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n').slice(-1) : []
    const death = last === undefined || end.exitSignal !== 'SIGKILL' || end.timedOut ? undefined : parseDeath(last)
    return { ...end, death }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Stops the command's leader at the moment, does something, and lets it go on to its end. */
export async function pausedRun(
  command: CommandUnderTest,
  moment: Moment,
  meanwhile: () => Promise<void>,
): Promise<CommandEnd & { readonly paused: boolean }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-kill-'))
  const report = path.join(folder, 'report.ndjson')
  const state = { running: true }
  const run = runInGroup(command, {
    TIDEGATE_KILL: JSON.stringify({ ...withModules(moment), pause: true }),
    TIDEGATE_KILL_REPORT: report,
    NODE_OPTIONS: nodeOptions(),
  }).finally(() => {
    state.running = false
  })
  try {
    while (state.running && !isWritten(report)) await sleep(5)
    if (!isWritten(report)) return { ...(await run), paused: false }
    const { pid } = parseDeath(readFileSync(report, 'utf8').trim())
    while (state.running && !isStopped(Number(pid))) await sleep(5)
    await meanwhile().finally(() => process.kill(Number(pid), 'SIGCONT'))
    return { ...(await run), paused: true }
  } finally {
    await run
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A file comes before its line. */
function isWritten(report: string): boolean {
  return existsSync(report) && readFileSync(report, 'utf8').endsWith('\n')
}

function isStopped(pid: number): boolean {
  return / T /.test(readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/, ''))
}

/** Runs the command with some calls of the file system failing. */
export async function failingRun(
  command: CommandUnderTest,
  order: Extract<Moment, { on: 'fail' }>,
): Promise<CommandEnd & { readonly failures: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-kill-'))
  const report = path.join(folder, 'report.ndjson')
  try {
    const end = await runInGroup(command, {
      TIDEGATE_KILL: JSON.stringify(order),
      TIDEGATE_KILL_REPORT: report,
      NODE_OPTIONS: nodeOptions(),
    })
    return { ...end, failures: existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n').length : 0 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Variables under which the product sees another time. */
export function shiftedClock(offsetMs: number): Readonly<Record<string, string>> {
  return { TIDEGATE_CLOCK_OFFSET_MS: String(offsetMs), NODE_OPTIONS: nodeOptions() }
}

/** The phases that a run passes, in order. */
export async function listPhases(command: CommandUnderTest): Promise<readonly string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-kill-'))
  const report = path.join(folder, 'report.ndjson')
  try {
    await runInGroup(command, {
      TIDEGATE_KILL: JSON.stringify({ on: 'list' }),
      TIDEGATE_KILL_REPORT: report,
      NODE_OPTIONS: nodeOptions(),
    })
    if (!existsSync(report)) return []
    const lines = readFileSync(report, 'utf8').trim().split('\n')
    return lines.map((line) => String(parseDeath(line)['phase']))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function nodeOptions(): string {
  return `${process.env['NODE_OPTIONS'] ?? ''} --import=${JSON.stringify(PRELOAD)}`.trim()
}

const PRELOAD = fileURLToPath(new URL('watch-preload.mjs', import.meta.url))

function withModules(moment: Moment): object {
  return moment.on === 'sql' ? { ...moment, ...databaseModules() } : moment
}

/** Where the product's own copies of its database drivers are. */
function databaseModules(): { readonly sqlite: string; readonly pg: string } {
  const here = createRequire(import.meta.url)
  const from = (owner: string, name: string): string =>
    createRequire(here.resolve(`${owner}/package.json`)).resolve(name)
  return { sqlite: from('@tidegate/state', 'better-sqlite3'), pg: from('@tidegate/postgres', 'pg') }
}

function parseDeath(line: string): Readonly<Record<string, unknown>> {
  return JSON.parse(line) as Readonly<Record<string, unknown>>
}
