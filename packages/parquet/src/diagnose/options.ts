import type { DiagnosisLevel, FileFormat } from '@tidegate/core'

import type { PageLimits } from '../pages/page-limits.ts'

export interface DiagnoseRequest {
  /** @defaultValue 'footer' */
  readonly level?: DiagnosisLevel | undefined
  /** The file's name; it decides only where the bytes leave the format open. @defaultValue '' */
  readonly name?: string | undefined
  /** @defaultValue 'parquet' */
  readonly expected?: FileFormat | 'auto' | undefined
  readonly limits?: Partial<PageLimits> | undefined
}
