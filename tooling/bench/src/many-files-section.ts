import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { literal, openBareEngine } from './bare-engine.ts'
import { makeBenchProject } from './bench-project.ts'
import type { BenchContext, Section } from './bench-context.ts'
import { race } from './measure.ts'
import type { ResultRow } from './result-row.ts'
import { ingestInProcess } from './run-node.ts'
import { SMALL_CONTRACT, smallCheckQuery, writeSmallFiles } from './small-files.ts'

export const manyFilesSection: Section = {
  name: 'many-files',
  about: '10,000 files of 1,000 rows, discovered to committed, against one bare check query and a COPY per file',
  run: runManyFiles,
}

const FILES = 10_000
const ROWS = 1000
const LEAST_FILES_PER_SECOND = 1000

async function runManyFiles({ bare, folder, rounds, say }: BenchContext): Promise<readonly ResultRow[]> {
  const landing = path.join(folder, 'small')
  const files = await writeSmallFiles(bare, landing, FILES, ROWS)
  say('many-files: taking turns')
  let cpuMs = Number.POSITIVE_INFINITY
  const best = await race(Math.min(rounds, 3), {
    ours: async (round) => {
      const directory = path.join(folder, `many-${round}`)
      makeBenchProject(directory, SMALL_CONTRACT, { landing })
      const report = await ingestInProcess(directory, { loaded: FILES })
      if (process.env['TIDEGATE_BENCH_PHASES'] !== undefined) say(JSON.stringify(report.phasesMs))
      cpuMs = Math.min(cpuMs, report.parentCpuMs + (report.engineCpuMs ?? 0))
      await rm(directory, { recursive: true })
      return report.tookMs
    },
    bare: (round) => bareManyFiles(files, path.join(folder, `bare-many-${round}`)),
    together: (round) => bareTogether(files, path.join(folder, `bare-together-${round}`)),
  })
  const oursPerSecond = (1000 * FILES) / best.ours
  return [
    {
      section: 'many-files',
      what: `ingest: ${FILES.toLocaleString('en-US')} files × ${ROWS.toLocaleString('en-US')} rows, discovered → committed`,
      unit: 'files/s',
      ours: oursPerSecond,
      bare: (1000 * FILES) / best.bare,
      ratio: best.ours / best.bare,
      bar: `≥ ${LEAST_FILES_PER_SECOND} files/s`,
      verdict: oursPerSecond >= LEAST_FILES_PER_SECOND ? 'met' : 'missed',
      note: `ratio of times; bare checks all files in one query, copies each, syncs nothing; ours takes ${(cpuMs / FILES).toFixed(2)} ms of CPU per file`,
    },
    {
      section: 'many-files',
      what: 'the same beside one check query and one COPY of all files into one',
      unit: 'files/s',
      ours: oursPerSecond,
      bare: (1000 * FILES) / best.together,
      ratio: best.ours / best.together,
      bar: '',
      verdict: 'no bar',
      note: `two statements know no file: no hash, no verdict and no rejection of one; they took ${Math.round(best.together)} ms`,
    },
  ]
}

async function bareTogether(files: readonly string[], out: string): Promise<number> {
  await mkdir(out)
  const startedMs = performance.now()
  const engine = await openBareEngine()
  const from = `read_parquet([${files.map((file) => literal(file)).join(', ')}])`
  await engine.run(smallCheckQuery(from))
  await engine.run(
    `COPY (SELECT * FROM ${from}) TO ${literal(path.join(out, 'all.parquet'))} (FORMAT parquet, COMPRESSION zstd)`,
  )
  const took = performance.now() - startedMs
  engine.close()
  await rm(out, { recursive: true })
  return took
}

async function bareManyFiles(files: readonly string[], out: string): Promise<number> {
  await mkdir(out)
  const startedMs = performance.now()
  const engine = await openBareEngine()
  await engine.run(smallCheckQuery(`read_parquet([${files.map((file) => literal(file)).join(', ')}])`))
  for (const [index, file] of files.entries()) {
    const to = literal(path.join(out, `${index}.parquet`))
    await engine.run(`COPY (SELECT * FROM read_parquet(${literal(file)})) TO ${to} (FORMAT parquet, COMPRESSION zstd)`)
  }
  const took = performance.now() - startedMs
  engine.close()
  await rm(out, { recursive: true })
  return took
}
