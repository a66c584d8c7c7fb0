import type { Link } from './link.ts'

/** Four panels over one time axis. */
export interface CumulativeView {
  readonly summary: string
  /** Width of a bucket: hours up to 15 days of window, else days. */
  readonly step: 'hour' | 'day'
  /** Begin of each bucket, UTC ISO 8601: the x of every series. */
  readonly at: readonly string[]
  /** Rows, bytes, rate, waiting. */
  readonly panels: readonly [CumulativePanel, CumulativePanel, CumulativePanel, CumulativePanel]
}

export interface CumulativePanel {
  readonly id: 'rows' | 'bytes' | 'rate' | 'waiting'
  readonly title: string
  readonly unit: 'rows' | 'bytes' | 'rows-per-second' | 'files'
  readonly summary: string
  /** `rows` and `bytes`: the total first, then up to 7 sources by size and `others`. `rate`: p50, p95. `waiting`: held, failed. */
  readonly series: readonly CumulativeSeries[]
  readonly link: Link
}

export interface CumulativeSeries {
  readonly name: string
  /** Null for a sum over all sources. */
  readonly source: string | null
  /** One per bucket; null where nothing was measured. */
  readonly values: readonly (number | null)[]
  readonly link: Link
}
