/**
 * The crash matrix: `node main.ts [--cell K14/parquet/sqlite] [--random 500] [--seed N] [--only parquet,none] …`. Every cell
 * of failpoint × destination × state database is played; the last lines say what is green.
 */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { TargetKind } from '@tidegate/core'
import { openBases } from './base.ts'
import { bundleCli } from './bundle-cli.ts'
import { DESTINATIONS } from './destinations.ts'
import { FAILPOINTS, type StateKind } from './failpoints.ts'
import { nameOf, playCell, type Cell, type CellResult } from './play-cell.ts'
import { playRandom, type RandomResult } from './play-random.ts'
import { seedOf } from './random.ts'
import type { Surroundings } from './scene.ts'
import { renderMatrix } from './render-matrix.ts'

const { values } = parseArgs({
  options: {
    cell: { type: 'string', multiple: true },
    only: { type: 'string' },
    states: { type: 'string' },
    random: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    parallel: { type: 'string', default: '2' },
    /** A command line that was bundled before. */
    cli: { type: 'string' },
    source: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    /** No cell is begun after so many minutes; the page calls the rest "not played". */
    minutes: { type: 'string' },
    /** File that keeps green results, so that a run that was cut off is continued. */
    keep: { type: 'string' },
    'no-matrix': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})

const seed = Number(values.seed)
const kinds = (values.only?.split(',') ?? Object.keys(DESTINATIONS)) as TargetKind[]
const states = (values.states?.split(',') ?? ['sqlite', 'postgres']) as StateKind[]
const startedAtMs = Date.now()
const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-matrix-'))

let failed = true
try {
  failed = await run()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit(failed ? 1 : 0)

async function run(): Promise<boolean> {
  mkdirSync(folder, { recursive: true })
  const cli = values.cli ?? (await bundleCli(folder, values.source ? 'source' : 'dist'))
  const cells = chosenCells()
  const needsServer = states.includes('postgres') || kinds.includes('postgres')
  const server =
    needsServer && (cells.some(usesPostgres) || Number(values.random) > 0) ? await startServer() : undefined
  try {
    const surroundings: Surroundings = { cli, server, seed }
    const results: CellResult[] = []
    const lanes = Array.from({ length: Number(values.parallel) }, () => openBases(surroundings))
    const kept = readKept<Omit<CellResult, 'cell'>>()
    await inParallel(cells, Number(values.parallel), async (cell, _index, lane) => {
      const known = kept.get(`${nameOf(cell)} ${seed}`)
      if (known !== undefined) return void results.push({ ...known, cell })
      if (isOver()) return
      const result = await playCell(cell, lanes[lane] ?? openBases(surroundings), seedOf(nameOf(cell), seed))
      results.push(result)
      const { cell: _cell, ...rest } = result
      if (result.outcome !== 'red') keep({ ...rest, name: `${nameOf(cell)} ${seed}` })
      tellCell(result, results.length, cells.length)
    })
    for (const lane of lanes) lane.close()
    const random = await playAllRandom(surroundings)
    const ordered = cells
      .map((cell) => results.find((result) => result.cell === cell))
      .filter((result) => result !== undefined)
    if (values.write) {
      const file = fileURLToPath(new URL('../../../../docs/crash-matrix.md', import.meta.url))
      writeFileSync(file, renderMatrix(ordered, random, seed))
    }
    return tellSum(ordered, random)
  } finally {
    await server?.close()
  }
}

function chosenCells(): readonly Cell[] {
  if (values['no-matrix']) return []
  const cells = FAILPOINTS.flatMap((failpoint) =>
    kinds.flatMap((kind) => states.map((state): Cell => ({ failpoint, kind, state }))),
  )
  const wanted = values.cell
  if (wanted === undefined) return cells
  return cells.filter((cell) => wanted.some((name) => nameOf(cell) === name || nameOf(cell).startsWith(`${name}/`)))
}

function isOver(): boolean {
  return values.minutes !== undefined && Date.now() - startedAtMs >= Number(values.minutes) * 60_000
}

function readKept<Result>(): ReadonlyMap<string, Result> {
  if (values.keep === undefined || !existsSync(values.keep)) return new Map()
  const lines = readFileSync(values.keep, 'utf8').split('\n').filter(Boolean)
  return new Map(
    lines.map((line) => JSON.parse(line) as Result & { name: string }).map((result) => [result.name, result]),
  )
}

function keep(result: object): void {
  if (values.keep !== undefined) appendFileSync(values.keep, `${JSON.stringify(result)}\n`)
}

function usesPostgres({ kind, state }: Cell): boolean {
  return kind === 'postgres' || state === 'postgres'
}

async function startServer(): Promise<Awaited<ReturnType<typeof import('@tidegate/postgres/testing').startPostgres>>> {
  const { startPostgres } = await import('@tidegate/postgres/testing')
  return startPostgres()
}

async function playAllRandom(surroundings: Surroundings): Promise<readonly RandomResult[]> {
  const count = Number(values.random)
  if (count === 0) return []
  const combinations = kinds.flatMap((kind) => states.map((state) => ({ kind, state })))
  const results: RandomResult[] = []
  const share = Math.ceil(count / combinations.length)
  const kept = readKept<RandomResult>()
  await inParallel(combinations, Number(values.parallel), async (combination, index) => {
    const kills = Math.min(share, Math.max(0, count - index * share))
    const name = `random/${combination.kind}/${combination.state}/${kills} ${seed}`
    const known = kept.get(name)
    const result = known ?? (await playRandom(combination, kills, surroundings))
    results[index] = result
    if (known === undefined && result.problems.length === 0) keep({ ...result, name })
    const { kind, state, fired, problems } = result
    console.log(
      `random ${kind}/${state}: ${fired} of ${kills} kills, ${problems.length === 0 ? 'green' : 'RED'} · ${elapsed()}`,
    )
    for (const problem of problems) console.log(`    ${problem}`)
  })
  return results
}

function tellCell({ cell, outcome, because, deaths }: CellResult, count: number, all: number): void {
  const mark = outcome === 'red' ? 'RED' : outcome
  if (outcome === 'red' || values.verbose || count % 10 === 0 || all < 20)
    console.log(`${count}/${all} ${nameOf(cell)}: ${mark} · ${elapsed()}`)
  if (outcome === 'red') for (const reason of because) console.log(`    ${reason.replaceAll('\n', '\n    ')}`)
  if (outcome === 'red' || values.verbose)
    for (const death of deaths) console.log(`    died at ${JSON.stringify(death)}`)
}

function tellSum(results: readonly CellResult[], random: readonly RandomResult[]): boolean {
  const count = (outcome: CellResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length
  const red = results.filter((result) => result.outcome === 'red')
  const badRandom = random.filter(({ problems }) => problems.length > 0)
  const kills = random.reduce((sum, { fired }) => sum + fired, 0)
  console.log(
    `\n${count('green')} cells green, ${red.length} red, ${count('n/a')} not applicable; ${kills} random kills, ${badRandom.length} of ${random.length} series red; seed ${seed}; ${elapsed()}, ${cpuSeconds().toFixed(0)} s of CPU`,
  )
  for (const { cell } of red) console.log(`  npm run test:crash -- --cell ${nameOf(cell)} --seed ${seed}`)
  return red.length > 0 || badRandom.length > 0
}

/** Of this process and of all it has waited for; killed children of children and the server are missing. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  const fields = readFileSync('/proc/self/stat', 'latin1')
    .replace(/^.*\) /, '')
    .split(' ')
  // cutime and cstime, in ticks of 10 ms.
  return (user + system) / 1e6 + (Number(fields[13]) + Number(fields[14])) / 100
}

function elapsed(): string {
  return `${((Date.now() - startedAtMs) / 1000).toFixed(0)} s`
}

async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number, lane: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const run = async (lane: number): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) await work(items[index]!, index, lane)
  }
  await Promise.all(Array.from({ length: Math.max(1, width) }, (_, lane) => run(lane)))
}
