import type { TargetKind } from '@tidegate/core'
import { runToEnd, type CommandUnderTest } from '../crash-harness.ts'
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

/** Everything of one cell: base, kill, killed recovery, end, nothing, rebuild. */
export async function playCell(cell: Cell, bases: Bases, seed: number): Promise<CellResult> {
  const { failpoint, kind, state } = cell
  const absent = failpoint.order({ kind, state, directory: '' })
  if (absent.on === 'never') return { cell, outcome: 'n/a', because: [absent.why], deaths: [] }
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
  if (death === undefined) return [`the failpoint did not fire: ${tellEnd(end)}`]
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

  await scene.lay([{ round: 4 }])
  const last = await runToEnd(scene.ingest())
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
    const before = await runToEnd(scene.ingest())
    if (!ended(before)) return [`the second run failed: ${tellEnd(before)}`]
  }
  // Maintenance has no steps of its own: it is killed at the same place twice, if there is still something to do.
  const orders: readonly KillOrder[] = [
    order,
    ...(replays ? [{ on: 'step', nth: 1 + (seed % 2), until: 'staged' } as const] : []),
  ]
  for (const each of orders) {
    const { death, ...end } = await scene.kill(each, failpoint.lost, seed, command)
    if (death === undefined) return [`the failpoint did not fire: ${tellEnd(end)}`]
    deaths.push(death)
    const seen = await scene.read((session) => findUncommitted(session, DESTINATIONS[kind], place, zone))
    if (seen.length > 0) return seen.map((problem) => `after the kill: ${problem}`)
  }
  if (!replays) sweepReplaced(zone)
  for (const each of [command, scene.ingest()]) {
    const end = await runToEnd(each)
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
