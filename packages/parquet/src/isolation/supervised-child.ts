/**
 * The parent's side of the doctor's child: a process that does one task at a time and may die of any of them.
 *
 *   (1) At most one child lives; it is started by the first task, and by the next one after it died.
 *   (2) Every task gets an outcome, whatever becomes of the child.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { RepairReport } from '../repair/report.ts'
import type { DoctorAnswer, DoctorProgress, DoctorRequest, DoctorTask, PlainError, TaskValue } from './protocol.ts'

export type TaskOutcome =
  | { readonly kind: 'result'; readonly value: TaskValue }
  | { readonly kind: 'error'; readonly error: PlainError }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'timeout'; readonly ready: RepairReport | undefined }
  | { readonly kind: 'crash'; readonly why: CrashReason; readonly ready: RepairReport | undefined }

export interface CrashReason {
  readonly signal: string | null
  readonly exitCode: number | null
  readonly outOfHeap: boolean
  /** The last line on stderr that names an error. */
  readonly said: string | undefined
}

export interface SupervisedChild {
  readonly pid: number | undefined
  run(task: DoctorTask, options: RunOptions): Promise<TaskOutcome>
  close(): Promise<void>
}

export interface ChildOptions {
  readonly heapMiB: number
  readonly memoryBytes: number
  readonly timeoutMs: number
}

interface RunOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: DoctorProgress) => void) | undefined
}

/** Time for a child to stop by itself, and to be gone after a SIGKILL. */
const GRACE_MS = 1500
const STDERR_KEPT = 8192
/** What V8 says before it ends the process. */
const OUT_OF_HEAP = /heap (limit|out of memory)|JavaScript heap|invalid (table|array|string) ?(size|length)/i

interface Child {
  readonly process: ChildProcess
  stderr: string
  alive: boolean
  /** By us. */
  killed: boolean
  exit: { readonly code: number | null; readonly signal: string | null } | undefined
  onAnswer: ((answer: DoctorAnswer) => void) | undefined
  onEnd: (() => void) | undefined
}

export function superviseChild(options: ChildOptions): SupervisedChild {
  let child: Child | undefined
  let lastId = 0
  let queue: Promise<unknown> = Promise.resolve()
  let isClosed = false
  return {
    get pid() {
      return child?.alive === true ? child.process.pid : undefined
    },
    run(task, runOptions) {
      // One at a time: so a death has one cause.
      const outcome = queue.then(async (): Promise<TaskOutcome> => {
        if (isClosed || runOptions.signal?.aborted === true) return { kind: 'cancelled' }
        if (child?.alive !== true) child = startChild(options)
        return await runIn(child, ++lastId, task, options.timeoutMs, runOptions)
      })
      queue = outcome.catch(() => undefined)
      return outcome
    },
    async close() {
      isClosed = true
      const dying = child
      child = undefined
      if (dying?.alive === true) await kill(dying)
    },
  }
}

async function runIn(
  home: Child,
  id: number,
  task: DoctorTask,
  timeoutMs: number,
  { signal, onProgress }: RunOptions,
): Promise<TaskOutcome> {
  let ready: RepairReport | undefined
  let timer: NodeJS.Timeout | undefined
  let grace: NodeJS.Timeout | undefined
  let stop = (): void => {}
  hold(home)
  try {
    return await new Promise<TaskOutcome>((resolve) => {
      let timedOut = false
      timer = setTimeout(() => {
        timedOut = true
        void kill(home).then(() => resolve({ kind: 'timeout', ready }))
      }, timeoutMs)
      stop = () => {
        send(home, { kind: 'abort', id })
        grace ??= setTimeout(() => void kill(home).then(() => resolve({ kind: 'cancelled' })), GRACE_MS)
      }
      signal?.addEventListener('abort', stop, { once: true })
      home.onEnd = () => {
        if (timedOut) return resolve({ kind: 'timeout', ready })
        // Killed by us: aborted, or the doctor was closed.
        if (signal?.aborted === true || home.killed) return resolve({ kind: 'cancelled' })
        const { code = null, signal: by = null } = home.exit ?? {}
        const outOfHeap = OUT_OF_HEAP.test(home.stderr)
        resolve({ kind: 'crash', why: { signal: by, exitCode: code, outOfHeap, said: lastError(home.stderr) }, ready })
      }
      home.onAnswer = (answer) => {
        if (answer.id !== id) return
        switch (answer.kind) {
          case 'progress':
            return onProgress?.(answer.progress)
          case 'ready':
            ready = answer.report
            return
          case 'result':
            return resolve({ kind: 'result', value: answer.value })
          case 'error':
            return resolve(signal?.aborted === true ? { kind: 'cancelled' } : { kind: 'error', error: answer.error })
        }
      }
      send(home, { kind: 'task', id, task })
    })
  } finally {
    clearTimeout(timer)
    clearTimeout(grace)
    signal?.removeEventListener('abort', stop)
    home.onAnswer = undefined
    home.onEnd = undefined
    release(home)
  }
}

function lastError(stderr: string): string | undefined {
  return stderr
    .split('\n')
    .findLast((line) => /^\w*Error\b|^FATAL ERROR/.test(line))
    ?.slice(0, 300)
}

function startChild({ heapMiB, memoryBytes }: ChildOptions): Child {
  // The sources run as they are under Node's type stripping (development); what is published runs from dist.
  const fromSource = import.meta.url.endsWith('.ts')
  const entry = fileURLToPath(new URL(fromSource ? './doctor-child.ts' : './doctor-child.js', import.meta.url))
  const started = fork(entry, [], {
    serialization: 'advanced',
    execArgv: [
      `--max-old-space-size=${heapMiB}`,
      // Pages are short-lived and large: with the usual 16 MiB it takes 30 MiB more, and is no faster.
      '--max-semi-space-size=4',
      '--disable-warning=ExperimentalWarning',
      ...(fromSource ? ['--conditions=tidegate:source'] : []),
    ],
    env: { ...process.env, TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const child: Child = {
    process: started,
    stderr: '',
    alive: true,
    killed: false,
    exit: undefined,
    onAnswer: undefined,
    onEnd: undefined,
  }
  const end = (code: number | null, signal: string | null): void => {
    if (!child.alive) return
    child.alive = false
    child.exit = { code, signal }
    child.onEnd?.()
  }
  started.stderr?.on('data', (chunk: Buffer) => {
    child.stderr = (child.stderr + chunk.toString('utf8')).slice(-STDERR_KEPT)
  })
  started.on('message', (answer: DoctorAnswer) => child.onAnswer?.(answer))
  started.on('error', () => end(null, null))
  // `close` comes after the last of stderr, which says what it died of.
  started.on('close', (code, signal) => end(code, signal))
  send(child, { kind: 'start', memoryBytes })
  return child
}

function send(child: Child, request: DoctorRequest): void {
  // A child that is gone is noticed by its end, not here.
  if (child.process.connected) child.process.send(request, () => {})
}

/** Waits until it is gone; a process that the kernel does not let go of is left to it. */
async function kill(child: Child): Promise<void> {
  if (!child.alive) return
  child.killed = true
  const gone = new Promise<void>((resolve) => {
    child.process.once('close', () => resolve())
  })
  child.process.kill('SIGKILL')
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, GRACE_MS)
  })
  await Promise.race([gone, patience])
  clearTimeout(timer)
  child.alive = false
}

/** An idle child does not keep its parent alive; a working one does. */
function hold(child: Child): void {
  child.process.ref()
  child.process.channel?.ref()
}

function release(child: Child): void {
  child.process.unref()
  child.process.channel?.unref()
  const { stderr } = child.process
  if (stderr !== null && 'unref' in stderr && typeof stderr.unref === 'function') stderr.unref()
}
