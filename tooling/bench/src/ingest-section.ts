import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { ResultRow } from './result-row.ts'
import { ratioRow } from './result-row.ts'
import { literal, openBareEngine } from './bare-engine.ts'
import { age, makeBenchProject } from './bench-project.ts'
import type { BenchContext, Section } from './bench-context.ts'
import type { IngestReport } from './ingest-worker.ts'
import { race } from './measure.ts'
import { ingestInProcess } from './run-node.ts'
import { BROKEN_ROW, handWrittenQueries, wideContract } from './wide-suite.ts'
import { writeWideTable } from './wide-table.ts'

export const ingestSection: Section = {
  name: 'ingest',
  about: '8 files ingested with 40 checks, gate and commit, against a hand-written check query and a bare COPY',
  run: async (context) => [...(await runIngest(context, undefined)), ...(await runIngest(context, BAD_EVERY))],
}

const FILES = 8
const BAD_EVERY = 1000
const MIB = 2 ** 20

async function runIngest(context: BenchContext, badEvery: number | undefined): Promise<readonly ResultRow[]> {
  const { bare, folder, rounds, say } = context
  const split = badEvery !== undefined
  const name = split ? 'ingest with row split' : 'ingest'
  const landing = path.join(folder, split ? 'landing-split' : 'landing')
  await mkdir(landing, { recursive: true })
  const rows = Math.floor(context.rows / FILES)
  const files: string[] = []
  for (let index = 0; index < FILES; index += 1) {
    const file = path.join(landing, `feed-${index}.parquet`)
    await writeWideTable(bare, file, { firstRow: index * rows, rows, badEvery })
    age(file)
    files.push(file)
  }
  let best: IngestReport | undefined
  say(`${name}: taking turns`)
  const times = await race(rounds, {
    ours: async (round) => {
      const directory = path.join(folder, `project-${split ? 'split-' : ''}${round}`)
      makeBenchProject(directory, wideContract(), { landing, onFail: split ? 'split' : 'quarantine' })
      const report = await ingestInProcess(directory, { loaded: FILES })
      if (split !== report.rowsRejected > 0) throw new Error(`unexpected split: ${JSON.stringify(report)}`)
      if (best === undefined || report.tookMs < best.tookMs) best = report
      await rm(directory, { recursive: true })
      return report.tookMs
    },
    grouped: () => bareIngest(files, path.join(folder, 'bare-grouped'), split, 'grouped'),
    distinct: () => bareIngest(files, path.join(folder, 'bare-distinct'), split, 'distinct'),
  })
  if (process.env['TIDEGATE_BENCH_PHASES'] !== undefined) say(JSON.stringify(best?.phasesMs))
  const what = `${name}: ${FILES} files, ${(rows * FILES).toLocaleString('en-US')} rows × 10${split ? ', 0.1 % bad' : ''}`
  const time = ratioRow(
    { section: 'ingest', what, oursMs: times.ours, bareMs: Math.min(times.grouped, times.distinct) },
    1.15,
  )
  return best === undefined ? [time] : [time, memoryRow(name, best)]
}

/**
 * A new engine, then for each file the check query and one COPY (with a split: two), as a script would do it. One query per
 * file is faster than one over all files, and like ours it can judge each file.
 */
async function bareIngest(
  files: readonly string[],
  out: string,
  split: boolean,
  form: 'grouped' | 'distinct',
): Promise<number> {
  await mkdir(out, { recursive: true })
  const startedMs = performance.now()
  const engine = await openBareEngine()
  for (const [index, file] of files.entries()) {
    const from = `read_parquet(${literal(file)})`
    await engine.run(handWrittenQueries(from)[form])
    const rows = `SELECT * FROM ${from}`
    const copy = (select: string, name: string): Promise<unknown> =>
      engine.run(
        `COPY (${select}) TO ${literal(path.join(out, `${index}-${name}`))} (FORMAT parquet, COMPRESSION zstd)`,
      )
    await copy(split ? `${rows} WHERE NOT (${BROKEN_ROW})` : rows, 'good.parquet')
    if (split) await copy(`${rows} WHERE ${BROKEN_ROW}`, 'bad.parquet')
  }
  const took = performance.now() - startedMs
  engine.close()
  await rm(out, { recursive: true })
  return took
}

function memoryRow(name: string, report: IngestReport): ResultRow {
  const parent = (report.parentPeakBytes ?? 0) / MIB
  const engine = (report.enginePeakBytes ?? 0) / MIB
  return {
    section: 'ingest',
    what: `${name}: peak memory, both processes`,
    unit: 'MiB',
    ours: parent + engine,
    bare: null,
    ratio: null,
    bar: '',
    verdict: 'no bar',
    note: `parent ${Math.round(parent)}, engine child ${Math.round(engine)}`,
  }
}
