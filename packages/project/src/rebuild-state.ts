import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { Session, SourceConfig } from '@tidegate/core'
import { openDatabaseFile } from '@tidegate/duckdb'
import { listDuckDBDatasets, listPostgresDatasets } from '@tidegate/load'
import { datasetsOf, fillPath, holdLease, listSource, type HeldLease } from '@tidegate/pipeline'
import type { Project } from './open-project.ts'
import { fixedPart } from './project-folders.ts'

export interface RebuiltTarget {
  readonly source: string
  /** Location of the target. */
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
  const targets = await knownTargets(project)
  await project.state.clearIndex()
  const fences = new Map<string, number>()
  // Two sources may share a table; its log is read once.
  const seen = new Set<string>()
  for (const { source, dataset } of targets) {
    const destination = await project.effects.openDestination(source, dataset, { onMissing: 'report' })
    try {
      const { location } = destination
      if (seen.has(location)) continue
      seen.add(location)
      let entries = 0
      for await (const entry of destination.tail(0)) {
        await project.state.indexEntry(location, entry)
        fences.set(entry.source, Math.max(entry.fence, fences.get(entry.source) ?? 0))
        entries += 1
      }
      if (entries > 0) rebuilt.push({ source: source.name, target: location, entries })
    } finally {
      await destination.close()
    }
  }
  for (const [source, fence] of fences) await project.state.raiseFence(source, fence)
  return rebuilt.toSorted((a, b) => (a.target < b.target ? -1 : 1))
}

export interface KnownTarget {
  /** Its `target` is the one that is meant. */
  readonly source: SourceConfig
  readonly dataset: string
}

/** Targets of the configuration that may have a log: of datasets in the listing, in the state as it was, and on disk. */
export async function knownTargets(project: Project): Promise<readonly KnownTarget[]> {
  const found: KnownTarget[] = []
  for (const source of project.config.sources) {
    const listing = await listSource(source, project.exclude, project.effects).catch(() => [])
    const datasets = new Set(datasetsOf(source, listing))
    for (const { dataset } of await project.state.knownDatasets(source.name)) datasets.add(dataset)
    for (const target of source.targets) {
      const own = { ...source, target }
      for (const dataset of datasets) found.push({ source: own, dataset })
      for (const dataset of await datasetsOnDisk(own, project)) found.push({ source: own, dataset })
    }
  }
  return found
}

/** A dataset whose files have all left the source is found by its folder, by its database file, or by the ledger in it. */
async function datasetsOnDisk(source: SourceConfig, project: Project): Promise<readonly string[]> {
  const { target } = source
  const inOneDatabase = target.table.includes('{dataset}') && !target.path.includes('{dataset}')
  if (target.kind === 'postgres') return inOneDatabase ? listPostgresDatasets(placeOf(source), source.name) : []
  if (target.kind === 'duckdb' && inOneDatabase) {
    const file = placeOf(source)
    const { tempDirectory } = project.config.limits
    const openSession = (): Promise<Session> =>
      openDatabaseFile(file, { tempDirectory, allowedDirectories: [path.dirname(file)] })
    return listDuckDBDatasets({ file, openSession }, source.name)
  }
  if (!target.path.includes('{dataset}')) return []
  const parent = fixedPart(target.path)
  const ending = target.path.slice(target.path.lastIndexOf('{dataset}') + '{dataset}'.length)
  return (await readdir(parent).catch(() => [])).flatMap((name) => {
    const dataset = name.endsWith(ending) ? name.slice(0, name.length - ending.length) : ''
    return dataset !== '' && path.join(parent, name) === fillPath(target.path, source.name, dataset) ? [dataset] : []
  })
}

function placeOf({ name, target }: SourceConfig): string {
  return fillPath(target.path, name, '')
}
