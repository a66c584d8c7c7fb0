/**
 * Alerts that nothing can end any more: their source or channel is not in the configuration. They are over by themselves. Not at once: an ingestion made by API is known to another process a little later.
 */
import type { AlertRecord, AlertSignal } from '@tidegate/core'
import { isOpen, type AlertWorld } from './alert-world.ts'
import { isUnknown } from './collect-news.ts'
import { resolveSignal } from './make-signals.ts'

export interface Orphans {
  readonly signals: readonly AlertSignal[]
  /** When the next one is over; null: there is none. */
  readonly wakeAtMs: number | null
}

const GRACE_MS = 600_000

export function findOrphans(world: Pick<AlertWorld, 'alerts' | 'channels' | 'notify' | 'nowMs' | 'signals'>): Orphans {
  const { nowMs } = world
  const seenNow = new Set(world.signals.flatMap(({ effect, source }) => (effect === 'raise' ? [source] : [])))
  const signals: AlertSignal[] = []
  let wakeAtMs: number | null = null
  for (const alert of world.alerts) {
    const because = isOpen(alert) && !seenNow.has(alert.source) ? whyOver(alert, world) : undefined
    if (because === undefined) continue
    const overAtMs = alert.lastAtMs + GRACE_MS
    const { kind, source, dataset, id } = alert
    if (overAtMs <= nowMs) signals.push(resolveSignal({ kind, source, dataset, because, which: id, atMs: nowMs }))
    else wakeAtMs = Math.min(wakeAtMs ?? overAtMs, overAtMs)
  }
  return { signals, wakeAtMs }
}

function whyOver(
  { source }: AlertRecord,
  { channels, notify }: Pick<AlertWorld, 'channels' | 'notify'>,
): string | undefined {
  if (isUnknown(source, notify)) return `source ${source} is not in the configuration any more`
  const channel = /^digest:(.*)$/s.exec(source)?.[1]
  if (channel !== undefined && !notify.has(source) && !channels.some(({ name }) => name === channel))
    return `channel ${channel} is not in the configuration any more`
  return undefined
}
