/**
 * Calls between two threads. Both sides are the same: each may call the functions of the other's root, and those that the
 * other gave it as an argument.
 *
 *   (1) Each call has one answer: a value, a failure, or the failure of everything when the other side is gone.  [fail]
 *   (2) Streams are asked for a part at a time, so that neither side holds more of one than a part.           [partOf]
 *   (3) Functions and streams are kept as long as the call that they belong to, and its stream.                  [call]
 */
import { fromSentError, toSentError, type SentError } from './errors.ts'
import { isStream, putIn, takeOut, type Kept, type Reference } from './references.ts'

/** A worker, or what a worker sees of who started it. */
export interface Port {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
}

export interface Peer {
  call(method: string, words: readonly unknown[]): Promise<unknown>
  /** When no call waits for its answer. */
  idle(): Promise<void>
  /** All calls under way, and later ones, end with this error. */
  fail(error: Error): void
}

export type Root = Readonly<Record<string, unknown>>

type Message =
  | {
      readonly kind: 'call'
      readonly id: number
      readonly target: number | null
      readonly method: string
      readonly words: unknown
      readonly references: readonly Reference[]
    }
  | { readonly kind: 'next'; readonly id: number; readonly handle: number }
  | { readonly kind: 'drop'; readonly handle: number }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown; readonly stream: number | null }
  | { readonly kind: 'failure'; readonly id: number; readonly error: SentError }

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** @param hold told when a call waits for its answer, and when none does any more */
export function openPeer(port: Port, root: Root, hold: (isWaiting: boolean) => void = () => {}): Peer {
  const waiting = new Map<number, Pending>()
  const kept = new Map<number, Kept | OpenStream>()
  let last = 0
  let failed: Error | undefined
  const sleepers: (() => void)[] = []
  const settle = (): void => {
    if (waiting.size > 0) return
    hold(false)
    for (const wake of sleepers.splice(0)) wake()
  }

  const keep = (thing: Kept): number => {
    kept.set((last += 1), thing)
    return last
  }
  const ask = async (message: Omit<Extract<Message, { id: number }>, 'id'>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (failed !== undefined) return reject(failed)
      const id = (last += 1)
      waiting.set(id, { resolve, reject })
      hold(true)
      try {
        port.postMessage({ ...message, id })
      } catch (error) {
        // Something in it that no thread can be given.
        waiting.delete(id)
        reject(error)
        settle()
      }
    })

  const call = async (target: number | null, method: string, words: readonly unknown[]): Promise<unknown> => {
    const handles: number[] = []
    const { value, references } = takeOut(words, (thing) => {
      const handle = keep(thing)
      handles.push(handle)
      return handle
    })
    const forget = (): void => handles.forEach((handle) => kept.delete(handle))
    let stream: number | null = null
    try {
      const answer = (await ask({ kind: 'call', target, method, words: value, references } as never)) as Answer
      stream = answer.stream
      return stream === null ? answer.value : streamOf(stream, forget)
    } finally {
      if (stream === null) forget()
    }
  }

  async function* streamOf(handle: number, forget: () => void): AsyncGenerator<unknown, void> {
    let done = false
    try {
      while (!done) {
        const { value } = (await ask({ kind: 'next', handle } as never)) as Answer
        const part = value as { readonly items: readonly unknown[]; readonly done: boolean }
        done = part.done
        yield* part.items
      }
    } finally {
      forget()
      if (!done && failed === undefined) port.postMessage({ kind: 'drop', handle })
    }
  }

  const functionOf =
    ({ handle }: Reference) =>
    (...words: readonly unknown[]): unknown => {
      const answer = call(handle, '', words)
      // Whoever expects a stream of it reads it as one.
      return Object.assign(answer, {
        async *[Symbol.asyncIterator]() {
          yield* (await answer) as AsyncIterable<unknown>
        },
      })
    }

  const carryOut = async (message: Extract<Message, { kind: 'call' | 'next' }>): Promise<void> => {
    try {
      if (message.kind === 'next') {
        const { items, done } = await partOf(openStream(message.handle))
        if (done) kept.delete(message.handle)
        return post({ kind: 'answer', id: message.id, value: { items, done }, stream: null })
      }
      const { target, method, references } = message
      const words = putIn(message.words, references, (reference) =>
        reference.kind === 'function' ? functionOf(reference) : streamOf(reference.handle, () => {}),
      ) as readonly unknown[]
      const given = target === null ? (Object.hasOwn(root, method) ? root[method] : undefined) : kept.get(target)
      if (typeof given !== 'function') throw new Error(`there is no ${method}`)
      const value: unknown = await Reflect.apply(given, undefined, words)
      const isGiven = typeof value === 'object' && value !== null && isStream(value)
      post({ kind: 'answer', id: message.id, value: isGiven ? null : value, stream: isGiven ? keep(value) : null })
    } catch (error) {
      post({ kind: 'failure', id: message.id, error: toSentError(error) })
    }
  }
  const post = (message: Message): void => port.postMessage(message)

  const openStream = (handle: number): OpenStream => {
    const thing = kept.get(handle)
    if (thing === undefined || typeof thing === 'function') throw new Error('this stream is over')
    if ('stop' in thing) return thing
    const opened = begin(thing)
    kept.set(handle, opened)
    return opened
  }
  const drop = (handle: number): void => {
    const thing = kept.get(handle)
    if (thing === undefined || typeof thing === 'function') return
    kept.delete(handle)
    // Whoever reads on from something may have to let it go, also where nothing was read yet.
    void ('stop' in thing ? thing : begin(thing)).stop().catch(() => {})
  }

  port.on('message', (sent) => {
    const message = sent as Message
    if (message.kind === 'call' || message.kind === 'next') return void carryOut(message)
    if (message.kind === 'drop') return drop(message.handle)
    const pending = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.kind === 'answer') pending?.resolve({ value: message.value, stream: message.stream } satisfies Answer)
    else pending?.reject(fromSentError(message.error))
    settle()
  })

  return {
    call: async (method, words) => call(null, method, words),
    idle: async () => (waiting.size === 0 ? undefined : new Promise((resolve) => sleepers.push(resolve))),
    fail(error) {
      failed ??= error
      for (const { reject } of waiting.values()) reject(error)
      waiting.clear()
      settle()
    },
  }
}

interface OpenStream {
  next(): Promise<IteratorResult<unknown, unknown>>
  stop(): Promise<unknown>
}

function begin(thing: AsyncIterable<unknown> | Iterable<unknown>): OpenStream {
  const iterator = Symbol.asyncIterator in thing ? thing[Symbol.asyncIterator]() : thing[Symbol.iterator]()
  return { next: async () => iterator.next(), stop: async () => iterator.return?.() }
}

interface Answer {
  readonly value: unknown
  readonly stream: number | null
}

/** So many items, or as many as there are after so long: what is small comes in fewer parts, what is large one by one. */
async function partOf(stream: OpenStream): Promise<{ readonly items: readonly unknown[]; readonly done: boolean }> {
  const items: unknown[] = []
  const startedAtMs = performance.now()
  for (let weight = 0; weight < PART_ITEMS && performance.now() - startedAtMs < PART_MS;) {
    const result = await stream.next()
    if (result.done === true) return { items, done: true }
    items.push(result.value)
    weight += Array.isArray(result.value) ? result.value.length : 1
  }
  return { items, done: false }
}

const PART_ITEMS = 500
const PART_MS = 20
