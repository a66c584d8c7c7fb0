import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { readLedger } from '@tidegate/load'
import { datasetsOf, fillPath, holdLease, listSource, type HeldLease } from '@tidegate/pipeline'
import type { Project } from './open-project.ts'
import { fixedPart } from './project-folders.ts'

export interface RebuiltTarget {
  readonly source: string
  readonly target: string
  readonly entries: number
}

/**
 * Makes the index anew from the commit logs beside the data: file versions, outcomes, watermarks, quarantine, and the next
 * fence. Reads the targets, changes none of them. Holds the leases of all sources meanwhile.
 *
 * @throws TidegateError `LEASE_HELD` when a run is under way
 */
export async function rebuildState(project: Project): Promise<readonly RebuiltTarget[]> {
  const leases: HeldLease[] = []
  try {
    for (const source of project.config.sources) leases.push(await holdLease(source.name, project.effects))
    return await rebuildUnderLeases(project)
  } finally {
    for (const lease of leases) await lease[Symbol.asyncDispose]()
  }
}

async function rebuildUnderLeases(project: Project): Promise<readonly RebuiltTarget[]> {
  const rebuilt: RebuiltTarget[] = []
  await project.state.clearIndex()
  const fences = new Map<string, number>()
  for (const { source, target } of await knownTargets(project)) {
    let entries = 0
    for await (const entry of readLedger(target)) {
      await project.state.indexEntry(target, entry)
      fences.set(entry.source, Math.max(entry.fence, fences.get(entry.source) ?? 0))
      entries += 1
    }
    if (entries > 0) rebuilt.push({ source, target, entries })
  }
  for (const [source, fence] of fences) await project.state.raiseFence(source, fence)
  return rebuilt
}

/** Target folders of the configuration that have a log: those of datasets in the listing, and those found on disk. */
async function knownTargets(project: Project): Promise<readonly { source: string; target: string }[]> {
  const targets = new Map<string, string>()
  for (const source of project.config.sources) {
    const listing = await listSource(source, project.exclude, project.effects).catch(() => [])
    for (const dataset of datasetsOf(source, listing))
      targets.set(fillPath(source.target.path, source.name, dataset), source.name)
    // A dataset whose files have all left the source is found by its folder.
    const parent = fixedPart(source.target.path)
    for (const name of await readdir(parent).catch(() => [])) {
      const target = fillPath(source.target.path, source.name, name)
      if (path.dirname(target) === parent) targets.set(target, source.name)
    }
  }
  return [...targets].map(([target, source]) => ({ source, target })).toSorted((a, b) => (a.target < b.target ? -1 : 1))
}
