import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { TidegateError } from '@tidegate/core'
import { fromSentError } from './errors.ts'
import { openPeer } from './open-peer.ts'
import type { ThreadOptions, ThreadReady } from './thread-protocol.ts'

export interface StateThread {
  readonly ready: Extract<ThreadReady, { kind: 'ready' }>
  call(method: string, words: readonly unknown[]): Promise<unknown>
  /** Of the thread: for tests. */
  readonly worker: Worker
  /** When nothing is asked of it. */
  idle(): Promise<void>
  stop(): Promise<void>
}

/** Starts a thread with a state of its own, ready to be called. The thread holds the process only while it is asked something. */
export async function startThread(options: ThreadOptions, onGone: (thread: StateThread) => void): Promise<StateThread> {
  const worker = openWorker(options)
  let cause: unknown
  worker.on('error', (error) => (cause = error))
  const gone = once(worker, 'exit').then(() => undefined)
  const [ready] = (await Promise.race([firstMessage(worker), gone.then(() => [undefined])])) as [
    ThreadReady | undefined,
  ]
  if (ready?.kind !== 'ready') {
    await worker.terminate()
    throw ready === undefined ? threadGone(cause) : fromSentError(ready.error)
  }
  const peer = openPeer(worker, {}, (isWaiting) => (isWaiting ? worker.ref() : worker.unref()))
  worker.unref()
  const thread: StateThread = {
    ready,
    worker,
    call: async (method, words) => peer.call(method, words),
    idle: async () => peer.idle(),
    async stop() {
      await worker.terminate()
    },
  }
  void gone.then(() => {
    peer.fail(threadGone(cause))
    onGone(thread)
  })
  return thread
}

async function firstMessage(worker: Worker): Promise<unknown[]> {
  return new Promise((resolve) => {
    worker.once('message', (message: unknown) => resolve([message]))
  })
}

function openWorker(options: ThreadOptions): Worker {
  // The sources run as they are under Node's type stripping (development); what is published runs from dist.
  const fromSource = import.meta.url.endsWith('.ts')
  const entry = new URL(fromSource ? './state-worker.ts' : './state-worker.js', import.meta.url)
  const { path, readOnly, busyTimeoutMs } = options
  return new Worker(entry, {
    workerData: { path, readOnly, busyTimeoutMs } satisfies ThreadOptions,
    ...(fromSource ? { execArgv: ['--conditions=tidegate:source'] } : {}),
  })
}

function threadGone(cause: unknown): TidegateError {
  return new TidegateError('STATE_THREAD_GONE', 'the thread of the state database ended while it was asked', {
    retryable: true,
    hint: 'The next call opens it again; if it happens often, look at the memory of the process.',
    dataNow: 'What was asked was written whole or not at all; ask again and see.',
    ...(cause === undefined ? {} : { cause }),
  })
}
