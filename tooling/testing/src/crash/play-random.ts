import type { TargetKind } from '@tidegate/core'
import { findProblems, findUncommitted } from './assertions.ts'
import type { Bases } from './base.ts'
import { DESTINATIONS } from './destinations.ts'
import type { StateKind } from './failpoints.ts'
import { listPhases } from './kill-run.ts'
import { ended, tellEnd } from './scene.ts'
import { randomOf, type Random } from './random.ts'

/** One chain of kills in one project. */
export interface Series {
  readonly kind: TargetKind
  readonly state: StateKind
  /** From 1. */
  readonly number: number
  readonly kills: number
}

export interface SeriesResult {
  readonly series: Series
  /** (phase, nth) of each run that was killed, in order; each of them wrote down that it died there. */
  readonly killed: readonly string[]
  readonly problems: readonly string[]
}

/** Kills in one project; then all is compared and the next project begins. */
const PER_SERIES = 13
/** Share of killed runs after which one goes to its end; the others are recovered by a run that is killed, too. */
const FINISHED = 0.3

export function nameOfSeries({ kind, state, number }: Series): string {
  return `random/${kind}/${state}/${number}`
}

/** So many kills over all columns, in chains. Series of the same name are the same, whatever the count. */
export function planSeries(
  count: number,
  columns: readonly { readonly kind: TargetKind; readonly state: StateKind }[],
): readonly Series[] {
  const planned: Series[] = []
  let left = count
  for (let number = 1; left > 0; number += 1) {
    for (const { kind, state } of columns) {
      const kills = Math.min(PER_SERIES, left)
      if (kills > 0) planned.push({ kind, state, number, kills })
      left -= kills
    }
  }
  return planned
}

/**
 * Run after run, each with new and changed files, is killed at a moment drawn as (phase, nth) from all that a run passes;
 * whatever the last one left is for the next. What is visible is compared after each, everything at the end of the chain.
 */
export async function playSeries(series: Series, bases: Bases, seed: number): Promise<SeriesResult> {
  const killed: string[] = []
  try {
    const problems = await play(series, bases, randomOf(seed), killed)
    return { series, killed, problems: problems.length === 0 ? [] : [`after ${killed.join(', ')}`, ...problems] }
  } catch (error) {
    return { series, killed, problems: [`the harness failed after ${killed.join(', ')}: ${String(error)}`] }
  }
}

async function play(
  { kind, state, kills }: Series,
  bases: Bases,
  random: Random,
  killed: string[],
): Promise<readonly string[]> {
  const moments = await momentsOf(kind, state, bases)
  if (moments.length < 5) return ['a run passed no phases']
  const scene = await bases.take({ kind, state })
  let changeable = 0
  let complete = 1
  // A moment that does not come (a run with less to do) is no kill: the chain goes on until it has all of its own.
  for (let round = 2; killed.length < kills && round <= 3 * kills; round += 1) {
    // Only files of a round that is certainly committed change, so that the oracle knows every version that was taken.
    const changes = changeable <= complete
    await scene.lay([changes ? { round, changes: changeable } : { round }])
    if (changes) changeable += 1
    const { phase, nth } = moments[Math.floor(random() * moments.length)] ?? { phase: 'leased', nth: 1 }
    const { death, ...end } = await scene.kill({ on: 'phase', phase, nth }, undefined, 0)
    if (death !== undefined) killed.push(`${phase}:${nth}`)
    else if (!ended(end)) return [tellEnd(end)]
    else complete = round
    const seen = await scene.read((session) => findUncommitted(session, DESTINATIONS[kind], scene.place, scene.zone))
    if (seen.length > 0) return seen
    if (random() >= FINISHED) continue
    const finished = await scene.finish(scene.ingest())
    if (!ended(finished)) return [tellEnd(finished)]
    complete = round
  }
  const last = await scene.finish(scene.ingest())
  if (!ended(last)) return [tellEnd(last)]
  const problems = await findProblems(scene, kind)
  const missing = killed.length < kills ? [`only ${killed.length} of ${kills} kills came at their moment`] : []
  return [...missing, ...problems]
}

interface Numbered {
  readonly phase: string
  readonly nth: number
}

const MOMENTS = new WeakMap<Bases, Map<string, readonly Numbered[]>>()

/** All that a run over a new round passes, in an order that does not depend on which of two datasets was quicker. */
async function momentsOf(kind: TargetKind, state: StateKind, bases: Bases): Promise<readonly Numbered[]> {
  const known = MOMENTS.get(bases) ?? new Map<string, readonly Numbered[]>()
  MOMENTS.set(bases, known)
  const key = `${kind}/${state}`
  const ready = known.get(key)
  if (ready !== undefined) return ready
  const scene = await bases.take({ kind, state })
  await scene.lay([{ round: 2, changes: 0 }])
  const moments = numbered(await listPhases(scene.ingest()))
  known.set(key, moments)
  return moments
}

function numbered(phases: readonly string[]): readonly Numbered[] {
  return phases
    .map((phase, at) => ({ phase, nth: phases.slice(0, at + 1).filter((other) => other === phase).length }))
    .toSorted((a, b) => (a.phase < b.phase ? -1 : a.phase > b.phase ? 1 : a.nth - b.nth))
}
