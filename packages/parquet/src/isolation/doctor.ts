/**
 * Untrusted bytes meet our decoders and DuckDB only in a child process that is reused, has limits of time and heap, and
 * dies with its parent. A crash or a time-out of it is a finding (PQ901, PQ902).
 */
import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'

import { TidegateError, type Diagnosis, type Finding } from '@tidegate/core'
import { localStore } from '@tidegate/storage'

import type { DiagnoseRequest } from '../diagnose/options.ts'
import { finding } from '../finding-codes.ts'
import type { RepairOptions } from '../repair/plan.ts'
import { refusedPlan } from '../repair/refused-plan.ts'
import { summarize, type RepairReport, type RepairSummary } from '../repair/report.ts'
import { cleanUpRepair, isNamed } from './clean-up-repair.ts'
import { fromPlainError } from './plain-error.ts'
import type { DoctorProgress, DoctorTask, TaskValue } from './protocol.ts'
import { superviseChild, type TaskOutcome } from './supervised-child.ts'

export type { DoctorProgress } from './protocol.ts'

export interface DoctorOptions {
  /** Heap of the child in MiB. @defaultValue 512 */
  readonly heapMiB?: number
  /** Memory of the engine that verifies, in bytes. @defaultValue 512 MiB */
  readonly memoryBytes?: number
  /** Time for one request. @defaultValue 10 minutes */
  readonly timeoutMs?: number
}

export interface DoctorRequestOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: DoctorProgress) => void) | undefined
}

/** Requests are answered one after another. An abort rejects with `CANCELLED`. */
export interface Doctor {
  diagnose(path: string, request: DiagnoseRequest, options?: DoctorRequestOptions): Promise<Diagnosis>
  /** What a repair would do; writes nothing (a packed file is unpacked into the system's temp folder, and removed). */
  plan(path: string, repair?: Omit<RepairOptions, 'signal'>, options?: DoctorRequestOptions): Promise<RepairSummary>
  /**
   * @throws REPAIR_OUT_IS_SOURCE, REPAIR_OUT_EXISTS, REPAIR_OUT_FOLDER, REPAIR_SOURCE_CHANGED, SOURCE_NOT_A_FILE, SOURCE_GONE,
   * DISK_FULL, WRITE_DENIED, …
   */
  repair(
    path: string,
    out: string,
    repair?: Omit<RepairOptions, 'signal'>,
    options?: DoctorRequestOptions,
  ): Promise<RepairReport>
  /** Process id of the living child. */
  readonly pid: number | undefined
  close(): Promise<void>
}

const DEFAULTS = { heapMiB: 512, memoryBytes: 2 ** 29, timeoutMs: 600_000 } as const

/** Starts no process before the first request. */
export function openDoctor(options: DoctorOptions = {}): Doctor {
  const settings = { ...DEFAULTS, ...options }
  const child = superviseChild(settings)
  let isClosed = false

  /** A crash is tried once more, in a fresh child: it may have come from outside. */
  const ask = async (task: DoctorTask, request: DoctorRequestOptions): Promise<Answer> => {
    if (isClosed) throw new TidegateError('ENGINE_CLOSED', 'the doctor was closed')
    let outcome = await child.run(task, request)
    let answered = await answerOf(task, outcome, settings.timeoutMs)
    if (outcome.kind === 'crash' && answered.kind === 'finding') {
      outcome = await child.run(task, request)
      answered = await answerOf(task, outcome, settings.timeoutMs)
    }
    return answered
  }

  return {
    get pid() {
      return child.pid
    },
    async diagnose(path, request, requestOptions = {}) {
      const answer = await ask({ kind: 'diagnose', path: resolve(path), request }, requestOptions)
      return answer.kind === 'value' ? (answer.value as Diagnosis) : await unknown(path, request, answer.finding)
    },
    async plan(path, repair = {}, requestOptions = {}) {
      const task: DoctorTask = { kind: 'plan', path: resolve(path), repair, token: newToken() }
      const answer = await ask(task, requestOptions)
      return answer.kind === 'value' ? (answer.value as RepairSummary) : refused(answer.finding)
    },
    async repair(path, out, repair = {}, requestOptions = {}) {
      const task: DoctorTask = { kind: 'repair', path: resolve(path), out: resolve(out), repair, token: newToken() }
      const answer = await ask(task, requestOptions)
      if (answer.kind === 'value') return answer.value as RepairReport
      return {
        status: 'refused',
        source: task.path,
        out: undefined,
        sourceSha256: await localStore().hash(task.path, requestOptions.signal),
        outSha256: undefined,
        lossFile: undefined,
        summary: refused(answer.finding),
        verification: undefined,
      }
    },
    async close() {
      isClosed = true
      await child.close()
    },
  }
}

type Answer =
  | { readonly kind: 'value'; readonly value: TaskValue }
  | { readonly kind: 'finding'; readonly finding: Finding }

async function answerOf(task: DoctorTask, outcome: TaskOutcome, timeoutMs: number): Promise<Answer> {
  if (outcome.kind === 'result') return { kind: 'value', value: outcome.value }
  if (outcome.kind === 'error') {
    if (outcome.error.code !== undefined) throw fromPlainError(outcome.error)
    // A fault of ours that these bytes brought out: no reason to lose more than this file.
    return {
      kind: 'finding',
      finding: readerCrashed(`failed: ${outcome.error.message}`, { stack: outcome.error.stack ?? null }),
    }
  }
  if (task.kind !== 'diagnose') await cleanUpRepair(task.token, task.kind === 'repair' ? task.out : undefined)
  // It may have died after the file had got its name: then all is done but the answer.
  if (outcome.kind !== 'cancelled' && outcome.ready !== undefined && (await isNamed(outcome.ready)))
    return { kind: 'value', value: outcome.ready }
  switch (outcome.kind) {
    case 'cancelled':
      throw new TidegateError('CANCELLED', `${task.kind} of ${task.path} was cancelled`, {
        retryable: true,
        dataNow: 'Nothing was written.',
      })
    case 'timeout':
      return {
        kind: 'finding',
        finding: finding('PQ902', `The reader was stopped after ${timeoutMs} ms; it had not finished.`, {
          severity: 'fatal',
          evidence: { timeoutMs },
        }),
      }
    case 'crash': {
      const { signal, exitCode, outOfHeap, said = null } = outcome.why
      const how = outOfHeap
        ? 'ran out of memory'
        : signal === null
          ? `ended with code ${exitCode}`
          : `died by ${signal}`
      return { kind: 'finding', finding: readerCrashed(`${how}, twice`, { signal, exitCode, outOfHeap, said }) }
    }
  }
}

function readerCrashed(how: string, evidence: NonNullable<Finding['evidence']>): Finding {
  return finding('PQ901', `The process that read the file ${how}.`, { severity: 'fatal', evidence })
}

function refused(because: Finding): RepairSummary {
  return summarize(refusedPlan([because], because.message))
}

/** Nothing is known of the file but that it may not meet another reader. */
async function unknown(path: string, request: DiagnoseRequest, because: Finding): Promise<Diagnosis> {
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  )
  return {
    kind: 'unreadable',
    verdict: 'unrecoverable',
    detected: 'binary',
    sizeBytes: size,
    findings: [because],
    level: request.level ?? 'footer',
  }
}

function newToken(): string {
  return randomBytes(8).toString('hex')
}
