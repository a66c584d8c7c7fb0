import type { Histogram, Metric, Series } from './exposition.ts'

/** More of one metric cost whoever collects them too much. */
export const MOST_SERIES = 500
export const OTHER = 'other'

export interface BoundedMetric {
  readonly metric: Metric
  /** Series that went into `other`. */
  readonly dropped: number
}

/**
 * At most `most` series. Beyond that the first by their labels stay, and the others are one series in which the labels of
 * `merge` are `other`: counters and histograms are summed, of gauges the largest counts.
 */
export function boundSeries(metric: Metric, merge: readonly string[], most: number = MOST_SERIES): BoundedMetric {
  if (metric.series.length <= most) return { metric, dropped: 0 }
  const ordered = metric.series.toSorted((a, b) => compare(keyOf(a), keyOf(b)))
  const others = new Map<string, Series>()
  let kept = most
  let rest: readonly Series[] = []
  // Labels that stay apart (a status, say) make several series of the rest: they count, too.
  for (;;) {
    rest = ordered.slice(kept)
    others.clear()
    for (const series of rest) {
      const labels = { ...series.labels, ...Object.fromEntries(merge.map((label) => [label, OTHER])) }
      const key = JSON.stringify(labels)
      const known = others.get(key)
      others.set(key, { labels, value: known === undefined ? series.value : add(metric, known.value, series.value) })
    }
    if (kept + others.size <= most || kept === 0) break
    kept = Math.max(0, most - others.size)
  }
  return { metric: { ...metric, series: [...ordered.slice(0, kept), ...others.values()] }, dropped: rest.length }
}

function add({ type }: Metric, left: Series['value'], right: Series['value']): Series['value'] {
  if (typeof left === 'number' && typeof right === 'number')
    return type === 'gauge' ? Math.max(left, right) : left + right
  if (typeof left === 'number' || typeof right === 'number') return left
  return addHistograms(left, right)
}

function addHistograms(left: Histogram, right: Histogram): Histogram {
  return {
    bounds: left.bounds,
    bins: left.bins.map((count, index) => count + (right.bins[index] ?? 0)),
    sum: left.sum + right.sum,
  }
}

function keyOf({ labels }: Series): string {
  return JSON.stringify(Object.values(labels))
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
