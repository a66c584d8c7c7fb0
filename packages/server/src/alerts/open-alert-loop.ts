/**
 * What is told while the daemon runs.
 *
 *   (1) Signals are folded within {@link POLL_MS}, whoever wrote them; at once after `wake`.            [turn]
 *   (2) A channel that does not answer holds up itself alone: each has one delivery under way at most.   [deliver]
 *   (3) Nothing ends the loop but `close`: a step or a delivery that fails is reported and tried again.   [run]
 */
import type { Config } from '@tidegate/core'
import { deliverTurn, stepProjectAlerts, type AlertsState, type OutboxState } from '@tidegate/project/open'
import type { Operations } from '@tidegate/core'

export interface AlertLoopOptions {
  readonly state: AlertsState & OutboxState & Pick<Operations, 'takeNotices' | 'nextNoticeAtMs'>
  /** The configuration in force. */
  readonly config: () => Config
  readonly nowMs: () => number
  /** Resolves early when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly report: (event: AlertLoopEvent) => void
}

export type AlertLoopEvent =
  | { readonly kind: 'told'; readonly signals: number; readonly notices: number }
  | {
      readonly kind: 'not-delivered'
      readonly channel: string
      readonly event: string
      readonly message: string
      readonly isGivenUp: boolean
    }
  | { readonly kind: 'failed'; readonly error: unknown }

export interface AlertLoop {
  /** Something was written: look now. */
  wake(): void
  /** Attempts under way are stopped; their notices are offered again. */
  close(): Promise<void>
}

/** Other processes write signals, too, and wake nobody. */
const POLL_MS = 2000
const SHORTEST_MS = 50
const NOTICES_AT_ONCE = 50

export function openAlertLoop(options: AlertLoopOptions): AlertLoop {
  const closing = new AbortController()
  const busy = new Map<string, Promise<void>>()
  let sleeping = new AbortController()
  let isWoken = false
  let known = { revision: -1, nextWakeMs: null as number | null }
  let stepped: Config | undefined

  const wake = (): void => {
    isWoken = true
    sleeping.abort()
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      isWoken = false
      sleeping = new AbortController()
      let waitMs = POLL_MS
      try {
        waitMs = await turn()
      } catch (error) {
        options.report({ kind: 'failed', error })
      }
      if (!isWoken && !closing.signal.aborted)
        await options.sleep(waitMs, AbortSignal.any([sleeping.signal, closing.signal]))
    }
    await Promise.all(busy.values())
  }

  /** Returns how long nothing is to be done. */
  async function turn(): Promise<number> {
    const { state, nowMs } = options
    await step()
    await deliver()
    // What waits for a channel that is busy is looked at when its turn ends.
    const nextNoticeMs = busy.size > 0 ? null : await state.nextNoticeAtMs()
    const dueMs = Math.min(known.nextWakeMs ?? Infinity, nextNoticeMs ?? Infinity, nowMs() + POLL_MS)
    return Math.min(POLL_MS, Math.max(SHORTEST_MS, dueMs - nowMs()))
  }

  async function step(): Promise<void> {
    const { state, nowMs } = options
    const config = options.config()
    const isSame =
      stepped === config && (await state.alertRevision()) === known.revision && (known.nextWakeMs ?? Infinity) > nowMs()
    if (isSame && (await state.pendingSignals(1)).length === 0) return
    const { signals, notices, ...now } = await stepProjectAlerts(state, config, config.alerts, nowMs)
    known = now
    stepped = config
    if (signals + notices > 0) options.report({ kind: 'told', signals, notices })
  }

  async function deliver(): Promise<void> {
    const { state, nowMs } = options
    const due = await state.takeNotices(NOTICES_AT_ONCE, nowMs(), [...busy.keys()])
    for (const [name, notices] of Map.groupBy(due, ({ channel }) => channel)) {
      const channel = options.config().channels.find((one) => one.name === name)
      const work = deliverTurn(state, channel, notices, { nowMs, signal: closing.signal }).then(
        ({ failed }) => {
          for (const failure of failed) options.report({ kind: 'not-delivered', ...failure })
        },
        (error: unknown) => options.report({ kind: 'failed', error }),
      )
      busy.set(
        name,
        work.finally(() => {
          busy.delete(name)
          wake()
        }),
      )
    }
  }

  const running = run()
  return {
    wake,
    async close() {
      closing.abort()
      wake()
      await running
    },
  }
}
