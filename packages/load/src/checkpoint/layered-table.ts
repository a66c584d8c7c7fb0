import { CODECS, type Codec, type TableValues } from './codecs.ts'
import { mergeRecords } from './merge-records.ts'
import type { Segment } from './read-segment.ts'
import { compareRecords, digestOf, keyBytes, keyText, NO_VALUE, type Digest, type SegmentRecord } from './record.ts'
import type { TableName } from './segment-format.ts'

/** A map whose older part lies in segments, and what changed since in memory. */
export interface LayeredTable<V> {
  get(key: string): V | undefined
  has(key: string): boolean
  set(key: string, value: V): void
  delete(key: string): void
  /** All pairs; in the order in which they came as long as there are no segments, else in no particular one. */
  entries(): Iterable<readonly [string, V]>
  /** Keys that changed since the newest segment. */
  readonly changed: number
  /** What changed, ready to be written. */
  changes(): readonly SegmentRecord[]
}

interface Change<V> {
  /** Undefined: gone. */
  readonly value: V | undefined
  readonly digest: Digest | undefined
}

/** @param segments from the oldest to the newest */
export function layeredTable<Name extends TableName>(
  name: Name,
  segments: readonly Segment[],
): LayeredTable<TableValues[Name]> {
  type V = TableValues[Name]
  const codec: Codec<V> = CODECS[name]
  const newestFirst = segments.toReversed()
  const own = new Map<string, Change<V>>()
  /** Of the key that was looked up last, which is often set next. */
  let last: { readonly key: string; readonly digest: Digest } | undefined

  function find(key: string): Buffer | undefined {
    if (newestFirst.length === 0) return undefined
    const bytes = keyBytes(key)
    const digest = digestOf(bytes)
    last = { key, digest }
    for (const segment of newestFirst) {
      const value = segment.find(name, digest, bytes)
      if (value !== undefined) return value.length === 0 ? undefined : value
    }
    return undefined
  }

  function decode(value: Buffer): V {
    return codec.decode(JSON.parse(value.toString()) as never)
  }

  function get(key: string): V | undefined {
    const change = own.get(key)
    if (change !== undefined) return change.value
    const found = find(key)
    return found === undefined ? undefined : decode(found)
  }

  function has(key: string): boolean {
    const change = own.get(key)
    if (change !== undefined) return change.value !== undefined
    return find(key) !== undefined
  }

  function change(key: string, value: V | undefined): void {
    own.set(key, { value, digest: last?.key === key ? last.digest : own.get(key)?.digest })
  }

  function* entries(): Generator<readonly [string, V], void, undefined> {
    if (newestFirst.length === 0) {
      for (const [key, { value }] of own) if (value !== undefined) yield [key, value]
      return
    }
    const runs = [changes(), ...newestFirst.map((segment) => segment.records(name))]
    for (const { key, value } of mergeRecords(runs, true)) yield [keyText(key), decode(value)]
  }

  function changes(): readonly SegmentRecord[] {
    const records = Array.from(own, ([text, { value, digest }]): SegmentRecord => {
      const key = keyBytes(text)
      const bytes = value === undefined ? NO_VALUE : Buffer.from(JSON.stringify(codec.encode(value)))
      const { high, low } = digest ?? digestOf(key)
      return { high, low, key, value: bytes }
    })
    return records.sort(compareRecords)
  }

  return {
    get,
    has,
    set: change,
    // Without segments nothing lies below that a mark would have to hide.
    delete: (key) => void (newestFirst.length === 0 ? own.delete(key) : change(key, undefined)),
    entries,
    get changed() {
      return own.size
    },
    changes,
  }
}
