import type { BatchRef, LedgerPart, QueryOptions, Session, WritePlan } from '@tidegate/core'

/** A file that the engine wrote into the attempt's folder. */
export type Copied = Pick<LedgerPart, 'staged' | 'bytes' | 'rows' | 'hash'>

export interface CopiedKey {
  readonly key: string
  readonly copied: Copied
}

/** What settling may read and do. */
export interface SettleContext {
  readonly session: Session
  readonly query: QueryOptions | undefined
  readonly batch: BatchRef
  readonly plan: WritePlan
  readonly directory: string
  /** Writes the rows of a select, in its order, into a new staged file. */
  copy(select: string): Promise<Copied>
  /**
   * Writes the rows of a select into staged files by the value of one of its columns, which does not come along: one or more
   * for each value, in any order of rows.
   *
   * @param key quoted; its values are at most 200 letters, digits and dots
   */
  copyByKey(select: string, key: string): Promise<readonly CopiedKey[]>
  /** A staged file that nothing needs any more. */
  discard(staged: string): Promise<void>
  /** Absolute path in the attempt's folder for working data. */
  scratch(): string
}

export const APPEND: WritePlan = { mode: 'append', replace: 'all', keys: [], dedup: undefined, partitionBy: [] }

/** Row numbers `[from, to)` of a part. */
export interface Span {
  readonly part: number
  readonly from: number
  readonly to: number
}

/** A row that leaves: by the index of its part in a list that both sides know, and its number in it. */
export interface GoneRows {
  /** Relation with the columns `part` and `row`; each row once. */
  readonly sql: string
}

export const NONE: GoneRows = { sql: '(SELECT 0 AS "part", 0 AS "row" WHERE false)' }

export function bothGone(one: GoneRows, other: GoneRows): GoneRows {
  return { sql: `(SELECT "part", "row" FROM ${one.sql} UNION ALL SELECT "part", "row" FROM ${other.sql})` }
}
