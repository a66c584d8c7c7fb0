import type { GateSettings, ReadOptions } from './contract.ts'
import type { ScheduleConfig } from './operations/schedule-types.ts'

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
  /** How long `maintain` keeps what is over. */
  readonly retention: {
    /** Runs, checks, delivered notices. */
    readonly historyMs: number
    /** Files in quarantine, after their record was closed. */
    readonly quarantineMs: number
    /** Parts that were replaced. */
    readonly retiredMs: number
    /** Repaired files that nothing refers to. */
    readonly repairedMs: number
  }
  readonly limits: {
    /** Budget for engine and parent together. Undefined: half of min(cgroup limit, RAM). */
    readonly memoryBytes: number | undefined
    readonly tempDirectory: string
  }
  readonly sources: readonly SourceConfig[]
  readonly channels: readonly ChannelConfig[]
  /** `defaults.gate`, for sources that are not in the file. */
  readonly gateDefaults?: GateSettings | undefined
  /** What the daemon does without being asked, beside the sources' own schedules. Undefined: never. */
  readonly schedules: {
    readonly maintain: ScheduleConfig | undefined
    /** Looks whether what `expect:` asks for has come. */
    readonly arrivals: ScheduleConfig | undefined
  }
  readonly alerts: AlertsConfig
  readonly server: ServerConfig
  readonly prices: PriceTable
}

/** How the daemon listens and what it lets callers do. Durations are milliseconds. */
export interface ServerConfig {
  /** Anything but a loopback address needs at least one token. @defaultValue 127.0.0.1 */
  readonly host: string
  /** @defaultValue 4300 */
  readonly port: number
  /** Host headers that are answered, beside the loopback names; without port. */
  readonly allowedHosts: readonly string[]
  /** Origins that browsers may call from. None by default. */
  readonly corsOrigins: readonly string[]
  /** Absolute folders in which ingestions made by API may read, and write their targets. @defaultValue the project's folder */
  readonly roots: readonly string[]
  /** Requests per minute of one token or address. @defaultValue 600 */
  readonly requestsPerMinute: number
  /** Of a request's body. @defaultValue 1 MiB */
  readonly bodyLimitBytes: number
  /** Runs at the same time. @defaultValue 2 */
  readonly maxRuns: number
  /** How long running work may take to end after SIGTERM. @defaultValue 25 s */
  readonly drainMs: number
  /** `/metrics` without a token; `/livez` and `/readyz` never need one. @defaultValue true */
  readonly openMetrics: boolean
}

/** When people are told. Durations are milliseconds. */
export interface AlertsConfig {
  /** How long something must last before it is told. @defaultValue 0 */
  readonly forMs: number
  /** How long the first message of a group waits for others. @defaultValue 30 s */
  readonly groupWaitMs: number
  /** At least so long between two messages of one group. @defaultValue 5 min */
  readonly groupIntervalMs: number
  /** What is still open is told again after this. @defaultValue 4 h */
  readonly repeatIntervalMs: number
  /** What shares these is told together. @defaultValue source */
  readonly groupBy: readonly ('kind' | 'source' | 'dataset' | 'severity')[]
}

/** What work costs, for estimates; all zero where nobody said. */
export interface PriceTable {
  readonly currency: string
  readonly computePerHour: number
  /** Per thousand requests to the store. */
  readonly storageRequestsPer1000: number
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
  /** With `filter`, rows whose value is more than the lag below the watermark are dropped by rule and counted. */
  readonly watermark:
    | { readonly column: string; readonly type: string | undefined; readonly lagMs: number; readonly filter: boolean }
    | undefined
  readonly ready: ReadyConfig
  readonly duplicates: 'skip' | 'warn' | 'quarantine' | 'load'
  readonly overwrites: 'replace' | 'ignore' | 'append' | 'fail'
  /** A file whose name says that it is a new edition of another one. */
  readonly resend: ResendConfig | undefined
  /** Files that are there when the source is first ingested: loaded, or only noted as seen. */
  readonly includeExisting: boolean
  readonly maxFilesPerBatch: number
  readonly maxBytesPerBatch: number
  /** Files that were last changed longer ago are not taken. Undefined: no limit. */
  readonly maxFileAgeMs: number | undefined
  /**
   * How often everything is listed: runs between pass over folders that are as they were. Absent: every run lists everything.
   */
  readonly backfillIntervalMs?: number | undefined
  readonly cleanSource: CleanSourceConfig
  readonly schemaEvolution: SchemaEvolution
  /** Types by column name that win over what files say. */
  readonly schemaHints: Readonly<Record<string, string>>
  readonly repair: 'off' | 'lossless' | 'lossy'
  /** How Parquet pages are looked at before their rows are read. */
  readonly verify: 'off' | 'checksums' | 'pages'
  /** Flag over source over contract over defaults: what source and defaults say; undefined where they say nothing. */
  readonly gate: { readonly source: GateSettings; readonly defaults: GateSettings }
  readonly quarantine: { readonly path: string; readonly original: 'copy' | 'reference' | 'move' }
  /** The target that is worked on: the first of `targets`, but where the pipeline goes through them one by one. */
  readonly target: TargetConfig
  /** At least one. Each is served by batches of its own over the same file versions. */
  readonly targets: readonly TargetConfig[]
  readonly expect:
    | { readonly files: number | undefined; readonly by: string | undefined; readonly every: string | undefined }
    | undefined
  readonly schedule: ScheduleConfig | undefined
  /** Where it stands: in `tidegate.yaml`, or made by API and kept in the state. */
  readonly origin: 'file' | 'api'
  readonly notify: readonly string[]
  /** Line and column (1-based) of the source's key in the file. */
  readonly position: { readonly line: number; readonly column: number }
}

export type TargetKind = 'parquet' | 'delta' | 'duckdb' | 'postgres' | 'none'

export interface TargetConfig {
  /** Unique within the source; `target` where there is only one. */
  readonly name: string
  readonly kind: TargetKind
  readonly layer: string | undefined
  /**
   * Template with `{dataset}` and `{source}`: of the absolute folder (parquet, delta, none) or file (duckdb); for postgres of
   * the connection string, which may hold a password.
   */
  readonly path: string
  /** duckdb and postgres: template of `table` or `schema.table`. */
  readonly table: string
  readonly mode: 'append' | 'replace' | 'upsert'
  /** With mode replace. */
  readonly replace: 'all' | 'partitions'
  /** With mode upsert: not empty. */
  readonly keys: readonly string[]
  readonly dedup: { readonly keys: readonly string[]; readonly orderBy: string | undefined } | undefined
  readonly partitionBy: readonly string[]
  /** Names of columns to add to each row; undefined: not added. Row numbers start at 1 per file. */
  readonly lineage: {
    readonly sourcePath: string | undefined
    readonly rowNumber: string | undefined
    readonly batchId: string | undefined
  }
}

export interface ReadyConfig {
  /** A file is taken once it has not changed for this long. */
  readonly settleMs: number
  /**
   * A file is taken once this one is in its folder: a name (`_SUCCESS`), or a template of `{name}` and `{stem}` of the
   * file (`{name}.done`). Markers themselves are never data.
   */
  readonly marker: string | undefined
  /**
   * Template of `{name}` and `{stem}`: a file beside it that says how many rows it has: a number, or JSON with `rows`,
   * `bytes` or `sha256`. A file without one waits; one that disagrees is held.
   */
  readonly control: string | undefined
  /** `folder`: the files of one folder are judged and committed together, or not at all. */
  readonly unit: 'file' | 'folder'
}

export interface ResendConfig {
  /** File name with placeholders; `{n}` is the number of the edition, all others together name what it is an edition of. */
  readonly name: string
  readonly policy: 'replace' | 'ignore' | 'quarantine'
}

export interface CleanSourceConfig {
  readonly mode: 'off' | 'archive' | 'delete'
  /** How long after its commit a file stays where it is. */
  readonly afterMs: number
  /** Absolute folder, with `archive`. */
  readonly to: string | undefined
}

export interface SchemaEvolution {
  /** What a column does that the dataset lacks. */
  readonly columns: 'add' | 'rescue' | 'fail' | 'ignore'
  /** What a value does whose type the dataset's does not hold. Types never narrow. */
  readonly types: 'widen' | 'rescue' | 'fail'
  /** Name of the JSON column for what is rescued. */
  readonly rescueColumn: string
}

/** What every channel has. Secrets stand in `url`, `secret`, `password`, `headers` and nowhere else. */
interface ChannelBase {
  readonly name: string
  /** Events it asks for; see `NOTICE_EVENTS` of notify. */
  readonly on: readonly string[]
  /** Messages it takes at most in an hour; what is more comes together in the next one. Undefined: no limit. */
  readonly maxPerHour: number | undefined
  /** Resolved alerts are told too. @defaultValue true */
  readonly sendResolved: boolean
  /** Time of the daily digest, where it asks for `daily_digest`. */
  readonly digest: { readonly at: string; readonly timezone: string }
}

export type ChannelConfig =
  | (ChannelBase & {
      readonly kind: 'webhook'
      readonly url: string
      /** `whsec_…`: messages are signed by the Standard Webhooks specification. */
      readonly secret: string | undefined
      readonly headers: Readonly<Record<string, string>>
      /** Addresses of private networks are called. @defaultValue false */
      readonly allowPrivate: boolean
    })
  | (ChannelBase & { readonly kind: 'slack' | 'teams'; readonly url: string; readonly allowPrivate: boolean })
  | (ChannelBase & {
      readonly kind: 'email'
      readonly host: string
      readonly port: number
      /** TLS from the first byte; else STARTTLS where the server offers it. */
      readonly secure: boolean
      readonly user: string | undefined
      readonly password: string | undefined
      /** `ca`: absolute path of the certificates that are believed instead of the system's. `required`: else a password may go unencrypted. */
      readonly tls: { readonly ca: string | undefined; readonly required: boolean }
      readonly from: string
      readonly to: readonly string[]
    })
  | (ChannelBase & {
      /** OpenLineage run events, over HTTP. */
      readonly kind: 'openlineage'
      readonly url: string
      readonly token: string | undefined
      readonly namespace: string
      readonly allowPrivate: boolean
    })
