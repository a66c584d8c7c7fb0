import { mkdir, readdir, readFile, unlink } from 'node:fs/promises'
import path from 'node:path'
import { stringifyJson, TidegateError, type Config, type Store } from '@tidegate/core'
import { writeDurable } from '@tidegate/storage'
import type { IngestPlan, PlannedFile } from './ingest-plan.ts'

/** Older ones go when a new one is written. */
const KEPT = 100

/** Where plans are kept. */
export function plansFolder(config: Pick<Config, 'directory'>): string {
  return path.join(config.directory, '.tidegate', 'plans')
}

/** Keeps a plan. Returns its file. */
export async function storePlan(config: Pick<Config, 'directory'>, plan: IngestPlan): Promise<string> {
  const folder = plansFolder(config)
  await mkdir(folder, { recursive: true })
  const file = path.join(folder, `${plan.id}.json`)
  await writeDurable(file, `${stringifyJson(plan, 1)}\n`)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted()
  for (const name of names.slice(0, Math.max(0, names.length - KEPT))) {
    await unlink(path.join(folder, name)).catch(() => undefined)
  }
  return file
}

/** @throws PLAN_UNKNOWN where there is none of this id, or where it cannot be read */
export async function readPlan(config: Pick<Config, 'directory'>, id: string): Promise<IngestPlan> {
  // An id is no path.
  if (!/^[\w-]{1,100}$/.test(id)) throw unknownPlan(id, 'is no id of a plan')
  let text: string
  try {
    text = await readFile(path.join(plansFolder(config), `${id}.json`), 'utf8')
  } catch (error) {
    throw unknownPlan(id, 'is not there', error)
  }
  try {
    const plan = JSON.parse(text) as IngestPlan
    const isWhole =
      plan.format === 1 &&
      plan.id === id &&
      Array.isArray(plan.sources) &&
      plan.sources.every(
        ({ source, items }) => typeof source === 'string' && Array.isArray(items) && items.every(isFile),
      )
    if (isWhole) return plan
  } catch (error) {
    throw unknownPlan(id, 'cannot be read', error)
  }
  throw unknownPlan(id, 'is no plan of this version')
}

function isFile(item: Partial<PlannedFile>): boolean {
  return typeof item.path === 'string' && typeof item.hash === 'string' && typeof item.stamp === 'string'
}

/**
 * That the files of a plan are there with the bytes that it saw. A file that was touched only is read once more.
 *
 * @param rootOf folder of a source; undefined where the configuration has it no longer
 * @throws PLAN_STALE naming files that changed or are gone; nothing was written
 */
export async function assertFresh(
  plan: IngestPlan,
  rootOf: (source: string) => string | undefined,
  store: Pick<Store, 'stat' | 'hash'>,
  signal: AbortSignal,
): Promise<void> {
  const stale: string[] = []
  for (const { source, items } of plan.sources) {
    const root = rootOf(source)
    if (root === undefined) throw stalePlan(plan.id, [`the source ${source} is not configured any more`])
    // A file that goes to two targets is looked at once.
    for (const item of new Map(items.map((each) => [each.path, each])).values()) {
      signal.throwIfAborted()
      const uri = path.join(root, item.path)
      const now = path.relative(root, uri) === path.normalize(item.path) ? await store.stat(uri) : undefined
      if (now === undefined) stale.push(`${item.path} is gone`)
      else if (now.stamp !== item.stamp && (await store.hash(uri, signal)) !== item.hash)
        stale.push(`${item.path} has changed`)
    }
  }
  if (stale.length > 0) throw stalePlan(plan.id, stale)
}

const NAMED = 5

function stalePlan(id: string, stale: readonly string[]): TidegateError {
  const more = stale.length > NAMED ? ` and ${stale.length - NAMED} more` : ''
  return new TidegateError('PLAN_STALE', `The plan ${id} does not hold any more: ${stale.slice(0, NAMED).join(', ')}${more}.`, {
    hint: 'Make a new plan with `tidegate ingest --dry-run`, or run `tidegate ingest` without one.',
    dataNow: 'Nothing was read or written.',
  }) // prettier-ignore
}

function unknownPlan(id: string, because: string, cause?: unknown): TidegateError {
  return new TidegateError('PLAN_UNKNOWN', `The plan ${JSON.stringify(id)} ${because}.`, {
    hint: 'Make one with `tidegate ingest --dry-run`; it prints the id. The last 100 are kept in .tidegate/plans.',
    dataNow: 'Nothing was read or written.',
    ...(cause === undefined ? {} : { cause }),
  })
}
