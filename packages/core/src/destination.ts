import type { FileVersionId } from './file-version.ts'
import type { LedgerEntry, LedgerFile, LedgerPart, RejectedPart, Watermark } from './ledger-entry.ts'
import type { ColumnSchema, QueryOptions, Session } from './session.ts'

/** Which work a staging area belongs to. `batch` and `attempt` are safe as folder names. */
export interface BatchRef {
  readonly batch: string
  readonly attempt: number
  readonly run: string
  readonly source: string
  readonly dataset: string
}

/**
 * Where admitted rows go. The order of calls is
 * `recover → (prepare → stage… → seal → commit → publish)* `; each may be killed at any moment and `recover` mends it.
 */
export interface Destination {
  readonly kind: string
  /** Identifies the ledger in the state database: the absolute target folder. */
  readonly location: string
  /** Makes what readers see agree with the log, and drops attempts that never got an entry. Idempotent. */
  recover(): Promise<PublishReport>
  prepare(batch: BatchRef): Promise<Staging>
  /** Appends one entry to the log, if the log's own test allows it (invariant 1). Durable when it returns. */
  commit(draft: EntryDraft): Promise<CommitOutcome>
  /** Retires and publishes what the log says. Idempotent. */
  publish(): Promise<PublishReport>
  /** The entry of this batch, if it was committed. */
  lookup(batch: string): Promise<LedgerEntry | undefined>
  /** Entries with `seq` > `since`, in order. */
  tail(since: number): AsyncIterable<LedgerEntry>
  /** Visible parts that are live after the last entry, with the file versions in them. */
  liveParts(): Promise<readonly LedgerPart[]>
  /** The schema of the newest entry that has columns, or undefined for a fresh target. */
  currentSchema(): Promise<{ readonly id: string; readonly columns: readonly ColumnSchema[] } | undefined>
}

/** The folder of one attempt. Nothing in it is visible to readers of the target, by any glob. */
export interface Staging {
  readonly directory: string
  /** Runs `COPY (select) TO` a staged Parquet part. The rows come back as the engine counted them. */
  stageRows(session: Session, select: string, part: PartRequest, options?: QueryOptions): Promise<LedgerPart>
  stageRejectedRows(
    session: Session,
    select: string,
    part: RejectedRequest,
    options?: QueryOptions,
  ): Promise<RejectedPart>
  /** Copies a held file byte for byte (or only names it, with `reference`). */
  stageOriginal(uri: string, part: RejectedRequest): Promise<RejectedPart>
  stageText(text: string, part: RejectedRequest): Promise<RejectedPart>
  /** Verifies every staged file (footer, rows, size) and makes files and folders durable (fsync). */
  seal(): Promise<void>
  /** Deletes the attempt. Never called after a commit was tried. */
  drop(): Promise<void>
}

export interface PartRequest {
  /** Visible path below the target, e.g. `part-<batch>-000.parquet`. */
  readonly visible: string
  readonly files: readonly FileVersionId[]
}

export interface RejectedRequest {
  /** Visible path below the quarantine folder. */
  readonly visible: string
  readonly file: FileVersionId
  readonly kind: RejectedPart['kind']
  /** Rows it stands for, where staging cannot count them (a held original). @defaultValue 0 */
  readonly rows?: number
}

/** An entry before it has a number. */
export interface EntryDraft {
  readonly batch: BatchRef
  readonly fence: number
  readonly committedAt: string
  readonly files: readonly LedgerFile[]
  readonly add: readonly LedgerPart[]
  readonly remove: readonly string[]
  readonly rejected: readonly RejectedPart[]
  readonly consumes: readonly string[]
  readonly schema: { readonly id: string; readonly columns: readonly ColumnSchema[] }
  readonly watermark?: Watermark | undefined
  /** With true, a file whose bytes are already loaded under another name makes the commit a conflict. */
  readonly refuseDuplicateContent: boolean
}

export type CommitOutcome =
  | { readonly kind: 'committed'; readonly entry: LedgerEntry }
  /** This batch has an entry already (an earlier attempt got through). */
  | { readonly kind: 'already-committed'; readonly entry: LedgerEntry }
  /** Someone else committed one of these files, parts or hashes first; nothing was written. Judge again. */
  | { readonly kind: 'conflict'; readonly because: string }
  /** A writer with a higher fence was here; nothing was written. Stop. */
  | { readonly kind: 'stale'; readonly because: string }

export interface PublishReport {
  readonly lastSeq: number
  readonly published: number
  readonly retired: number
  /** Data files in the target that the log does not know. Reported, never deleted. */
  readonly unknown: readonly string[]
}
