/**
 * Makes value tests in a worker thread, so that a pattern that backtracks for ever or a slow plug-in costs a time limit and
 * not the process.
 *
 *   (1) At most one worker lives; it is started at the first test, kept, and replaced after it was stopped.  [workerOf]
 *   (2) Tests are made one after another, and values cross in parts, so memory is bounded by a part.        [runParts]
 *   (3) A worker that is not done in time is terminated; nothing it said before counts.                     [runTest]
 *   (4) The worker holds the process only while a test runs.                                                [runTest]
 */
import { Worker } from 'node:worker_threads'
import { TidegateError } from '@tidegate/core'
import type { TestOutcome, ValueTest, ValueTester } from './value-test.ts'
import type { WorkerAnswer, WorkerRequest } from './worker-protocol.ts'

export interface ValueTesterOptions {
  /** For one call, whatever the number of values; the start of the worker does not count. @defaultValue 10,000 */
  readonly timeLimitMs?: number | undefined
}

/** Prepares a tester. No thread is started before the first test. */
export function openValueTester(options: ValueTesterOptions = {}): ValueTester {
  const { timeLimitMs = 10_000 } = options
  let current: LiveWorker | undefined
  let closed = false
  let queue: Promise<unknown> = Promise.resolve()

  return {
    test(test, values, { signal } = {}) {
      const outcome = queue.then(async (): Promise<TestOutcome> => {
        if (closed) throw new TidegateError('CHECK_VALUE_TEST', 'the value tester was closed')
        throwIfAborted(signal)
        if (values.length === 0 && test.kind === 'regex') return { kind: 'tested', failing: [] }
        current = workerOf(current)
        return runTest(current, { test, values, signal, timeLimitMs })
      })
      queue = outcome.catch(() => {})
      return outcome
    },
    async close() {
      closed = true
      const last = current
      current = undefined
      if (last?.alive === true) await last.stop()
      await queue
    },
  }
}

interface Task {
  readonly test: ValueTest
  readonly values: readonly string[]
  readonly signal: AbortSignal | undefined
  readonly timeLimitMs: number
}

async function runTest(worker: LiveWorker, { test, values, signal, timeLimitMs }: Task): Promise<TestOutcome> {
  worker.thread.ref()
  let timer: NodeJS.Timeout | undefined
  let abort: (() => void) | undefined
  const stopped = new Promise<TestOutcome>((resolve, reject) => {
    abort = () => reject(cancelled())
    signal?.addEventListener('abort', abort, { once: true })
    worker.ready.then(
      () => {
        timer = setTimeout(() => resolve({ kind: 'timeout', afterMs: timeLimitMs }), timeLimitMs)
      },
      () => {},
    )
  })
  let outcome: TestOutcome | undefined
  try {
    outcome = await Promise.race([runParts(worker, test, values), stopped])
    return outcome
  } finally {
    clearTimeout(timer)
    if (abort !== undefined) signal?.removeEventListener('abort', abort)
    if (outcome === undefined || outcome.kind === 'timeout') await worker.stop()
    else worker.thread.unref()
  }
}

/** Values in one message: at most so many, and about so many characters. */
const PART_VALUES = 10_000
const PART_CHARACTERS = 4_000_000

async function runParts(worker: LiveWorker, test: ValueTest, values: readonly string[]): Promise<TestOutcome> {
  const prepared = await worker.ask({ kind: 'prepare', test })
  if (prepared.kind === 'unusable') return prepared
  const failing: number[] = []
  for (let start = 0; start < values.length;) {
    const end = endOfPart(values, start)
    const answer = await worker.ask({ kind: 'values', values: values.slice(start, end) })
    if (answer.kind === 'unusable') return answer
    if (answer.kind === 'tested') for (const index of answer.failing) failing.push(start + index)
    start = end
  }
  return { kind: 'tested', failing }
}

/** Index after the last value of the part, exclusive. */
function endOfPart(values: readonly string[], start: number): number {
  let characters = 0
  let end = start
  while (end < values.length && end - start < PART_VALUES && characters < PART_CHARACTERS)
    characters += values[end++]?.length ?? 0
  return end
}

interface LiveWorker {
  readonly thread: Worker
  readonly alive: boolean
  /** Rejects if the worker cannot start. */
  readonly ready: Promise<void>
  /** The worker's answer; `unusable` when it died of the request. */
  ask(request: WorkerRequest): Promise<WorkerAnswer>
  stop(): Promise<void>
}

function workerOf(current: LiveWorker | undefined): LiveWorker {
  return current?.alive === true ? current : startWorker()
}

function startWorker(): LiveWorker {
  const thread = openThread()
  let alive = true
  let failure = 'the worker ended'
  let answer: ((answer: WorkerAnswer) => void) | undefined
  const ready = new Promise<void>((resolve, reject) => {
    thread.once('message', () => resolve())
    thread.once('exit', () => reject(new Error(failure)))
  })
  // What waits for it says why.
  ready.catch(() => {})
  thread.on('message', (message: WorkerAnswer) => {
    const settle = answer
    answer = undefined
    settle?.(message)
  })
  thread.on('error', (error) => {
    failure = error instanceof Error ? error.message : String(error)
  })
  thread.on('exit', () => {
    alive = false
    answer?.({ kind: 'unusable', message: failure })
  })
  return {
    thread,
    ready,
    get alive() {
      return alive
    },
    async ask(request) {
      try {
        await ready
      } catch {
        return { kind: 'unusable', message: failure }
      }
      if (!alive) return { kind: 'unusable', message: failure }
      return new Promise((resolve) => {
        answer = resolve
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        thread.postMessage(request)
      })
    },
    async stop() {
      alive = false
      await thread.terminate()
    },
  }
}

function openThread(): Worker {
  // The sources run as they are under Node's type stripping (development); what is published runs from dist.
  const fromSource = import.meta.url.endsWith('.ts')
  const entry = new URL(fromSource ? './value-test-worker.ts' : './value-test-worker.js', import.meta.url)
  const thread = new Worker(entry, {
    ...(fromSource ? { execArgv: ['--conditions=tidegate:source'] } : {}),
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  thread.unref()
  return thread
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled()
}

function cancelled(): TidegateError {
  return new TidegateError('CANCELLED', 'stopped while values were tested', { retryable: true })
}
