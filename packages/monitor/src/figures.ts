/** Small arithmetic that never gives NaN: what was not measured is null. */

/** `part` of `whole` as percent, 0–100; null when the whole is 0. */
export function percentOf(part: number, whole: number): number | null {
  return whole > 0 ? (part / whole) * 100 : null
}

/** Amount per second; null when no time passed. */
export function perSecond(amount: number, durationMs: number): number | null {
  return durationMs > 0 ? amount / (durationMs / 1000) : null
}

/** The quantile `q` (0 to 1), interpolated between neighbours; null of nothing. */
export function quantile(values: readonly number[], q: number): number | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const position = (sorted.length - 1) * q
  const below = sorted[Math.floor(position)] ?? 0
  const above = sorted[Math.ceil(position)] ?? below
  return below + (above - below) * (position - Math.floor(position))
}

export function sumOf<Item>(items: readonly Item[], amount: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + amount(item), 0)
}

/** UTC ISO 8601, or null for null and for what is no date. */
export function isoTime(ms: number | null | undefined): string | null {
  if (ms === null || ms === undefined) return null
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

/** Items by key, in the order in which keys first occur. */
export function groupBy<Item>(
  items: readonly Item[],
  key: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const name = key(item)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [item])
    else group.push(item)
  }
  return groups
}

/** Records by source: looked up once per source, where a filter would read all of them for each. */
export function bySource<Item extends { readonly source: string }>(
  items: readonly Item[],
): (source: string) => readonly Item[] {
  const groups = groupBy(items, ({ source }) => source)
  return (source) => groups.get(source) ?? []
}

/** A key of several parts, whatever is in them: the lengths keep apart what a separator alone would not. */
export function keyOf(...parts: readonly (string | null)[]): string {
  let key = ''
  let lengths = ''
  for (const part of parts) {
    key += `${part ?? ''}\u0000`
    lengths += part === null ? 'n,' : `${part.length},`
  }
  return key + lengths
}

/** Parts of a stable id: percent-encoded, joined by `/`. */
export function idOf(...parts: readonly (string | null)[]): string {
  return parts.map((part) => encodeURIComponent((part ?? '').toWellFormed())).join('/')
}
