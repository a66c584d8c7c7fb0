import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { literal, type BareEngine } from './bare-engine.ts'
import type { BenchContext, Section } from './bench-context.ts'
import { commandLine } from './command-line.ts'
import { timeMs } from './measure.ts'
import type { ResultRow } from './result-row.ts'
import { runNode } from './run-node.ts'

export const checkSection: Section = {
  name: 'check',
  about: '`tidegate check` on 26 weekly files with 3 million rows, without any configuration',
  run: runCheck,
}

const WEEKS = 26
const ROWS = 3_000_000
const MOST_SECONDS = 60

async function runCheck({ bare, folder, say }: BenchContext): Promise<readonly ResultRow[]> {
  const landing = path.join(folder, 'flights')
  await mkdir(landing)
  for (let week = 0; week < WEEKS; week += 1) await writeWeek(bare, landing, week)
  say('check: 26 weekly files')
  // Exit code 3 says that the check found something odd, which is an answer too.
  const seconds = (await timeMs(() => runNode([commandLine(), 'check', landing, '--output', 'json'], [0, 3]))) / 1000
  const scanMs = await timeMs(() =>
    bare.run(`SELECT ${['date', 'delay', 'distance', 'origin', 'destination'].map((name) => `count(${name}), min(${name}), max(${name}), count(DISTINCT ${name})`).join(', ')}
              FROM read_parquet(${literal(path.join(landing, '*.parquet'))})`),
  )
  return [
    {
      section: 'check',
      what: `check: ${WEEKS} files, ${ROWS.toLocaleString('en-US')} rows × 5, contract learned`,
      unit: 's',
      ours: seconds,
      bare: scanMs / 1000,
      ratio: (seconds * 1000) / scanMs,
      bar: `≤ ${MOST_SECONDS} s`,
      verdict: seconds <= MOST_SECONDS ? 'met' : 'missed',
      note: 'bare: counts, minima, maxima and distinct values of all columns in one query',
    },
  ]
}

async function writeWeek(engine: BareEngine, folder: string, week: number): Promise<void> {
  const rows = Math.floor(ROWS / WEEKS)
  const file = path.join(folder, `flights-2001-week-${String(week + 1).padStart(2, '0')}.parquet`)
  const airport = (shift: number): string => `upper(substr(md5(CAST((h >> ${shift}) % 280 AS VARCHAR)), 1, 3))`
  await engine.run(`COPY (
    SELECT TIMESTAMP '2001-01-01 00:00:00' + to_days(${7 * week}) + to_minutes(CAST((i * 10080) // ${rows} AS INTEGER)) AS date,
      CAST((h % 97) + (h >> 7) % 13 - 20 + CASE WHEN h % 211 = 5 THEN 300 ELSE 0 END AS INTEGER) AS delay,
      CAST(60 + (h >> 16) % 2500 AS INTEGER) AS distance, ${airport(20)} AS origin, ${airport(30)} AS destination
    FROM (SELECT i, CAST(hash(i + ${week * rows}) >> 2 AS BIGINT) AS h FROM range(${rows}) t(i)))
    TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd)`)
}
