import { readFileSync } from 'node:fs'
import path from 'node:path'
import { landAt, layBytes, layCopy, placeFor, vegaFile, type LandedFile, type Session } from './landed-file.ts'

/** Weeks of seven days from Monday 2001-01-01 in the three million flights; the last one is short. */
export const WEEKS = 26

/** A week has five or six row groups. */
const ROWS_PER_GROUP = 20_480

const DAY_MS = 86_400_000
const FIRST_DAY_MS = Date.UTC(2001, 0, 1)

/** First day of a week, counted from 0: `2001-01-01` for week 0. */
export function firstDayOf(week: number): string {
  return new Date(FIRST_DAY_MS + week * 7 * DAY_MS).toISOString().slice(0, 10)
}

export function flightsPath(week: number): string {
  return `flights/flights-${firstDayOf(week)}.parquet`
}

/** Reads the three million flights into the session, once. */
export async function loadFlights(session: Session): Promise<void> {
  await session.query(
    `CREATE TABLE flights AS FROM read_parquet(${session.dialect.literal(vegaFile('flights-3m.parquet'))})`,
  )
}

/** Lays the weeks `from` ≤ week < `to` as one Parquet file each. */
export async function layWeeks(
  session: Session,
  zone: string,
  from: number,
  to: number,
): Promise<readonly LandedFile[]> {
  const landed: LandedFile[] = []
  for (let week = from; week < to; week += 1) {
    await copyWeek(session, placeFor(zone, flightsPath(week)), week, '*')
    landed.push({ path: flightsPath(week), source: 'flights', kind: 'good', rows: await countWeek(session, week) })
  }
  return landed
}

/** A week whose upload broke off after 60 % of the bytes: the footer is missing, so no reader gets a row. */
export async function layTruncatedWeek(session: Session, zone: string, week: number): Promise<LandedFile> {
  const file = placeFor(zone, flightsPath(week))
  await copyWeek(session, file, week, '*')
  const bytes = readFileSync(file)
  const end = Math.floor(bytes.length * 0.6)
  const complete = await countCompleteRows(session, file, end)
  layBytes(zone, flightsPath(week), bytes.subarray(0, end), landedAt(week))
  return { path: flightsPath(week), source: 'flights', kind: 'truncated', rows: 0, complete }
}

/** Rows of the row groups that end before a byte. */
async function countCompleteRows(session: Session, file: string, end: number): Promise<number> {
  const { rows } = await session.query(
    `SELECT coalesce(sum(rows), 0) FROM (
       SELECT any_value(row_group_num_rows) AS rows,
              max(coalesce(dictionary_page_offset, data_page_offset) + total_compressed_size) AS ends
       FROM parquet_metadata(${session.dialect.literal(file)}) GROUP BY row_group_id)
     WHERE ends <= ${end}`,
  )
  return Number(rows[0]?.[0])
}

/**
 * A week in which the sender's export went wrong: 40 delays are 99,999 (the sender's code for "unknown") and every
 * twentieth origin is missing.
 */
export async function layBrokenWeek(session: Session, zone: string, week: number): Promise<LandedFile> {
  // Rows 0, 100, …, 3900 get the delay; rows 7, 27, 47, … lose the origin. No row is both.
  const columns = `* REPLACE (
    CASE WHEN nth % 100 = 0 AND nth < 4000 THEN 99999 ELSE delay END AS delay,
    CASE WHEN nth % 20 = 7 THEN NULL ELSE origin END AS origin)`
  await copyWeek(session, placeFor(zone, flightsPath(week)), week, columns)
  const rows = await countWeek(session, week)
  const broken = { delayOutOfRange: 40, originMissing: Math.floor((rows + 12) / 20) }
  return { path: flightsPath(week), source: 'flights', kind: 'breaks-contract', rows, broken }
}

/** The same bytes as a week that is there already, under another name: somebody sent it twice. */
export async function layRepeatedWeek(session: Session, zone: string, week: number): Promise<LandedFile> {
  const copy = flightsPath(week).replace('.parquet', '-resent.parquet')
  layCopy(zone, copy, path.join(zone, flightsPath(week)), landedAt(WEEKS))
  const rows = await countWeek(session, week)
  return { path: copy, source: 'flights', kind: 'duplicate', rows, duplicateOf: flightsPath(week) }
}

/** An upload that was opened and never written. */
export function layEmptyWeek(zone: string): LandedFile {
  layBytes(zone, flightsPath(WEEKS), '', landedAt(WEEKS))
  return { path: flightsPath(WEEKS), source: 'flights', kind: 'empty', rows: 0 }
}

async function copyWeek(session: Session, file: string, week: number, columns: string): Promise<void> {
  const numbered = `SELECT *, row_number() OVER () - 1 AS nth FROM flights WHERE ${isIn(week)}`
  await session.query(
    `COPY (SELECT * EXCLUDE (nth) FROM (SELECT ${columns} FROM (${numbered})))
     TO ${session.dialect.literal(file)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${ROWS_PER_GROUP})`,
  )
  landAt(file, landedAt(week))
}

async function countWeek(session: Session, week: number): Promise<number> {
  const { rows } = await session.query(`SELECT count(*) FROM flights WHERE ${isIn(week)}`)
  return Number(rows[0]?.[0])
}

function isIn(week: number): string {
  return `date >= TIMESTAMP '${firstDayOf(week)}' AND date < TIMESTAMP '${firstDayOf(week + 1)}'`
}

/** Two in the morning after the week's last day. */
function landedAt(week: number): string {
  return `${firstDayOf(week + 1)}T02:00:00Z`
}
