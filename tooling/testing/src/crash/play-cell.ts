import type { TargetKind } from '@tidegate/core'
import type { CommandUnderTest } from '../crash-harness.ts'
import { findProblems, findUncommitted } from './assertions.ts'
import type { Bases } from './base.ts'
import { DESTINATIONS } from './destinations.ts'
import type { Failpoint, StateKind } from './failpoints.ts'
import { shiftedClock, type KillOrder } from './kill-run.ts'
import { sweepReplaced } from './landing-zone.ts'
import { ended, tellEnd, type Scene } from './scene.ts'

export interface Cell {
  readonly failpoint: Failpoint
  readonly kind: TargetKind
  readonly state: StateKind
}

export interface CellResult {
  readonly cell: Cell
  /** `green`: killed where it should be, and everything holds. */
  readonly outcome: 'green' | 'red' | 'n/a'
  /** Why it does not exist, or what is wrong. */
  readonly because: readonly string[]
  /** What the killed processes wrote down: of the run, then of each recovery. */
  readonly deaths: readonly Readonly<Record<string, unknown>>[]
}

export function nameOf({ failpoint, kind, state }: Cell): string {
  return `${failpoint.id}/${kind}/${state}`
}

/** Why there is no such cell; undefined if there is. */
export function notApplicable({ failpoint, kind, state }: Cell): string | undefined {
  const order = failpoint.order({ kind, state, directory: '' })
  return order.on === 'never' ? order.why : undefined
}

/** Moments within the engine's reading or writing, which a busy machine may let slip by. */
const FLEETING: ReadonlySet<string> = new Set(['open', 'file'])
const TRIES = 3
const NOT_FIRED = 'the failpoint did not fire'

/** Plays a cell; one whose moment slipped by is played again. In the end it must have come. */
export async function playCell(cell: Cell, bases: Bases, seed: number): Promise<CellResult> {
  const { failpoint, kind, state } = cell
  const tries = FLEETING.has(failpoint.order({ kind, state, directory: '' }).on) ? TRIES : 1
  for (let attempt = 1; ; attempt += 1) {
    const result = await playOnce(cell, bases, seed)
    if (attempt === tries || result.because[0]?.startsWith(NOT_FIRED) !== true) return result
  }
}

/** Everything of one cell: base, kill, killed recovery, end, nothing, rebuild. */
async function playOnce(cell: Cell, bases: Bases, seed: number): Promise<CellResult> {
  const { failpoint, kind, state } = cell
  const absent = notApplicable(cell)
  if (absent !== undefined) return { cell, outcome: 'n/a', because: [absent], deaths: [] }
  const deaths: Readonly<Record<string, unknown>>[] = []
  try {
    const scene = await bases.take({ kind, state, archive: failpoint.archive === true })
    const order = failpoint.order({ kind, state, directory: scene.place.project.directory })
    if (order.on === 'never') throw new Error('a cell is there or it is not')
    const play = failpoint.act === undefined ? playScene : playAct
    const because = await play(scene, cell, order, seed, deaths)
    return { cell, outcome: because.length === 0 ? 'green' : 'red', because, deaths }
  } catch (error) {
    return { cell, outcome: 'red', because: [`the harness failed: ${String(error)}`], deaths }
  }
}

async function playScene(
  scene: Scene,
  { failpoint, kind }: Cell,
  order: KillOrder,
  seed: number,
  deaths: Readonly<Record<string, unknown>>[],
): Promise<readonly string[]> {
  const { zone, place } = scene
  await scene.lay([{ round: 2, changes: 0, rows: failpoint.rows, newColumn: failpoint.newColumn }])
  if (failpoint.dropStateBefore === true) await scene.state.drop()
  const { death, ...end } = await scene.kill(order, failpoint.lost, seed, withClock(scene.ingest(), failpoint.clockMs))
  if (death === undefined) return [`${NOT_FIRED}: ${tellEnd(end)}`]
  deaths.push(death)
  const early = await scene.read((session) => findUncommitted(session, DESTINATIONS[kind], place, zone))
  if (early.length > 0) return early.map((problem) => `after the kill: ${problem}`)
  if (failpoint.dropState === true) await scene.state.drop()

  await scene.lay([{ round: 3, changes: 1 }])
  const first = failpoint.everyRecoveryStep === true ? 1 : 1 + (seed % RECOVERY_STEPS)
  for (let step = first; ; step += 1) {
    const order = { on: 'step', nth: step, until: 'planned' } as const
    const { death: again, ...rest } = await scene.kill(order, failpoint.lost, seed + step)
    if (again === undefined) return [`the recovery was not killed: ${tellEnd(rest)}`]
    deaths.push(again)
    const seen = await scene.read((session) => findUncommitted(session, DESTINATIONS[kind], place, zone))
    if (seen.length > 0) return seen.map((problem) => `after the killed recovery: ${problem}`)
    if (failpoint.everyRecoveryStep !== true || again['phase'] === 'planned') break
  }

  // It finds what the killed recovery left, and the files of the last round, which no run has pinned.
  const last = await scene.finish(scene.ingest())
  if (!ended(last)) return [`the last run failed: ${tellEnd(last)}`]
  return findProblems(scene, kind)
}

/** Another command is killed, then killed again at its beginning, then runs to its end; last comes an ingestion. */
async function playAct(
  scene: Scene,
  { failpoint, kind }: Cell,
  order: KillOrder,
  seed: number,
  deaths: Readonly<Record<string, unknown>>[],
): Promise<readonly string[]> {
  const { zone, place } = scene
  const replays = failpoint.act === 'replay'
  const command = replays
    ? scene.command('quarantine', 'replay', '--all')
    : withClock(scene.command('maintain'), LONG_AFTER_MS)
  if (replays) scene.loosenContracts()
  else {
    await scene.lay([{ round: 2, changes: 0 }])
    const before = await scene.finish(scene.ingest())
    if (!ended(before)) return [`the second run failed: ${tellEnd(before)}`]
  }
  // Maintenance has no steps of its own: it is killed at the same place twice, if there is still something to do.
  const orders: readonly KillOrder[] = [
    order,
    ...(replays ? [{ on: 'step', nth: 1 + (seed % 2), until: 'staged' } as const] : []),
  ]
  for (const each of orders) {
    const { death, ...end } = await scene.kill(each, failpoint.lost, seed, command)
    if (death === undefined) return [`${NOT_FIRED}: ${tellEnd(end)}`]
    deaths.push(death)
    const seen = await scene.read((session) => findUncommitted(session, DESTINATIONS[kind], place, zone))
    if (seen.length > 0) return seen.map((problem) => `after the kill: ${problem}`)
  }
  if (!replays) sweepReplaced(zone)
  for (const each of [command, scene.ingest()]) {
    const end = await scene.finish(each)
    if (!ended(end)) return [`${each.args.at(-1)} failed at last: ${tellEnd(end)}`]
  }
  return findProblems(scene, kind)
}

const LONG_AFTER_MS = 400 * 86_400_000

function withClock(command: CommandUnderTest, offsetMs = 0): CommandUnderTest {
  return offsetMs === 0 ? command : { ...command, env: { ...command.env, ...shiftedClock(offsetMs) } }
}

/** Steps of a recovery that come on any way; later ones are met by the cells that kill at each step. */
const RECOVERY_STEPS = 6
