import type { AlertSignal, JsonValue } from '@tidegate/core'
import type { AlertChannel, AlertWorld } from './alert-world.ts'
import { readDetail } from './read-detail.ts'

/** News that a channel gets beside what waits for it already; the same news of one source and dataset become one. */
export function collectNews(
  waiting: readonly AlertSignal[],
  fresh: readonly AlertSignal[],
  channel: AlertChannel,
  notify: AlertWorld['notify'],
): readonly AlertSignal[] {
  const wanted = fresh.filter((signal) => isWanted(signal, channel, notify))
  if (wanted.length === 0) return waiting
  const merged = new Map<string, AlertSignal>()
  for (const signal of [...waiting, ...wanted]) {
    const place = JSON.stringify([signal.kind, signal.source, signal.dataset])
    merged.set(place, merge(merged.get(place), signal))
  }
  return [...merged.values()]
}

function isWanted(
  signal: AlertSignal,
  { name, on, sendResolved }: AlertChannel,
  notify: AlertWorld['notify'],
): boolean {
  if (!on.includes(signal.kind)) return false
  const detail = readDetail(signal.detail)
  if (signal.kind === 'daily_digest') return detail.text('channel', name) === name
  if (!isRouted(signal.source, name, notify)) return false
  // Who is told of the alert is told of its end; nobody needs both.
  return signal.kind !== 'recovered' || !(sendResolved && on.includes(detail.text('from')))
}

/** What belongs to no source, such as the schedule of `maintain`, concerns every channel. */
export function isRouted(source: string, channel: string, notify: AlertWorld['notify']): boolean {
  const named = notify.get(source)
  return named === undefined ? PROJECT_WIDE.test(source) : named.includes(channel)
}

/** Neither a source of the configuration nor something of the whole project. */
export function isUnknown(source: string, notify: AlertWorld['notify']): boolean {
  return !notify.has(source) && !PROJECT_WIDE.test(source)
}

const PROJECT_WIDE = /^(?:|maintain|arrivals|digest(?::.*)?)$/

const SUMS: readonly string[] = ['files', 'rows', 'bytes']

function merge(known: AlertSignal | undefined, signal: AlertSignal): AlertSignal {
  if (known === undefined || signal.kind === 'daily_digest') return signal
  const before = readDetail(known.detail)
  const now = readDetail(signal.detail)
  const sums: Record<string, JsonValue> = { times: before.number('times', 1) + now.number('times', 1) }
  for (const key of SUMS) {
    const [one, other] = [before.optional(key), now.optional(key)]
    if (one !== undefined && other !== undefined) sums[key] = one + other
  }
  return { ...signal, detail: { ...signal.detail, ...sums } }
}
