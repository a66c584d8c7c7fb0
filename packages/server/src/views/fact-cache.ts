import type { FactReader } from '@tidegate/core'
import { readFacts, withoutSamples, type Facts } from '@tidegate/monitor'
import type { ChangeWatch } from '../events/watch-changes.ts'
import { bodyOf, type Body } from '../http/body.ts'

/** What was read for one window and some sources, and what was made of it. */
export interface CachedFacts {
  readonly facts: Facts
  /** When it was read: what it is late by then. Unix milliseconds. */
  readonly nowMs: number
  /** Made once per name, from these facts. */
  body(name: string, make: () => string): Promise<Body>
}

export interface FactCache {
  /** @param sources - Undefined: all. */
  read(sinceMs: number, sources: readonly string[] | undefined): Promise<CachedFacts>
}

/** What is older is read again although nothing moved: lateness grows with time alone. */
const FRESH_MS = 30_000
/** What is older than this is waited for: nobody asked for a while. */
const STALE_MS = 60_000
/** Windows of different clients whose lengths are the same to the minute are the same one. */
const STEP_MS = 60_000
const ENTRIES = 6
const BODIES = 64

interface Entry {
  readonly id: string
  readonly atMs: number
  readonly reading: Promise<CachedFacts>
}

export interface CacheOptions {
  readonly reader: FactReader
  readonly changes: ChangeWatch
  readonly nowMs: () => number
  readonly includeSamples: boolean
}

export function openFactCache(options: CacheOptions): FactCache {
  const { changes, nowMs } = options
  const entries = new Map<string, Entry>()
  return {
    async read(wantedMs, sources) {
      const sinceMs = Math.floor(wantedMs / STEP_MS) * STEP_MS
      // By its length: "the last week" stays the same window from minute to minute.
      const key = JSON.stringify([Math.round((nowMs() - wantedMs) / STEP_MS), sources?.toSorted() ?? null])
      const id = await changes.current()
      const known = entries.get(key)
      entries.delete(key)
      const isSame = known !== undefined && known.id === id
      const isFresh = isSame && Math.abs(nowMs() - known.atMs) < FRESH_MS
      const entry = isFresh ? known : { id, atMs: nowMs(), reading: readNow(options, sinceMs, sources) }
      // The newest last; the oldest goes.
      entries.set(key, entry)
      for (const oldest of entries.keys()) if (entries.size > ENTRIES) entries.delete(oldest)
      entry.reading.catch(() => {
        if (entries.get(key) === entry) entries.delete(key)
      })
      // Nothing moved, only time did: nobody waits for the new reading, those who come when it is there get it.
      return isSame && !isFresh && Math.abs(nowMs() - known.atMs) < STALE_MS ? known.reading : entry.reading
    },
  }
}

async function readNow(
  options: CacheOptions,
  sinceMs: number,
  sources: readonly string[] | undefined,
): Promise<CachedFacts> {
  const nowMs = options.nowMs()
  const read = await readFacts(options.reader, { sinceMs, nowMs, sources })
  const facts = options.includeSamples ? read : withoutSamples(read)
  const bodies = new Map<string, Promise<Body>>()
  return {
    facts,
    nowMs,
    body(name, make) {
      const known = bodies.get(name)
      if (known !== undefined) return known
      if (bodies.size >= BODIES) bodies.clear()
      const made = Promise.resolve().then(() => bodyOf('application/json; charset=utf-8', make()))
      bodies.set(name, made)
      made.catch(() => bodies.delete(name))
      return made
    },
  }
}
