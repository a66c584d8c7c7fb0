/**
 * The parent's side of the desk: questions that need an engine or a long listing go to a child process, so that the event
 * loop stays free and a file that crashes the engine takes nothing else along.
 *
 *   (1) One question is at work at a time, the others wait in order; beyond `mostWaiting` they are refused.      [ask]
 *   (2) Every question gets one answer: the child's, or that it took too long, that the child died, that nobody waits for it
 *       any more, or that the desk was closed.                                                                   [settle]
 *   (3) A child that took too long, or whose question was given up, is killed with its group; the next question starts
 *       another.                                                                                                  [giveUp]
 *   (4) The child ends after `idleMs` without a question, and with its parent.                    [rest; desk-child.ts]
 */
import type { ChildProcess } from 'node:child_process'
import { TidegateError, type JsonValue } from '@tidegate/core'
import { siblingOf, startChild, type SpawnOptions } from '../runs/spawn-attempt.ts'
import type { Desk, DeskQuestion } from '../services.ts'
import { fromPlainError, type FromDesk, type ToDesk } from './desk-protocol.ts'

export interface DeskOptions extends SpawnOptions {
  /** @defaultValue 20 */
  readonly mostWaiting?: number | undefined
  /** Of one question. @defaultValue 60 s */
  readonly limitMs?: number | undefined
  /** @defaultValue 5 min */
  readonly idleMs?: number | undefined
  /** What the child writes to stderr. */
  readonly onLine?: ((text: string) => void) | undefined
}

export interface OpenDesk extends Desk {
  /** Process id of the living child. */
  readonly pid: number | undefined
  /** Questions that are open get `SERVER_DESK_CLOSED`. */
  close(): void
}

interface Asked {
  readonly id: number
  readonly question: DeskQuestion
  readonly resolve: (answer: JsonValue) => void
  readonly reject: (error: TidegateError) => void
}

export function openDesk(options: DeskOptions): OpenDesk {
  const { place, memoryParts = 1, mostWaiting = 20, limitMs = 60_000, idleMs = 300_000, onLine } = options
  const entry = options.entry ?? siblingOf('desk-child', import.meta.url)
  const waiting: Asked[] = []
  let current: Asked | undefined
  let child: ChildProcess | undefined
  let timer: NodeJS.Timeout | undefined
  let lastId = 0
  let isClosed = false

  return {
    get pid() {
      return child?.pid
    },
    ask,
    close() {
      isClosed = true
      for (const asked of waiting.splice(0)) asked.reject(closed())
      giveUp(closed())
      dismiss()
    },
  }

  function ask(question: DeskQuestion, signal?: AbortSignal): Promise<JsonValue> {
    return new Promise((resolve, reject) => {
      if (isClosed) return reject(closed())
      if (signal?.aborted === true) return reject(cancelled())
      if (waiting.length >= mostWaiting) return reject(busy(mostWaiting))
      const asked: Asked = {
        id: ++lastId,
        question,
        resolve: (answer) => {
          signal?.removeEventListener('abort', leave)
          resolve(answer)
        },
        reject: (error) => {
          signal?.removeEventListener('abort', leave)
          reject(error)
        },
      }
      const leave = (): void => {
        if (current === asked) return giveUp(cancelled())
        const place = waiting.indexOf(asked)
        if (place >= 0) waiting.splice(place, 1)
        asked.reject(cancelled())
      }
      signal?.addEventListener('abort', leave, { once: true })
      waiting.push(asked)
      next()
    })
  }

  function next(): void {
    if (current !== undefined) return
    clearTimeout(timer)
    current = waiting.shift()
    if (current === undefined) return rest()
    timer = setTimeout(() => giveUp(tookTooLong(limitMs)), limitMs)
    const { id, question } = current
    const order: ToDesk = { id, place, memoryParts, question }
    try {
      childOf().send(order, () => {})
    } catch (error) {
      giveUp(died(error instanceof Error ? error.message : 'it did not start'))
    }
  }

  function rest(): void {
    if (child === undefined) return
    timer = setTimeout(dismiss, idleMs)
    timer.unref()
  }

  function childOf(): ChildProcess {
    if (child !== undefined) return child
    const started = startChild(entry, options)
    let lastLine: string | undefined
    started.stderr?.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
        lastLine = line.slice(0, 500)
        onLine?.(lastLine)
      }
    })
    const gone = (how: string): void => {
      if (child !== started) return
      child = undefined
      if (current !== undefined)
        settle((asked) => asked.reject(died(lastLine === undefined ? how : `${how}: ${lastLine}`)))
    }
    started.on('message', (message: FromDesk) => {
      if (child !== started || message.id !== current?.id) return
      if (message.kind === 'answer') settle((asked) => asked.resolve(message.answer))
      else settle((asked) => asked.reject(fromPlainError(message.error)))
    })
    started.on('error', (error) => gone(error.message))
    started.on('exit', (code, signal) => gone(signal === null ? `exit code ${code}` : `ended by ${signal}`))
    child = started
    return started
  }

  function settle(answer: (asked: Asked) => void): void {
    const asked = current
    current = undefined
    if (asked !== undefined) answer(asked)
    if (!isClosed) next()
  }

  /** Of the question at work. */
  function giveUp(error: TidegateError): void {
    if (current === undefined) return
    dismiss()
    settle((asked) => asked.reject(error))
  }

  function dismiss(): void {
    const dying = child
    child = undefined
    clearTimeout(timer)
    if (dying?.pid === undefined) return
    try {
      process.kill(-dying.pid, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
  }
}

function busy(waiting: number): TidegateError {
  return new TidegateError('SERVER_DESK_BUSY', `${waiting} questions wait for the engine already`, {
    retryable: true,
    dataNow: 'Nothing was read or changed.',
    hint: 'Ask again in some seconds.',
  })
}

function tookTooLong(limitMs: number): TidegateError {
  return new TidegateError('SERVER_DESK_TIMEOUT', `there was no answer within ${limitMs / 1000} s`, {
    retryable: true,
    dataNow: 'Nothing was changed.',
    hint: 'Ask for fewer files or rows.',
  })
}

function died(how: string): TidegateError {
  return new TidegateError('SERVER_DESK_CRASHED', `the process that was looking ended (${how})`, {
    retryable: true,
    dataNow: 'Nothing was changed.',
  })
}

function cancelled(): TidegateError {
  return new TidegateError('CANCELLED', 'nobody waits for the answer any more', { retryable: true })
}

function closed(): TidegateError {
  return new TidegateError('SERVER_DESK_CLOSED', 'the server is going down', { retryable: true })
}
