import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  chooseMoments,
  ingestCommand,
  recordRound,
  runCrashLoop,
  type CrashRound,
  type IngestCommand,
} from './crash-loop.ts'
import { openBundledCli, type BundledCli } from './faults/fault-scene.ts'

// Invariant 1 against SIGKILL: one project, a round of new files for every moment, each first killed there and then run to
// its end. Every round brings two new files, a new version of an older one and a file that is held.
//
// The fast lane kills the command line in one file, five times, each at another phase. `crash-loop.slow.ts` is the same with
// the command as it is installed, at every phase and at some more than once.
const SLOW = process.env['TIDEGATE_LANE'] === 'slow'
const KILLS = SLOW ? 21 : 5

let cli: BundledCli | undefined
afterAll(async () => {
  await cli?.[Symbol.asyncDispose]()
})

async function openCommand(): Promise<IngestCommand> {
  if (SLOW) return ingestCommand
  const { file } = (cli = await openBundledCli())
  return (cwd) => ({ command: process.execPath, args: [file, 'ingest'], cwd, env: { NO_COLOR: '1' } })
}

let rounds: readonly CrashRound[] = []
let undisturbedExit: number | null = null

beforeAll(async () => {
  const ingest = await openCommand()
  const { phases, exitCode } = await recordRound(ingest)
  undisturbedExit = exitCode
  rounds = await runCrashLoop(chooseMoments(phases, KILLS), ingest)
}, 600_000)

/** What is true of each round, by its moment: so a failure says where the kill was. */
function perRound(say: (round: CrashRound) => unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(rounds.map((round) => [`${round.moment.phase}:${round.moment.nth}`, say(round)]))
}

test('every kill came at its moment, and the moments are spread over the protocol', () => {
  const phases = new Set(rounds.filter((round) => round.hit).map((round) => round.moment.phase))
  console.log(`killed ${rounds.length} times at ${phases.size} phases: ${[...phases].join(', ')}`)
  expect(perRound((round) => round.hit)).toEqual(perRound(() => true))
  expect(rounds.length).toBe(KILLS)
  expect(phases.size).toBeGreaterThanOrEqual(Math.min(KILLS, 8))
})

test('right after a kill, no row is visible twice', () => {
  expect(perRound(({ lakeAfterCrash }) => lakeAfterCrash.rows - lakeAfterCrash.ids)).toEqual(perRound(() => 0))
})

test('after the next run, the lake holds every good row once', () => {
  expect(perRound(({ lake }) => lake)).toEqual(perRound(({ oracle }) => ({ rows: oracle.good, ids: oracle.good })))
})

test('after the next run, quarantine holds every bad row and every held file once', () => {
  expect(perRound(({ rejected, held }) => ({ rejected, held }))).toEqual(
    perRound(({ oracle }) => ({ rejected: { rows: oracle.bad, ids: oracle.bad }, held: oracle.held })),
  )
})

test('the next run ends as an undisturbed one does, or with nothing left to do', () => {
  const wrong = rounds.filter(({ exitCode }) => exitCode !== undisturbedExit && exitCode !== 0)
  expect(wrong.map(({ moment, exitCode, stderr }) => ({ moment, exitCode, stderr }))).toEqual([])
})
