import { stat } from 'node:fs/promises'
import path from 'node:path'
import { isTidegateError, TidegateError, type Destination, type SourceConfig } from '@tidegate/core'
import { behindState, movedTarget } from '@tidegate/pipeline'
import type { Project } from './open-project.ts'

/**
 * What is wrong with the targets of a source, seen without changing anything: lost or emptied, moved in the
 * configuration, parts missing. The first thing per target.
 */
export async function inspectTargets(project: Project, source: SourceConfig): Promise<readonly TidegateError[]> {
  const known = await project.state.knownDatasets(source.name)
  const datasets = new Set(known.map(({ dataset }) => dataset))
  const opened = new Map<string, Destination[]>()
  try {
    for (const dataset of datasets) {
      const own: Destination[] = []
      opened.set(dataset, own)
      for (const target of source.targets) {
        own.push(await project.effects.openDestination({ ...source, target }, dataset, { onMissing: 'report' }))
      }
    }
    const moved = movedTarget(source.name, known, (dataset) => opened.get(dataset)?.map(({ location }) => location))
    if (moved !== undefined) return [moved]
    const problems: TidegateError[] = []
    for (const destination of [...opened.values()].flat()) {
      const problem = await inspectTarget(project, source, destination)
      if (problem !== undefined) problems.push(problem)
    }
    return problems
  } finally {
    for (const destination of [...opened.values()].flat()) await destination.close()
  }
}

async function inspectTarget(
  { state }: Project,
  source: SourceConfig,
  destination: Destination,
): Promise<TidegateError | undefined> {
  const { kind, location } = destination
  try {
    const indexed = await state.indexedSeq(location)
    if (indexed > 0 && !(await hasEntryAfter(destination, indexed - 1))) {
      let lastSeq = 0
      for await (const { seq } of destination.tail(0)) lastSeq = seq
      return behindState(location, lastSeq, indexed)
    }
    // Parts of a database are rows of it: they cannot go without it.
    if (kind !== 'parquet' && kind !== 'delta') return undefined
    for (const part of await destination.liveParts()) {
      const size = await sizeOf(path.join(location, part.visible), path.join(location, part.staged))
      if (size === part.bytes) continue
      return new TidegateError(
        'LEDGER_PART_MISSING',
        `${part.visible} of ${location} is ${size === undefined ? 'gone' : 'not what the log says'}`,
        { hint: `Restore it, or load its files again: tidegate ingest ${source.name} --force` },
      )
    }
    return undefined
  } catch (error) {
    if (isTidegateError(error)) return error
    throw error
  }
}

async function hasEntryAfter(destination: Destination, seq: number): Promise<boolean> {
  for await (const _ of destination.tail(seq)) return true
  return false
}

/** Bytes of the first of these files that exists; a part that is committed and not published yet is still staged. */
async function sizeOf(...files: readonly string[]): Promise<number | undefined> {
  for (const file of files) {
    const info = await stat(file).catch(() => undefined)
    if (info !== undefined) return info.size
  }
  return undefined
}
