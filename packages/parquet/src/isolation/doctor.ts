/**
 * Untrusted bytes meet our decoders and DuckDB only in a child process that is reused, has limits of time and heap, and
 * dies with its parent. A crash or a time-out of it is a finding (PQ901, PQ902).
 */
import type { Diagnosis } from '@tidegate/core'

import type { DiagnoseRequest } from '../diagnose/options.ts'
import type { RepairOptions } from '../repair/plan.ts'
import type { RepairReport, RepairSummary } from '../repair/report.ts'

export interface DoctorOptions {
  /** Heap of the child in MiB. @defaultValue 512 */
  readonly heapMiB?: number
  /** Memory of the engine that verifies, in bytes. @defaultValue 1 GiB */
  readonly memoryBytes?: number
  /** Time for one request. @defaultValue 10 minutes */
  readonly timeoutMs?: number
}

export interface DoctorProgress {
  readonly stage: 'read' | 'plan' | 'write' | 'verify'
  readonly bytes: number
  readonly totalBytes: number
}

export interface DoctorRequestOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: DoctorProgress) => void) | undefined
}

export interface Doctor {
  diagnose(path: string, request: DiagnoseRequest, options?: DoctorRequestOptions): Promise<Diagnosis>
  /** What a repair would do; writes nothing. */
  plan(path: string, repair?: Omit<RepairOptions, 'signal'>, options?: DoctorRequestOptions): Promise<RepairSummary>
  /** @throws REPAIR_OUT_IS_SOURCE, REPAIR_OUT_EXISTS, REPAIR_SOURCE_CHANGED, SOURCE_NOT_A_FILE, SOURCE_GONE, DISK_FULL, … */
  repair(
    path: string,
    out: string,
    repair?: Omit<RepairOptions, 'signal'>,
    options?: DoctorRequestOptions,
  ): Promise<RepairReport>
  close(): Promise<void>
}

/** Starts no process before the first request. */
export function openDoctor(_options: DoctorOptions = {}): Doctor {
  throw new Error('not built yet')
}
