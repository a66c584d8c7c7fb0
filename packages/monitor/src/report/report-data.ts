import type { CheckRecord, CheckResult } from '@tidegate/core'
import type { Facts } from '../facts.ts'
import type { MonitorContext } from '../monitored-source.ts'

/** What a page is made of: the facts, what is configured, and where it comes from. The same in the file and on a server. */
export interface ReportData {
  readonly kind: 'tidegate-report'
  readonly reportVersion: 1
  /** Of Tidegate. */
  readonly version: string
  /** What the project calls itself; its folder's name where nothing was said. */
  readonly project: string
  /** How to make it again, e.g. `tidegate monitor --since 7d --html report.html`. */
  readonly command: string
  /** Whether values out of the rows are in it. */
  readonly samples: 'masked' | 'none'
  readonly facts: Facts
  readonly context: MonitorContext
  /** What was left out to keep the file small, in words. */
  readonly trimmed: readonly string[]
  /** The host answers `/api/v1`: a daemon, whose page can change something. */
  readonly operations?: true | undefined
}

/** Facts without anything that was read out of rows: unexpected values, value counts, observed extremes. */
export function withoutSamples(facts: Facts): Facts {
  return {
    ...facts,
    failedChecks: { ...facts.failedChecks, items: facts.failedChecks.items.map((record) => withoutValues(record)) },
  }
}

const OUT_OF_ROWS: ReadonlySet<keyof CheckResult> = new Set([
  'partialUnexpected',
  'partialUnexpectedRows',
  'unexpected',
  'unexpectedRows',
  'details',
  'observedValue',
])

/** One result without what was read out of rows. */
export function withoutValues(record: CheckRecord): CheckRecord {
  const kept = Object.entries(record.result).filter(([name]) => !OUT_OF_ROWS.has(name as keyof CheckResult))
  return { ...record, result: Object.fromEntries(kept) as unknown as CheckResult }
}
