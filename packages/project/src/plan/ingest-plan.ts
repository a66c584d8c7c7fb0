import type { ColumnSchema } from '@tidegate/core'
import type { RunEstimate, UnreadableFile } from '@tidegate/pipeline'

/**
 * What `ingest --dry-run` found: printed, kept in `.tidegate/plans/<id>.json`, and what `ingest --plan-id` runs, no file
 * more.
 */
export interface IngestPlan {
  readonly format: 1
  /** Safe as a file name, sorts by time. */
  readonly id: string
  /** Unix milliseconds. */
  readonly madeAtMs: number
  /** Files that were processed already are looked at again. */
  readonly force: boolean
  readonly sources: readonly PlannedSource[]
}

export interface PlannedSource {
  readonly source: string
  readonly filesSeen: number
  /** In every target. */
  readonly unchanged: number
  readonly settling: readonly string[]
  readonly waiting: readonly { readonly path: string; readonly why: string }[]
  /** Passed over because of `max_file_age`. */
  readonly tooOld: number
  readonly unreadable: readonly UnreadableFile[]
  readonly batches: number
  /** Files to do, each once, however many targets it goes to. */
  readonly files: number
  readonly bytes: number
  /** What looking for files costs each run: folders listed at least, files asked for their stamp. */
  readonly calls: { readonly list: number; readonly stat: number }
  readonly estimate: RunEstimate
  readonly datasets: readonly PlannedDataset[]
  readonly items: readonly PlannedFile[]
}

/** One dataset in one target. */
export interface PlannedDataset {
  readonly dataset: string
  /** Name of the target. */
  readonly target: string
  readonly kind: string
  readonly location: string
  readonly mode: string
  readonly partitionBy: readonly string[]
  readonly files: number
  readonly bytes: number
  readonly schema: SchemaForecast
  /** Null where there is no contract yet. */
  readonly checks: ChecksForecast | null
}

export interface SchemaForecast {
  /** True where the target has no columns yet. */
  readonly fresh: boolean
  readonly added: readonly ColumnSchema[]
  readonly widened: readonly { readonly name: string; readonly from: string; readonly to: string }[]
  /** Why files would be held for their columns, as far as is seen. */
  readonly refused: readonly string[]
  /** Parquet files whose footers were read. The columns of the others are not known before they are read. */
  readonly filesSeen: number
  readonly filesNotSeen: number
}

export interface ChecksForecast {
  readonly contract: string
  /** Those of the contract's schema included. */
  readonly checks: number
  /** Told by footers or columns alone, by the scan that all share, by queries of their own; null without footers. */
  readonly byFooters: number | null
  readonly byScan: number | null
  readonly byOwnQuery: number | null
}

export interface PlannedFile {
  readonly source: string
  readonly dataset: string
  /** Name of the target. */
  readonly targetName: string
  readonly path: string
  readonly bytes: number
  readonly stamp: string
  /** SHA-256. */
  readonly hash: string
  readonly ordinal: number
  readonly action: string
  readonly why: string
  /** Where its rows go: below the project's folder, or the target's location. */
  readonly target: string
}
