/**
 * One attempt, one process: what reads landing files can crash or be killed, and the daemon lives on.
 *
 *   (1) Its process group is its own and dies as a whole.                                         [killGroup]
 *   (2) It ends when the daemon is gone: the child sees the channel close.                         [attempt-child.ts]
 *   (3) Asked to stop it is told, then gets SIGTERM at half of the time it has, then SIGKILL.      [stop]
 *   (4) `exit` resolves once, when the process is gone. What it reported counts also where it was killed afterwards.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type {
  AttemptExit,
  AttemptListener,
  FromAttempt,
  ProjectPlace,
  RunningAttempt,
  StartAttempt,
  ToAttempt,
} from './attempt-protocol.ts'
import { childEnvironment } from './child-environment.ts'
import { hearLines } from './hear-lines.ts'

export interface SpawnOptions {
  readonly place: ProjectPlace
  /** How many of these share the memory budget at the same time. @defaultValue 1 */
  readonly memoryParts?: number | undefined
  /** @defaultValue process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** What is started; tests have others. @defaultValue the child beside this file */
  readonly entry?: string | undefined
}

export function spawnAttempts(options: SpawnOptions): StartAttempt {
  return (order, listener, traceparent) => {
    const child = startChild(options.entry ?? siblingOf('attempt-child'), options)
    const running = superviseChild(child, listener)
    const { place, memoryParts = 1 } = options
    const start: ToAttempt = { kind: 'start', place, order, memoryParts, traceparent }
    // One that is gone already is told by its exit.
    child.send(start, () => {})
    return running
  }
}

/** The file of a child beside this one: the source under Node's type stripping, or what was built of it. */
export function siblingOf(name: string, here: string = import.meta.url): string {
  return fileURLToPath(new URL(`./${name}${here.endsWith('.ts') ? '.ts' : '.js'}`, here))
}

export function startChild(entry: string, { place, env = process.env }: SpawnOptions): ChildProcess {
  const fromSource = entry.endsWith('.ts')
  return fork(entry, [], {
    detached: true,
    serialization: 'json',
    execArgv: [
      ...preloads(process.execArgv),
      ...(fromSource ? ['--conditions=tidegate:source', '--disable-warning=ExperimentalWarning'] : []),
    ],
    env: childEnvironment(env, configText(place.directory)),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

/** An SDK that the daemon was started with by `--import` or `--require` traces its children as well. */
function preloads(args: readonly string[]): readonly string[] {
  return args.flatMap((arg, index) => {
    if (/^(?:--import|--require)=/.test(arg)) return [arg]
    const value = args[index + 1]
    return ['--import', '--require', '-r'].includes(arg) && value !== undefined ? [arg, value] : []
  })
}

/** Only to know which variables it names; whether it can be read at all is found out by who opens the project. */
function configText(directory: string): string {
  try {
    return readFileSync(path.join(directory, 'tidegate.yaml'), 'utf8')
  } catch {
    return ''
  }
}

function superviseChild(child: ChildProcess, listener: AttemptListener): RunningAttempt {
  let result: Extract<FromAttempt, { kind: 'end' }>['result'] | undefined
  let isGone = false
  let killedAtMs = Infinity
  let timers: NodeJS.Timeout[] = []

  const said = child.stderr === null ? undefined : hearLines(child.stderr, (line) => listener.line(line))
  child.on('message', (message: FromAttempt) => {
    if (message.kind === 'events') listener.events(message.events)
    else result = message.result
  })

  const exit = new Promise<AttemptExit>((resolve) => {
    const settle = (end: AttemptExit): void => {
      if (isGone) return
      isGone = true
      for (const timer of timers) clearTimeout(timer)
      // What it left behind in its group, a doctor in the middle of a file.
      if (end.kind !== 'reported') killGroup()
      resolve(end)
    }
    child.on('error', (error) => {
      if (child.pid === undefined) settle({ kind: 'crashed', code: null, message: error.message })
    })
    // `close` and not `exit`: what it said last is heard then.
    child.on('close', (code, signal) => {
      if (result !== undefined) settle({ kind: 'reported', result })
      else if (signal !== null) settle({ kind: 'killed', signal })
      else settle({ kind: 'crashed', code, message: said?.last() ?? null })
    })
    // A grandchild may hold stderr open.
    child.on('exit', () => timers.push(setTimeout(killGroup, LINGER_MS)))
  })
  return { pid: child.pid, exit, stop, kill: killGroup }

  function stop(killAfterMs: number): void {
    if (isGone) return
    if (killAfterMs <= 0) return killGroup()
    const atMs = performance.now() + killAfterMs
    if (atMs >= killedAtMs) return
    killedAtMs = atMs
    for (const timer of timers) clearTimeout(timer)
    if (child.connected) child.send({ kind: 'stop' } satisfies ToAttempt, () => {})
    timers = [setTimeout(() => child.kill('SIGTERM'), killAfterMs / 2), setTimeout(killGroup, killAfterMs)]
  }

  function killGroup(): void {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // Nobody of it is left.
    }
  }
}

const LINGER_MS = 1000
