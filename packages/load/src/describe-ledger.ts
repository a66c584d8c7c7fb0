import type { FileVersionId, LedgerEntry, LedgerFile, LedgerPart, RejectedPart, Watermark } from '@tidegate/core'
import { emptyLogState, foldEntry } from './log-state.ts'
import { readLedger } from './read-ledger.ts'

export interface DescribedEntry {
  readonly seq: number
  readonly batch: string
  readonly run: string
  readonly source: string
  readonly dataset: string
  readonly committedAt: string
  readonly fence: number
  readonly files: number
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  /** Rows of earlier files that it took away by replace or upsert; rows that it brought back from quarantine. */
  readonly rowsSuperseded: number
  readonly rowsReplayed: number
  readonly mode: 'append' | 'replace' | 'upsert'
  readonly schemaId: string
}

export interface DescribedFile extends LedgerFile {
  /** Its rows are in the target (or, gate-only, it is in the manifest) after the last entry. */
  readonly live: boolean
  /** Rows of it in the target after the last entry: loaded + replayed − superseded. */
  readonly rowsLive: number
  /** Visible paths of the live parts with rows of it. */
  readonly parts: readonly string[]
  /** The newest entry that judged it. */
  readonly seq: number
  readonly batch: string
  readonly run: string
  readonly source: string
  readonly dataset: string
  readonly committedAt: string
}

export interface DescribedRejected extends RejectedPart {
  readonly seq: number
  readonly batch: string
}

export interface LedgerDescription {
  /** 0 for a target without a log. */
  readonly lastSeq: number
  readonly entries: readonly DescribedEntry[]
  /** One per file version, in the order in which they were first judged. */
  readonly files: readonly DescribedFile[]
  readonly liveParts: readonly LedgerPart[]
  /** Everything ever put into the quarantine folder, in order. */
  readonly rejected: readonly DescribedRejected[]
  /** Quarantine records that were closed. */
  readonly consumed: ReadonlySet<string>
  /** Source → highest fence. */
  readonly fences: ReadonlyMap<string, number>
  /** Source → watermark of its newest entry that has one. */
  readonly watermarks: ReadonlyMap<string, Watermark>
}

/**
 * Everything a target's log says, by reading alone: nothing is recovered, made or changed. For dry runs, `files explain`
 * and rebuilding a lost state database.
 *
 * @param directory the target folder; may not exist yet
 * @throws LEDGER_CORRUPT, LEDGER_NEWER
 */
export async function describeLedger(directory: string): Promise<LedgerDescription> {
  let state = emptyLogState()
  const entries: DescribedEntry[] = []
  const files = new Map<FileVersionId, readonly [LedgerFile, LedgerEntry]>()
  const rejected: DescribedRejected[] = []
  const watermarks = new Map<string, Watermark>()
  for await (const entry of readLedger(directory)) {
    state = foldEntry(state, entry)
    entries.push(describeEntry(entry))
    for (const file of entry.files) files.set(file.id, [file, entry])
    const { seq, batch } = entry
    for (const part of entry.rejected) rejected.push({ ...part, seq, batch })
    if (entry.watermark !== undefined) watermarks.set(entry.source, entry.watermark)
  }
  const described = Array.from(files.values(), ([file, entry]): DescribedFile => {
    const { seq, batch, run, source, dataset, committedAt } = entry
    const fate = state.files.get(file.id)
    const { live, rows: rowsLive, parts } = fate ?? { live: false, rows: 0, parts: [] }
    return { ...file, live, rowsLive, parts, seq, batch, run, source, dataset, committedAt }
  })
  const { lastSeq, consumed, fences } = state
  const liveParts = [...state.parts.values()]
  return { lastSeq, entries, files: described, liveParts, rejected, consumed, fences, watermarks }
}

function describeEntry(entry: LedgerEntry): DescribedEntry {
  const { seq, batch, run, source, dataset, committedAt, fence, files, superseded = [], replays = [] } = entry
  const total = (key: 'rowsRead' | 'rowsLoaded' | 'rowsRejected'): number =>
    files.reduce((sum, file) => sum + file[key], 0)
  return {
    seq,
    batch,
    run,
    source,
    dataset,
    committedAt,
    fence,
    files: files.length,
    rowsRead: total('rowsRead'),
    rowsLoaded: total('rowsLoaded'),
    rowsRejected: total('rowsRejected'),
    rowsSuperseded: superseded.reduce((sum, { rows }) => sum + rows, 0),
    rowsReplayed: replays.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0),
    mode: entry.mode ?? 'append',
    schemaId: entry.schema.id,
  }
}
