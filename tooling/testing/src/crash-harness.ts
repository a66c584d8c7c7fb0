import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Kills a command in the middle of its work, at a moment that the command itself names.
 *
 * The product publishes `{ phase, source?, batch?, … }` on the diagnostics channel `tidegate:phase` as it goes. A preload
 * counts them and, at the nth of one phase, kills the whole process group with SIGKILL: parent, engine and all. So a
 * test says "at the second `staged`" and never sleeps.
 */
export interface CommandUnderTest {
  /** The product's own process, started without a shell or wrapper between: `process.execPath`. */
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** The group is killed after this, whatever it does. @defaultValue 60,000 */
  readonly timeoutMs?: number
}

export interface PhaseHit {
  readonly phase: string
  /** 1 for the first time in this run. */
  readonly nth: number
  readonly source?: string
  readonly batch?: string
}

export interface CommandEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  readonly exitSignal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
}

export interface CrashEnd extends CommandEnd {
  /** False when the command ended before the moment came. */
  readonly hit: boolean
  readonly phase: string
}

/** Runs the command until its `nth` publication of `phase` (1 is the first), and kills it there. */
export async function runUntilCrash(
  options: CommandUnderTest & { readonly phase: string; readonly nth?: number },
): Promise<CrashEnd> {
  const { phase, nth = 1 } = options
  const { end, hits } = await runWatched(options, `${phase}:${nth}`)
  return { ...end, phase, hit: hits.length > 0 && end.exitSignal === 'SIGKILL' && !end.timedOut }
}

/** Runs the command to its end and returns every phase it published, in order: the moments a crash test can choose from. */
export async function runRecordingPhases(
  options: CommandUnderTest,
): Promise<CommandEnd & { readonly phases: readonly PhaseHit[] }> {
  const { end, hits } = await runWatched(options, '*:0')
  return { ...end, phases: hits }
}

/** Runs the command undisturbed. */
export async function runToEnd(options: CommandUnderTest): Promise<CommandEnd> {
  return runInGroup(options, {})
}

async function runWatched(
  options: CommandUnderTest,
  order: string,
): Promise<{ readonly end: CommandEnd; readonly hits: readonly PhaseHit[] }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-crash-'))
  const report = path.join(folder, 'report.ndjson')
  try {
    const end = await runInGroup(options, {
      TIDEGATE_CRASH: order,
      TIDEGATE_CRASH_REPORT: report,
      NODE_OPTIONS: preload(),
    })
    return { end, hits: existsSync(report) ? readHits(readFileSync(report, 'utf8')) : [] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs a command in a process group of its own, with these variables on top of its own. */
export function runInGroup(options: CommandUnderTest, watch: Readonly<Record<string, string>>): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    // The shell tells the process its own id and then becomes it; detached makes that id the group's.
    const child = spawn(
      '/bin/sh',
      [
        '-c',
        'TIDEGATE_CRASH_LEADER=$$; export TIDEGATE_CRASH_LEADER; exec "$@"',
        'sh',
        options.command,
        ...options.args,
      ],
      {
        cwd: options.cwd,
        env: { ...process.env, ...options.env, ...watch },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    let stdout = ''
    let stderr = ''
    let timedOut = false
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const timer = setTimeout(() => {
      timedOut = true
      killGroup(child.pid)
    }, options.timeoutMs ?? 60_000)
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    // `close`, not `exit`: it waits for the engine as well, so nothing of the dead run still writes.
    child.on('close', (exitCode, exitSignal) => {
      clearTimeout(timer)
      resolve({ exitCode, exitSignal, stdout, stderr, timedOut })
    })
  })
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The group ended by itself.
  }
}

function preload(): string {
  const file = new URL('crash-preload.mjs', import.meta.url)
  return `${process.env['NODE_OPTIONS'] ?? ''} --import=${JSON.stringify(fileURLToPath(file))}`.trim()
}

function readHits(text: string): readonly PhaseHit[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as PhaseHit)
}
