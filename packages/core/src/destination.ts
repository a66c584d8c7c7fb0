import type { FileVersionId } from './file-version.ts'
import type { TargetKind } from './config-types.ts'
import type { FileRows, LedgerEntry, LedgerFile, LedgerPart, RejectedPart, Replay, Watermark } from './ledger-entry.ts'
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
 * `recover → (prepare → stage… → settle → seal → commit → publish)* → close`; each may be killed at any moment and
 * `recover` mends it.
 */
export interface Destination {
  readonly kind: TargetKind
  /**
   * Identifies the ledger in the state database, the same on every run: the absolute target folder, `duckdb:<absolute
   * file>#<schema>.<table>`, `postgres://<host>:<port>/<database>#<schema>.<table>`. Never holds a secret.
   */
  readonly location: string
  /**
   * Makes what readers see agree with the log, and drops attempts that never got an entry. Idempotent. May commit what an
   * attempt had sealed before it died (Delta), so whoever calls it reads the log afterwards.
   */
  recover(): Promise<PublishReport>
  /** @param plan how the rows of this batch meet those that are there. @defaultValue append, no partitions, no dedup */
  prepare(batch: BatchRef, plan?: WritePlan): Promise<Staging>
  /** Appends one entry to the log, if the log's own test allows it (invariant 1). Durable when it returns. */
  commit(draft: EntryDraft): Promise<CommitOutcome>
  /** Retires and publishes what the log says. Idempotent. */
  publish(): Promise<PublishReport>
  /** The entry of this batch, if it was committed. */
  lookup(batch: string): Promise<LedgerEntry | undefined>
  /** Entries with `seq` > `since`, in order. */
  tail(since: number): AsyncIterable<LedgerEntry>
  /** Parts that are live after the last entry, with the file versions in them. */
  liveParts(): Promise<readonly LedgerPart[]>
  /** The schema of the newest entry that has columns, or undefined for a fresh target. */
  currentSchema(): Promise<{ readonly id: string; readonly columns: readonly ColumnSchema[] } | undefined>
  /**
   * SQL that stands after FROM in a statement of `session`: the live rows, with the columns of `currentSchema`, without
   * those of the file versions in `request.without`. Undefined where there are no rows, or where none are kept.
   */
  liveRows(session: Session, request: LiveRowsRequest, options?: QueryOptions): Promise<string | undefined>
  /** Gives connections and files back. Calling it again does nothing. */
  close(): Promise<void>
}

export interface LiveRowsRequest {
  readonly without: ReadonlySet<FileVersionId>
  /** Folder that the session may read and this call may write: for rows that the session cannot reach where they are. */
  readonly scratch: string
}

/** How the rows of a batch meet those that the target has. */
export interface WritePlan {
  readonly mode: WriteMode
  /** With mode `replace`: what leaves, all rows or those of the partitions that the batch brings rows for. */
  readonly replace: 'all' | 'partitions'
  /** With mode `upsert`: columns that identify a row. Rows with a NULL in one of them are never equal to another. */
  readonly keys: readonly string[]
  /**
   * Of several rows of the batch with these columns equal one stays: the one with the highest `orderBy`, else the last.
   * With mode `upsert` always by its keys; a row that the target has stays if its `orderBy` is higher.
   */
  readonly dedup: { readonly keys: readonly string[]; readonly orderBy: string | undefined } | undefined
  readonly partitionBy: readonly string[]
}

export type WriteMode = 'append' | 'replace' | 'upsert'

/** The folder of one attempt. Nothing in it is visible to readers of the target, by any glob. */
export interface Staging {
  readonly directory: string
  /**
   * Runs the select and stages its rows as Parquet: one part, or one for each partition that has rows. The rows come back
   * as the engine counted them, and must be as many as `part.files` says. Which parts the entry adds is what `settle` says:
   * it may write these anew. A select for several files must keep their order (a bare UNION ALL does not).
   *
   * @throws LEDGER_CONSERVATION if they are not
   */
  stageRows(session: Session, select: string, part: PartRequest, options?: QueryOptions): Promise<readonly LedgerPart[]>
  stageRejectedRows(
    session: Session,
    select: string,
    part: RejectedRequest,
    options?: QueryOptions,
  ): Promise<RejectedPart>
  /** Copies a held file byte for byte (or only names it, with `reference`). */
  stageOriginal(uri: string, part: RejectedRequest): Promise<RejectedPart>
  stageText(text: string, part: RejectedRequest): Promise<RejectedPart>
  /**
   * Once, after all rows are staged: what has to leave and what has to be written anew, so that the plan's mode and dedup
   * hold and the rows of `leaving` are gone. Bystanders in a shared part are written anew without them.
   */
  settle(session: Session, request: SettleRequest, options?: QueryOptions): Promise<Settlement>
  /** Verifies every staged file (footer, rows, size) and makes files and folders durable (fsync). */
  seal(): Promise<void>
  /** Deletes the attempt. Never called after a commit was tried. */
  drop(): Promise<void>
}

export interface PartRequest {
  /** Visible path below the target, e.g. `part-<batch>-000.parquet`; folders of partitions come before its last piece. */
  readonly visible: string
  /** The select yields the rows of these file versions one after another, this many of each. */
  readonly files: readonly FileRows[]
}

export interface SettleRequest {
  /** File versions whose rows leave with this batch. */
  readonly leaving: ReadonlySet<FileVersionId>
  /**
   * With mode `upsert` and without `orderBy`: of these file versions a row that the target has stays, and the one of the batch
   * with its key is dropped. Where partitions are replaced: one that has rows of these file versions stays, and the rows that
   * the batch brings for it are dropped. For rows that come late: they do not push out what came after them. @defaultValue none
   */
  readonly yieldTo?: ReadonlySet<FileVersionId> | undefined
}

export interface Settlement {
  readonly add: readonly LedgerPart[]
  /** Visible paths. */
  readonly remove: readonly string[]
  /** Rows of earlier file versions, not those in `leaving`, that this batch takes away by mode `replace` or `upsert`. */
  readonly superseded: readonly FileRows[]
  /** Rows of this batch that lost against another row with the same key, by file version. They count as dropped. */
  readonly dropped: readonly FileRows[]
  /** Highest entry that this is based on; undefined where it holds whatever else is committed meanwhile. */
  readonly basedOn: number | undefined
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
  readonly superseded?: readonly FileRows[] | undefined
  readonly replays?: readonly Replay[] | undefined
  readonly mode?: WriteMode | undefined
  /** A later entry than this one makes the commit a conflict (see `Settlement.basedOn`). */
  readonly basedOn?: number | undefined
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
  /** Live parts that are not on disk as the log says; only where the destination was opened to report and not to fail. */
  readonly missing: readonly string[]
}
