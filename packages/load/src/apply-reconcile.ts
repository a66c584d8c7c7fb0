import { rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { assertNever, TidegateError } from '@tidegate/core'
import { fsyncFolder, moveFile } from '@tidegate/storage'
import { hashFile, isAbsent, makeFolder, removeIfThere, sizeOf } from './durable.ts'
import { RETIRED } from './layout.ts'
import type { Mark } from './mark.ts'
import type { ReconcilePlan, ReconcileProblem, ReconcileStep } from './plan-reconcile.ts'
import { safeName } from './safe-name.ts'

export interface Applied {
  readonly published: number
  readonly retired: number
  /** What could not be done; a part someone else retired meanwhile may be among them. */
  readonly problems: readonly ReconcileProblem[]
}

interface Places {
  readonly directory: string
  readonly quarantine: string
  readonly mark: Mark
}

type RetireStep = Extract<ReconcileStep, { readonly kind: 'retire' }>
type PlaceStep = Exclude<ReconcileStep, RetireStep>

/** Does what the plan says and makes it durable. Any number of processes may do so at once. */
export async function applyReconcile(plan: ReconcilePlan, places: Places): Promise<Applied> {
  const problems = [...plan.problems]
  const retirements = plan.steps.filter((step) => step.kind === 'retire')
  const retired = await retireAll(retirements, places)

  let published = 0
  const touched = new Set<string>()
  for (const step of plan.steps) {
    if (step.kind === 'retire') continue
    const folder = step.to === 'target' ? places.directory : places.quarantine
    const to = join(folder, step.visible)
    if (!touched.has(dirname(to))) await makeFolder(dirname(to))
    touched.add(dirname(to))
    const problem = await place(step, join(places.directory, step.staged), to)
    if (problem !== undefined) problems.push(problem)
    else published += 1
    places.mark('published-one', { visible: step.visible, to: step.to })
  }
  for (const folder of touched) await fsyncFolder(folder)
  return { published, retired, problems }
}

async function retireAll(steps: readonly RetireStep[], { directory, mark }: Places): Promise<number> {
  if (steps.length === 0) return 0
  await makeFolder(join(directory, RETIRED))
  const touched = new Set<string>([join(directory, RETIRED)])
  for (const step of steps) {
    const to = join(directory, RETIRED, `${String(step.seq).padStart(20, '0')}-${safeName(step.visible)}.sealed`)
    // Visible, then staged, then visible again: another process may publish it between our two looks.
    for (const from of [step.visible, step.staged, step.visible]) {
      if (await moved(join(directory, from), to)) touched.add(dirname(join(directory, from)))
    }
    mark('retired-one', { visible: step.visible })
  }
  // Durable before the first publication: a power cut must not bring old rows back beside the new ones.
  for (const folder of touched) await fsyncFolder(folder)
  return steps.length
}

async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}

async function place(step: PlaceStep, from: string, to: string): Promise<ReconcileProblem | undefined> {
  const found = await sizeOf(to)
  if (found !== undefined) return settle(step, from, to, found)
  try {
    await moveFile(from, to)
    return undefined
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
  const arrived = await sizeOf(to)
  if (arrived === undefined) return { kind: 'missing', visible: step.visible }
  return arrived === step.bytes ? undefined : { kind: 'taken', to: step.to, visible: step.visible }
}

/** Both names exist, or only the visible one does by now. The same bytes: a copy across devices was cut short. */
async function settle(step: PlaceStep, from: string, to: string, found: number): Promise<ReconcileProblem | undefined> {
  const same = found === step.bytes && (await hashFile(to)) === step.hash
  if (!same) return { kind: 'taken', to: step.to, visible: step.visible }
  await removeIfThere(from)
  return undefined
}

/** The error for what remains wrong after a reconcile. */
export function reconcileError(problems: readonly ReconcileProblem[]): TidegateError {
  const [first] = problems
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  const taken = first?.kind === 'taken'
  return new TidegateError(taken ? 'LEDGER_NAME_TAKEN' : 'LEDGER_PART_MISSING', `${sentence(first)}${more}.`, {
    hint: taken
      ? 'Move that file away, then run again.'
      : 'Restore the part from a backup, or load its files again with --force.',
    dataNow: 'The log is intact and nothing was overwritten; the other parts were published.',
  })
}

function sentence(problem: ReconcileProblem | undefined): string {
  switch (problem?.kind) {
    case undefined:
      return 'A part is missing'
    case 'missing':
      return `The part ${problem.visible} is in the log but not on disk`
    case 'changed':
      return `The part ${problem.visible} has ${problem.found} bytes; the log says ${problem.bytes}`
    case 'taken':
      return `A file that is not ours lies at ${problem.visible} in the ${problem.to} folder`
    default:
      return assertNever(problem)
  }
}
