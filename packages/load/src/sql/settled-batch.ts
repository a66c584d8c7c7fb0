import type { StagedKeys, StagedRejected, StagedRows } from './sql-database.ts'

/** What the staging of a batch found out and its commit needs beside the draft. */
export interface SettledBatch {
  readonly rows: readonly StagedRows[]
  readonly rejected: readonly StagedRejected[]
  /**
   * Rows of the table that go by what is in them. By `keys` a NULL equals nothing, by `partitions` another NULL; undefined
   * where whole parts go.
   */
  readonly match: Match | undefined
  /** Pieces of removed parts of which rows stay: by id, the name of the part they are in from now on, and how many rows. */
  readonly kept: ReadonlyMap<number, KeptPiece>
}

export interface Match {
  readonly by: 'keys' | 'partitions'
  /** As the data spells them. */
  readonly columns: readonly string[]
  /** With these columns, and perhaps one to order by. */
  readonly keys: StagedKeys
  /** Of two rows with equal keys the one with the higher value stays. */
  readonly orderBy: string | undefined
}

export interface KeptPiece {
  readonly visible: string
  readonly rows: number
}

/** One live part of the table: rows of one file version that came with one staged file. */
export interface Piece {
  readonly id: number
  readonly visible: string
  readonly file: string
  readonly rows: number
}

export const NOTHING_SETTLED: SettledBatch = { rows: [], rejected: [], match: undefined, kept: new Map() }
