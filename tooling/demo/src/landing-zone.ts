import { openDuckDB } from '@tidegate/duckdb'
import type { LandedFile } from './landed-file.ts'
import {
  layBrokenWeek,
  layEmptyWeek,
  layRepeatedWeek,
  layTruncatedWeek,
  layWeeks,
  loadFlights,
  WEEKS,
} from './lay-flights.ts'
import { layTables } from './lay-tables.ts'
import { layBirdstrikes, layPlainFiles, layRenamedCsv, layRepeatedWeather, layStations } from './lay-text-files.ts'

/** What was laid, with the truth about each file. */
export interface Manifest {
  /** Absolute: the landing zone. */
  readonly zone: string
  readonly files: readonly LandedFile[]
}

const FIRST_WAVE_WEEKS = 20

/**
 * Lays the first wave of a landing zone, all of it good, from the public tables of the npm package vega-datasets:
 * flights by week (Parquet), 68 small tables in one folder (CSV, JSON, Parquet), weather, bird strikes by year (CSV),
 * movies, earthquakes (JSON), stations (gzipped windows-1252 CSV with `;` and decimal commas).
 *
 * The same on every machine: names, rows and mtimes are fixed, and all mtimes are long past.
 *
 * @param options.weeks half-open range of weeks, counted from 0. @defaultValue [0, 20]
 */
export async function layLandingZone(
  zone: string,
  options: { readonly weeks?: readonly [from: number, to: number] } = {},
): Promise<Manifest> {
  const [from, to] = options.weeks ?? [0, FIRST_WAVE_WEEKS]
  const session = await openDuckDB()
  try {
    await loadFlights(session)
    const files = [
      ...(await layWeeks(session, zone, from, to)),
      ...(await layTables(session, zone)),
      ...layPlainFiles(zone),
      ...layBirdstrikes(zone),
      await layStations(session, zone),
    ]
    return { zone, files }
  } finally {
    await session.close()
  }
}

/**
 * Lays the second wave over the first: the remaining weeks, of which the third is cut short and the fourth breaks any sane
 * contract; a week and the weather of the first wave sent again under other names; an empty file.
 *
 * @param options.after first week that is not there yet; four are needed. @defaultValue 20
 */
export async function layArrivals(zone: string, options: { readonly after?: number } = {}): Promise<Manifest> {
  const after = options.after ?? FIRST_WAVE_WEEKS
  if (after < 1 || after + 4 > WEEKS) throw new RangeError(`after must be from 1 to ${WEEKS - 4}, not ${after}`)
  const session = await openDuckDB()
  try {
    await loadFlights(session)
    const weeks = [
      ...(await layWeeks(session, zone, after, after + 2)),
      ...(await layWeeks(session, zone, after + 4, WEEKS)),
    ]
    const files = [
      ...weeks,
      await layTruncatedWeek(session, zone, after + 2),
      await layBrokenWeek(session, zone, after + 3),
      await layRepeatedWeek(session, zone, after - 1),
      layEmptyWeek(zone),
      layRenamedCsv(zone),
      layRepeatedWeather(zone),
    ]
    return { zone, files }
  } finally {
    await session.close()
  }
}
