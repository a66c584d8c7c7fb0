/**
 * The crash matrix: `node main.ts [--cell K14/parquet/sqlite] [--random 500] [--seed N] [--only parquet,none] …`. Every cell
 * of failpoint × destination × state database is played, and chains of random kills; the last lines say what is green.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { TargetKind } from '@tidegate/core'
import { openBases, type Bases } from './base.ts'
import { bundleCli } from './bundle-cli.ts'
import { DESTINATIONS } from './destinations.ts'
import { FAILPOINTS, type StateKind } from './failpoints.ts'
import { openKeptResults } from './kept-results.ts'
import { playAll, type Item } from './lanes.ts'
import { nameOf, notApplicable, playCell, type Cell, type CellResult } from './play-cell.ts'
import { nameOfSeries, planSeries, playSeries, type Series, type SeriesResult } from './play-random.ts'
import { LIMIT_MS, minutes, progressLine, startStopwatch } from './progress.ts'
import { seedOf } from './random.ts'
import { renderMatrix } from './render-matrix.ts'
import type { Surroundings } from './scene.ts'
import { openWarmCli } from './warm-cli.ts'

const { values } = parseArgs({
  options: {
    cell: { type: 'string', multiple: true },
    only: { type: 'string' },
    states: { type: 'string' },
    /** So many random kills over all columns. */
    random: { type: 'string', default: '0' },
    /** Chains of random kills by name: `random/delta/sqlite/3`. */
    series: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
    /** Lanes: one more than cores, since each waits for the disk now and then. */
    parallel: { type: 'string', default: String(availableParallelism() + 1) },
    /** A command line that was bundled before. */
    cli: { type: 'string' },
    source: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    /** Nothing is begun after so many minutes; the page calls the rest "not played". */
    minutes: { type: 'string' },
    /** File that keeps green results, so that a run that was cut off is continued. */
    keep: { type: 'string' },
    'no-matrix': { type: 'boolean', default: false },
    /** Undisturbed runs in processes of their own, too. */
    cold: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})

type Result = { readonly cell: CellResult } | { readonly series: SeriesResult }
type Kept = Pick<CellResult, 'outcome' | 'because' | 'deaths'> | Pick<SeriesResult, 'killed' | 'problems'>

const seed = Number(values.seed)
const kinds = (values.only?.split(',') ?? Object.keys(DESTINATIONS)) as TargetKind[]
const states = (values.states?.split(',') ?? ['sqlite', 'postgres']) as StateKind[]
const columns = kinds.flatMap((kind) => states.map((state) => ({ kind, state })))
const PROGRESS_EVERY_MS = 15_000
const watch = startStopwatch()
const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-matrix-'))

let failed = true
try {
  failed = await run()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit(failed ? 1 : 0)

async function run(): Promise<boolean> {
  const cells = chosenCells()
  const series = chosenSeries()
  const results = new Map<string, Result>()
  for (const cell of cells) {
    const why = notApplicable(cell)
    if (why !== undefined) results.set(nameOf(cell), { cell: { cell, outcome: 'n/a', because: [why], deaths: [] } })
  }
  await playThem(cells, series, results)
  const cellResults = cells.flatMap((cell) => {
    const result = results.get(nameOf(cell))
    return result !== undefined && 'cell' in result ? [result.cell] : []
  })
  const seriesResults = series.flatMap((one) => {
    const result = results.get(nameOfSeries(one))
    return result !== undefined && 'series' in result ? [result.series] : []
  })
  if (values.write) {
    const file = fileURLToPath(new URL('../../../../docs/crash-matrix.md', import.meta.url))
    writeFileSync(file, renderMatrix(cellResults, seriesResults, seed))
  }
  return tellSum(cellResults, seriesResults, cells.length + series.length - results.size)
}

function chosenCells(): readonly Cell[] {
  if (values['no-matrix']) return []
  const cells = FAILPOINTS.flatMap((failpoint) => columns.map((column): Cell => ({ failpoint, ...column })))
  const wanted = values.cell
  if (wanted === undefined) return cells
  return cells.filter((cell) => wanted.some((name) => nameOf(cell) === name || nameOf(cell).startsWith(`${name}/`)))
}

function chosenSeries(): readonly Series[] {
  const wanted = values.series
  if (wanted === undefined) return planSeries(Number(values.random), columns)
  const all = planSeries(100_000, columns)
  return all.filter((series) => wanted.includes(nameOfSeries(series)))
}

/** Adds what is played, or was kept by an earlier run, to the results. */
async function playThem(
  cells: readonly Cell[],
  series: readonly Series[],
  results: Map<string, Result>,
): Promise<void> {
  const items: Item<Result>[] = []
  const kept = openKeptResults(values.keep)
  const lanes = Number(values.parallel)
  const bases: Bases[] = []
  const baseOf = (lane: number): Bases => bases[lane] ?? fail('there are as many bases as lanes')
  for (const cell of cells) {
    const name = nameOf(cell)
    if (results.has(name)) continue
    const known = kept.get(`${name} ${seed}`) as Pick<CellResult, 'outcome' | 'because' | 'deaths'> | undefined
    if (known !== undefined) results.set(name, { cell: { cell, ...known } })
    const group = `${cell.kind}/${cell.state}/${cell.failpoint.archive === true ? 'archive' : ''}`
    const weight = cell.failpoint.everyRecoveryStep === true ? 2.5 : 1
    items.push({
      name,
      group,
      weight,
      play: async (lane) => ({ cell: await playCell(cell, baseOf(lane), seedOf(name, seed)) }),
    })
  }
  for (const one of series) {
    const name = nameOfSeries(one)
    const known = kept.get(`${name} ${one.kills} ${seed}`) as Pick<SeriesResult, 'killed' | 'problems'> | undefined
    if (known !== undefined) results.set(name, { series: { series: one, ...known } })
    items.push({
      name,
      group: `${one.kind}/${one.state}/`,
      weight: 2 + one.kills * 0.4,
      play: async (lane) => ({ series: await playSeries(one, baseOf(lane), seedOf(name, seed)) }),
    })
  }
  const left = items.filter(({ name }) => !results.has(name))
  if (left.length === 0) return
  const keptWeight = weightOf(items) - weightOf(left)
  const tellProgress = (): void => {
    const done = [...results].filter(([name]) => items.some((item) => item.name === name))
    console.log(
      progressLine(
        { weight: weightOf(items.filter(({ name }) => results.has(name))), ...countsOf(done.map(([, one]) => one)) },
        { weight: weightOf(items), cells: items.filter(isCell).length, kills: killsIn(series) },
        keptWeight,
        watch,
      ),
    )
  }
  const cli = values.cli ?? (await bundleCli(folder, values.source ? 'source' : 'dist'))
  const server = left.some(({ group }) => group.includes('postgres')) ? await startServer() : undefined
  const warm = Array.from({ length: lanes }, () => (values.cold ? undefined : openWarmCli(cli)))
  bases.push(...warm.map((one) => openBases({ cli, server, seed, warm: one } satisfies Surroundings)))
  const timer = setInterval(tellProgress, PROGRESS_EVERY_MS)
  try {
    await playAll(
      left,
      lanes,
      ({ name }, result) => {
        results.set(name, result)
        keepGreen(kept.keep, name, result)
        tell(name, result, left.length)
      },
      () => values.minutes === undefined || watch.elapsedMs() < Number(values.minutes) * 60_000,
    )
  } finally {
    clearInterval(timer)
    if (left.length > 1) tellProgress()
    for (const each of bases) each.close()
    for (const one of warm) await one?.close()
    await server?.close()
  }
}

function keepGreen(keep: (name: string, kept: Kept) => void, name: string, result: Result): void {
  if ('cell' in result) {
    const { outcome, because, deaths } = result.cell
    if (outcome !== 'red') keep(`${name} ${seed}`, { outcome, because, deaths })
  } else {
    const { killed, problems, series } = result.series
    if (problems.length === 0) keep(`${name} ${series.kills} ${seed}`, { killed, problems })
  }
}

async function startServer(): Promise<Awaited<ReturnType<typeof import('@tidegate/postgres/testing').startPostgres>>> {
  const { startPostgres } = await import('@tidegate/postgres/testing')
  return startPostgres()
}

function tell(name: string, result: Result, all: number): void {
  const problems =
    'cell' in result ? (result.cell.outcome === 'red' ? result.cell.because : []) : result.series.problems
  if (problems.length > 0 || values.verbose || all < 20)
    console.log(`${name}: ${problems.length > 0 ? 'RED' : 'green'} · ${minutes(watch.elapsedMs())}`)
  for (const problem of problems) console.log(`    ${problem.replaceAll('\n', '\n    ')}`)
  if (problems.length === 0 && !values.verbose) return
  if ('cell' in result) for (const death of result.cell.deaths) console.log(`    died at ${JSON.stringify(death)}`)
  else console.log(`    killed at ${result.series.killed.join(', ')}`)
}

function tellSum(cells: readonly CellResult[], series: readonly SeriesResult[], notPlayed: number): boolean {
  const count = (outcome: CellResult['outcome']): number => cells.filter((result) => result.outcome === outcome).length
  const red = [
    ...cells.flatMap(({ cell, outcome }) => (outcome === 'red' ? [`--cell ${nameOf(cell)}`] : [])),
    ...series.flatMap((one) => (one.problems.length > 0 ? [`--no-matrix --series ${nameOfSeries(one.series)}`] : [])),
  ]
  const kills = series.reduce((sum, { killed }) => sum + killed.length, 0)
  const badSeries = series.filter(({ problems }) => problems.length > 0).length
  const { ownSeconds, machineSeconds } = watch.costs()
  const inTime = watch.elapsedMs() <= LIMIT_MS
  console.log(
    `\n${count('green')} cells green, ${count('red')} red, ${count('n/a')} not applicable; ${kills} random kills in ${series.length} chains, ${badSeries} red; ${notPlayed} not played; seed ${seed}\n${minutes(watch.elapsedMs())} (${inTime ? 'within' : 'over'} ${minutes(LIMIT_MS)}), ${ownSeconds.toFixed(0)} s of CPU; the machine was busy for ${machineSeconds.toFixed(0)} s`,
  )
  for (const name of red) console.log(`  npm run test:crash -- ${name} --seed ${seed}`)
  return red.length > 0
}

function isCell({ name }: Item<Result>): boolean {
  return !name.startsWith('random/')
}

function countsOf(results: readonly Result[]): { readonly cells: number; readonly kills: number } {
  const cells = results.filter((result) => 'cell' in result).length
  const kills = results.reduce((sum, result) => sum + ('series' in result ? result.series.killed.length : 0), 0)
  return { cells, kills }
}

function killsIn(series: readonly Series[]): number {
  return series.reduce((sum, { kills }) => sum + kills, 0)
}

function weightOf(items: readonly Item<Result>[]): number {
  return items.reduce((sum, { weight }) => sum + weight, 0)
}

function fail(because: string): never {
  throw new Error(because)
}
