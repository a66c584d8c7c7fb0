/** Runs a planned history: lays the files, sets the clock, and lets the real pipeline do what it does. */
import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { openDuckDB } from '@tidegate/duckdb'
import { ingestSource, type PipelineEffects } from '@tidegate/pipeline'
import { openProject, selectSources, settleRecords, type Project } from '@tidegate/project'
import {
  COMMITS_CONTRACT,
  flightsContract,
  HISTORY_CONFIG,
  STOCKS_CONTRACT,
  strikesContract,
  WEATHER_CONTRACT,
} from './history-config.ts'
import {
  appendJunk,
  cutOff,
  dateOf,
  flightsName,
  layEmpty,
  openLayer,
  stamp,
  type HistoryLayer,
} from './lay-history.ts'
import { planHistory, type HistoryStep } from './plan-history.ts'

export interface HistoryOptions {
  /** Absolute: the project folder; it is emptied of an earlier history. */
  readonly directory: string
  readonly days: number
  /** The history's end, Unix milliseconds. */
  readonly untilMs: number
  readonly say?: (line: string) => void
}

export interface HistorySummary {
  readonly runs: number
  readonly failedRuns: number
  readonly loaded: number
  readonly held: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
}

/**
 * The same files, rows, verdicts and times for the same `days` and `untilMs`; only how long a run takes is measured, and
 * differs.
 */
export async function replayHistory(options: HistoryOptions): Promise<HistorySummary> {
  const { directory, days, untilMs, say = () => {} } = options
  const zone = path.join(directory, 'landing')
  for (const name of ['landing', 'lake', 'quarantine', 'contracts', '.tidegate', 'tidegate.yaml'])
    rmSync(path.join(directory, name), { recursive: true, force: true })
  mkdirSync(path.join(directory, 'contracts'), { recursive: true })
  for (const name of ['flights', 'strikes', 'weather', 'stocks', 'commits', 'tables'])
    mkdirSync(path.join(zone, name), { recursive: true })
  writeFileSync(path.join(directory, 'tidegate.yaml'), HISTORY_CONFIG)
  for (const [name, text] of [
    ['weather', WEATHER_CONTRACT],
    ['stocks', STOCKS_CONTRACT],
    ['commits', COMMITS_CONTRACT],
  ] as const)
    writeFileSync(path.join(directory, `contracts/${name}.yaml`), text)

  const clock = movableClock(untilMs)
  const moments = planHistory(days, untilMs)
  const session = await openDuckDB()
  const opened = await openProject({ directory, env: {}, what: 'ingest', clock })
  if (opened.kind !== 'ok') throw new Error(`the configuration of the history is wrong: ${JSON.stringify(opened)}`)
  const { project } = opened
  const lastMs = Math.floor(untilMs / DAY_MS) * DAY_MS
  const sums = { runs: 0, failedRuns: 0, loaded: 0, held: 0, rowsLoaded: 0, rowsRejected: 0 }
  try {
    const layer = await openLayer(session, zone, lastMs - (days - 1) * DAY_MS, days)
    const effects = { ...project.effects, newId: countedIds(clock) }
    let day = ''
    for (const { atMs, step } of moments) {
      clock.set(atMs)
      if (dateOf(atMs) !== day) {
        day = dateOf(atMs)
        say(`${day}  ${sums.runs} runs, ${sums.loaded} files loaded, ${sums.held} held`)
      }
      await perform(step, atMs, { directory, zone, layer, project, effects, sums, say, clock })
    }
  } finally {
    await project.close()
    await session.close()
  }
  return sums
}

const DAY_MS = 86_400_000

interface Scene {
  readonly directory: string
  readonly zone: string
  readonly layer: HistoryLayer
  readonly project: Project
  readonly effects: PipelineEffects
  readonly sums: { -readonly [K in keyof HistorySummary]: HistorySummary[K] }
  readonly say: (line: string) => void
  readonly clock: MovableClock
}

async function perform(step: HistoryStep, atMs: number, scene: Scene): Promise<void> {
  const { directory, zone, layer } = scene
  const database = path.join(directory, 'lake/strikes.duckdb')
  // A link that leads to itself: listed, and nobody can open it.
  const endless = path.join(zone, 'weather/weather-latest.csv')
  switch (step.kind) {
    case 'flights': {
      if (step.damage === 'empty') return layEmpty(zone, flightsName(step.dayMs), atMs)
      const file = await layer.flights(flightsName(step.dayMs), step.dayMs, atMs, step.shape)
      if (step.damage === 'junk') appendJunk(file, atMs)
      if (step.damage === 'cut') cutOff(file, atMs)
      return
    }
    case 'flights-again': {
      const copy = path.join(zone, flightsName(step.dayMs, '-resent'))
      copyFileSync(path.join(zone, flightsName(step.dayMs)), copy)
      return stamp(copy, atMs)
    }
    case 'strikes':
      return layer.strikes(step.day, atMs, step.trouble)
    case 'weather':
      return layer.weather(step.day, atMs, step.decimals)
    case 'stocks':
      return layer.stocks(step.day, atMs, step.repeats)
    case 'commits':
      return layer.commits(step.day, atMs)
    case 'tables':
      return layer.tables(step.week, atMs)
    case 'flights-contract':
      return writeFileSync(
        path.join(directory, 'contracts/flights.yaml'),
        flightsContract(step.version, step.delayMost),
      )
    case 'strikes-contract':
      return writeFileSync(path.join(directory, 'contracts/strikes.yaml'), strikesContract(step.version, step.knots))
    case 'spoil-strikes':
      renameSync(database, `${database}.aside`)
      return writeFileSync(database, 'not a database')
    case 'mend-strikes':
      return renameSync(`${database}.aside`, database)
    case 'unreadable':
      return symlinkSync(path.basename(endless), endless)
    case 'readable-again':
      return rmSync(endless)
    case 'ingest':
      for (const name of step.sources) await ingest(name, scene)
      return
    case 'replay':
      return replay(step.source, step.note, scene)
  }
}

async function ingest(name: string, { project, effects, sums, say, clock }: Scene): Promise<void> {
  for (const source of selectSources(project.config, [name])) {
    const report = await ingestSource(
      source,
      { force: false, workers: project.config.workers, gate: {}, exclude: project.exclude },
      effects,
    )
    sums.runs += 1
    sums.loaded += report.totals.loaded
    sums.held += report.totals.held
    sums.rowsLoaded += report.totals.rowsLoaded
    sums.rowsRejected += report.totals.rowsQuarantined
    if (report.error !== undefined) {
      sums.failedRuns += 1
      say(`  ${name}: ${report.error.code} ${report.error.message}`)
    }
    for (const file of report.files)
      if (file.status !== 'loaded') say(`  ${name}: ${file.path} ${file.status} ${file.reasons[0]?.check ?? ''}`)
    clock.rest()
  }
}

async function replay(name: string, note: string, { project, effects, sums, say }: Scene): Promise<void> {
  for (const source of selectSources(project.config, [name])) {
    const report = await settleRecords(project, source, { action: 'replay', wants: () => true, note }, effects)
    const rows = report.items.reduce((sum, item) => sum + item.rowsLoaded, 0)
    sums.runs += 1
    sums.rowsLoaded += rows
    say(`  ${name}: ${report.items.length} records of quarantine replayed, ${rows} rows loaded`)
  }
}

interface MovableClock {
  nowMs(): number
  /** It is this late now, and time goes on. */
  set(atMs: number): void
  /** A while between two commands. */
  rest(): void
}

/** Time goes by as fast as the work really takes, so that durations are true. */
function movableClock(startMs: number): MovableClock {
  let baseMs = startMs
  let setAt = performance.now()
  return {
    nowMs: () => baseMs + Math.round(performance.now() - setAt),
    set(atMs) {
      baseMs = atMs
      setAt = performance.now()
    },
    rest() {
      baseMs += 2000
    },
  }
}

function countedIds(clock: MovableClock): () => string {
  let count = 0
  return () => {
    const time = new Date(clock.nowMs()).toISOString().replaceAll(/[-:]|\.\d+Z$/g, '')
    return `${time}-${(++count).toString(16).padStart(8, '0')}`
  }
}
