/**
 * A receiver that answers 410 (Gone) asks not to be called again.
 *
 *   (1) After it nothing is sent to the channel until a day passed or its configuration is another.
 *   (2) What falls due in between is given up, each with the reason in the log.
 *   (3) Nothing but the log is kept: its newest line of the channel says since when, and each that is given up says it again.
 */
import { createHash } from 'node:crypto'
import { stringifyJson, toJson, type Config, type Operations } from '@tidegate/core'

type Channel = Config['channels'][number]

export interface GoneChannel {
  readonly untilMs: number
  /** For log and decisions, and what {@link findGone} reads. */
  readonly reason: string
}

export const GONE_STATUS = 410
const DAY_MS = 86_400_000

/** What the log says of a receiver that answered 410 at `atMs`. */
export function goneAt(channel: Channel, atMs: number): GoneChannel {
  const untilMs = atMs + DAY_MS
  const until = new Date(untilMs).toISOString()
  const reason = `the receiver answered 410 (gone): nothing is sent to it until ${until}, unless the channel is changed (now ${markOf(channel)})`
  return { untilMs, reason }
}

/** Whether the receiver of the channel is gone now. */
export async function findGone(
  state: Pick<Operations, 'listDeliveries'>,
  channel: Channel,
  nowMs: number,
): Promise<GoneChannel | undefined> {
  const { items } = await state.listDeliveries({ limit: 1, channel: channel.name })
  const reason = items[0]?.outcome === 'given-up' ? items[0].message : null
  const [, until = '', mark] = /until (\S+Z), unless .* \(now ([0-9a-f]+)\)$/.exec(reason ?? '') ?? []
  const untilMs = Date.parse(until)
  return reason !== null && mark === markOf(channel) && untilMs > nowMs ? { untilMs, reason } : undefined
}

/** Too short to find a secret by it, long enough to tell that it is another. */
function markOf(channel: Channel): string {
  return createHash('sha256')
    .update(stringifyJson(toJson(channel)))
    .digest('hex')
    .slice(0, 8)
}
