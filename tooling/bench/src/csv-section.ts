import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { literal, openBareEngine } from './bare-engine.ts'
import type { BenchContext, Section } from './bench-context.ts'
import { age } from './bench-project.ts'
import { race } from './measure.ts'
import { ratioRow, type ResultRow } from './result-row.ts'
import { ingestInProcess } from './run-node.ts'

export const csvSection: Section = {
  name: 'csv',
  about:
    'a CSV file without a contract: types found over all rows, loaded; against a bare COPY of read_csv, which looks at a sample',
  run: runCsv,
}

async function runCsv(context: BenchContext): Promise<readonly ResultRow[]> {
  const { bare, folder, rounds, rows, say } = context
  const landing = path.join(folder, 'landing')
  await mkdir(landing, { recursive: true })
  const file = path.join(landing, 'feed.csv')
  await bare.run(`COPY (
    SELECT i AS id, 'name ' || (h % 1000) AS name, (h % 1000000) / 100 AS amount,
      CAST('2026-01-01' AS DATE) + CAST(h % 300 AS INTEGER) AS day, h % 2 = 0 AS active
    FROM (SELECT i, hash(i) AS h FROM range(${rows}) t(i))) TO ${literal(file)} (FORMAT csv, HEADER)`)
  age(file)
  say('csv: taking turns')
  const times = await race(rounds, {
    ours: async (round) => {
      const directory = path.join(folder, `project-${round}`)
      await mkdir(directory)
      const feed = { path: `${landing}/*.csv`, on_missing_contract: 'admit', ready: { settle: '0s' } }
      await writeFile(path.join(directory, 'tidegate.yaml'), JSON.stringify({ version: 1, sources: { feed } }))
      const { tookMs } = await ingestInProcess(directory, { loaded: 1 })
      await rm(directory, { recursive: true })
      return tookMs
    },
    bare: async () => {
      const out = path.join(folder, 'bare.parquet')
      const startedMs = performance.now()
      const engine = await openBareEngine()
      await engine.run(`COPY (FROM read_csv(${literal(file)})) TO ${literal(out)} (FORMAT parquet, COMPRESSION zstd)`)
      const took = performance.now() - startedMs
      engine.close()
      return took
    },
  })
  const what = `csv: ${rows.toLocaleString('en-US')} rows × 5, no contract`
  return [ratioRow({ section: 'csv', what, oursMs: times.ours, bareMs: times.bare }, undefined)]
}
