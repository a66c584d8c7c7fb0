/**
 * The parent's side of the engine child (design: untrusted bytes meet DuckDB only in a supervised, reused child process).
 *
 *   (1) At most one child lives at a time; it is started at the first session and again after it died.   [childOf]
 *   (2) Every request gets an answer: the child's, or ENGINE_CRASHED when the child is gone.             [onExit]
 *   (3) A session belongs to the child it was opened in; after that child's death it only says ENGINE_CRASHED.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { TidegateError, type QueryOptions, type QueryResult, type Session } from '@tidegate/core'
import type { Answer, Request } from './protocol.ts'
import { queuedSession } from './queued-session.ts'
import type { EngineSettings } from './settings.ts'

export interface EngineOptions extends EngineSettings {
  /** Heap of the child's JavaScript in MiB; results are aggregates and samples. @defaultValue 512 */
  readonly heapMiB?: number
  /** Called when a child died without being asked to, with what is known. */
  readonly onCrash?: (report: {
    readonly pid: number | undefined
    readonly signal: string | null
    readonly code: number | null
  }) => void
}

export interface Engine {
  /** A session in the child; starts the child if none lives. @throws ENGINE_CRASHED, ENGINE_START */
  openSession(): Promise<Session>
  /** Process id of the living child. */
  readonly pid: number | undefined
  /** How many children died without being asked to. */
  readonly crashes: number
  /** Ends the child. Sessions still open answer ENGINE_CRASHED. */
  close(): Promise<void>
}

interface Pending {
  readonly resolve: (result: QueryResult | undefined) => void
  readonly reject: (error: TidegateError) => void
}

interface Child {
  readonly process: ChildProcess
  readonly pending: Map<number, Pending>
  alive: boolean
}

/** Prepares an engine. Nothing is started before the first session. */
export function startEngine(options: EngineOptions = {}): Engine {
  const { heapMiB = 512, onCrash, ...settings } = options
  let child: Child | undefined
  let lastId = 0
  let crashes = 0
  let closing = false

  return {
    get pid() {
      return child?.process.pid
    },
    get crashes() {
      return crashes
    },
    async openSession() {
      const home = childOf()
      const session = ++lastId
      await ask(home, { kind: 'open', id: ++lastId, session })
      return childSession(home, session)
    },
    async close() {
      closing = true
      const dying = child
      child = undefined
      if (dying === undefined || !dying.alive) return
      await new Promise<void>((resolve) => {
        dying.process.once('exit', () => resolve())
        dying.process.kill('SIGKILL')
      })
    },
  }

  function childOf(): Child {
    if (child?.alive === true) return child
    if (closing) throw new TidegateError('ENGINE_CLOSED', 'the engine was closed')
    if (settings.tempDirectory !== undefined) mkdirSync(settings.tempDirectory, { recursive: true })
    const started: Child = { process: forkChild(heapMiB), pending: new Map(), alive: true }
    started.process.on('message', (answer: Answer) => settle(started, answer))
    started.process.on('error', () => onExit(started, null, null))
    started.process.on('exit', (code, signal) => onExit(started, code, signal))
    started.process.send({ kind: 'start', settings } satisfies Request)
    child = started
    return started
  }

  function onExit(dead: Child, code: number | null, signal: string | null): void {
    if (!dead.alive) return
    dead.alive = false
    if (!closing) {
      crashes += 1
      onCrash?.({ pid: dead.process.pid, signal, code })
    }
    for (const request of dead.pending.values()) request.reject(crashed())
    dead.pending.clear()
  }

  function ask(home: Child, request: Request & { readonly id: number }): Promise<QueryResult | undefined> {
    return new Promise((resolve, reject) => {
      if (!home.alive) return reject(crashed())
      home.pending.set(request.id, { resolve, reject })
      home.process.send(request, (error) => {
        if (error !== null) settleCrash(home, request.id)
      })
    })
  }

  function childSession(home: Child, session: number): Session {
    const query = async (sql: string, queryOptions?: QueryOptions): Promise<QueryResult> => {
      const signal = queryOptions?.signal
      if (signal?.aborted === true) {
        throw new TidegateError('CANCELLED', 'stopped before the statement began', { retryable: true })
      }
      const interrupt = (): void => {
        if (home.alive) home.process.send({ kind: 'interrupt', session } satisfies Request)
      }
      signal?.addEventListener('abort', interrupt, { once: true })
      try {
        return (await ask(home, { kind: 'query', id: ++lastId, session, sql })) ?? { columns: [], rows: [] }
      } finally {
        signal?.removeEventListener('abort', interrupt)
      }
    }
    return queuedSession(query, async () => {
      if (home.alive) await ask(home, { kind: 'close', id: ++lastId, session })
    })
  }
}

function settle(child: Child, answer: Answer): void {
  const request = child.pending.get(answer.id)
  if (request === undefined) return
  child.pending.delete(answer.id)
  switch (answer.kind) {
    case 'result':
      return request.resolve(answer.result)
    case 'done':
      return request.resolve(undefined)
    case 'error':
      return request.reject(
        new TidegateError(answer.code, answer.message, {
          retryable: answer.retryable,
          ...(answer.hint === undefined ? {} : { hint: answer.hint }),
          ...(answer.sql === undefined ? {} : { cause: new Error(answer.sql) }),
        }),
      )
  }
}

function settleCrash(child: Child, id: number): void {
  const request = child.pending.get(id)
  child.pending.delete(id)
  request?.reject(crashed())
}

function crashed(): TidegateError {
  return new TidegateError('ENGINE_CRASHED', 'the engine child ended while it was reading', {
    retryable: true,
    dataNow: 'Nothing of this attempt was committed.',
    hint: 'A file that does this twice is set aside with code PQ901.',
  })
}

function forkChild(heapMiB: number): ChildProcess {
  // The sources run as they are under Node's type stripping (development); what is published runs from dist.
  const fromSource = import.meta.url.endsWith('.ts')
  const entry = fileURLToPath(new URL(fromSource ? './engine-child.ts' : './engine-child.js', import.meta.url))
  return fork(entry, [], {
    serialization: 'advanced',
    execArgv: [`--max-old-space-size=${heapMiB}`, ...(fromSource ? ['--conditions=tidegate:source'] : [])],
    env: { ...process.env, TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}
