/** When files came, as far as the facts know: to the hour, and better where every file of an hour is listed. */
import type { FileHour, FileRecord } from '@tidegate/core'
import { HOUR_MS, hourOf } from '../days.ts'
import type { Facts } from '../facts.ts'
import { bySource, groupBy, sumOf } from '../figures.ts'
import { oncePerFacts } from '../once-per-facts.ts'

export interface Arrivals {
  /** Newest loaded file, however old. */
  readonly last: FileRecord | undefined
  /** Hours in which files were loaded, newest first. */
  readonly hours: readonly { readonly hourMs: number; readonly loaded: number }[]
  /** Files loaded after `ms` and up to `untilMs`. Where an hour is cut in two and not listed, its files count as within. */
  countBetween(ms: number, untilMs?: number): number
  /** When the n-th newest file came, at the latest; undefined where fewer are known. */
  nthNewestMs(n: number): number | undefined
  /** When the first file was loaded after `ms`: to the hour where that hour's files are not all listed. */
  firstAfterMs(ms: number): number | undefined
  /** Files that came after `ms` and up to `untilMs` and were held: of hours that lie within, and listed ones that wait still. */
  heldBetween(ms: number, untilMs?: number): number
}

/** By source, for all sources. */
export function arrivalsOf(facts: Facts): (source: string) => Arrivals {
  return known(facts)
}

const known = oncePerFacts((facts): ((source: string) => Arrivals) => {
  const hours = bySource(facts.fileHours.filter(({ loaded, held }) => loaded > 0 || held > 0))
  const listed = bySource(facts.files.items.filter(({ outcome }) => outcome === 'loaded'))
  const held = bySource(facts.held.items)
  const made = new Map<string, Arrivals>()
  return (source) => {
    const found = made.get(source)
    if (found !== undefined) return found
    const last = [...facts.lastLoaded.filter((file) => file.source === source), ...listed(source)].reduce<
      FileRecord | undefined
    >((latest, file) => (latest === undefined || file.decidedAtMs > latest.decidedAtMs ? file : latest), undefined)
    const arrived = arrivals(last, hours(source), listed(source), held(source))
    made.set(source, arrived)
    return arrived
  }
})

function arrivals(
  last: FileRecord | undefined,
  sums: readonly FileHour[],
  listed: readonly FileRecord[],
  held: readonly FileRecord[],
): Arrivals {
  const loaded = new Map<number, number>()
  for (const sum of sums) {
    if (sum.loaded > 0) loaded.set(sum.hourMs, (loaded.get(sum.hourMs) ?? 0) + sum.loaded)
  }
  const hours = Array.from(loaded, ([hourMs, count]) => ({ hourMs, loaded: count })).toSorted(
    (a, b) => b.hourMs - a.hourMs,
  )
  const byHour = groupBy(listed, ({ decidedAtMs }) => hourOf(decidedAtMs))
  /** Newest first; undefined where the list lacks some of the hour's files. */
  const timesIn = (hourMs: number, count: number): readonly number[] | undefined => {
    const files = byHour.get(hourMs) ?? []
    if (files.length >= count) return files.map(({ decidedAtMs }) => decidedAtMs).toSorted((a, b) => b - a)
    return count === 1 && last !== undefined && hourOf(last.decidedAtMs) === hourMs ? [last.decidedAtMs] : undefined
  }
  return {
    last,
    hours,
    countBetween: (ms, untilMs = Number.POSITIVE_INFINITY) => {
      let sum = 0
      for (const { hourMs, loaded: count } of hours) {
        // Newest first: what follows is older still.
        if (hourMs + HOUR_MS <= ms) break
        if (hourMs > untilMs) continue
        const isWhole = hourMs > ms && hourMs + HOUR_MS <= untilMs
        const times = isWhole ? undefined : timesIn(hourMs, count)
        sum += times === undefined ? count : times.filter((time) => time > ms && time <= untilMs).length
      }
      // A file that is older than the facts reach.
      return sum === 0 && last !== undefined && last.decidedAtMs > ms && last.decidedAtMs <= untilMs ? 1 : sum
    },
    nthNewestMs: (n) => {
      if (n === 1 && last !== undefined) return last.decidedAtMs
      let before = 0
      for (const { hourMs, loaded: count } of hours) {
        if (before + count >= n) {
          const latest = last === undefined ? hourMs + HOUR_MS : Math.min(last.decidedAtMs, hourMs + HOUR_MS - 1)
          return timesIn(hourMs, count)?.[n - before - 1] ?? latest
        }
        before += count
      }
      return undefined
    },
    firstAfterMs: (ms) => {
      let first: number | undefined = last !== undefined && last.decidedAtMs > ms ? last.decidedAtMs : undefined
      for (const { hourMs, loaded: count } of hours) {
        if (hourMs + HOUR_MS <= ms) break
        const after = timesIn(hourMs, count)?.filter((time) => time > ms) ?? [Math.max(hourMs, ms)]
        first = after.at(-1) ?? first
      }
      return first
    },
    heldBetween: (ms, untilMs = Number.POSITIVE_INFINITY) => {
      const summed = sumOf(sums, (sum) => (sum.hourMs > ms && sum.hourMs + HOUR_MS <= untilMs ? sum.held : 0))
      return Math.max(summed, held.filter(({ decidedAtMs }) => decidedAtMs > ms && decidedAtMs <= untilMs).length)
    },
  }
}
