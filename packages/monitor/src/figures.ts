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
  return quantileOfSorted(sortNumbers(values), q)
}

/** Ascending. Typed, as an array's own sort asks a function for every pair. */
export function sortNumbers(values: readonly number[]): Float64Array {
  return new Float64Array(values).sort()
}

export function quantileOfSorted(sorted: Float64Array, q: number): number | null {
  if (sorted.length === 0) return null
  const position = (sorted.length - 1) * q
  const below = sorted[Math.floor(position)] ?? 0
  const above = sorted[Math.ceil(position)] ?? below
  return below + (above - below) * (position - Math.floor(position))
}

export function sumOf<Item>(items: readonly Item[], amount: (item: Item) => number): number {
  let sum = 0
  for (const item of items) sum += amount(item)
  return sum
}

/** UTC ISO 8601, or null for null and for what is no date. */
export function isoTime(ms: number | null | undefined): string | null {
  if (ms === null || ms === undefined) return null
  if (!Number.isInteger(ms) || Math.abs(ms) > LAST_MS) {
    const date = new Date(ms)
    return Number.isNaN(date.getTime()) ? null : date.toISOString()
  }
  // Thousands are made for a page, and mostly of the same days.
  const days = Math.floor(ms / 86_400_000)
  if (days !== lastDay.days) lastDay = { days, text: new Date(days * 86_400_000).toISOString().slice(0, -13) }
  const left = ms - days * 86_400_000
  const seconds = Math.floor(left / 1000)
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return `${lastDay.text}${clock}.${String(left % 1000).padStart(3, '0')}Z`
}

/** The last moment that a date can tell, less a day, as days are asked for whole. */
const LAST_MS = 8.64e15 - 86_400_000
let lastDay = { days: 0, text: '1970-01-01T' }

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

/** Items by key, in the order in which keys first occur. Neighbours with the same key cost a comparison. */
export function groupBy<Item, Key extends string | number = string>(
  items: readonly Item[],
  key: (item: Item) => Key,
): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>()
  let last: Key | undefined
  let group: Item[] = []
  for (const item of items) {
    const name = key(item)
    if (name !== last) {
      last = name
      group = groups.get(name) ?? []
      if (group.length === 0) groups.set(name, group)
    }
    group.push(item)
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

export interface DatasetGroup<Item> {
  readonly source: string
  readonly dataset: string
  readonly items: readonly Item[]
}

/** Items by source and dataset, in the order in which these first occur. Lists in that order cost a comparison per item. */
export function groupByDataset<Item extends { readonly source: string; readonly dataset: string }>(
  items: readonly Item[],
): readonly DatasetGroup<Item>[] {
  const groups: (DatasetGroup<Item> & { readonly items: Item[] })[] = []
  const known = new Map<string, Map<string, (typeof groups)[number]>>()
  let last: (typeof groups)[number] | undefined
  for (const item of items) {
    const { source, dataset } = item
    if (last?.source !== source || last.dataset !== dataset) {
      let ofSource = known.get(source)
      if (ofSource === undefined) known.set(source, (ofSource = new Map()))
      last = ofSource.get(dataset)
      if (last === undefined) {
        last = { source, dataset, items: [] }
        ofSource.set(dataset, last)
        groups.push(last)
      }
    }
    last.items.push(item)
  }
  return groups
}

/** A key of several parts, whatever is in them: the lengths keep them apart. Its order says nothing. */
export function keyOf(...parts: readonly (string | null)[]): string {
  let key = ''
  for (const part of parts) key += part === null ? 'n:' : `${part.length}:${part}`
  return key
}

/** Parts of a stable id: percent-encoded, joined by `/`. */
export function idOf(...parts: readonly (string | null)[]): string {
  return parts.map((part) => encodeURIComponent((part ?? '').toWellFormed())).join('/')
}
