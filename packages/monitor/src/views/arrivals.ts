/** When files came, as far as the facts know: to the hour, and better where every file of an hour is listed. */
import type { FileHour, FileRecord } from '@tidegate/core'
import { HOUR_MS, hourOf } from '../days.ts'
import type { Facts } from '../facts.ts'
import { bySource, groupBy } from '../figures.ts'

export interface Arrivals {
  /** Newest loaded file, however old. */
  readonly last: FileRecord | undefined
  /** Hours in which files were loaded, newest first. */
  readonly hours: readonly { readonly hourMs: number; readonly loaded: number }[]
  /** Files loaded after `ms` and up to `untilMs`. Where an hour is cut in two and not listed, its files count as within. */
  countBetween(ms: number, untilMs?: number): number
  /** When the n-th newest file came, at the latest; undefined where fewer are known. */
  nthNewestMs(n: number): number | undefined
}

/** By source, for all sources. */
export function arrivalsOf(facts: Facts): (source: string) => Arrivals {
  const hours = bySource(facts.fileHours.filter(({ loaded }) => loaded > 0))
  const listed = bySource(facts.files.items.filter(({ outcome }) => outcome === 'loaded'))
  return (source) => {
    const last = [...facts.lastLoaded.filter((file) => file.source === source), ...listed(source)].reduce<
      FileRecord | undefined
    >((latest, file) => (latest === undefined || file.decidedAtMs > latest.decidedAtMs ? file : latest), undefined)
    return arrivals(last, hours(source), listed(source))
  }
}

function arrivals(last: FileRecord | undefined, sums: readonly FileHour[], listed: readonly FileRecord[]): Arrivals {
  const loaded = new Map<number, number>()
  for (const sum of sums) loaded.set(sum.hourMs, (loaded.get(sum.hourMs) ?? 0) + sum.loaded)
  const hours = Array.from(loaded, ([hourMs, count]) => ({ hourMs, loaded: count })).toSorted(
    (a, b) => b.hourMs - a.hourMs,
  )
  const byHour = groupBy(listed, ({ decidedAtMs }) => String(hourOf(decidedAtMs)))
  /** Newest first; undefined where the list lacks some of the hour's files. */
  const timesIn = (hourMs: number, count: number): readonly number[] | undefined => {
    const files = byHour.get(String(hourMs)) ?? []
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
  }
}
