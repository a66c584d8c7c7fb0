/**
 * What a profile holds. Plain data: it can be stored as JSON and read back.
 *
 * Facts are kept per slice, so that a part of the files can be looked at without reading anything again
 * (`selectSlices`). A slice is a file, or, with fewer than five files, one of three parts of a file's rows.
 *
 * Of a sensitive column no value is kept: no minimum, maximum, quantile or value list. Lengths and counts are.
 */
import type { ColumnSchema } from '@tidegate/core'
import type { ColumnFamily } from './column-family.ts'
import type { TextClass } from './text-class.ts'

export interface Profile {
  readonly format: 1
  /** All rows. */
  readonly rows: number
  /** Rows that distinct counts, quantiles, text classes and order were taken from. Equal to `rows` if nothing was left out. */
  readonly sampledRows: number
  readonly seed: number
  readonly files: readonly ProfiledFile[]
  readonly slices: readonly ProfiledSlice[]
  readonly columns: readonly ColumnProfile[]
  /** Two or three columns that identify the rows of each file together, where none does alone. Proved over all rows. */
  readonly compoundKey?: CompoundKey | null | undefined
  /** The column that the rows of each file are in the order of. Proved over all rows. Undefined where nobody asked. */
  readonly ordered?: OrderedColumn | null | undefined
}

export interface CompoundKey {
  /** In the order of the schema. */
  readonly columns: readonly string[]
  /** Over which it was counted. */
  readonly rows: number
}

export interface OrderedColumn {
  readonly column: string
  /** No value equals the one before it. */
  readonly strictly: boolean
  readonly rows: number
}

export interface ProfiledFile {
  readonly key: string
  readonly path: string
  readonly rows: number
  /** The file's own schema, where the caller knew it. */
  readonly columns?: readonly ColumnSchema[] | undefined
}

export interface ProfiledSlice {
  /** Position in `files`. */
  readonly file: number
  /** 0 where the slice is the whole file, else 0–2. */
  readonly part: number
  readonly rows: number
}

/** Sums and extremes of a column over some slices. Exact: taken from all rows. */
export interface ColumnTotals {
  readonly rows: number
  readonly nulls: number
  /** NaN and infinities; not part of `min` and `max`. */
  readonly nonFinite: number
  /** Cells whose text did not fit the column's type. */
  readonly misfits: number
  /** Numbers and times as text with all digits; null for other types, no values, or a sensitive column. */
  readonly min: string | null
  readonly max: string | null
  /** Characters of the shortest and longest text. */
  readonly minLength: number | null
  readonly maxLength: number | null
  /** Sampled texts that were tried against `textClass`, and those that belong to it. */
  readonly classTried: number
  readonly classMatched: number
}

export interface ColumnProfile extends ColumnTotals {
  readonly name: string
  readonly type: string
  readonly family: ColumnFamily
  /** Why the values are withheld, in words; null where they are not. */
  readonly sensitive: string | null
  /** Non-null values in the sample. */
  readonly sampled: number
  /** Distinct values in the sample; null for nested types. */
  readonly distinct: number | null
  /** Values at 1% and 99% of the sample. */
  readonly quantiles: { readonly p01: string; readonly p99: string } | null
  /** The sampled rows of each file never step down. Null where that was not looked at or there are fewer than two values. */
  readonly increasing: boolean | null
  /** No value occurs twice in any one file, over all rows. Null where the sample already shows it is no key, or nobody looked. */
  readonly unique: boolean | null
  /** The kind of text most values are, if there is one. */
  readonly textClass: TextClass | null
  /** All values, most frequent first, where there are few of them (counted over all rows). */
  readonly values: readonly ValueCount[] | null
  /** One for each of the profile's slices. */
  readonly slices: readonly SliceFacts[]
  /** One for each of the profile's files. */
  readonly perFile: readonly FileFacts[]
}

export interface ValueCount {
  readonly value: string
  readonly count: number
}

export interface SliceFacts extends ColumnTotals {
  /** Pairs of position in the column's `values` and count; null where no values were kept. */
  readonly values: readonly (readonly [number, number])[] | null
}

export interface FileFacts {
  /** Non-null values in the sample, and how many of them are distinct. */
  readonly sampled: number
  readonly distinct: number | null
  readonly unique: boolean | null
}
