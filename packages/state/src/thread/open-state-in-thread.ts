/**
 * The state, answered by other threads: SQLite waits and reads in the thread that calls it, and a daemon has to answer others
 * meanwhile.
 *
 *   (1) A call is answered as by `openState`: the same values, errors with the same code.          [open-peer.ts, errors.ts]
 *   (2) A thread that ended takes the calls under way with it, as `STATE_THREAD_GONE`; the next call starts another.  [openSlot]
 *   (3) `close` waits for the calls under way, and nothing is opened again after it.                             [close]
 *   (4) What looks at the past has threads of its own, with connections of their own: heartbeats and leases do not wait for
 *       it, nor does who asks for a page of a list wait for who asks for everything. They see all that was written before
 *       they were asked.                                                                              [PAGES, EVERYTHING]
 */
import type { State, StateOptions } from '../state.ts'
import { openSlot, type Slot } from './open-slot.ts'

/**
 * As `openState`, but answered by a thread. The clock of the thread is the system's.
 *
 * @throws as `openState`; every method also `STATE_THREAD_GONE` (retryable) and, after `close`, `STATE_CLOSED`
 */
export async function openStateInThread(options: Omit<StateOptions, 'nowMs' | 'isAlive'>): Promise<State> {
  const main = openSlot(options)
  const first = await main.live()
  // Postgres serves several at once by itself, and memory has one owner.
  const isShared = options.readOnly !== true && options.path !== ':memory:' && !/^postgres(?:ql)?:/i.test(options.path)
  const readers = isShared
    ? [PAGES, EVERYTHING].map((methods) => ({ methods, slot: openSlot({ ...options, readOnly: true }) }))
    : []
  const slotOf = (method: string): Slot => readers.find(({ methods }) => methods.has(method))?.slot ?? main

  // Half a second of loading modules that nobody has to wait for; a failure shows when something is asked.
  for (const { slot } of readers) slot.live().catch(() => {})

  const { path, schemaVersion, methods } = first.ready
  const state: Record<string, unknown> = { path, schemaVersion }
  for (const method of methods) {
    const { live } = slotOf(method)
    state[method] = STREAMS.has(method)
      ? async function* (...words: readonly unknown[]): AsyncGenerator<unknown, void> {
          yield* (await (await live()).call(method, words)) as AsyncIterable<unknown>
        }
      : async (...words: readonly unknown[]) => (await live()).call(method, words)
  }
  let closing: Promise<void> | undefined
  state['close'] = async () => {
    // The readers first: who writes last tidies up.
    closing ??= (async () => {
      const ends = [...readers.map(({ slot }) => slot), main].map(async (slot) => slot.close())
      for (const end of ends) await end
    })()
    return closing
  }
  return state as unknown as State
}

/** Methods that give a stream at once, and no promise of one. */
const STREAMS: ReadonlySet<string> = new Set<keyof State>(['knownStamps', 'exportState', 'verifyIndex'])

/** Methods that only read, a part of the past: milliseconds. */
const PAGES: ReadonlySet<string> = new Set<keyof State>([
  'queryFiles',
  'lastLoaded',
  'openHeld',
  'listRuns',
  'listRunsWithoutJob',
  'listFiles',
  'listFailures',
  'listChecks',
  'listQuarantine',
  'listSchemas',
  'listAudit',
  'listDeliveries',
  'listTicks',
])

/** Methods that only read, all of it or much: a second at 100,000 files. */
const EVERYTHING: ReadonlySet<string> = new Set<keyof State>([
  'factRuns',
  'sumFileHours',
  'sumFolders',
  'sumScores',
  'sumCheckDays',
  'sumCheckFailures',
  'failedChecks',
  'factFailures',
  'sumQuarantine',
  'sumRepairs',
  'schemaVersions',
  'contractVersions',
  'metricSums',
  'getLoadHistory',
  'knownFiles',
  'knownStamps',
  'exportState',
  'verifyIndex',
  'checkConservation',
])
