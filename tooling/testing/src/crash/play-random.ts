import type { TargetKind } from '@tidegate/core'
import { runToEnd } from '../crash-harness.ts'
import { makeTempProject } from '../temp-project.ts'
import { findProblems, findUncommitted } from './assertions.ts'
import { DESTINATIONS } from './destinations.ts'
import type { StateKind } from './failpoints.ts'
import { listPhases } from './kill-run.ts'
import { ended, setScene, tellEnd, type Scene, type Surroundings } from './scene.ts'
import { randomOf, seedOf, type Random } from './random.ts'

export interface RandomResult {
  readonly kind: TargetKind
  readonly state: StateKind
  /** Kills that came at their moment. */
  readonly fired: number
  readonly problems: readonly string[]
}

/** Kills in one project; then all is compared and the next project begins. */
const PER_PROJECT = 10

/**
 * Run after run, each with new and changed files, is killed at a moment drawn as (phase, nth) from all that a run passes;
 * whatever the last one left is for the next. What is visible is compared after each, everything after ten.
 */
export async function playRandom(
  { kind, state }: { readonly kind: TargetKind; readonly state: StateKind },
  kills: number,
  surroundings: Surroundings,
): Promise<RandomResult> {
  const random = randomOf(seedOf(`random/${kind}/${state}`, surroundings.seed))
  const problems: string[] = []
  let fired = 0
  for (let done = 0; done < kills && problems.length === 0; done += PER_PROJECT) {
    using project = makeTempProject()
    const scene = await setScene(project, { kind, state }, surroundings)
    const series = await playSeries(scene, kind, Math.min(PER_PROJECT, kills - done), random)
    fired += series.fired
    problems.push(...series.problems.map((problem) => `kills ${done + 1}–${done + PER_PROJECT}: ${problem}`))
    await scene.close()
  }
  return { kind, state, fired, problems }
}

async function playSeries(
  scene: Scene,
  kind: TargetKind,
  kills: number,
  random: Random,
): Promise<{ readonly fired: number; readonly problems: readonly string[] }> {
  await scene.lay([{ round: 0 }])
  const moments = numbered(await listPhases(scene.ingest()))
  if (moments.length < 5) return { fired: 0, problems: ['the first run passed no phases'] }
  const told: string[] = []
  let fired = 0
  let changeable = 0
  let complete = 0
  // A moment that does not come (a run with less to do) is no kill: the series goes on until it has all of its own.
  for (let round = 1; fired < kills && round <= 3 * kills; round += 1) {
    // Only files of a round that is certainly committed change, so that the oracle knows every version that was taken.
    const changes = changeable <= complete
    await scene.lay([changes ? { round, changes: changeable } : { round }])
    if (changes) changeable += 1
    const { phase, nth } = moments[Math.floor(random() * moments.length)] ?? { phase: 'leased', nth: 1 }
    const { death } = await scene.kill({ on: 'phase', phase, nth }, undefined, 0)
    told.push(`${phase}:${nth}${death === undefined ? ' (not met)' : ''}`)
    if (death !== undefined) fired += 1
    const seen = await scene.read((session) => findUncommitted(session, DESTINATIONS[kind], scene.place, scene.zone))
    if (seen.length > 0) return { fired, problems: [`after ${told.join(', ')}`, ...seen] }
    if (random() < 0.5) continue
    const end = await runToEnd(scene.ingest())
    if (!ended(end)) return { fired, problems: [`after ${told.join(', ')}`, tellEnd(end)] }
    complete = round
  }
  const end = await runToEnd(scene.ingest())
  if (!ended(end)) return { fired, problems: [`after ${told.join(', ')}`, tellEnd(end)] }
  const problems = await findProblems(scene, kind)
  return { fired, problems: problems.length === 0 ? [] : [`after ${told.join(', ')}`, ...problems] }
}

/** As (phase, nth), in an order that does not depend on which of two datasets was quicker. */
function numbered(phases: readonly string[]): readonly { readonly phase: string; readonly nth: number }[] {
  return phases
    .map((phase, at) => ({ phase, nth: phases.slice(0, at + 1).filter((other) => other === phase).length }))
    .toSorted((a, b) => (a.phase < b.phase ? -1 : a.phase > b.phase ? 1 : a.nth - b.nth))
}
