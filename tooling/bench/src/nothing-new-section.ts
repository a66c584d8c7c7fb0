import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { makeBenchProject } from './bench-project.ts'
import type { BenchContext, Section } from './bench-context.ts'
import { race } from './measure.ts'
import { ratioRow, type ResultRow } from './result-row.ts'
import { ingestInProcess } from './run-node.ts'
import { SMALL_CONTRACT, writeSmallFiles } from './small-files.ts'

export const nothingNewSection: Section = {
  name: 'nothing-new',
  about: 'a run that finds nothing new among 1,000 known files (--big: 100,000), against listing and stat-ing them',
  run: runNothingNew,
}

const MOST = 2

async function runNothingNew(context: BenchContext): Promise<readonly ResultRow[]> {
  const rows = [await nothingNewAmong(1000, context)]
  if (context.big) rows.push(await nothingNewAmong(100_000, context))
  return rows
}

async function nothingNewAmong(count: number, { bare, folder, rounds, say }: BenchContext): Promise<ResultRow> {
  const directory = path.join(folder, `known-${count}`)
  const landing = path.join(directory, 'landing')
  const files = await writeSmallFiles(bare, landing, count, 10)
  makeBenchProject(directory, SMALL_CONTRACT, { landing })
  say(`nothing-new: first load of ${files.length} files`)
  await ingestInProcess(directory, { loaded: count })
  say('nothing-new: taking turns')
  const best = await race(rounds, {
    ours: async () => {
      const report = await ingestInProcess(directory, { loaded: 0 })
      if (report.unchanged !== count) throw new Error(`not all known: ${JSON.stringify(report)}`)
      return report.tookMs
    },
    bare: () => listAndStat(landing),
  })
  const what = `nothing new among ${count.toLocaleString('en-US')} known files`
  const row = { section: 'nothing-new', what, oursMs: best.ours, bareMs: best.bare }
  // The bar is for a million files; below that the fixed cost of opening a project decides.
  return ratioRow({ ...row, note: `bar is for 1 M files; +${Math.round(best.ours - best.bare)} ms here` }, MOST)
}

async function listAndStat(folder: string): Promise<void> {
  const names = await readdir(folder)
  for (let start = 0; start < names.length; start += 128) {
    await Promise.all(names.slice(start, start + 128).map((name) => stat(path.join(folder, name), { bigint: true })))
  }
}
