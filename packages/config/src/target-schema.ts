/** The shape of `target:` and of each entry of `targets:`. */
import { z } from 'zod'
import type { TargetConfig, TargetKind, WriteMode } from '@tidegate/core'

/** A target as written; which keys go together is judged by `checkDisposition`. */
export interface TargetFileEntry {
  readonly layer?: string | undefined
  readonly kind: TargetKind
  readonly path?: string | undefined
  readonly table?: string | undefined
  readonly url?: string | undefined
  readonly mode: WriteMode
  readonly replace?: TargetConfig['replace'] | undefined
  readonly keys?: readonly string[] | undefined
  readonly dedup?: { readonly keys?: readonly string[] | undefined; readonly order_by?: string | undefined } | undefined
  readonly partition_by?: readonly string[] | undefined
  readonly add_columns?:
    | {
        readonly source_path?: ColumnChoice | undefined
        readonly row_number?: ColumnChoice | undefined
        readonly batch_id?: ColumnChoice | undefined
      }
    | undefined
}

/** The name of a column; `true` means its usual name. */
export type ColumnChoice = boolean | string

const text = z.string().min(1, 'must not be empty')
const path = text.refine((value) => !value.includes('\0'), 'must not contain a NUL character')
const columns = z.array(text).min(1, 'must name at least one column')
const choice = z.union([z.boolean(), text], { error: 'must be true or the name of a column' })

export function targetSchema(): z.ZodType<TargetFileEntry> {
  return z.strictObject({
    layer: text.optional(),
    kind: z
      .enum(['parquet', 'delta', 'duckdb', 'postgres', 'none'])
      .default('parquet')
      .describe('`none`: gate only, another loader reads the manifest of passed files.'),
    path: path
      .optional()
      .describe('Folder (parquet, delta, none) or file (duckdb). Template of `{dataset}` and `{source}`.'),
    table: text
      .refine((value) => !value.includes('\0'), 'must not contain a NUL character')
      .optional()
      .describe('duckdb and postgres: `table` or `schema.table`, a template of `{dataset}` and `{source}`.'),
    url: z
      .string()
      .refine(isPostgresUrl, 'must be a connection string such as postgres://user@host/database')
      .optional()
      .describe('postgres: the connection string. Put the password into a variable.'),
    mode: z.enum(['append', 'replace', 'upsert']).default('append').describe('How rows meet those that are there.'),
    replace: z.enum(['all', 'partitions']).optional().describe('With `mode: replace`: which rows leave.'),
    keys: columns.optional().describe('With `mode: upsert`: columns that identify a row.'),
    dedup: z
      .strictObject({ keys: columns.optional(), order_by: text.optional() })
      .optional()
      .describe('Of the rows of a batch with these columns equal one stays: the highest by `order_by`, else the last.'),
    partition_by: columns.optional().describe('Columns by which parts are laid into folders.'),
    add_columns: z
      .strictObject({
        source_path: choice.optional().describe('Path of the file. `true`: `_source_path`.'),
        row_number: choice.optional().describe('Row in the file, from 1. `true`: `_row_number`.'),
        batch_id: choice.optional().describe('Id of the batch. `true`: `_batch_id`.'),
      })
      .optional()
      .describe('Columns to add to every row.'),
  })
}

/** `postgres://…` or `postgresql://…` that names a host. */
export function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:\/\/([^\s/?#]*@)?[^\s/?#:@]/i.test(url) && !url.includes('\0')
}
