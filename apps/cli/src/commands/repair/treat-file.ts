import path from 'node:path'
import { codeOf, isTidegateError, messageOf, type DiagnosisLevel } from '@tidegate/core'
import type { Doctor, DoctorProgress, DoctorRequestOptions, RepairOptions, RepairSummary } from '@tidegate/parquet'
import type { CommandContext } from '../../context.ts'
import type { Target } from '../../doctor-targets.ts'
import type { RepairedFile } from '../../repaired-file.ts'
import type { WorkTracker } from '../../track-work.ts'
import type { Results } from './place-results.ts'

export interface Treated {
  readonly file: RepairedFile
  /** What was thrown, where the file failed. */
  readonly thrown: unknown
}

export interface TreatTools {
  readonly doctor: Doctor
  readonly request: Omit<RepairOptions, 'signal'>
  readonly level: DiagnosisLevel | undefined
  /** Undefined: plan only. */
  readonly results: Results | undefined
  readonly work: WorkTracker
  readonly context: CommandContext
}

/** Plans or repairs one file. What goes wrong with it is a value; being stopped is not. */
export async function treatFile(target: Target, tools: TreatTools): Promise<Treated> {
  const { context, work } = tools
  if (target.kind === 'unreadable')
    return { file: failed(target, { code: target.code, message: target.message, hint: null }), thrown: undefined }
  try {
    const file = await work.file(target.absolute, async (onBytes) => await treat(target, tools, onBytes))
    return { file, thrown: undefined }
  } catch (error) {
    context.signal.throwIfAborted()
    const code = codeOf(error)
    const told = {
      code: code === undefined ? 'INTERNAL' : isTidegateError(error) ? code : `SYSTEM_${code}`,
      message: messageOf(error),
      hint: (isTidegateError(error) ? error.hint : undefined) ?? null,
    }
    return { file: failed(target, told), thrown: error }
  }
}

async function treat(
  target: Extract<Target, { kind: 'file' }>,
  { doctor, request, level, results, context }: TreatTools,
  onBytes: (bytes: number) => void,
): Promise<RepairedFile> {
  const { absolute, expected } = target
  const options: DoctorRequestOptions = { signal: context.signal, onProgress: (progress) => onBytes(halves(progress)) }
  if (level !== undefined) {
    const name = path.basename(absolute)
    const diagnosis = await doctor.diagnose(absolute, { level, name, expected }, { signal: context.signal })
    if (diagnosis.kind === 'sound') return { ...base(target), status: 'unchanged', findings: diagnosis.findings }
  }
  if (results === undefined) return planned(target, await doctor.plan(absolute, request, options))
  const report = await doctor.repair(absolute, await results.pathFor(target), request, options)
  return {
    ...planned(target, report.summary),
    status: report.status,
    out: report.out ?? null,
    outBytes: report.out === undefined ? null : report.summary.outBytes,
    sourceSha256: report.sourceSha256,
    outSha256: report.outSha256 ?? null,
    lossFile: report.lossFile ?? null,
    verification: report.verification ?? null,
  }
}

/** To plan is to read all of it, to write and verify once more: each is taken for half of the work. */
function halves({ stage, bytes, totalBytes }: DoctorProgress): number {
  return stage === 'read' || stage === 'plan' ? bytes / 2 : totalBytes / 2 + bytes / 2
}

function planned(target: Target, summary: RepairSummary): RepairedFile {
  const { kind, lossless, confidence, schemaFrom, evidence, doubts, steps, totals, loss, findings, rowGroups } = summary
  const status = kind === 'repair' ? (lossless ? 'repaired' : 'partial') : kind
  return {
    ...base(target),
    status,
    outBytes: kind === 'repair' ? summary.outBytes : null,
    lossless: kind === 'refused' ? null : lossless,
    confidence,
    schemaFrom,
    evidence,
    doubts,
    steps,
    totals,
    loss,
    findings,
    rowGroups,
  }
}

function base(target: Target): Omit<RepairedFile, 'status'> {
  return {
    source: target.source,
    path: target.shown,
    uri: target.absolute,
    bytes: target.kind === 'file' ? target.sizeBytes : null,
    out: null,
    outBytes: null,
    sourceSha256: null,
    outSha256: null,
    lossFile: null,
    lossless: null,
    confidence: null,
    schemaFrom: null,
    evidence: [],
    doubts: [],
    steps: [],
    totals: null,
    loss: [],
    findings: [],
    verification: null,
    error: null,
  }
}

function failed(target: Target, error: NonNullable<RepairedFile['error']>): RepairedFile {
  return { ...base(target), status: 'failed', error }
}

/** As it is answered. */
export function withoutMap({ rowGroups: _rowGroups, ...file }: RepairedFile): RepairedFile {
  return file
}
