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
    | {
        /** In bytes from the start of the file. */
        readonly offset?: number
        readonly length?: number
        readonly rowGroup?: number
        /** Path of the column, joined by dots. */
        readonly column?: string
        /** Number of the page in its column chunk, from 0; a dictionary counts. */
        readonly page?: number
        /** Rows of the row group, [first, end), from 0. */
        readonly rows?: readonly [number, number]
      }
    | undefined
  readonly repairable: 'lossless' | 'lossy' | 'no'
  readonly evidence?: Readonly<Record<string, JsonValue>> | undefined
}

/**
 * How deep a diagnosis looks. `container`: is there a footer · `footer`: does it fit itself and the file · `headers`: are the
 * pages where it says · `pages`: can each page be unfolded and decoded, and is its checksum right · `values`: are the
 * values what their type allows.
 */
export type DiagnosisLevel = 'container' | 'footer' | 'headers' | 'pages' | 'values'

/** What became of one column chunk. `unchecked`: nothing is known of it. */
export interface LayoutColumn {
  readonly column: string
  readonly status: 'intact' | 'damaged' | 'unchecked'
  /** Data pages, and those of them that are damaged or missing. */
  readonly pages: number
  readonly damagedPages: number
  /** Rows whose cells are gone, [first, end) in the row group, ascending; undefined where that cannot be told. */
  readonly damagedRows: readonly (readonly [number, number])[] | undefined
}

export interface LayoutRowGroup {
  readonly rows: number
  readonly columns: readonly LayoutColumn[]
}

/** Pages by what was done to be sure of them. */
export interface CheckedPages {
  readonly pages: number
  /** Their checksum is right. */
  readonly withChecksum: number
  /** Unfolded and decoded. */
  readonly decoded: number
  /** Only the header was looked at. */
  readonly headersOnly: number
}

/** What is known of a file before its values are looked at. Never thrown: bad bytes are findings. */
export interface Diagnosis {
  /** `sound`: may be read. `unreadable`: must not meet the loader (held, with the findings as reasons). */
  readonly kind: 'sound' | 'unreadable'
  /** `unsupported`: no damage that could not be repaired, but part of it is beyond this reader: its limits, its codecs. */
  readonly verdict:
    | 'ok'
    | 'ok-with-warnings'
    | 'repairable-lossless'
    | 'repairable-lossy'
    | 'unrecoverable'
    | 'unsupported'
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
  /** Files with equal keys have the same columns for every reader; absent where the footer leaves that open. */
  readonly schemaKey?: string | undefined
  /** @defaultValue 'footer' */
  readonly level?: DiagnosisLevel | undefined
  /** From level `headers` on, where there is a footer or the row groups could be told without one. */
  readonly layout?: readonly LayoutRowGroup[] | undefined
  /** Rows of the row groups in which nothing is damaged; from level `headers` on. */
  readonly intactRows?: number | undefined
  readonly checked?: CheckedPages | undefined
}
