/** Learns contracts for the datasets of a source. Plan (what would be written) and apply (write it) are apart. */
import {
  codeOf,
  messageOf,
  type Contract,
  type Stamp,
  type FileVersion,
  type Reason,
  type SourceConfig,
  type SourceFile,
} from '@tidegate/core'
import { diffContracts, type ContractChange, type DroppedSuggestion, type OddFile, type Suggestion } from '@tidegate/dq'
import { datasetOf, fillPath } from './dataset-of.ts'
import type { PipelineEffects } from './effects.ts'
import { learnDataset, type LearnedDataset } from './learn-dataset.ts'
import { commentsOf } from './learn-missing-contract.ts'
import { mapParallel } from './parallel.ts'
import { listSource } from './survey-source.ts'

export interface ProfileSourceOptions {
  readonly sampleRows: number
  /** Learn an existing contract again. */
  readonly update: boolean
  readonly dryRun: boolean
  readonly workers: number
  readonly exclude: readonly string[]
  /** Learn from files in quarantine too; never the default (invariant 11). */
  readonly force: boolean
  /** Written into the contracts as `gate: { threshold }`. */
  readonly threshold?: number | undefined
}

/** What was learned of one dataset, and what became of its contract file. */
export interface DatasetProfile {
  readonly source: string
  readonly dataset: string
  readonly contractFile: string
  /** `kept`: a contract exists and stays; `same`: an update would change nothing. */
  readonly action:
    | 'written'
    | 'updated'
    | 'kept'
    | 'same'
    | 'would-write'
    | 'would-update'
    | 'nothing-readable'
    | 'invalid'
    | 'failed'
  readonly contract: Contract | null
  readonly files: number
  readonly rows: number
  readonly suggestions: readonly Suggestion[]
  readonly dropped: readonly DroppedSuggestion[]
  readonly changes: readonly ContractChange[]
  readonly oddFiles: readonly Pick<OddFile, 'file' | 'column' | 'what'>[]
  /** Files that were not learned from, and why. */
  readonly leftOut: readonly { readonly path: string; readonly why: string }[]
  readonly problem: string | null
}

export async function profileSource(
  source: SourceConfig,
  options: ProfileSourceOptions,
  effects: PipelineEffects,
): Promise<readonly DatasetProfile[]> {
  const listing = await listSource(source, options.exclude, effects)
  const files = listing.flatMap((item) => (item.kind === 'file' ? [item.file] : []))
  const unlisted = listing.flatMap((item) =>
    item.kind === 'unreadable' ? [{ path: item.path, why: item.message }] : [],
  )
  const heldStamps = await stampsOfHeld(source.name, effects)
  const byDataset = Map.groupBy(files, (file) => datasetOf(source.dataset, source.name, file.path))
  effects.report({
    kind: 'stage-started',
    stage: 'profile',
    files: files.length,
    bytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
  })
  const profiles = await mapParallel([...byDataset], options.workers, ([dataset, members]) =>
    profileDataset(source, dataset, members, heldStamps, options, effects, byDataset.size === 1 ? unlisted : []),
  )
  effects.report({
    kind: 'stage-ended',
    stage: 'profile',
    summary: profiles.length === 1 ? '1 dataset' : `${profiles.length} datasets`,
  })
  return profiles.toSorted((a, b) => (a.dataset < b.dataset ? -1 : 1))
}

async function profileDataset(
  source: SourceConfig,
  dataset: string,
  files: readonly SourceFile[],
  heldStamps: ReadonlyMap<string, Stamp>,
  options: ProfileSourceOptions,
  effects: PipelineEffects,
  unlisted: readonly { readonly path: string; readonly why: string }[],
): Promise<DatasetProfile> {
  const contractFile = fillPath(source.contract, source.name, dataset)
  const base: DatasetProfile = {
    source: source.name,
    dataset,
    contractFile,
    action: 'kept',
    contract: null,
    files: 0,
    rows: 0,
    suggestions: [],
    dropped: [],
    changes: [],
    oddFiles: [],
    leftOut: [],
    problem: null,
  }
  const existing = await effects.readContract(contractFile, source)
  if (existing.kind === 'problems') return { ...base, action: 'invalid', problem: existing.problems.join('; ') }
  if (existing.kind === 'ok' && !options.update) return { ...base, contract: existing.contract }
  const previous = existing.kind === 'ok' ? existing.contract : undefined
  const held = files.filter((file) => heldStamps.get(file.path) === file.stamp && !options.force)
  const toRead = files.filter((file) => !held.includes(file))
  const leftOut = [...unlisted, ...held.map((file) => ({ path: file.path, why: 'it is in quarantine' }))]
  const session = await effects.openSession()
  await using folder = await effects.openWorkFolder(`profile-${effects.newId()}`)
  try {
    const versions = toRead.map((file) => versionToLearnFrom(source.name, dataset, file))
    const outcome = await learnDataset(
      versions,
      { dataset, source, sampleRows: options.sampleRows, previous },
      session,
      folder.path,
      effects,
    )
    leftOut.push(...outcome.unreadable.map((file) => ({ path: file.path, why: whyOf(file.reasons) })))
    if (outcome.kind !== 'learned')
      return { ...base, action: 'nothing-readable', leftOut, problem: 'no file can be read' }
    return await applyLearned(outcome, previous, { ...base, leftOut }, options, effects)
  } catch (error) {
    effects.signal.throwIfAborted()
    return { ...base, action: 'failed', leftOut, problem: `${codeOf(error) ?? 'FAILED'}: ${messageOf(error)}` }
  } finally {
    await session.close().catch(() => {})
  }
}

async function applyLearned(
  outcome: LearnedDataset,
  previous: Contract | undefined,
  base: DatasetProfile,
  options: ProfileSourceOptions,
  effects: PipelineEffects,
): Promise<DatasetProfile> {
  const { learned, oddFiles } = outcome
  const contract: Contract =
    options.threshold === undefined
      ? learned.contract
      : { ...learned.contract, gate: { ...learned.contract.gate, threshold: options.threshold } }
  const oddNames = new Map(oddFiles.map((odd) => [odd.file, odd]))
  const profile: DatasetProfile = {
    ...base,
    contract,
    files: outcome.files.length - oddNames.size,
    rows: outcome.profile.rows,
    suggestions: learned.suggestions,
    dropped: learned.dropped,
    changes: previous === undefined ? [] : diffContracts(previous, contract),
    oddFiles: oddFiles.map(({ file, column, what }) => ({ file, column, what })),
    leftOut: [
      ...base.leftOut,
      ...outcome.apart.map((file) => ({ path: file.path, why: file.what })),
      ...[...oddNames].map(([file, odd]) => ({
        path: file,
        why: odd.column === undefined ? odd.what : `${odd.column}: ${odd.what}`,
      })),
    ],
  }
  if (previous !== undefined && profile.changes.length === 0) return { ...profile, action: 'same' }
  if (options.dryRun) return { ...profile, action: previous === undefined ? 'would-write' : 'would-update' }
  await effects.writeContract(base.contractFile, contract, commentsOf(outcome))
  return { ...profile, action: previous === undefined ? 'written' : 'updated' }
}

/** Of the paths whose newest version was held: few, however many are known. */
async function stampsOfHeld(
  source: string,
  { ledger }: Pick<PipelineEffects, 'ledger'>,
): Promise<ReadonlyMap<string, Stamp>> {
  const held = new Map<string, Stamp>()
  for await (const page of ledger.knownStamps(source))
    for (const [path, known] of Map.groupBy(page, (stamps) => stamps.path)) {
      const ordinal = Math.max(...known.map(({ newest }) => newest.ordinal))
      const newest = known.findLast((stamps) => stamps.newest.ordinal === ordinal)?.newest
      if (newest?.outcome === 'held') held.set(path, newest.stamp)
    }
  return held
}

/** A file to learn from needs no hash: nothing is recorded of it. Its stamp stands in for the name of converted files. */
export function versionToLearnFrom(source: string, dataset: string, file: SourceFile): FileVersion {
  return {
    ...file,
    id: `${source}/${file.path}#0`,
    source,
    dataset,
    ordinal: 0,
    contentHash: file.stamp.replaceAll(/[^0-9a-f]/g, ''),
  }
}

function whyOf(reasons: readonly Reason[]): string {
  return reasons[0] === undefined ? 'it cannot be read' : `${reasons[0].check}: ${reasons[0].message}`
}
