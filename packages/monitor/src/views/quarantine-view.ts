import type { Link } from './link.ts'

export interface QuarantineView {
  readonly summary: string
  /** Held files nobody dealt with, however old. Where not all are listed, their rows, bytes and days come from sums. */
  readonly openFiles: number
  readonly openRows: number
  readonly openBytes: number
  readonly oldestAt: string | null
  readonly oldestAgeMs: number | null
  /** Rows split off files that were loaded without them and that wait now, however old. */
  readonly openSplitRows: number
  readonly openSplitItems: number
  /** Rows split off files that were loaded without them, in the window: as they were judged, and what came of them since. */
  readonly rejectedRows: number
  readonly replayedRows: number
  readonly discardedRows: number
  readonly datasets: readonly DatasetQuarantine[]
  /** Why something is open, most first. A file with two reasons counts in both, where it is listed. */
  readonly reasons: readonly QuarantineReason[]
  /** Records put there in the window, by what became of them. */
  readonly byStatus: readonly QuarantineStatus[]
  /** UTC days of the window, at most the last 90. */
  readonly days: readonly QuarantineDay[]
  /** The oldest open files, at most 50 of `openFiles`; of those that are listed, where not all are. */
  readonly items: readonly QuarantinedFile[]
  readonly repair: RepairOutcome
  readonly links: { readonly open: Link; readonly rejected: Link; readonly repaired: Link }
}

export interface DatasetQuarantine {
  readonly source: string
  readonly dataset: string
  readonly files: number
  readonly rows: number
  readonly oldestAt: string | null
  readonly link: Link
}

export interface QuarantineReason {
  readonly check: string
  /** Held ones, and those of which rows were split off. */
  readonly files: number
  /** That wait: all of a held file, and those split off. A file with two reasons counts in both, where it is listed. */
  readonly rows: number
  readonly message: string
  readonly link: Link
}

/** Rows that a replay put back count where they are now, not among the replayed ones. */
export interface QuarantineStatus {
  readonly kind: 'held' | 'rows'
  readonly status: 'open' | 'replayed' | 'released' | 'discarded' | 'superseded'
  readonly items: number
  readonly rows: number
  readonly bytes: number
}

/** What was put into quarantine on a day, and how much of that is still open. Rows that a replay put back are not put there anew. */
export interface QuarantineDay {
  readonly day: string
  readonly held: number
  readonly rows: number
  readonly openItems: number
  readonly link: Link
}

export interface QuarantinedFile {
  readonly id: string
  readonly source: string
  readonly dataset: string
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly heldAt: string | null
  readonly ageMs: number
  readonly score: number | null
  /** Checks or findings, as recorded. */
  readonly reasons: readonly string[]
  readonly quarantinePath: string | null
  readonly link: Link
}

/** Damaged files that were loaded from a repaired copy, in the window's days. */
export interface RepairOutcome {
  readonly files: number
  /** Of them, those that lack rows or cells. */
  readonly partial: number
  /** Rows that are there only because of repair. */
  readonly rowsLoaded: number
  readonly rowsLost: number
  /** Files that cannot tell what is lost. */
  readonly unknownLoss: number
  readonly cellsNulled: number
  readonly byCodes: readonly RepairCodes[]
  readonly days: readonly { readonly day: string; readonly files: number; readonly rowsLoaded: number }[]
}

export interface RepairCodes {
  readonly codes: readonly string[]
  readonly files: number
  readonly partial: number
  readonly rowsLoaded: number
  readonly rowsLost: number
  readonly link: Link
}
