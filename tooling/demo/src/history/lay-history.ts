/** The files of one day, made from the public tables: real rows, moved in time by whole weeks, so that Saturdays stay Saturdays. */
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { landAt, placeFor, vegaFile, type Session } from '../landed-file.ts'

const DAY_MS = 86_400_000
/** Days of the history are laid over days of the flights up to this one, the last Friday of which all is there. */
const LAST_FLIGHTS_MS = Date.UTC(2001, 5, 29)

/** What a night's flights look like. */
export interface FlightsShape {
  /** Of a day's flights, 0–1. */
  readonly share: number
  /** The sender's export went wrong: delays of 99,999 and missing origins. */
  readonly broken?: boolean
  /** With the column `carrier`. */
  readonly carrier?: boolean
  /** Delays in halves of a minute. */
  readonly halves?: boolean
}

export interface HistoryLayer {
  flights(name: string, dayMs: number, landedMs: number, shape: FlightsShape): Promise<string>
  strikes(day: number, landedMs: number, trouble?: 'text-speeds' | 'renamed'): Promise<void>
  weather(day: number, landedMs: number, decimals: boolean): Promise<void>
  /** `repeats`: rows of which the dates were sent before. */
  stocks(day: number, landedMs: number, repeats: boolean): Promise<void>
  commits(day: number, landedMs: number): Promise<void>
  tables(week: number, landedMs: number): Promise<void>
}

/** @param firstMs first day (UTC midnight) of the history: counted data such as the weather's begins there */
export async function openLayer(session: Session, zone: string, firstMs: number, days: number): Promise<HistoryLayer> {
  const text = (value: string): string => session.dialect.literal(value)
  const backMs = Math.ceil((firstMs + days * DAY_MS - LAST_FLIGHTS_MS) / (7 * DAY_MS)) * 7 * DAY_MS
  const data = (name: string): string => text(vegaFile(name))
  await session.query(
    `CREATE TABLE flights AS SELECT row_number() OVER () AS nth, * FROM read_parquet(${data('flights-3m.parquet')})
     WHERE date >= TIMESTAMP '${dateOf(firstMs - DAY_MS - backMs)}'`,
  )
  await session.query(
    `CREATE TABLE strikes AS SELECT row_number() OVER () AS nth, * FROM read_csv(${data('birdstrikes.csv')})`,
  )
  await session.query(
    `CREATE TABLE weather AS SELECT row_number() OVER () AS nth, * FROM read_csv(${data('seattle-weather.csv')})`,
  )
  await session.query(
    `CREATE TABLE stocks AS SELECT row_number() OVER () AS nth, * FROM read_csv(${data('sp500-2000.csv')})`,
  )
  await session.query(
    `CREATE TABLE commits AS SELECT row_number() OVER () AS nth, * FROM read_csv(${data('github.csv')})`,
  )
  await session.query(
    `CREATE TABLE airports AS SELECT row_number() OVER () AS nth, * FROM read_csv(${data('airports.csv')})`,
  )

  async function lay(relative: string, select: string, landedMs: number): Promise<string> {
    const file = placeFor(zone, relative)
    const format = file.endsWith('.parquet') ? 'FORMAT parquet, ROW_GROUP_SIZE 4096' : 'FORMAT csv, HEADER'
    await session.query(`COPY (${select}) TO ${text(file)} (${format})`)
    stamp(file, landedMs)
    return file
  }
  const nthPart = (day: number, size: number): string => `nth > ${day * size} AND nth <= ${(day + 1) * size}`
  const nameOf = (kind: string, day: number, ending: string): string =>
    `${kind}/${kind}-${dateOf(firstMs + day * DAY_MS)}.${ending}`

  return {
    flights(name, dayMs, landedMs, { share, broken = false, carrier = false, halves = false }) {
      const from = dateOf(dayMs - backMs)
      const to = dateOf(dayMs + DAY_MS - backMs)
      const delay = [
        broken ? 'CASE WHEN nth % 100 = 0 THEN 99999 ELSE delay END' : 'delay',
        halves ? ' + 0.5 * (nth % 2)' : '',
      ]
      const columns = [
        `date + INTERVAL ${backMs / DAY_MS} DAY AS date`,
        `(${delay.join('')})${halves ? '::DOUBLE' : '::BIGINT'} AS delay`,
        'distance',
        broken ? 'CASE WHEN nth % 20 = 7 THEN NULL ELSE origin END AS origin' : 'origin',
        'destination',
        ...(carrier ? [`['AA', 'DL', 'UA', 'WN'][1 + (nth % 4)] AS carrier`] : []),
      ]
      return lay(
        name,
        `SELECT ${columns.join(', ')} FROM flights WHERE date >= TIMESTAMP '${from}' AND date < TIMESTAMP '${to}'
         AND nth * 7919 % 1000 < ${Math.round(share * 1000)} ORDER BY nth`,
        landedMs,
      )
    },
    async strikes(day, landedMs, trouble) {
      const speed = `"Speed IAS in knots"`
      const columns =
        trouble === 'text-speeds'
          ? `* EXCLUDE (nth) REPLACE (CASE WHEN nth % 9 = 0 AND ${speed} IS NOT NULL THEN ${speed} || ' kt' ELSE ${speed}::VARCHAR END AS ${speed})`
          : trouble === 'renamed'
            ? `* EXCLUDE (nth) RENAME ("Flight Date" AS "Date of flight")`
            : '* EXCLUDE (nth)'
      const size = Math.max(1, Math.floor(9_900 / days))
      await lay(
        nameOf('strikes', day, 'csv'),
        `SELECT ${columns} FROM strikes WHERE ${nthPart(day, size)} ORDER BY nth`,
        landedMs,
      )
    },
    async weather(day, landedMs, decimals) {
      const size = Math.max(1, Math.floor(1_461 / days))
      const rain = decimals ? 'precipitation' : 'round(precipitation)::BIGINT AS precipitation'
      await lay(
        nameOf('weather', day, 'csv'),
        `SELECT date, ${rain}, temp_max, temp_min, wind, weather FROM weather WHERE ${nthPart(day, size)} ORDER BY nth`,
        landedMs,
      )
    },
    async stocks(day, landedMs, repeats) {
      const size = Math.max(1, Math.floor(250 / days))
      const nudge = repeats ? ` REPLACE (round(close + 0.0${(day % 9) + 1}, 2) AS close)` : ''
      const part = nthPart(repeats ? 0 : day, size)
      await lay(
        nameOf('stocks', day, 'csv'),
        `SELECT * EXCLUDE (nth)${nudge} FROM stocks WHERE ${part} ORDER BY nth`,
        landedMs,
      )
    },
    async commits(day, landedMs) {
      const size = Math.max(1, Math.floor(955 / days))
      await lay(
        nameOf('commits', day, 'csv'),
        `SELECT * EXCLUDE (nth) FROM commits WHERE ${nthPart(day, size)} ORDER BY nth`,
        landedMs,
      )
    },
    async tables(week, landedMs) {
      await lay(
        'tables/airports.csv',
        `SELECT * EXCLUDE (nth) FROM airports WHERE nth <= ${2_400 + week * 160}`,
        landedMs,
      )
      for (const name of ['cars', 'penguins']) {
        const file = placeFor(zone, `tables/${name}.json`)
        const rows = JSON.parse(readFileSync(vegaFile(`${name}.json`), 'utf8')) as readonly unknown[]
        writeFileSync(file, JSON.stringify(rows.slice(0, 200 + week * 20), undefined, 1))
        stamp(file, landedMs)
      }
    },
  }
}

/** What follows the footer, as when a sender appends a log line to whatever it uploads. */
export function appendJunk(file: string, landedMs: number): void {
  appendFileSync(file, '\nupload finished\n')
  stamp(file, landedMs)
}

/** The upload broke off: the footer is missing. */
export function cutOff(file: string, landedMs: number): void {
  truncateSync(file, Math.floor(readFileSync(file).length * 0.6))
  stamp(file, landedMs)
}

export function layEmpty(zone: string, relative: string, landedMs: number): void {
  const file = placeFor(zone, relative)
  writeFileSync(file, '')
  stamp(file, landedMs)
}

export function stamp(file: string, landedMs: number): void {
  landAt(file, new Date(landedMs).toISOString())
}

/** `2001-01-01` */
export function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

export function flightsName(dayMs: number, more = ''): string {
  return path.posix.join('flights', `flights-${dateOf(dayMs)}${more}.parquet`)
}
