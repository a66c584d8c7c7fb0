/** What every destination that holds rows can be told. */
export interface DestinationOptions {
  /** Absolute folder for held files and rejected rows. May be on another device; not inside the target. */
  readonly quarantineDirectory: string
  /** Rows per row group of staged files. @defaultValue the engine's */
  readonly rowGroupRows?: number | undefined
  /** Recovery settles only attempts of this source. @defaultValue those of every source */
  readonly source?: string | undefined
  /** Batches that another process works on; recovery leaves their attempts alone. */
  readonly liveBatches?: (() => ReadonlySet<string> | Promise<ReadonlySet<string>>) | undefined
  /** Parts or rows that the log lists and the target lacks: an error, or only reported in `missing`. @defaultValue 'fail' */
  readonly onMissing?: 'fail' | 'report' | undefined
}
