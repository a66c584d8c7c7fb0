import type { Link } from './link.ts'

export interface SchemasView {
  readonly summary: string
  readonly datasets: readonly DatasetSchema[]
  readonly contracts: readonly DatasetContract[]
  /** Newest first: at most 200 of `changesTotal`. */
  readonly changes: readonly SchemaChange[]
  readonly changesTotal: number
}

export interface SchemaColumn {
  readonly name: string
  readonly type: string
}

export interface DatasetSchema {
  readonly source: string
  readonly dataset: string
  /** The target it is in. */
  readonly location: string
  /** Known in the window, oldest first. The first one is where the window begins, and no change. */
  readonly versions: readonly {
    readonly id: string
    readonly seq: number
    readonly firstSeenAt: string | null
    readonly columns: number
  }[]
  /** Of the newest version. */
  readonly columns: readonly SchemaColumn[]
  readonly link: Link
}

export interface DatasetContract {
  readonly source: string
  readonly dataset: string
  /** Known in the window, oldest first, as in the schemas. One that came back is there again. */
  readonly versions: readonly {
    /** SHA-256 of its canonical text. */
    readonly id: string
    /** What it says of itself. */
    readonly version: number
    readonly firstUsedAt: string | null
    readonly columns: number
    readonly checks: number
    /** The run that first used it. */
    readonly run: string
  }[]
  readonly link: Link
}

export interface SchemaChange {
  readonly kind: 'schema' | 'contract'
  readonly at: string
  readonly source: string
  readonly dataset: string
  readonly location: string | null
  /** Names of columns; with `contract` also ids of checks, as `check delay:between`. */
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly { readonly name: string; readonly from: string; readonly to: string }[]
  /** A column is gone or has another type: readers may break. Changes of checks are not. */
  readonly breaking: boolean
  readonly text: string
  readonly link: Link
}
