import { dirname, resolve } from 'node:path'

import { TidegateError, type Session } from '@tidegate/core'

import { nameRepair, writeRepair, type RepairPhase } from './apply-repair.ts'
import { guardSource, type GuardedSource } from './guard-source.ts'
import { lossPath, refuseForeignManifest } from './loss-manifest.ts'
import { openEngine, type EngineChoice } from './open-engine.ts'
import { planOpened, type PlannedRepair, type PlanRepairOptions } from './plan-repair.ts'
import { refuseOut } from './refuse-out.ts'
import { summarize, type RepairReport, type RepairSummary } from './report.ts'
import { openTempFiles, type TempFiles } from './temp-files.ts'
import type { WrittenRepair } from './written-repair.ts'

export interface RunRepairOptions extends PlanRepairOptions {
  /** @defaultValue `{ place: 'child' }` */
  readonly engine?: EngineChoice | undefined
  /** The file is verified and gets its name next. */
  readonly onReady?: ((report: RepairReport) => void) | undefined
  /** For tests that kill the process. */
  readonly onPhase?: ((phase: RepairPhase) => void | Promise<void>) | undefined
}

/**
 * Plans a repair, writes the result to `out`, and verifies it before it gets that name. The source is opened for reading
 * only; its hash is compared before and after. Where anything is lost, `<out>.loss.json` says what, and is there before
 * `out` is. What cannot be repaired is a report of status `refused`; a sound file is `unchanged`; both write nothing.
 *
 * Reads untrusted bytes in this process: see `openDoctor` for one that may die of them.
 *
 * @throws REPAIR_OUT_IS_SOURCE, REPAIR_OUT_EXISTS, REPAIR_OUT_FOLDER, REPAIR_SOURCE_CHANGED, SOURCE_NOT_A_FILE, SOURCE_GONE,
 * SOURCE_UNREADABLE, WRITE_DENIED, DISK_FULL, CANCELLED
 */
export async function repair(
  source: string | { readonly path: string },
  out: string,
  options: PlanRepairOptions = {},
): Promise<RepairReport> {
  return await runRepair(typeof source === 'string' ? source : source.path, out, options)
}

/** {@link repair} with what only a supervisor or a test needs. */
export async function runRepair(
  sourcePath: string,
  out: string,
  options: RunRepairOptions = {},
): Promise<RepairReport> {
  const path = resolve(sourcePath)
  try {
    const outPath = await refuseOut(path, resolve(out))
    await refuseForeignManifest(outPath)
    const guarded = await guardSource(path, options.signal)
    const temps = openTempFiles(dirname(outPath), options.tempToken)
    try {
      return await repairGuarded({ path, outPath, guarded, temps }, { path, ...options })
    } finally {
      await guarded.close()
      await temps.remove()
    }
  } catch (error) {
    if (options.signal?.aborted !== true) throw error
    throw new TidegateError('CANCELLED', `the repair of ${path} was cancelled`, {
      retryable: true,
      dataNow: 'Nothing was written.',
      cause: error,
    })
  }
}

interface Job {
  readonly path: string
  readonly outPath: string
  readonly guarded: GuardedSource
  readonly temps: TempFiles
}

async function repairGuarded(job: Job, options: RunRepairOptions): Promise<RepairReport> {
  const { guarded, temps } = job
  const planned = await planOpened(guarded.source, options, temps)
  try {
    await options.onPhase?.('planned')
    const { kind } = planned.plan
    if (kind !== 'repair') {
      await guarded.check()
      return notWritten(job, kind, summarize(planned.plan))
    }
    const written = await write(planned, job, options)
    await guarded.check()
    if (written.kind === 'refused') {
      const summary = summarize({ ...planned.plan, kind: 'refused', pieces: [] })
      const findings = [...summary.findings, written.finding]
      const report = notWritten(job, 'refused', {
        ...summary,
        findings,
        doubts: [...summary.doubts, written.finding.message],
      })
      return { ...report, verification: written.verification }
    }
    await options.onPhase?.('written')
    const report = reportOf(job, written)
    options.onReady?.(report)
    options.signal?.throwIfAborted()
    await nameRepair(written.temp, report, {
      temps,
      sourceBytes: guarded.source.sizeBytes,
      outBytes: written.sizeBytes,
      onPhase: options.onPhase,
    })
    return report
  } finally {
    await planned.close()
  }
}

async function write({ plan, base }: PlannedRepair, job: Job, options: RunRepairOptions): Promise<WrittenRepair> {
  const { guarded, temps, outPath } = job
  const { limits, signal, onProgress } = options
  let session: Session | undefined
  const openSession = async (): Promise<Session | undefined> => {
    session = await openEngine(options.engine ?? { place: 'child' }, [dirname(outPath)], temps.next())
    return session
  }
  guarded.follow()
  try {
    return await writeRepair(base, plan, { temps, openSession, limits, signal, onProgress })
  } finally {
    await session?.close()
  }
}

function notWritten({ path, guarded }: Job, status: 'unchanged' | 'refused', summary: RepairSummary): RepairReport {
  return {
    status,
    source: path,
    out: undefined,
    sourceSha256: guarded.sha256,
    outSha256: undefined,
    lossFile: undefined,
    summary,
    verification: undefined,
  }
}

function reportOf(
  { path, outPath, guarded }: Job,
  { plan, sizeBytes, sha256, verification }: Extract<WrittenRepair, { readonly kind: 'written' }>,
): RepairReport & { readonly out: string; readonly outSha256: string } {
  return {
    status: plan.lossless ? 'repaired' : 'partial',
    source: path,
    out: outPath,
    sourceSha256: guarded.sha256,
    outSha256: sha256,
    lossFile: plan.lossless ? undefined : lossPath(outPath),
    summary: { ...summarize(plan), outBytes: sizeBytes },
    verification,
  }
}
