/**
 * A target folder with its commit log. What a kind of destination adds is small (see `open-parquet-folder.ts` and
 * `open-manifest-folder.ts`); the protocol is here and the same for all.
 *
 *   (1) Nothing is visible before its entry is durable.                        [commit, then publish]
 *   (2) An entry is created at most once per number, by one who read all before. [openLog.append]
 *   (3) What an entry names exists from before its link until it is visible.   [claimAttempt, collectAttempts]
 *   (4) Publishing and recovery may be repeated, cut short or run twice at once. [planReconcile, applyReconcile]
 */
import { dirname, isAbsolute, join, resolve } from 'node:path'
import {
  codeOf,
  TidegateError,
  type CommitOutcome,
  type Destination,
  type EntryDraft,
  type LedgerEntry,
  type LedgerPart,
  type PublishReport,
} from '@tidegate/core'
import { applyReconcile, reconcileError } from './apply-reconcile.ts'
import {
  claimAttempt,
  collectAttempts,
  collectCommitted,
  dropAttempt,
  restoreDropped,
  stagedBatches,
  unclaimAttempt,
} from './attempts.ts'
import { liveParts, placedParts } from './checkpoint/log-index.ts'
import type { CheckpointPolicy } from './checkpoint/open-checkpoints.ts'
import { assertDraft, attemptsOf, partsOf } from './draft-parts.ts'
import { fsyncIfThere, sizeOf, withFolderErrors } from './durable.ts'
import type { DestinationOptions } from './destination-options.ts'
import { isDataFile, probeParts, scanFolder } from './list-folder.ts'
import type { GonePart, LogFacts } from './log-state.ts'
import { NO_MARK, type Mark } from './mark.ts'
import { openLog } from './open-log.ts'
import { queue } from './one-at-a-time.ts'
import { openStaging, type StagingOptions } from './open-staging.ts'
import { liveRowsSql } from './live-rows.ts'
import { planReconcile, type FolderListing, type ReconcileProblem, type ReconcileWanted } from './plan-reconcile.ts'
import { readEntry, readLedger } from './read-ledger.ts'

export interface FolderOptions extends DestinationOptions {
  /** Absolute target folder; made when first needed. */
  readonly directory: string
  /**
   * Up to so many live parts, each recovery looks at the whole target for parts that are gone and files that are unknown;
   * in a larger one only with `onMissing: 'report'`. @defaultValue 20,000
   */
  readonly wholeUpToParts?: number | undefined
  /** When checkpoints of the log are written. @defaultValue after 80,000 changed keys or 1,000 entries */
  readonly checkpoint?: CheckpointPolicy | undefined
  /** Called after each step; may not throw. */
  readonly mark?: Mark | undefined
}

export type FolderReport = PublishReport

export type FolderDestination = Destination

/** What one kind of destination does in its own way. */
export interface Flavour {
  readonly kind: 'parquet' | 'none'
  /** False: entries have no parts. */
  readonly parts: boolean
  readonly compression: 'zstd' | 'snappy'
  /** Sees every entry of the log, so that each start reads all of it; undefined: checkpoints spare that. */
  readonly onEntry: ((entry: LedgerEntry | undefined) => void) | undefined
  /** Called when everything read so far is in place; `refresh` reads on and returns the new entries. Must be idempotent. */
  readonly afterPublish: (refresh: () => Promise<readonly LedgerEntry[]>) => Promise<void>
}

const WHOLE_UP_TO_PARTS = 20_000
const NOTHING = 'Nothing was committed.'
const COMMITTED = 'What was committed stays committed; publishing is finished by the next run.'

export function openFolder(options: FolderOptions, flavour: Flavour): FolderDestination {
  if (process.platform === 'win32') throw unsupported()
  const directory = absolute(options.directory, 'target')
  const quarantine = absolute(options.quarantineDirectory, 'quarantine')
  if (`${quarantine}/`.startsWith(`${directory}/`)) throw quarantineInside(quarantine)
  const mark = options.mark ?? NO_MARK
  const { onEntry } = flavour
  const log = openLog({ directory, parts: flavour.parts, mark, onEntry, checkpoint: options.checkpoint })
  const staging: StagingOptions = {
    liveParts: () => read(async () => liveParts(log.state())),
    lastSeq: () => read(async () => log.state().lastSeq),
    directory,
    parts: flavour.parts,
    compression: flavour.compression,
    rowGroupRows: options.rowGroupRows,
    mark,
  }
  /** Everything up to here is in place; undefined before the first look at the whole folder. */
  let placedSeq: number | undefined
  let unknown: readonly string[] = []

  async function recover(): Promise<FolderReport> {
    await log.repair()
    await restoreDropped(directory, log.state())
    const pending = await pendingEntries()
    const state = log.state()
    // Only what is still staged can be in the wrong place; the rest is looked at for what people did to it.
    const whole = options.onMissing === 'report' || state.parts.size <= (options.wholeUpToParts ?? WHOLE_UP_TO_PARTS)
    const own = wantedOf(pending, state)
    const listing = whole
      ? await scanFolder(directory, quarantine, own, flavour.parts)
      : await probeParts(directory, quarantine, own)
    const wanted = whole
      ? { ...own, live: placedParts(state), gone: new Map([...own.gone, ...goneAmong(listing.target.keys(), state)]) }
      : own
    const report = await reconcile(state.lastSeq, wanted, listing, pending)
    await log.refresh()
    unknown = whole ? unknownFiles(listing.target, log.state()) : []
    const keep = { batches: (await options.liveBatches?.()) ?? new Set<string>(), source: options.source }
    await collectAttempts(directory, log.state(), keep)
    mark('recovered', { seq: String(report.lastSeq) })
    return { ...report, unknown }
  }

  async function publish(): Promise<FolderReport> {
    await log.refresh()
    if (placedSeq === undefined) return recover()
    const { lastSeq } = log.state()
    const entries: LedgerEntry[] = []
    for (let seq = placedSeq + 1; seq <= lastSeq; seq += 1) {
      const entry = recent.get(seq) ?? (await readEntry(directory, seq))
      if (entry !== undefined) entries.push(entry)
    }
    const wanted = wantedOf(entries, log.state())
    return reconcile(lastSeq, wanted, await probeParts(directory, quarantine, wanted), entries)
  }

  /** Entries of batches that still have a folder in staging: the only ones whose parts can be there. */
  async function pendingEntries(): Promise<readonly LedgerEntry[]> {
    const entries: LedgerEntry[] = []
    for (const batch of await stagedBatches(directory)) {
      const seq = log.state().batches.get(batch)
      const entry = seq === undefined ? undefined : await readEntry(directory, seq)
      if (entry !== undefined) entries.push(entry)
    }
    return entries
  }

  async function reconcile(
    lastSeq: number,
    wanted: ReconcileWanted,
    listing: FolderListing,
    entries: readonly LedgerEntry[],
  ): Promise<FolderReport> {
    const applied = await applyReconcile(planReconcile(wanted, listing), { directory, quarantine, mark })
    const problems = await stillProblems(applied.problems)
    const missing = options.onMissing === 'report' ? problems.filter((problem) => problem.kind !== 'taken') : []
    if (problems.length > missing.length) throw reconcileError(problems)

    await syncFolders(entries)
    for (const entry of entries) {
      await collectCommitted(directory, entry.batch, attemptsOf(entry))
    }
    await flavour.afterPublish(() => log.refresh())
    placedSeq = lastSeq
    for (const seq of recent.keys()) if (seq <= lastSeq) recent.delete(seq)
    await log.checkpoint()
    mark('published', { seq: String(lastSeq) })
    const { published, retired } = applied
    return { lastSeq, published, retired, unknown, missing: missing.map((problem) => problem.visible) }
  }

  /** Whoever moved these parts may have died before the new names were durable; after this the staged ones may go. */
  async function syncFolders(entries: readonly LedgerEntry[]): Promise<void> {
    const folders = new Set<string>()
    for (const entry of entries) {
      for (const part of entry.add) folders.add(dirname(join(directory, part.visible)))
      for (const part of entry.rejected) folders.add(dirname(join(quarantine, part.visible)))
    }
    for (const folder of folders) await fsyncIfThere(folder)
  }

  /** A part that is nowhere may have been retired by another process after an entry that we had not read. */
  async function stillProblems(problems: readonly ReconcileProblem[]): Promise<readonly ReconcileProblem[]> {
    if (problems.length === 0) return problems
    await log.refresh()
    const { parts } = log.state()
    const remaining: ReconcileProblem[] = []
    for (const problem of problems) {
      const part = parts.get(problem.visible)
      if (problem.kind === 'taken') remaining.push(problem)
      else if (part !== undefined && !(await isInPlace(part))) remaining.push(problem)
    }
    return remaining
  }

  async function isInPlace({ visible, bytes }: LedgerPart): Promise<boolean> {
    return (await sizeOf(join(directory, visible))) === bytes
  }

  /** Our own entries until they are published, to spare reading them back. */
  const recent = new Map<number, LedgerEntry>()

  async function commit(draft: EntryDraft): Promise<CommitOutcome> {
    assertDraft(draft)
    const refused = await log.refusal(draft)
    if (refused?.kind === 'already-committed') await dropNeedless(draft, refused.entry)
    if (refused !== undefined) return refused
    const attempts = attemptsOf(draft)
    for (const attempt of attempts) await claimAttempt(directory, attempt, draft.fence)
    if (attempts.size > 0) mark('attempt-claimed', { batch: draft.batch.batch })
    let outcome: CommitOutcome
    try {
      for (const part of partsOf(draft)) await assertStaged(part.staged, part.bytes)
      for (const part of draft.add) await assertFree(directory, part.visible)
      for (const part of draft.rejected) await assertFree(quarantine, part.visible)
      outcome = await log.append(draft)
    } catch (error) {
      if (codeOf(error) !== 'LEDGER_NOT_DURABLE') await unclaim(attempts)
      throw error
    }
    if (outcome.kind === 'committed') recent.set(outcome.entry.seq, outcome.entry)
    else await unclaim(attempts)
    if (outcome.kind === 'already-committed') await dropNeedless(draft, outcome.entry)
    return outcome
  }

  /** What this attempt staged for a batch that an earlier one had committed. */
  async function dropNeedless(draft: EntryDraft, entry: LedgerEntry): Promise<void> {
    const used = attemptsOf(entry)
    const staged = attemptsOf(draft)
    for (const attempt of staged) if (!used.has(attempt)) await dropAttempt(directory, attempt)
  }

  async function unclaim(attempts: ReadonlySet<string>): Promise<void> {
    for (const attempt of attempts) await unclaimAttempt(directory, attempt)
  }

  async function assertStaged(staged: string, bytes: number): Promise<void> {
    const found = await sizeOf(join(directory, staged))
    if (found === bytes) return
    throw new TidegateError(
      'LEDGER_ATTEMPT_DROPPED',
      `The staged file ${staged} ${found === undefined ? 'is gone' : `has ${found} bytes instead of ${bytes}`}.`,
      { hint: 'Run again; the batch is staged anew.', retryable: true, dataNow: NOTHING },
    )
  }

  const oneAtATime = queue()
  const read = <T>(work: () => Promise<T>): Promise<T> =>
    oneAtATime(() =>
      withFolderErrors('Nothing was changed.', () =>
        log.sound(async () => {
          await log.refresh()
          return work()
        }),
      ),
    )
  return {
    kind: flavour.kind,
    location: directory,
    recover: () => oneAtATime(() => withFolderErrors(COMMITTED, () => log.sound(recover))),
    prepare: (batch, plan) => openStaging(batch, staging, plan),
    commit: (draft) => oneAtATime(() => withFolderErrors(NOTHING, () => log.sound(() => commit(draft)))),
    publish: () => oneAtATime(() => withFolderErrors(COMMITTED, () => log.sound(publish))),
    lookup: (batch) =>
      read(async () => {
        const seq = log.state().batches.get(batch)
        return seq === undefined ? undefined : readEntry(directory, seq)
      }),
    tail: (since) => readLedger(directory, since),
    liveParts: () => read(async () => liveParts(log.state())),
    currentSchema: () => read(async () => log.state().schema),
    liveRows: async (session, { without }) => {
      if (!flavour.parts) return undefined
      const { parts, schema } = await read(async () => ({ parts: liveParts(log.state()), schema: log.state().schema }))
      return liveRowsSql(directory, parts, schema?.columns ?? [], without, session)
    },
    close: () => oneAtATime(async () => log.close()),
  }
}

/** What these entries ask for, as far as no later entry took it back. */
function wantedOf(entries: readonly LedgerEntry[], state: LogFacts): ReconcileWanted {
  const removed = entries.flatMap((entry) => [...entry.remove, ...entry.add.map((part) => part.visible)])
  const gone = removed.flatMap((visible) => {
    const part = state.gone.get(visible)
    return part === undefined ? [] : [[visible, part] as const]
  })
  return {
    live: entries.flatMap((entry) => entry.add).filter((part) => state.parts.has(part.visible)),
    gone: new Map(gone),
    rejected: entries.flatMap((entry) => entry.rejected),
  }
}

/** Parts that were taken away and lie where readers see them. */
function goneAmong(paths: Iterable<string>, state: LogFacts): readonly (readonly [string, GonePart])[] {
  return [...paths].flatMap((path) => {
    const part = state.gone.get(path)
    return part === undefined ? [] : [[path, part] as const]
  })
}

function unknownFiles(visible: ReadonlyMap<string, number>, state: LogFacts): readonly string[] {
  return [...visible.keys()]
    .filter((path) => isDataFile(path) && !state.parts.has(path) && !state.gone.has(path))
    .sort()
}

async function assertFree(folder: string, visible: string): Promise<void> {
  if ((await sizeOf(join(folder, visible))) === undefined) return
  throw new TidegateError('LEDGER_NAME_TAKEN', `${join(folder, visible)} exists already.`, {
    hint: 'Move that file away, or give the part another name.',
    dataNow: NOTHING,
  })
}

function absolute(folder: string, what: string): string {
  if (isAbsolute(folder) && !folder.includes('\0')) return resolve(folder)
  throw new TidegateError('LEDGER_PATH', `The ${what} folder ${JSON.stringify(folder)} is not an absolute path.`, {
    hint: 'Resolve it against the folder of the configuration first.',
  })
}

function quarantineInside(quarantine: string): TidegateError {
  return new TidegateError('LEDGER_PATH', `The quarantine folder ${quarantine} lies inside the target.`, {
    hint: 'Readers of the target would read rejected rows. Put the quarantine beside the target.',
  })
}

function unsupported(): TidegateError {
  return new TidegateError(
    'TARGET_UNSUPPORTED',
    'Windows cannot make folder entries durable, so it cannot own a target.',
    {
      hint: 'Run on Linux or macOS, for example in a container or under WSL.',
    },
  )
}
