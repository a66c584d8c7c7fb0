import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Contract } from '@tidegate/core'
import type { ResultRow } from './result-row.ts'
import { ratioRow } from './result-row.ts'
import { literal, openBareEngine } from './bare-engine.ts'
import { age, makeBenchProject } from './bench-project.ts'
import type { BenchContext, Section } from './bench-context.ts'
import type { IngestReport } from './ingest-worker.ts'
import { race } from './measure.ts'
import { PROVABLE, provableByHand } from './provable-suite.ts'
import { ingestInProcess } from './run-node.ts'
import { BROKEN_ROW, handWrittenQueries, wideContract } from './wide-suite.ts'
import { writeWideTable } from './wide-table.ts'

export const ingestSection: Section = {
  name: 'ingest',
  about: '8 files ingested with 40 checks, gate and commit, against a hand-written check query and a bare COPY',
  run: async (context) => [
    ...(await runIngest(context, WIDE)),
    ...(await runIngest(context, SPLIT)),
    ...(await runIngest(context, PROVED)),
  ],
}

const FILES = 8
/** Opening the state and the engine take about half a second, whatever there is to do: 8,000,000 rows say more than 2,000,000. */
const TIMES_ROWS = 4
const MIB = 2 ** 20

interface IngestCase {
  readonly name: string
  /** In the names of its folders. */
  readonly folder: string
  readonly contract: Contract
  /** One row of so many breaks a rule, and is split off. */
  readonly badEvery?: number
  /** The checks by hand, in the forms that are tried. */
  readonly byHand: (from: string) => readonly string[]
  /** The most that ours may take, as a multiple. */
  readonly most: number
}

function wideByHand(from: string): readonly string[] {
  const { grouped, distinct } = handWrittenQueries(from)
  return [grouped, distinct]
}

const WIDE: IngestCase = {
  name: 'ingest',
  folder: 'plain',
  contract: wideContract(),
  byHand: wideByHand,
  most: 1.15,
}

const SPLIT: IngestCase = { ...WIDE, name: 'ingest with row split', folder: 'split', badEvery: 1000 }

/** No data page is read for the checks: what is left is the copy. */
const PROVED: IngestCase = {
  name: 'ingest, footers prove the suite',
  folder: 'proved',
  contract: PROVABLE,
  byHand: (from) => [provableByHand(from)],
  most: 1,
}

async function runIngest(context: BenchContext, one: IngestCase): Promise<readonly ResultRow[]> {
  const { bare, folder, rounds, say } = context
  const { name, badEvery } = one
  const split = badEvery !== undefined
  const landing = path.join(folder, `landing-${one.folder}`)
  await mkdir(landing, { recursive: true })
  const rows = Math.floor((context.rows * TIMES_ROWS) / FILES)
  const files: string[] = []
  for (let index = 0; index < FILES; index += 1) {
    const file = path.join(landing, `feed-${index}.parquet`)
    await writeWideTable(bare, file, { firstRow: index * rows, rows, badEvery })
    age(file)
    files.push(file)
  }
  let best: IngestReport | undefined
  const cpu = { ours: Number.POSITIVE_INFINITY, bare: Number.POSITIVE_INFINITY }
  say(`${name}: taking turns`)
  const byHand = async (form: number): Promise<number> => {
    const before = cpuSoFarMs()
    const took = await bareIngest(files, path.join(folder, 'bare'), split, (from) => one.byHand(from)[form])
    cpu.bare = Math.min(cpu.bare, cpuSoFarMs() - before)
    return took
  }
  const forms = one.byHand('t').map((_, form) => [`bare-${form}`, () => byHand(form)] as const)
  const times = await race(rounds, {
    ours: async (round) => {
      const directory = path.join(folder, `project-${one.folder}-${round}`)
      makeBenchProject(directory, one.contract, { landing, onFail: split ? 'split' : 'quarantine' })
      const report = await ingestInProcess(directory, { loaded: FILES })
      if (split !== report.rowsRejected > 0) throw new Error(`unexpected split: ${JSON.stringify(report)}`)
      if (best === undefined || report.tookMs < best.tookMs) best = report
      cpu.ours = Math.min(cpu.ours, report.workCpuMs + (report.engineCpuMs ?? 0))
      await rm(directory, { recursive: true })
      return report.tookMs
    },
    ...Object.fromEntries(forms),
  })
  if (process.env['TIDEGATE_BENCH_PHASES'] !== undefined) say(JSON.stringify(best?.phasesMs))
  const what = `${name}: ${FILES} files, ${(rows * FILES).toLocaleString('en-US')} rows × 10${split ? ', 0.1 % bad' : ''}`
  const { ours, ...others } = times
  const note = `by CPU ${(cpu.ours / cpu.bare).toFixed(2)} ×: ${Math.round(cpu.ours)} / ${Math.round(cpu.bare)} ms`
  const time = ratioRow(
    { section: 'ingest', what, oursMs: ours, bareMs: Math.min(...Object.values<number>(others)), note },
    one.most,
  )
  return best === undefined ? [time] : [time, memoryRow(name, best)]
}

function cpuSoFarMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * A new engine, then for each file the check query and one COPY (with a split: two), as a script would do it. One query per
 * file is faster than one over all files, and like ours it can judge each file.
 */
async function bareIngest(
  files: readonly string[],
  out: string,
  split: boolean,
  checks: (from: string) => string | undefined,
): Promise<number> {
  await mkdir(out, { recursive: true })
  const startedMs = performance.now()
  const engine = await openBareEngine()
  for (const [index, file] of files.entries()) {
    const from = `read_parquet(${literal(file)})`
    await engine.run(checks(from) ?? '')
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
