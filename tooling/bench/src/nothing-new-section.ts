import { statSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { BenchContext, Section } from './bench-context.ts'
import type { IngestReport } from './ingest-worker.ts'
import { makeKnownFiles } from './known-files.ts'
import { race } from './measure.ts'
import { ratioRow, type ResultRow } from './result-row.ts'
import { ingestInProcess } from './run-node.ts'

export const nothingNewSection: Section = {
  name: 'nothing-new',
  about: 'a run that finds nothing new among 10,000 known files (--quick: also 300,000, --big: also 1,000,000)',
  run: runNothingNew,
}

const MOST = 2
const FEW = 10_000

async function runNothingNew(context: BenchContext): Promise<readonly ResultRow[]> {
  const rows = await nothingNewAmong(FEW, context)
  if (context.quick) rows.push(...(await nothingNewAmong(300_000, context)))
  if (context.big) rows.push(...(await nothingNewAmong(1_000_000, context)))
  return rows
}

async function nothingNewAmong(count: number, { folder, rounds, say }: BenchContext): Promise<ResultRow[]> {
  const directory = path.join(folder, `known-${count}`)
  const landing = path.join(directory, 'landing')
  say(`nothing-new: ${count} files`)
  makeKnownFiles(directory, landing, count)
  const first = await ingestInProcess(directory, { loaded: 0 })
  say(`nothing-new: the state read them from the log in ${Math.round(first.tookMs)} ms; taking turns`)
  let last = first
  const cpu = { ours: Number.POSITIVE_INFINITY, bare: Number.POSITIVE_INFINITY }
  const best = await race(rounds, {
    ours: async () => {
      last = await ingestInProcess(directory, { loaded: 0 })
      if (last.unchanged !== count) throw new Error(`not all known: ${JSON.stringify(last)}`)
      cpu.ours = Math.min(cpu.ours, last.cpuMs)
      return last.tookMs
    },
    bare: async () => {
      const before = process.cpuUsage()
      await listAndStat(landing, (file) => void statSync(file, { bigint: true }))
      const { user, system } = process.cpuUsage(before)
      cpu.bare = Math.min(cpu.bare, (user + system) / 1000)
    },
    bareWaiting: () => listAndStat(landing, (file) => stat(file, { bigint: true })),
  })
  const what = `nothing new among ${count.toLocaleString('en-US')} known files`
  const notes = [
    `bare blocks at each stat; 128 stats at once take ${Math.round(best.bareWaiting)} ms, ${(best.ours / best.bareWaiting).toFixed(2)} ×`,
    `processor time ${Math.round(cpu.ours)} / ${Math.round(cpu.bare)} ms, ${(cpu.ours / cpu.bare).toFixed(2)} ×`,
    ...(count > FEW ? [] : ['the bar is for 1 M files: here the fixed cost of opening a project decides']),
  ]
  if (process.env['TIDEGATE_BENCH_PHASES'] !== undefined) say(JSON.stringify(last.phasesMs))
  const row = { section: 'nothing-new', what, oursMs: best.ours, bareMs: best.bare, note: notes.join('; ') }
  return [ratioRow(row, MOST), memoryRow(what, last)]
}

function memoryRow(what: string, { parentPeakBytes }: IngestReport): ResultRow {
  const ours = (parentPeakBytes ?? 0) / 2 ** 20
  const row = {
    section: 'nothing-new',
    what: `${what}: peak memory`,
    unit: 'MiB',
    ours,
    bare: null,
    ratio: null,
  } as const
  return { ...row, bar: 'flat', verdict: 'no bar', note: 'no engine was started' }
}

async function listAndStat(folder: string, look: (file: string) => unknown): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries.flatMap((entry) => (entry.isDirectory() ? [] : [path.join(folder, entry.name)]))
  for (let start = 0; start < files.length; start += 128) await Promise.all(files.slice(start, start + 128).map(look))
  for (const entry of entries) if (entry.isDirectory()) await listAndStat(path.join(folder, entry.name), look)
}
