import { statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { literal } from './bare-engine.ts'
import type { BenchContext, Section } from './bench-context.ts'
import { race } from './measure.ts'
import type { ParquetReport } from './parquet-worker.ts'
import type { ResultRow } from './result-row.ts'
import { runNode } from './run-node.ts'
import { salvageRows } from './salvage-rows.ts'

export const parquetSection: Section = {
  name: 'parquet',
  about:
    'diagnosis of a 193 MB file (headers, pages, peak memory); rows salvaged per kind of damage, beside DuckDB and hyparquet',
  run: runParquet,
}

/** With these rows and columns a snappy file has about 193 MB. */
const ROWS = 3_230_000
const WORKER = fileURLToPath(new URL('./parquet-worker.ts', import.meta.url))
/** The first header walk of a process, and five more. */
const HEADER_WALKS = 6
const MEGABYTE = 1_000_000
const MEBIBYTE = 1024 * 1024

async function runParquet({ bare, folder, rounds, big, say }: BenchContext): Promise<readonly ResultRow[]> {
  const rows: ResultRow[] = []
  for (const codec of ['snappy', 'zstd'] as const) {
    const file = path.join(folder, `${codec}.parquet`)
    say(`parquet: writing ${codec}`)
    await bare.run(copyOf(file, codec, ROWS))
    const bytes = statSync(file).size
    say(`parquet: reading ${codec}`)
    const reports = new Map<string, ParquetReport>()
    let warmMs = Number.POSITIVE_INFINITY
    const best = await race(rounds, {
      headers: async () => {
        const report = await diagnoseInProcess(file, 'headers', reports, HEADER_WALKS)
        warmMs = Math.min(warmMs, report.warmMs ?? report.ms)
        return report.ms
      },
      pages: async () => (await diagnoseInProcess(file, 'pages', reports)).ms,
      values: async () => (await diagnoseInProcess(file, 'values', reports)).ms,
      bare: async () => void (await bare.run(fullReadOf(file))),
    })
    const size = `${Math.round(bytes / MEGABYTE)} MB ${codec}`
    const pages = reports.get('headers')?.pages ?? 0
    rows.push(
      row(
        `header walk, first in a fresh process, ${size}, ${pages.toLocaleString('en-US')} pages`,
        'ms',
        best.headers,
        {
          note: 'with reading and compiling the code',
        },
      ),
      row(`header walk, warm, ${size}`, 'ms', warmMs, { most: 50, note: 'the same process, best of 5' }),
      row(`page validation, ${size}`, 'MB/s', bytes / 1000 / best.pages, {
        least: 60,
        note: `one core; bare DuckDB decodes it at ${Math.round(bytes / 1000 / best.bare)} MB/s on all cores`,
      }),
      row(`value validation, ${size}`, 'MB/s', bytes / 1000 / best.values, {}),
      row(`peak memory of page validation, ${size}`, 'MiB', mebibytes(reports.get('pages')), {
        most: 200_000_000 / MEBIBYTE,
      }),
      row(`peak memory of value validation, ${size}`, 'MiB', mebibytes(reports.get('values')), {
        most: 200_000_000 / MEBIBYTE,
      }),
    )
  }
  if (big) {
    const file = path.join(folder, 'large.parquet')
    say('parquet: writing the large file')
    await bare.run(copyOf(file, 'snappy', ROWS * 5))
    const reports = new Map<string, ParquetReport>()
    await diagnoseInProcess(file, 'pages', reports)
    const size = `${Math.round(statSync(file).size / MEGABYTE)} MB snappy`
    rows.push(
      row(`peak memory of page validation, ${size}`, 'MiB', mebibytes(reports.get('pages')), {
        most: 200_000_000 / MEBIBYTE,
      }),
    )
  }
  rows.push(...(await salvageRows(say)))
  return rows
}

async function diagnoseInProcess(
  file: string,
  level: string,
  reports: Map<string, ParquetReport>,
  times = 1,
): Promise<ParquetReport> {
  const report = JSON.parse(await runNode([WORKER, file, level, String(times)])) as ParquetReport
  if (report.verdict !== 'ok') throw new Error(`${file} at level ${level}: ${report.verdict}`)
  const before = reports.get(level)
  // The largest peak counts.
  if (before === undefined || (report.peakBytes ?? 0) > (before.peakBytes ?? 0)) reports.set(level, report)
  return report
}

function mebibytes(report: ParquetReport | undefined): number {
  return (report?.peakBytes ?? Number.NaN) / MEBIBYTE
}

/** Integers, keys, money, words, nearly unique text, times and flags, with NULLs. */
function copyOf(file: string, codec: string, rows: number): string {
  return `COPY (SELECT i AS id, hash(i) AS key, (i * 7919 % 1000003)::DOUBLE / 100 AS amount,
    ('word ' || (i % 1000)) AS word, md5(i::VARCHAR) AS text, TIMESTAMP '2020-01-01' + INTERVAL 1 SECOND * i AS at,
    i % 3 = 0 AS flag, CASE WHEN i % 5 > 0 THEN (i % 100000)::INTEGER END AS number FROM range(${rows}) t(i))
    TO ${literal(file)} (FORMAT parquet, COMPRESSION ${codec})`
}

/** Decodes every value of the file, as a validation does. */
function fullReadOf(file: string): string {
  return `SELECT bit_xor(hash(COLUMNS(*))) FROM read_parquet(${literal(file)})`
}

function row(
  what: string,
  unit: ResultRow['unit'],
  ours: number,
  bar: { readonly most?: number; readonly least?: number; readonly note?: string },
): ResultRow {
  const { most, least, note } = bar
  const isMet = (most === undefined || ours <= most) && (least === undefined || ours >= least)
  const text = most === undefined ? (least === undefined ? '' : `≥ ${least} ${unit}`) : `≤ ${Math.round(most)} ${unit}`
  return {
    section: 'parquet',
    what,
    unit,
    ours,
    bare: null,
    ratio: null,
    bar: text,
    verdict: text === '' ? 'no bar' : isMet ? 'met' : 'missed',
    ...(note === undefined ? {} : { note }),
  }
}
