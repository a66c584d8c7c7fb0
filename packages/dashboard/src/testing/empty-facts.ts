import type { Facts } from '@tidegate/monitor'
import { NOW } from './demo-facts.ts'

/** What there is to know of a project that never did anything. */
export function emptyFacts(): Facts {
  const none = { items: [], total: 0 }
  return {
    factsVersion: 1,
    sinceMs: NOW - 7 * 86_400_000,
    untilMs: NOW,
    reachMs: NOW - 30 * 86_400_000,
    runs: none,
    fileHours: [],
    folders: none,
    scores: [],
    checkDays: [],
    checkFailures: [],
    failedChecks: none,
    files: none,
    lastLoaded: [],
    held: none,
    failures: none,
    quarantine: [],
    repairs: [],
    schemas: [],
    contracts: [],
    watermarks: [],
    leases: [],
  }
}
