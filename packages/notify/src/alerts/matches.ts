import type { AlertMatcher, AlertRecord, SilenceRecord } from '@tidegate/core'

/** Whether an alert is meant: all that the matcher names must fit; a matcher that names nothing fits nothing. */
export function matches(
  { kind, source, dataset, severity }: AlertMatcher,
  alert: Pick<AlertRecord, 'kind' | 'source' | 'dataset' | 'severity'>,
): boolean {
  if (kind === undefined && source === undefined && dataset === undefined && severity === undefined) return false
  return (
    (kind === undefined || kind === alert.kind) &&
    (severity === undefined || severity === alert.severity) &&
    (source === undefined || fits(source, alert.source)) &&
    (dataset === undefined || fits(dataset, alert.dataset ?? ''))
  )
}

/** In force from its start up to, but not at, its end. */
export function isActive({ startsAtMs, endsAtMs }: SilenceRecord, nowMs: number): boolean {
  return startsAtMs <= nowMs && nowMs < endsAtMs
}

/** A glob of `*`, without a pattern engine: names are foreign, and so may the globs be. */
function fits(glob: string, text: string): boolean {
  const [first = '', ...rest] = glob.split('*')
  if (rest.length === 0) return glob === text
  if (!text.startsWith(first)) return false
  const last = rest.pop() ?? ''
  let from = first.length
  for (const part of rest) {
    const found = text.indexOf(part, from)
    if (found < 0) return false
    from = found + part.length
  }
  return text.length - from >= last.length && text.endsWith(last)
}
