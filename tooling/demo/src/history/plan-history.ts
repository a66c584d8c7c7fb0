/**
 * The story as data: what lands, who changes what, and when ingest runs. Told by how many days ago something happened, so
 * that a shorter history ends in the same way. Pure.
 */
import type { FlightsShape } from './lay-history.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export type HistorySource = 'flights' | 'strikes' | 'weather' | 'stocks' | 'commits' | 'tables'

/** `dayMs` is the day that the rows are of, `day` the number of the file from 0. */
export type HistoryStep =
  | {
      readonly kind: 'flights'
      readonly dayMs: number
      readonly shape: FlightsShape
      readonly damage?: 'junk' | 'cut' | 'empty'
    }
  | { readonly kind: 'flights-again'; readonly dayMs: number }
  | { readonly kind: 'strikes'; readonly day: number; readonly trouble?: 'text-speeds' | 'renamed' }
  | { readonly kind: 'weather'; readonly day: number; readonly decimals: boolean }
  | { readonly kind: 'stocks'; readonly day: number; readonly repeats: boolean }
  | { readonly kind: 'commits'; readonly day: number }
  | { readonly kind: 'tables'; readonly week: number }
  | { readonly kind: 'flights-contract'; readonly version: number; readonly delayMost: number }
  | { readonly kind: 'strikes-contract'; readonly version: number; readonly knots: number }
  /** Somebody restores something else over the table of the strikes; and puts it right. */
  | { readonly kind: 'spoil-strikes' }
  | { readonly kind: 'mend-strikes' }
  /** A file of the weather's that cannot be opened; and its end. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'readable-again' }
  | { readonly kind: 'ingest'; readonly sources: readonly HistorySource[] }
  | { readonly kind: 'replay'; readonly source: HistorySource; readonly note: string }

export interface HistoryMoment {
  readonly atMs: number
  readonly step: HistoryStep
}

/** @param untilMs nothing happens later; its day is the last one */
export function planHistory(days: number, untilMs: number): readonly HistoryMoment[] {
  const lastMs = Math.floor(untilMs / DAY_MS) * DAY_MS
  const moments = Array.from({ length: days }, (_, day) => {
    const ago = days - 1 - day
    const todayMs = lastMs - ago * DAY_MS
    return dayOf(day, ago, days, todayMs)
  })
  return moments.flat().filter(({ atMs }) => atMs <= untilMs)
}

function dayOf(day: number, ago: number, days: number, todayMs: number): readonly HistoryMoment[] {
  const moments: HistoryMoment[] = []
  const at = (hour: number, step: HistoryStep): void => void moments.push({ atMs: todayMs + hour * HOUR_MS, step })
  const flightsOf = (agoOfFile: number): Extract<HistoryStep, { kind: 'flights' }> => ({
    kind: 'flights',
    dayMs: todayMs - (agoOfFile - ago + 1) * DAY_MS,
    shape: shapeOf(agoOfFile, days),
  })

  if (day === 0) {
    at(1, { kind: 'flights-contract', version: 1, delayMost: 1700 })
    at(1, { kind: 'strikes-contract', version: 1, knots: 250 })
  }
  layFlights(ago, at, flightsOf)
  const strikesTrouble = ago === 20 ? 'text-speeds' : ago === 11 ? 'renamed' : undefined
  at(2.2, { kind: 'strikes', day, ...(strikesTrouble === undefined ? {} : { trouble: strikesTrouble }) })
  at(4, { kind: 'weather', day, decimals: ago <= 22 })
  if (day % 2 === 0) at(4.1, { kind: 'stocks', day, repeats: ago <= 9 })
  if (ago > 3) at(5, { kind: 'commits', day })
  if (ago % 7 === 5 || day === 0) at(5.2, { kind: 'tables', week: Math.floor(day / 7) })

  if (ago === 7) at(4, { kind: 'unreadable' })
  if (ago === 6) at(13, { kind: 'readable-again' })
  if (ago === 18) at(1.5, { kind: 'spoil-strikes' })
  if (ago === 17) at(14, { kind: 'mend-strikes' })
  if (ago === 14) at(9, { kind: 'strikes-contract', version: 2, knots: 320 })
  if (ago === 13) at(10, { kind: 'replay', source: 'strikes', note: 'jets are faster than 250 knots' })
  if (ago === 5) at(9, { kind: 'flights-contract', version: 2, delayMost: 900 })

  at(2.5, { kind: 'ingest', sources: ['flights', 'strikes'] })
  at(5.5, { kind: 'ingest', sources: ['flights', 'weather', 'stocks', 'commits', 'tables'] })
  at(12.5, { kind: 'ingest', sources: ['flights', 'strikes'] })
  // Nobody is there at the weekend.
  if (![0, 6].includes(new Date(todayMs).getUTCDay()))
    at(17, { kind: 'ingest', sources: ['flights', 'strikes', 'weather', 'stocks', 'commits'] })
  return moments.toSorted((a, b) => a.atMs - b.atMs)
}

/** The night's file, as it lands this many days ago. */
function layFlights(
  ago: number,
  at: (hour: number, step: HistoryStep) => void,
  flightsOf: (agoOfFile: number) => Extract<HistoryStep, { kind: 'flights' }>,
): void {
  const own = flightsOf(ago)
  if (ago === 27) at(11.6, own)
  else if (ago === 10) return
  else if (ago === 24) at(2.1, { ...own, damage: 'junk' })
  else if (ago === 21 || ago === 4) at(2.1, { ...own, damage: 'cut' })
  else if (ago === 12) at(2.1, { ...own, damage: 'empty' })
  else if (ago === 17 || ago === 0) at(2.1, { ...own, shape: { ...own.shape, broken: true } })
  else if (ago === 6) at(2.1, { ...own, shape: { ...own.shape, share: own.shape.share * 0.45 } })
  else at(2.1, own)

  // What was sent wrong is sent again; what was missing comes; one file comes twice.
  if (ago === 19) at(11, flightsOf(21))
  if (ago === 15) at(11, flightsOf(17))
  if (ago === 11) at(3, flightsOf(12))
  if (ago === 8) at(3, flightsOf(10))
  if (ago === 29) at(8, { kind: 'flights-again', dayMs: flightsOf(30).dayMs })
}

/** Volumes grow; a column comes 16 days ago, halves of minutes 9 days ago. */
function shapeOf(ago: number, days: number): FlightsShape {
  const share = 0.4 + (0.6 * (days - 1 - ago)) / Math.max(1, days - 1)
  return { share, carrier: ago <= 16, halves: ago <= 9 }
}
