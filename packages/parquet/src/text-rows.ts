import type { Finding } from '@tidegate/core'

/** One text column of a file: its name and where its text is. */
export interface TextColumn {
  readonly name: string
  /** Column of {@link TextRows.from} that holds the text (VARCHAR, NULL for nothing). */
  readonly text: string
  /** The engine's type of the JSON value, or NULL; undefined for CSV. */
  readonly jsonType?: string | undefined
}

/** The records of a file, all values still text. */
export interface TextRows {
  /** Usable after FROM; has the texts and `r`, the BIGINT ordinal of the record. */
  readonly from: string
  readonly columns: readonly TextColumn[]
}

export interface RejectedLine {
  /** 0-based ordinal of the record in the file. */
  readonly row: number
  readonly text: string
  readonly message: string
}

export interface Rejects {
  readonly count: number
  /** The first 1,000 at most. */
  readonly lines: readonly RejectedLine[]
}

export const MAX_REJECTED_LINES = 1000

/** Longest text of a rejected line that is kept; an unclosed quote can swallow the rest of a file. */
export const MAX_REJECTED_TEXT = 10_000

export type OpenedText =
  | {
      readonly kind: 'ok'
      readonly rows: TextRows
      /** Call it after a statement has read all rows. */
      rejects(): Promise<Rejects>
      dispose(): Promise<void>
    }
  | { readonly kind: 'unreadable'; readonly finding: Finding }
