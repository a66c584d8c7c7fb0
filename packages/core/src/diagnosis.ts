import type { FileFormat } from './contract.ts'
import type { ColumnSchema } from './session.ts'
import type { JsonValue } from './json.ts'

/** Stable codes `PQ101` … `PQ904`: see `reference` table in the parquet package. Never renumbered. */
export type FindingCode = `PQ${number}`

export interface Finding {
  readonly code: FindingCode
  /** The code in words, e.g. `TAIL_MAGIC_MISSING`. */
  readonly name: string
  readonly severity: 'info' | 'warn' | 'error' | 'fatal'
  readonly message: string
  readonly where?:
    | { readonly offset?: number; readonly length?: number; readonly rowGroup?: number; readonly column?: string }
    | undefined
  readonly repairable: 'lossless' | 'lossy' | 'no'
  readonly evidence?: Readonly<Record<string, JsonValue>> | undefined
}

/** What is known of a file before its values are looked at. Never thrown: bad bytes are findings. */
export interface Diagnosis {
  /** `sound`: may be read. `unreadable`: must not meet the loader (held, with the findings as reasons). */
  readonly kind: 'sound' | 'unreadable'
  readonly verdict:
    | 'ok'
    | 'ok-with-warnings'
    | 'repairable-lossless'
    | 'repairable-lossy'
    | 'unrecoverable'
    | 'not-parquet'
    | 'encrypted'
  /** What the bytes look like, whatever the name says. */
  readonly detected:
    | FileFormat
    | 'gzip'
    | 'zstd'
    | 'zip'
    | 'empty'
    | 'html'
    | 'binary'
    | 'text'
    | 'lfs-pointer'
    | 'orc'
    | 'avro'
    | 'arrow'
    | 'sqlite'
  readonly sizeBytes: number
  readonly findings: readonly Finding[]
  /** From the footer (Parquet). */
  readonly rows?: number | undefined
  readonly rowGroups?: number | undefined
  readonly createdBy?: string | undefined
  readonly schema?: readonly ColumnSchema[] | undefined
}
