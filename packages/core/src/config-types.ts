import type { GateSettings, ReadOptions } from './contract.ts'

/** `tidegate.yaml` after reading, defaults filled in, paths absolute. */
export interface Config {
  readonly version: 1
  /** Absolute folder of the configuration file; relative paths were resolved against it. */
  readonly directory: string
  readonly file: string
  readonly state: string
  /** Absolute folder where repaired files are kept. */
  readonly repaired: string
  readonly environment: string | undefined
  readonly workers: number
  readonly limits: {
    /** Budget for engine and parent together. Undefined: half of min(cgroup limit, RAM). */
    readonly memoryBytes: number | undefined
    readonly tempDirectory: string
  }
  readonly sources: readonly SourceConfig[]
  readonly channels: readonly ChannelConfig[]
}

export interface SourceConfig {
  readonly name: string
  /** As written. */
  readonly path: string
  /** Absolute folder above the first wildcard. */
  readonly root: string
  /** Glob below `root`. */
  readonly pattern: string
  readonly format: 'auto' | 'parquet' | 'csv' | 'json' | 'ndjson'
  readonly options: ReadOptions
  /** Template of `{source}`, `{stem}`, `{parent}`. */
  readonly dataset: string
  /** Template of the contract's absolute path, with `{dataset}` and `{source}`. */
  readonly contract: string
  readonly onMissingContract: 'hold' | 'profile' | 'admit'
  readonly watermark: { readonly column: string; readonly type: string | undefined; readonly lagMs: number } | undefined
  readonly ready: { readonly settleMs: number }
  readonly duplicates: 'skip' | 'warn' | 'quarantine' | 'load'
  readonly overwrites: 'replace' | 'ignore' | 'append' | 'fail'
  readonly schemaEvolution: 'add_columns' | 'rescue' | 'fail' | 'ignore'
  readonly repair: 'off' | 'lossless' | 'lossy'
  /** How Parquet pages are looked at before their rows are read. */
  readonly verify: 'off' | 'checksums' | 'pages'
  /** Flag over source over contract over defaults: what source and defaults say; undefined where they say nothing. */
  readonly gate: { readonly source: GateSettings; readonly defaults: GateSettings }
  readonly quarantine: { readonly path: string; readonly original: 'copy' | 'reference' | 'move' }
  readonly target: {
    readonly kind: 'parquet' | 'none'
    readonly layer: string | undefined
    /** Template of the absolute target folder, with `{dataset}` and `{source}`. */
    readonly path: string
    readonly mode: 'append'
  }
  readonly expect:
    | { readonly files: number | undefined; readonly by: string | undefined; readonly every: string | undefined }
    | undefined
  readonly schedule: { readonly cron: string; readonly timezone: string } | undefined
  readonly notify: readonly string[]
  /** Line and column (1-based) of the source's key in the file. */
  readonly position: { readonly line: number; readonly column: number }
}

export interface ChannelConfig {
  readonly name: string
  readonly kind: 'webhook'
  readonly url: string
  readonly on: readonly string[]
}
