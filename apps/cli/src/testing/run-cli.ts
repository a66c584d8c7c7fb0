import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { openWarmCli, type WarmCli } from './warm-cli.ts'

export interface CliResult {
  /** The exit code; 128 + signal when a signal ended it. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** A module imported before the command line: it may listen to `tidegate:phase`, or look at what is loaded. */
  readonly preload?: string
  /** Every module from its own file: for tests that look at what is loaded. @defaultValue false */
  readonly unbundled?: boolean
  /** Wraps the command, e.g. `['bash', '-c', 'ulimit -f 200; exec "$@"', 'bash']`. */
  readonly wrap?: readonly string[]
}

export interface RunningCli {
  readonly process: ChildProcess
  readonly result: Promise<CliResult>
  /** Resolves when stderr has this text. */
  said(text: string): Promise<void>
}

const ENTRY = fileURLToPath(new URL('cli-entry.ts', import.meta.url))
/** What tests start: the sources in one file, as the global set-up of the tests made it, else from their own files. */
export const CLI: string = process.env['TIDEGATE_TEST_CLI'] ?? ENTRY
const FIXED_ENV = {
  NO_COLOR: undefined,
  FORCE_COLOR: undefined,
  CI: undefined,
  NODE_OPTIONS: undefined,
  TZ: 'Asia/Tokyo',
}
const NODE_ARGS = ['--conditions=tidegate:source', '--disable-warning=ExperimentalWarning']

/** One for all files of a worker. */
const WARM: WarmCli | undefined = openWarm()

function openWarm(): WarmCli | undefined {
  const file = process.env['TIDEGATE_TEST_WARM_CLI']
  if (file === undefined || process.env['TIDEGATE_LANE'] === 'slow') return undefined
  return openWarmCli({
    command: process.execPath,
    // Every command listens to the streams of its process, which here are those of all.
    args: [...NODE_ARGS, '--disable-warning=MaxListenersExceededWarning', file],
    env: FIXED_ENV,
    endMark: process.env['TIDEGATE_TEST_END_OF_COMMAND'] ?? '',
  })
}

/**
 * Runs the real command line, from its sources: in a process that carries out one command after another, or in one of its own
 * where the options ask for what only that has, where another command is under way, and in the slow lane.
 */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const { cwd, ...others } = options
  if (WARM === undefined || WARM.busy || Object.keys(others).length > 0) return runProcess(args, options)
  return WARM.run(args, cwd)
}

/** The same in a process of its own, whatever the options: for tests of what begins and ends with one. */
export async function runProcess(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return startCli(args, options).result
}

/** `--output json` parsed, with the exit code. Fails when stdout is anything but one JSON document. */
export async function runJson(
  args: readonly string[],
  options: CliOptions,
): Promise<{ readonly exitCode: number; readonly json: Json; readonly stderr: string }> {
  const { exitCode, stdout, stderr } = await runCli([...args, '--output', 'json'], options)
  try {
    return { exitCode, json: JSON.parse(stdout) as Json, stderr }
  } catch {
    throw new Error(`tidegate ${args.join(' ')} exited with ${exitCode} and no JSON:\n${stdout}\n${stderr}`)
  }
}

export interface Json {
  readonly schemaVersion: number
  readonly kind: string
  readonly items: readonly Readonly<Record<string, unknown>>[]
  readonly [key: string]: unknown
}

export function startCli(args: readonly string[], options: CliOptions): RunningCli {
  const { cwd, env = {}, preload, wrap = [], unbundled = false } = options
  const command = [
    ...wrap,
    process.execPath,
    ...NODE_ARGS,
    ...(preload === undefined ? [] : ['--import', preload]),
    unbundled ? ENTRY : CLI,
    ...args,
  ]
  const child = spawn(command[0] ?? '', command.slice(1), {
    cwd,
    env: { ...process.env, ...FIXED_ENV, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const listeners = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    for (const listener of listeners) listener()
  })
  const result = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      resolve({ exitCode: code ?? 128 + (signal === 'SIGKILL' ? 9 : signal === 'SIGTERM' ? 15 : 2), stdout, stderr })
    })
  })
  return {
    process: child,
    result,
    said: (text) =>
      new Promise<void>((resolve, reject) => {
        const look = (): void => {
          if (stderr.includes(text)) resolve()
        }
        listeners.add(look)
        look()
        void result.then(() => reject(new Error(`ended without saying ${JSON.stringify(text)}:\n${stderr}`)), reject)
      }),
  }
}
