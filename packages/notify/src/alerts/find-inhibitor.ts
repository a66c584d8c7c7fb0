import type { AlertKind, AlertRecord } from '@tidegate/core'
import { isFiring } from './alert-world.ts'

/**
 * The alert that explains another one: a run that failed explains that nothing new came, and a failed gate the files that it
 * put into quarantine. Schema changes are never explained away. Look an alert's causes up with {@link causesOf} first.
 */
export function findInhibitor(
  alert: AlertRecord,
  causes: ReadonlyMap<string, AlertRecord>,
  asks: (kind: AlertKind) => boolean,
): AlertRecord | undefined {
  if (alert.kind === 'stale' || alert.kind === 'missing') {
    const cause = causes.get(keyOf('run_failed', alert.source, null))
    return cause !== undefined && asks('run_failed') ? cause : undefined
  }
  if (alert.kind !== 'file_quarantined') return undefined
  const cause = causes.get(keyOf('gate_failed', alert.source, alert.dataset))
  return cause !== undefined && cause.run === alert.run && asks('gate_failed') ? cause : undefined
}

/** Firing alerts that may explain others. */
export function causesOf(alerts: Iterable<AlertRecord>): ReadonlyMap<string, AlertRecord> {
  const causes = new Map<string, AlertRecord>()
  for (const alert of alerts)
    if (isFiring(alert) && (alert.kind === 'run_failed' || alert.kind === 'gate_failed'))
      causes.set(keyOf(alert.kind, alert.source, alert.dataset), alert)
  return causes
}

function keyOf(kind: AlertKind, source: string, dataset: string | null): string {
  return JSON.stringify([kind, source, dataset])
}
