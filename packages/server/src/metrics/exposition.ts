/** Prometheus' text format, version 0.0.4. */

export type MetricType = 'counter' | 'gauge' | 'histogram'

/** One metric with its series. Pure data. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly type: MetricType
  readonly series: readonly Series[]
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number | Histogram
}

export interface Histogram {
  readonly bounds: readonly number[]
  /** Observations of each bin, not added up; one more than there are bounds. */
  readonly bins: readonly number[]
  readonly sum: number
}

export function renderMetrics(metrics: readonly Metric[]): string {
  const lines: string[] = []
  for (const { name, help, type, series } of metrics) {
    lines.push(`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`)
    for (const { labels, value } of series) {
      if (typeof value === 'number') lines.push(sample(name, labels, value))
      else lines.push(...histogramLines(name, labels, value))
    }
  }
  return `${lines.join('\n')}\n`
}

function histogramLines(name: string, labels: Series['labels'], { bounds, bins, sum }: Histogram): readonly string[] {
  let below = 0
  const lines = bounds.map((bound, index) => {
    below += bins[index] ?? 0
    return sample(`${name}_bucket`, { ...labels, le: numberText(bound) }, below)
  })
  const all = below + (bins[bounds.length] ?? 0)
  return [
    ...lines,
    sample(`${name}_bucket`, { ...labels, le: '+Inf' }, all),
    sample(`${name}_sum`, labels, sum),
    sample(`${name}_count`, labels, all),
  ]
}

function sample(name: string, labels: Series['labels'], value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}`
}

/** Names of files and sources may hold anything; half a surrogate is no UTF-8. */
function escapeLabel(text: string): string {
  return text.toWellFormed().replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return String(value)
}
