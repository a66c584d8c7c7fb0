import { stat } from 'node:fs/promises'
import path from 'node:path'
import { TidegateError, type SourceConfig } from '@tidegate/core'
import { describeLedger } from '@tidegate/load'
import { behindState, fillPath, movedTarget } from '@tidegate/pipeline'
import type { Project } from './open-project.ts'

/**
 * What is wrong with the targets of a source, seen without changing anything: lost or emptied, moved in the
 * configuration, parts missing. The first thing per target.
 */
export async function inspectTargets(project: Project, source: SourceConfig): Promise<readonly TidegateError[]> {
  const { state } = project
  const known = await state.knownFiles(source.name)
  const datasets = new Set([...known.values()].flatMap((versions) => versions.map((version) => version.dataset)))
  const locationOf = (dataset: string): string => fillPath(source.target.path, source.name, dataset)
  const moved = movedTarget(source.name, known, locationOf)
  if (moved !== undefined) return [moved]
  const problems: TidegateError[] = []
  for (const dataset of datasets) {
    const location = locationOf(dataset)
    const ledger = await describeLedger(location)
    const indexed = await state.indexedSeq(location)
    if (ledger.lastSeq < indexed) {
      problems.push(behindState(location, ledger.lastSeq, indexed))
      continue
    }
    for (const part of ledger.liveParts) {
      const size = await sizeOf(path.join(location, part.visible), path.join(location, part.staged))
      if (size === part.bytes) continue
      problems.push(
        new TidegateError(
          'LEDGER_PART_MISSING',
          `${part.visible} of ${location} is ${size === undefined ? 'gone' : 'not what the log says'}`,
          {
            hint: `Restore it, or load its files again: tidegate ingest ${source.name} --force`,
          },
        ),
      )
      break
    }
  }
  return problems
}

/** Bytes of the first of these files that exists; a part that is committed and not published yet is still staged. */
async function sizeOf(...files: readonly string[]): Promise<number | undefined> {
  for (const file of files) {
    const info = await stat(file).catch(() => undefined)
    if (info !== undefined) return info.size
  }
  return undefined
}
