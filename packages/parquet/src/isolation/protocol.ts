import type { Diagnosis } from '@tidegate/core'

import type { DiagnoseRequest } from '../diagnose/options.ts'
import type { RepairOptions } from '../repair/plan.ts'
import type { RepairReport, RepairSummary } from '../repair/report.ts'

/** What a child is asked to do. */
export type DoctorTask =
  | { readonly kind: 'diagnose'; readonly path: string; readonly request: DiagnoseRequest }
  | {
      readonly kind: 'plan'
      readonly path: string
      readonly repair: Omit<RepairOptions, 'signal'>
      readonly token: string
    }
  | {
      readonly kind: 'repair'
      readonly path: string
      readonly out: string
      readonly repair: Omit<RepairOptions, 'signal'>
      /** Part of the name of every temp file, so that the parent finds them when the child is gone. */
      readonly token: string
    }

export interface DoctorProgress {
  readonly stage: 'read' | 'plan' | 'write' | 'verify'
  readonly bytes: number
  readonly totalBytes: number
}

/** What the parent says. Sent with structured clone, so that bigint and undefined survive. */
export type DoctorRequest =
  | { readonly kind: 'start'; readonly memoryBytes: number }
  | { readonly kind: 'task'; readonly id: number; readonly task: DoctorTask }
  | { readonly kind: 'abort'; readonly id: number }

/** What the child answers: any number of `progress`, then one `result` or `error`, unless it dies. */
export type DoctorAnswer =
  | { readonly kind: 'progress'; readonly id: number; readonly progress: DoctorProgress }
  /** The repaired file is complete and gets its name next: all that is left to say if the child dies now. */
  | { readonly kind: 'ready'; readonly id: number; readonly report: RepairReport }
  | { readonly kind: 'result'; readonly id: number; readonly value: TaskValue }
  | { readonly kind: 'error'; readonly id: number; readonly error: PlainError }

export type TaskValue = Diagnosis | RepairSummary | RepairReport

/** An error as data: structured clone keeps of an Error only name and message. */
export interface PlainError {
  readonly code: string | undefined
  readonly message: string
  readonly hint: string | undefined
  readonly dataNow: string | undefined
  readonly retryable: boolean
  readonly stack: string | undefined
}
