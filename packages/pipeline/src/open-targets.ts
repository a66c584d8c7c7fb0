/**
 * The targets of a source, opened and brought in order: for each dataset one destination per target, its log recovered and
 * indexed. A target that cannot be opened stands back; the others go on without it.
 */
import type { Destination, KnownDataset, Ledger, SourceConfig, TidegateError } from '@tidegate/core'
import type { PipelineEffects } from './effects.ts'
import { movedTarget, recoverTarget } from './recover-target.ts'

/** One target in hand. */
export interface OpenTarget {
  /** The source with this target as its `target`. */
  readonly source: SourceConfig
  readonly destinations: ReadonlyMap<string, Destination>
  readonly locations: ReadonlySet<string>
}

export interface OpenTargets {
  /** Those that stand, in the order of the configuration. */
  targets(): readonly OpenTarget[]
  /** Why others could not be opened or recovered, by name. */
  readonly failed: ReadonlyMap<string, unknown>
  readonly indexed: number
  readonly published: number
  /** Opens and recovers what is not open yet. Throws where the source has one target and it cannot be opened. */
  add(datasets: Iterable<string>): Promise<void>
  close(): Promise<void>
}

/** Opens nothing yet. */
export function openTargets(
  source: SourceConfig,
  onMissing: 'fail' | 'report',
  effects: Pick<PipelineEffects, 'openDestination' | 'report' | 'signal'> & { readonly ledger: Ledger },
): OpenTargets {
  const all = source.targets.map((target) => ({
    source: { ...source, target },
    destinations: new Map<string, Destination>(),
    locations: new Set<string>(),
  }))
  const failed = new Map<string, unknown>()
  const opened: Destination[] = []
  const sum = { indexed: 0, published: 0 }
  const standing = (): typeof all => all.filter((target) => !failed.has(target.source.target.name))
  const open = async (
    { source: own, destinations, locations }: (typeof all)[number],
    dataset: string,
  ): Promise<void> => {
    const destination = await effects.openDestination(own, dataset, { onMissing })
    opened.push(destination)
    const recovery = await recoverTarget(destination, source.name, effects.ledger)
    sum.indexed += recovery.indexed
    sum.published += recovery.published
    tellUnknown(destination, recovery.unknown, effects)
    destinations.set(dataset, destination)
    locations.add(destination.location)
  }
  return {
    targets: standing,
    failed,
    get indexed() {
      return sum.indexed
    },
    get published() {
      return sum.published
    },
    async add(datasets) {
      const wanted = [...datasets]
      for (const target of standing()) {
        try {
          for (const dataset of wanted) {
            effects.signal.throwIfAborted()
            if (!target.destinations.has(dataset)) await open(target, dataset)
          }
        } catch (error) {
          if (effects.signal.aborted || source.targets.length === 1) throw error
          failed.set(target.source.target.name, error)
        }
      }
    },
    async close() {
      for (const destination of opened) await destination.close()
    },
  }
}

function tellUnknown(
  { location }: Destination,
  unknown: readonly string[],
  effects: Pick<PipelineEffects, 'report'>,
): void {
  for (const file of unknown) {
    effects.report({
      kind: 'note',
      level: 'warn',
      message: `${location}: ${file} is not listed in its log: another program wrote it, or the log was lost`,
    })
  }
}

/** Rows of a dataset that lie where none of its targets is; nothing can be told while a target is not open. */
export function movedTargets(
  source: string,
  known: readonly KnownDataset[],
  { targets, failed }: Pick<OpenTargets, 'targets' | 'failed'>,
): TidegateError | undefined {
  if (failed.size > 0) return undefined
  return movedTarget(source, known, (dataset) =>
    targets().flatMap(({ destinations }) => destinations.get(dataset)?.location ?? []),
  )
}
