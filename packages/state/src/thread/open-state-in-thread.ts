/**
 * The state, answered by other threads: SQLite waits and reads in the thread that calls it, and a daemon has to answer others
 * meanwhile.
 *
 *   (1) A call is answered as by `openState`: the same values, errors with the same code.          [open-peer.ts, errors.ts]
 *   (2) A thread that ended takes the calls under way with it, as `STATE_THREAD_GONE`; the next call starts another.  [openSlot]
 *   (3) `close` waits for the calls under way, and nothing is opened again after it.                             [close]
 *   (4) What looks at much of the past has a thread of its own, with a connection of its own: heartbeats and leases do not
 *       wait for it. It sees all that was written before it was asked.                                           [LONG]
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
  const long = isShared ? openSlot({ ...options, readOnly: true }) : main
  const slotOf = (method: string): Slot => (LONG.has(method) ? long : main)

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
    // The reader first: who writes last tidies up.
    closing ??= (async () => {
      const ends = [long.close(), main.close()]
      for (const end of ends) await end
    })()
    return closing
  }
  return state as unknown as State
}

/** Methods that give a stream at once, and no promise of one. */
const STREAMS: ReadonlySet<string> = new Set<keyof State>(['knownStamps', 'exportState', 'verifyIndex'])

/** Methods that only read, and may read much. */
const LONG: ReadonlySet<string> = new Set<keyof State>([
  'factRuns',
  'sumFileHours',
  'sumFolders',
  'sumScores',
  'sumCheckDays',
  'sumCheckFailures',
  'failedChecks',
  'queryFiles',
  'lastLoaded',
  'openHeld',
  'factFailures',
  'sumQuarantine',
  'sumRepairs',
  'schemaVersions',
  'contractVersions',
  'metricSums',
  'listRuns',
  'listFiles',
  'listFailures',
  'listChecks',
  'listQuarantine',
  'listSchemas',
  'listAudit',
  'listDeliveries',
  'listTicks',
  'getLoadHistory',
  'knownFiles',
  'knownStamps',
  'exportState',
  'verifyIndex',
  'checkConservation',
])
