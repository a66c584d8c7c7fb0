/**
 * Makes the ordinary way of a batch fit for files out of quarantine:
 *
 *   (1) A file that would be held again stays as it is: nothing is copied, nothing is written to the log.
 *   (2) The entry names the file itself, not the copy that was read.
 *   (3) It consumes the records of the files that it loads, and of no others.
 *   (4) The decision is void when somebody else wrote to the log meanwhile.
 */
import {
  TidegateError,
  type Destination,
  type FileVersionId,
  type LedgerEntry,
  type LedgerFile,
  type Reason,
  type Staging,
} from '@tidegate/core'
import type { PipelineEffects } from '../effects.ts'
import type { FoundFile } from './find-held.ts'
import { entryOf, notStaged } from './rehearse.ts'

export interface Redirected {
  readonly destination: Destination
  readonly ledger: PipelineEffects['ledger']
  /** Number of the newest entry, ours included. */
  lastSeq(): number
  /** Where the rejected rows of a file that was loaded are now. */
  newRecord(file: FileVersionId): string | null
}

export interface RedirectSettings {
  /** Nothing is written to the state either. */
  readonly dryRun: boolean
  readonly lastSeq: number
  readonly found: ReadonlyMap<FileVersionId, FoundFile>
  /** See `SettleRequest.yieldTo`; asked with the file versions that were staged. */
  readonly yieldTo: (staged: ReadonlySet<FileVersionId>) => ReadonlySet<FileVersionId> | undefined
  /** What is said of files that a person let through. */
  readonly remark: Reason | undefined
}

/** Thrown where others wrote meanwhile, and caught by whoever asks again. */
export const OVERTAKEN = 'QUARANTINE_OVERTAKEN'

export function redirectHeld(
  destination: Destination,
  ledger: PipelineEffects['ledger'],
  { lastSeq, found, remark, dryRun, yieldTo }: RedirectSettings,
): Redirected {
  let seq = lastSeq
  const stagings = new Map<string, Staging>()
  const real = new Map<string, LedgerEntry>()
  const records = new Map<FileVersionId, string>()

  function isKept(file: LedgerFile): boolean {
    return file.outcome !== 'held'
  }

  function restore(file: LedgerFile): LedgerFile {
    const original = found.get(file.id)?.original
    const reasons = remark === undefined ? file.reasons : [...file.reasons, remark]
    return original === undefined ? file : { ...file, ...original, reasons }
  }

  const wrapped: Destination = {
    ...destination,
    async prepare(batch, plan) {
      const staging = await destination.prepare(batch, plan)
      const staged = new Set<FileVersionId>()
      const named: Staging = {
        ...staging,
        stageOriginal: async (_uri, part) => notStaged(part),
        async stageRows(session, select, part, options) {
          for (const { file } of part.files) staged.add(file)
          return staging.stageRows(session, select, part, options)
        },
        settle: async (session, request, options) =>
          staging.settle(session, { ...request, yieldTo: yieldTo(staged) }, options),
      }
      stagings.set(batch.batch, staging)
      return named
    },
    async commit(draft) {
      const files = draft.files.filter(isKept)
      const kept = new Set(files.map((file) => file.id))
      const { batch } = draft.batch
      if (files.length === 0) {
        await stagings.get(batch)?.drop()
        return { kind: 'committed', entry: entryOf(draft, seq) }
      }
      const outcome = await destination.commit({
        ...draft,
        files: files.map(restore),
        rejected: draft.rejected.filter((part) => kept.has(part.file)),
        consumes: files.flatMap((file) => found.get(file.id)?.item.id ?? []),
        basedOn: seq,
        refuseDuplicateContent: draft.refuseDuplicateContent && remark === undefined,
      })
      if (outcome.kind === 'conflict') {
        await stagings.get(batch)?.drop()
        throw new TidegateError(OVERTAKEN, outcome.because, { retryable: true })
      }
      if (outcome.kind === 'stale') return outcome
      seq = Math.max(seq, outcome.entry.seq)
      real.set(batch, outcome.entry)
      for (const part of outcome.entry.rejected) if (part.kind === 'rows') records.set(part.file, part.visible)
      const held = draft.files.filter((file) => !isKept(file))
      return { ...outcome, entry: { ...outcome.entry, files: [...outcome.entry.files, ...held] } }
    },
  }
  return {
    destination: wrapped,
    ledger: {
      ...ledger,
      // Nothing resumes a replay: who asks again begins with what is in quarantine then.
      pinBatch: async () => {},
      // A release reads the contract without its rules: that is no version of it.
      recordContract: async (version) => {
        if (!dryRun && remark === undefined) await ledger.recordContract(version)
      },
      dropBatch: async () => {},
      recordChecks: async (records) => {
        if (!dryRun) await ledger.recordChecks(records)
      },
      async indexEntry(location, entry, extra) {
        const committed = real.get(entry.batch)
        if (committed !== undefined && !dryRun) await ledger.indexEntry(location, committed, extra)
      },
    },
    lastSeq: () => seq,
    newRecord: (file) => records.get(file) ?? null,
  }
}
