import type { AlertRecord, AlertSignal } from '@tidegate/core'

export function makeSignal(key: string, given: Partial<AlertSignal> = {}): AlertSignal {
  return {
    key,
    kind: 'run_failed',
    effect: 'raise',
    source: 'orders',
    dataset: null,
    severity: 'critical',
    run: 'r',
    atMs: 10,
    detail: { code: 'X', n: 2 },
    ...given,
  }
}

export function makeAlert(id: string, given: Partial<AlertRecord> = {}): AlertRecord {
  return {
    id,
    kind: 'run_failed',
    source: 'orders',
    dataset: null,
    severity: 'critical',
    state: 'firing',
    firstAtMs: 10,
    lastAtMs: 20,
    count: 2,
    firingAtMs: 15,
    acknowledgedAtMs: null,
    acknowledgedBy: null,
    note: null,
    resolvedAtMs: null,
    run: 'r',
    detail: { code: 'X' },
    ...given,
  }
}
