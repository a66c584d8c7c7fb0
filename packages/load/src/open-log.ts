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
import { fsyncIfThere, isAbsent, makeFolder, removeIfThere, writeNew } from './durable.ts'
import { judgeDraft } from './judge-draft.ts'
import { entryName, LOG } from './layout.ts'
import { emptyLogState, foldEntry, type LogState } from './log-state.ts'
import type { Mark } from './mark.ts'
import { lastEntrySeq, logNames, readEntry, readLedger } from './read-ledger.ts'

/** The log of one target, with the state after every entry read so far. */
export interface Log {
  state(): LogState
  /** Reads what other writers appended. Returns the new entries in order. */
  refresh(): Promise<readonly LedgerEntry[]>
  /** Makes names in the log folder durable, removes what dead writers left there, checks that no entry is missing. */
  repair(): Promise<void>
  /** What a commit would answer now, or undefined if it would be tried. Never writes an entry. @throws LEDGER_CONSERVATION */
  refusal(draft: EntryDraft): Promise<Refusal | undefined>
  append(draft: EntryDraft): Promise<CommitOutcome>
}

export type Refusal = Exclude<CommitOutcome, { readonly kind: 'committed' }>

export interface LogOptions {
  readonly directory: string
  /** False for gate-only targets. */
  readonly parts: boolean
  readonly mark: Mark
  /** Called once per entry, in order, as it is read or written; `undefined` when the state starts anew. */
  readonly onEntry: (entry: LedgerEntry | undefined) => void
}

export function openLog({ directory, parts, mark, onEntry }: LogOptions): Log {
  const folder = join(directory, LOG)
  let state = emptyLogState()

  function fold(entry: LedgerEntry): void {
    state = foldEntry(state, entry)
    onEntry(entry)
  }

  async function refresh(): Promise<readonly LedgerEntry[]> {
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
    if ((await lastEntrySeq(directory)) < state.lastSeq) {
      state = emptyLogState()
      onEntry(undefined)
    }
    for await (const entry of readLedger(directory, state.lastSeq)) fold(entry)
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
      if (await linkEntry(entry)) {
        fold(entry)
        return { kind: 'committed', entry }
      }
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

  return { state: () => state, refresh, repair, refusal, append }
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
    schema,
    ...(watermark === undefined ? {} : { watermark }),
  }
}
