import { randomUUID } from 'node:crypto'
import { link, lstat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  codeOf,
  stringifyJson,
  TidegateError,
  type CommitOutcome,
  type EntryDraft,
  type LedgerEntry,
} from '@tidegate/core'
import { fsyncFolder } from '@tidegate/storage'
import { checkConservation } from './check-conservation.ts'
import { logIndex, type LogIndex } from './checkpoint/log-index.ts'
import { DEFAULT_POLICY, openCheckpoints, type CheckpointPolicy } from './checkpoint/open-checkpoints.ts'
import { fsyncIfThere, isAbsent, makeFolder, removeIfThere, sizeOf, writeNew } from './durable.ts'
import { judgeDraft } from './judge-draft.ts'
import { entryName, entrySeq, LOG } from './layout.ts'
import { foldEntry } from './log-state.ts'
import type { Mark } from './mark.ts'
import { corrupt } from './parse-entry.ts'
import { logNames, readEntry, readLedger } from './read-ledger.ts'

/** The log of one target, with the state after every entry read so far. */
export interface Log {
  state(): LogIndex
  /** Reads what other writers appended. Returns the entries read, in order: at first those after the newest checkpoint. */
  refresh(): Promise<readonly LedgerEntry[]>
  /** Makes names in the log folder durable, removes what dead writers left there, checks that no entry is missing. */
  repair(): Promise<void>
  /** What a commit would answer now, or undefined if it would be tried. Never writes an entry. @throws LEDGER_CONSERVATION */
  refusal(draft: EntryDraft): Promise<Refusal | undefined>
  append(draft: EntryDraft): Promise<CommitOutcome>
  /** Writes a checkpoint if one is due. For those who write to the target anyway. */
  checkpoint(): Promise<void>
  /**
   * Does the work, and again without the checkpoint that turned out damaged. All of the log's functions but `state` belong
   * inside, and the work must be one that may be repeated.
   */
  sound<T>(work: () => Promise<T>): Promise<T>
  /** Gives the files of checkpoints back. */
  close(): void
}

export type Refusal = Exclude<CommitOutcome, { readonly kind: 'committed' }>

export interface LogOptions {
  readonly directory: string
  /** False for gate-only targets. */
  readonly parts: boolean
  readonly mark: Mark
  /** Called once per entry, in order, as it is read or written; `undefined` when the state starts anew. Without checkpoints. */
  readonly onEntry: ((entry: LedgerEntry | undefined) => void) | undefined
  readonly checkpoint: CheckpointPolicy | undefined
}

export function openLog({ directory, parts, mark, onEntry, checkpoint: policy = DEFAULT_POLICY }: LogOptions): Log {
  const folder = join(directory, LOG)
  // Whoever has to see every entry cannot begin with a checkpoint.
  const checkpoints = onEntry === undefined ? openCheckpoints(directory, policy) : undefined
  let state = logIndex([])
  let loaded = checkpoints === undefined

  function fold(entry: LedgerEntry): void {
    state = foldEntry(state, entry)
    onEntry?.(entry)
  }

  async function load(): Promise<void> {
    if (loaded) return
    state = (await checkpoints?.load()) ?? state
    loaded = true
  }

  function forget(): void {
    state = logIndex([])
    loaded = checkpoints === undefined
    onEntry?.(undefined)
  }

  async function refresh(): Promise<readonly LedgerEntry[]> {
    await load()
    const entries: LedgerEntry[] = []
    for (;;) {
      const entry = await readEntry(directory, state.lastSeq + 1)
      if (entry === undefined) return entries
      fold(entry)
      entries.push(entry)
    }
  }

  async function repair(): Promise<void> {
    const names = await logNames(directory)
    // A writer at work loses its temp file too, and writes it again: only a link makes an entry.
    for (const name of names) if (name.startsWith(TEMP_PREFIX)) await removeIfThere(join(folder, name))
    await fsyncIfThere(folder)
    const last = await assertWhole(names)
    if (last < state.lastSeq && (await sizeOf(join(folder, entryName(state.lastSeq)))) === undefined) forget()
    await load()
    for await (const entry of readLedger(directory, state.lastSeq)) {
      fold(entry)
      // A log that was never read with checkpoints, or lost them, is not held in memory as a whole.
      await checkpoint()
    }
  }

  /** What a checkpoint covers is not read again, so that it is all there is looked up by name. Returns the last number. */
  async function assertWhole(names: readonly string[]): Promise<number> {
    const seqs = new Set(names.flatMap((name) => entrySeq(name) ?? []))
    const last = [...seqs].reduce((highest, seq) => Math.max(highest, seq), 0)
    if (seqs.size === last) return last
    for (let seq = 1; seq < last; seq += 1) {
      // Listed in the very moment in which others appended, a folder may show a later name and not an earlier one.
      if (seqs.has(seq) || (await sizeOf(join(folder, entryName(seq)))) !== undefined) continue
      throw corrupt(join(folder, entryName(seq)), 'the entry is missing, later ones exist')
    }
    return last
  }

  async function checkpoint(): Promise<void> {
    if (loaded && checkpoints?.isDue(state) === true) state = await checkpoints.write(state)
  }

  async function sound<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if (checkpoints?.distrust(error) !== true) throw error
        forget()
      }
    }
  }

  async function refusal(draft: EntryDraft): Promise<Refusal | undefined> {
    await refresh()
    const judgement = judgeDraft(state, draft)
    if (judgement.kind === 'already-committed') return alreadyCommitted(judgement.seq)
    if (judgement.kind !== 'ok') return judgement
    checkConservation(state, draft, parts)
    return undefined
  }

  async function append(draft: EntryDraft): Promise<CommitOutcome> {
    await makeFolder(folder)
    for (;;) {
      const refused = await refusal(draft)
      if (refused !== undefined) return refused
      const entry = entryOf(draft, state.lastSeq + 1)
      if (!(await linkEntry(entry))) continue
      try {
        fold(entry)
      } catch (error) {
        // It is committed, whatever a checkpoint is worth.
        if (checkpoints?.distrust(error) !== true) throw error
        forget()
      }
      return { kind: 'committed', entry }
    }
  }

  async function alreadyCommitted(seq: number): Promise<Refusal> {
    // Its writer may have died between link and sync.
    await fsyncFolder(folder)
    const entry = await readEntry(directory, seq)
    if (entry === undefined) throw new TidegateError('LEDGER_CORRUPT', `Entry ${seq} vanished from ${folder}.`)
    return { kind: 'already-committed', entry }
  }

  /** False if the number was taken, or a recovery removed the temp file. */
  async function linkEntry(entry: LedgerEntry): Promise<boolean> {
    const temp = join(folder, `${TEMP_PREFIX}${randomUUID()}`)
    const batch = { batch: entry.batch, seq: String(entry.seq) }
    try {
      await writeNew(temp, `${stringifyJson(entry)}\n`)
      mark('entry-temp-written', batch)
      await link(temp, join(folder, entryName(entry.seq)))
    } catch (error) {
      const linked = codeOf(error) === 'EEXIST' && (await isLinked(temp))
      if (!linked) await removeIfThere(temp)
      if (!linked && (codeOf(error) === 'EEXIST' || isAbsent(error))) return false
      if (!linked) throw linkError(error, folder)
    }
    mark('entry-linked', batch)
    await removeIfThere(temp)
    await makeDurable(entry.seq)
    mark('entry-durable', batch)
    return true
  }

  async function makeDurable(seq: number): Promise<void> {
    try {
      await fsyncFolder(folder)
    } catch (cause) {
      throw new TidegateError('LEDGER_NOT_DURABLE', `Entry ${seq} was written, but ${folder} could not be synced.`, {
        hint: 'Check the disk, then run again: recovery decides by what the log holds.',
        retryable: true,
        dataNow: 'The batch counts as committed unless the machine loses power now.',
        cause,
      })
    }
  }

  const close = (): void => {
    checkpoints?.close()
    if (checkpoints !== undefined) forget()
  }
  return { state: () => state, refresh, repair, refusal, append, checkpoint, sound, close }
}

const TEMP_PREFIX = '.tmp-'

/** Over NFS the answer to a successful link can get lost, and its repetition then fails: the link count tells. */
async function isLinked(temp: string): Promise<boolean> {
  try {
    return (await lstat(temp)).nlink > 1
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}

function linkError(error: unknown, folder: string): unknown {
  if (!['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM'].includes(codeOf(error) ?? '')) return error
  return new TidegateError('LINK_UNSUPPORTED', `The file system of ${folder} has no hard links.`, {
    hint: 'Put the target on a local file system with hard links (ext4, xfs, btrfs, apfs) or on NFS.',
    dataNow: 'Nothing was committed.',
    cause: error,
  })
}

function entryOf(draft: EntryDraft, seq: number): LedgerEntry {
  const { batch, attempt, run, source, dataset } = draft.batch
  const { fence, committedAt, files, add, remove, rejected, consumes, schema, watermark } = draft
  const { replays, mode, superseded } = draft
  return {
    format: 1,
    seq,
    batch,
    run,
    attempt,
    fence,
    source,
    dataset,
    committedAt,
    files,
    add,
    remove,
    rejected,
    consumes,
    ...(replays === undefined || replays.length === 0 ? {} : { replays }),
    ...(mode === undefined || mode === 'append' ? {} : { mode }),
    ...(superseded === undefined || superseded.length === 0 ? {} : { superseded }),
    schema,
    ...(watermark === undefined ? {} : { watermark }),
  }
}
