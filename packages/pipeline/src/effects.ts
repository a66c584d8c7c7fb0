import type {
  Clock,
  Contract,
  Destination,
  LeaseOwner,
  Ledger,
  RunEnding,
  Session,
  SourceCleaner,
  SourceConfig,
  Store,
} from '@tidegate/core'
import type { Doctor } from '@tidegate/parquet'
import type { SourceReport } from './source-report.ts'

/** Everything the pipeline may do to the world. What decides is pure and takes none of it. */
export interface PipelineEffects {
  readonly store: Store
  /** Archives and deletes source files that are loaded, and nothing else (`clean_source`). */
  readonly cleaner: SourceCleaner
  readonly ledger: Ledger
  readonly clock: Clock
  /** Ids of runs and batches: unique, safe as a file name, sortable by time. */
  newId(): string
  readonly owner: LeaseOwner
  /** A session in the supervised engine child. */
  openSession(): Promise<Session>
  /** `onMissing: 'report'`: parts that somebody removed do not stop the run, so that it can load their files again. */
  openDestination(
    source: SourceConfig,
    dataset: string,
    options?: { readonly onMissing?: 'fail' | 'report' | undefined },
  ): Promise<Destination>
  /** A source of the project by its name: a check may look into its target. */
  findSource(name: string): SourceConfig | undefined
  /** Of a source that was made by API only where it may read. */
  readContract(file: string, source: Pick<SourceConfig, 'origin'>): Promise<ContractFile>
  writeContract(file: string, contract: Contract, comments: ReadonlyMap<string, string>): Promise<void>
  /** Looks at damaged Parquet files, and repairs them, in a child process of its own. */
  readonly doctor: Doctor
  readonly repaired: RepairedFolder
  /** A folder of its own for converted files. Deleted when disposed. */
  openWorkFolder(name: string): Promise<WorkFolder>
  /** What people and programs are told of this outcome; written with the run's end. */
  endingOf(report: SourceReport): Promise<RunEnding>
  /** Progress for people; never awaited. */
  report(event: ProgressEvent): void
  /** Highest resident bytes so far of this process and its engine together; undefined where nobody can tell. */
  peakMemoryBytes?(): number | undefined
  /** Names the phase just completed, for whoever watches (the crash harness, a tracer). */
  mark(phase: string, detail: Readonly<Record<string, string>>): void
  readonly signal: AbortSignal
}

export interface WorkFolder extends AsyncDisposable {
  readonly path: string
}

/** Where repaired files are kept. Paths are below it, `/`-separated. */
export interface RepairedFolder {
  /** Makes room for a new file; its absolute path. Nothing is at it. */
  reserve(path: string): Promise<string>
  /** Takes a file that nothing refers to away, and the list of its losses. */
  discard(path: string): Promise<void>
  /** Files below one of its folders; none where there is no such folder. */
  list(folder: string): Promise<readonly string[]>
}

export type ContractFile =
  | { readonly kind: 'ok'; readonly file: string; readonly contract: Contract }
  | { readonly kind: 'missing'; readonly file: string }
  | { readonly kind: 'problems'; readonly file: string; readonly problems: readonly string[] }

export type ProgressEvent =
  | {
      readonly kind: 'stage-started'
      readonly stage: Stage
      readonly files?: number | undefined
      readonly bytes?: number | undefined
    }
  | {
      readonly kind: 'stage-advanced'
      readonly stage: Stage
      readonly files?: number
      readonly rows?: number
      readonly bytes?: number
    }
  | { readonly kind: 'stage-ended'; readonly stage: Stage; readonly summary: string }
  | { readonly kind: 'note'; readonly level: 'info' | 'warn'; readonly message: string }

export type Stage = 'discover' | 'identify' | 'check' | 'load' | 'profile'
