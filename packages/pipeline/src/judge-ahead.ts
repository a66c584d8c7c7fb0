/**
 * While one batch of a dataset is written, the next one is judged already: the engine has something to do while files are
 * hashed, synced and indexed. Only where nothing that the first one writes can change what is found of the second, and only
 * for small files: two large ones at once would need the memory of both. Commits stay in order.
 */
import type { Contract, Destination } from '@tidegate/core'
import { openAttempt, type BatchAttempt, type BatchSettings } from './attempt-batch.ts'
import { fillPath } from './dataset-of.ts'
import type { PipelineEffects } from './effects.ts'
import { checksOverTime } from './metric-history.ts'
import { namedTables } from './other-tables.ts'
import type { PlannedBatch } from './plan-batches.ts'

export interface JudgeAhead extends AsyncDisposable {
  /** Begins with this batch, if it may. Once per batch; calls after the first do nothing. */
  begin(index: number): void
  /** What was begun of it, for its own attempt. */
  take(index: number): Promise<BatchAttempt> | undefined
}

/** Size of files on average up to which two batches go on at once. */
const SMALL_FILE_BYTES = 4 * 2 ** 20

export function judgeAhead(
  batches: readonly PlannedBatch[],
  destination: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
): JudgeAhead {
  const begun = new Map<number, Promise<BatchAttempt | undefined>>()
  const taken = new Set<number>()

  async function attempt(batch: PlannedBatch): Promise<BatchAttempt | undefined> {
    if (!(await mayGoAhead(batch, settings, effects))) return undefined
    return settings.engine.run('beside-others', () => openAttempt(batch, destination, settings, effects))
  }

  return {
    begin(index) {
      const batch = batches[index]
      if (batch === undefined || begun.has(index) || taken.has(index)) return
      // Whether it is needed depends on what becomes of the one before.
      if (batch.lateSince !== undefined) return
      const promise = attempt(batch)
      // Whoever takes it sees the failure.
      promise.catch(() => {})
      begun.set(index, promise)
    },
    take(index) {
      taken.add(index)
      const batch = batches[index]
      const own = begun.get(index)
      begun.delete(index)
      if (batch === undefined || own === undefined) return undefined
      return own.then(
        (attempted) =>
          attempted ?? settings.engine.run('beside-others', () => openAttempt(batch, destination, settings, effects)),
      )
    },
    async [Symbol.asyncDispose]() {
      for (const [index, promise] of begun) {
        const attempted = await promise.catch(() => undefined)
        await attempted?.[Symbol.asyncDispose]()
        const batch = batches[index]
        if (batch !== undefined) await effects.ledger.dropBatch(batch.batch).catch(() => {})
      }
    },
  }
}

async function mayGoAhead(
  { files, dataset }: PlannedBatch,
  { source }: BatchSettings,
  effects: Pick<PipelineEffects, 'readContract'>,
): Promise<boolean> {
  const bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  if (bytes > files.length * SMALL_FILE_BYTES) return false
  const { schemaEvolution, schemaHints } = source
  if (schemaEvolution.types === 'rescue' || Object.keys(schemaHints).length > 0) return false
  const found = await effects.readContract(fillPath(source.contract, source.name, dataset), source)
  return found.kind === 'ok'
    ? isAlone(found.contract)
    : found.kind === 'missing' && source.onMissingContract === 'admit'
}

/** Whether the contract looks at nothing but the files themselves. */
function isAlone(contract: Contract | undefined): boolean {
  return contract === undefined || (namedTables(contract).length === 0 && checksOverTime(contract).length === 0)
}
