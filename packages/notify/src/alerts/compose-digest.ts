import type { AlertSignal } from '@tidegate/core'
import { news } from './make-signals.ts'

/** The last day of the whole project, in sums. */
export interface DigestSums {
  /** Of the channel that gets it. */
  readonly channel: string
  /** What it covers, Unix milliseconds, UTC. */
  readonly fromMs: number
  readonly toMs: number
  readonly runs: number
  readonly runsFailed: number
  readonly filesLoaded: number
  readonly filesHeld: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  readonly openAlerts: number
  /** Sources with trouble, worst first. */
  readonly troubled: readonly { readonly source: string; readonly state: string }[]
}

/** The daily digest as a piece of news for one channel; the job `digest` adds it to the signals. The same day, the same key. */
export function composeDigest(sums: DigestSums): AlertSignal {
  const { troubled, channel, ...numbers } = sums
  const day = new Date(sums.toMs).toISOString().slice(0, 10)
  const detail = {
    channel,
    ...numbers,
    troubled: troubled.length,
    shown: troubled.slice(0, SHOWN).map(({ source, state }) => ({ source, state })),
  }
  return news('daily_digest', { source: '', atMs: sums.toMs }, null, `${channel} ${day}`, detail)
}

const SHOWN = 10
