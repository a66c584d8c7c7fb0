import { createRequire } from 'node:module'
import path from 'node:path'
import { openDuckDB } from '@tidegate/duckdb'
import { runRecordingPhases, runToEnd, runUntilCrash, type CommandUnderTest, type PhaseHit } from './crash-harness.ts'
import {
  countFiles,
  countRows,
  layRound,
  oracleAfter,
  writeCrashProject,
  type Oracle,
  type RowCount,
} from './crash-project.ts'
import { makeTempProject, type TempProject } from './temp-project.ts'

export interface Moment {
  readonly phase: string
  readonly nth: number
}

/** One round: new files, a run that is killed, a run that is not. */
export interface CrashRound {
  readonly moment: Moment
  /** False when the run ended before its moment came. */
  readonly hit: boolean
  readonly lakeAfterCrash: RowCount
  readonly lake: RowCount
  readonly rejected: RowCount
  /** Files in quarantine whole. */
  readonly held: number
  readonly oracle: Oracle
  /** Of the run that was not killed. */
  readonly exitCode: number | null
  readonly stderr: string
}

const LAKE = 'lake/**/*.parquet'

/** Makes the command that ingests a project. */
export type IngestCommand = (cwd: string) => CommandUnderTest

/** The built command line, run by Node with nothing between. */
export function ingestCommand(cwd: string): CommandUnderTest {
  const manifest = createRequire(import.meta.url).resolve('tidegate/package.json')
  const bin = path.join(path.dirname(manifest), 'bin/tidegate.js')
  return { command: process.execPath, args: [bin, 'ingest'], cwd, env: { NO_COLOR: '1' } }
}

/** What an undisturbed second round publishes, and how it ends. */
export async function recordRound(ingest: IngestCommand = ingestCommand): Promise<{
  readonly phases: readonly PhaseHit[]
  readonly exitCode: number | null
}> {
  using project = makeTempProject()
  const session = await openDuckDB()
  try {
    writeCrashProject(project)
    await layRound(session, project, 0)
    await runToEnd(ingest(project.directory))
    await layRound(session, project, 1)
    const { phases, exitCode, stderr } = await runRecordingPhases(ingest(project.directory))
    if (phases.length === 0) throw new Error(`the run published no phase: exit ${exitCode}\n${stderr}`)
    return { phases, exitCode }
  } finally {
    await session.close()
  }
}

/** `count` moments over all phases: the first time of each, then the last time of each, then the times between. */
export function chooseMoments(phases: readonly PhaseHit[], count: number): readonly Moment[] {
  const times = new Map<string, number>()
  for (const { phase, nth } of phases) times.set(phase, Math.max(nth, times.get(phase) ?? 0))
  const moments: Moment[] = []
  const add = (phase: string, nth: number): void => {
    if (!moments.some((moment) => moment.phase === phase && moment.nth === nth)) moments.push({ phase, nth })
  }
  // Fewer than there are phases: spread from the first to the last.
  const all = [...times.keys()]
  if (count < all.length)
    return Array.from({ length: count }, (_, index) => ({
      phase: all[Math.round((index * (all.length - 1)) / (count - 1))] ?? '',
      nth: 1,
    }))
  for (const phase of all) add(phase, 1)
  for (const [phase, last] of times) add(phase, last)
  for (const { phase, nth } of phases) add(phase, nth)
  return moments.slice(0, count)
}

/** Plays a round for each moment, all in one project, which so grows old with its crashes. */
export async function runCrashLoop(
  moments: readonly Moment[],
  ingest: IngestCommand = ingestCommand,
): Promise<readonly CrashRound[]> {
  using project = makeTempProject()
  writeCrashProject(project)
  const rounds: CrashRound[] = []
  for (const [round, moment] of moments.entries())
    rounds.push(await playRound(project, round, moment, ingest(project.directory)))
  return rounds
}

async function playRound(
  project: TempProject,
  round: number,
  moment: Moment,
  ingest: CommandUnderTest,
): Promise<CrashRound> {
  // A session per round: a long-lived one caches what it knew of files that the product has moved since.
  const session = await openDuckDB()
  try {
    await layRound(session, project, round)
    const { hit } = await runUntilCrash({ ...ingest, ...moment })
    const lakeAfterCrash = await countRows(session, project, LAKE)
    const { exitCode, stderr } = await runToEnd(ingest)
    const lake = await countRows(session, project, LAKE)
    const rejected = await countRows(session, project, 'quarantine/**/*.rows.parquet')
    const held = await countFiles(session, project, 'quarantine/**/broken-*.parquet')
    return { moment, hit, lakeAfterCrash, lake, rejected, held, oracle: oracleAfter(round + 1), exitCode, stderr }
  } finally {
    await session.close()
  }
}
