import { basename } from 'node:path'
import { tmpdir } from 'node:os'

import type { ByteSource, Finding } from '@tidegate/core'

import { withProgress } from '../diagnose/with-progress.ts'
import { openSource, type Source } from '../source/open-source.ts'
import { composePieces, viewOf, wholeSource } from '../source/pieces.ts'
import { checkPlan } from './check-plan.ts'
import { planContainer } from './container/plan-container.ts'
import { planFooter } from './footer/plan-footer.ts'
import { planLostFooter } from './lost-footer/plan-lost-footer.ts'
import { planPages } from './pages/plan-pages.ts'
import type { LossEntry, RepairedRowGroup, RepairOptions, RepairPlan, RepairStep, RewritePlan } from './plan.ts'
import { refusedPlan } from './refused-plan.ts'
import { planRewrite } from './rewrite/plan-rewrite.ts'
import type { ContainerPlan, FooterPlan, LostFooterPlan } from './stages.ts'
import { openTempFiles, type TempFiles } from './temp-files.ts'
import { unpackFile, type UnpackLimits } from './unpack/unpack-file.ts'

export interface RepairProgress {
  readonly stage: 'read' | 'plan' | 'write' | 'verify'
  readonly bytes: number
  readonly totalBytes: number
}

export interface PlanRepairOptions extends RepairOptions {
  /** Where the file is; schemas are looked for near it. @defaultValue the path of the source, if it is one */
  readonly path?: string | undefined
  readonly onProgress?: ((progress: RepairProgress) => void) | undefined
  /** How large a packed file may become. */
  readonly unpackLimits?: Partial<UnpackLimits> | undefined
  /** Part of the names of temp files. @defaultValue random */
  readonly tempToken?: string | undefined
}

/**
 * What a repair would do, as data. Reads the source by ranges and writes nothing, but for a packed file, which is unpacked
 * into the system's temp folder and removed again. What cannot be repaired is a plan of kind `refused`. Throws what the
 * source throws (I/O), and when aborted.
 */
export async function planRepair(source: Source, options: PlanRepairOptions = {}): Promise<RepairPlan> {
  const temps = openTempFiles(tmpdir(), options.tempToken)
  const opened = await openSource(source)
  try {
    const path = options.path ?? ('path' in source ? source.path : undefined)
    const planned = await planOpened(opened, { ...options, path }, temps)
    await planned.close()
    return planned.plan
  } finally {
    await opened.close()
    await temps.remove()
  }
}

export interface PlannedRepair {
  readonly plan: RepairPlan
  /** What the pieces of the plan refer to: the source, or what was unpacked from it. Open until `close`. */
  readonly base: ByteSource
  close(): Promise<void>
}

/** Plans, and keeps what was unpacked for the writing. */
export async function planOpened(
  source: ByteSource,
  options: PlanRepairOptions,
  temps: TempFiles,
): Promise<PlannedRepair> {
  options.signal?.throwIfAborted()
  const container = await planContainer(source, containerOptions(options))
  if (container.kind !== 'wrapped')
    return { plan: await planInside(source, container, options), base: source, close: async () => {} }
  const unpacked = await unpackFile(source, container.packed, temps.next(), {
    limits: options.unpackLimits,
    signal: options.signal,
  })
  if (unpacked.kind === 'refused') {
    const findings = [...container.findings, unpacked.finding]
    return { plan: refusedPlan(findings, unpacked.finding.message), base: source, close: async () => {} }
  }
  const base = await openSource({ path: unpacked.path })
  try {
    const inner = await planContainer(base, containerOptions(options))
    const plan =
      inner.kind === 'wrapped'
        ? refusedPlan(inner.findings, 'the file is packed more than once; unpack it first')
        : await planInside(base, inner, options)
    return { plan: withUnpacking(plan, container, base, unpacked.cut), base, close: async () => await base.close() }
  } catch (error) {
    await base.close()
    throw error
  }
}

function containerOptions({ path, limits, signal, part }: PlanRepairOptions): Parameters<typeof planContainer>[1] {
  return { name: path === undefined ? '' : basename(path), limits, signal, part }
}

type Inside = Exclude<ContainerPlan, { readonly kind: 'wrapped' }>
type Wrapped = Extract<ContainerPlan, { readonly kind: 'wrapped' }>

/** A sound file inside is still a repair: it has to come out. */
function withUnpacking(plan: RepairPlan, wrapped: Wrapped, base: ByteSource, cut: Finding | undefined): RepairPlan {
  const findings = [...wrapped.findings, ...(cut === undefined ? [] : [cut]), ...plan.findings]
  if (plan.kind === 'refused') return { ...plan, findings }
  const steps = [wrapped.step, ...plan.steps]
  const pieces = plan.kind === 'unchanged' ? wholeSource(base) : plan.pieces
  return { ...plan, kind: 'repair', steps, pieces, unpack: wrapped.packed, findings }
}

async function planInside(source: ByteSource, container: Inside, options: PlanRepairOptions): Promise<RepairPlan> {
  return await checkPlan(source, await planUnchecked(source, container, options), options)
}

async function planUnchecked(source: ByteSource, container: Inside, options: PlanRepairOptions): Promise<RepairPlan> {
  if (container.kind === 'refused') return refusedPlan(container.findings, container.because)
  const { limits, signal, onProgress } = options
  if (container.hasNoFooter === true)
    return planOfLost(await planLostFooter(source, lostFooterOptions(options)), container, [], options)
  const view = withProgress(
    viewOf(source, container.pieces),
    onProgress === undefined ? undefined : (done) => onProgress({ stage: 'plan', ...done }),
  )
  const footer = await planFooter(view, { fix: options.fix, limits, signal })
  if (footer.kind === 'refused') return refusedPlan([...container.findings, ...footer.findings], footer.because)
  if (footer.kind === 'footer') return await planWithFooter(view, container, footer, options)
  const lost = await planLostFooter(view, lostFooterOptions(options))
  return planOfLost(lost, container, footer.findings, options)
}

function lostFooterOptions(options: PlanRepairOptions): Parameters<typeof planLostFooter>[1] {
  const { schema, partialRowGroup, minConfidence, allowAmbiguous, onDamagedPage, limits, signal, path } = options
  return {
    schema,
    partialRowGroup,
    minConfidence,
    allowAmbiguous,
    onDamagedPage,
    limits,
    signal,
    ...(path === undefined ? {} : { path }),
  }
}

type View = Extract<ContainerPlan, { readonly kind: 'view' }>

function isEmptied({ columns }: RepairedRowGroup): boolean {
  return columns.every(({ status }) => status === 'nulled')
}

async function planWithFooter(
  view: ByteSource,
  container: View,
  footer: Extract<FooterPlan, { readonly kind: 'footer' }>,
  options: PlanRepairOptions,
): Promise<RepairPlan> {
  const { onDamagedPage = 'null', limits, signal } = options
  const pages = await planPages(view, footer, { onDamagedPage, limits, signal })
  const findings = distinct([...container.findings, ...footer.findings, ...pages.findings])
  if (pages.kind === 'refused') return refusedPlan(findings, pages.because)
  if (pages.kind === 'patched' && pages.rowGroups.length > 0 && pages.rowGroups.every(isEmptied))
    return refusedPlan(findings, 'no page of the file can be read, so nothing would come back but NULLs')
  const loss = pages.kind === 'patched' ? pages.loss : []
  const outer = pages.kind === 'patched' ? pages.pieces : wholeSource(view)
  const dropRows = pages.kind === 'patched' ? pages.dropRows : []
  const { rewrite, ...values } = await planRewrite(view, footer, dropRows, options)
  const patched = pages.kind === 'patched' ? pages.steps : []
  // A plan of pages that has to write the footer anew takes its steps over.
  const steps = [
    ...container.steps,
    ...footer.steps,
    ...patched.filter((step) => !footer.steps.includes(step)),
    ...values.steps,
  ]
  const dropped = dropRows.reduce((sum, [first, end]) => sum + end - first, 0)
  const rows = sumRows(pages.rowGroups)
  const isSame = steps.length === 0 && pages.kind === 'intact' && rewrite === undefined
  return {
    kind: isSame ? 'unchanged' : 'repair',
    lossless: isLossless(steps, loss),
    steps,
    pieces: composePieces(outer, container.pieces),
    rewrite,
    schemaFrom: 'own-footer',
    confidence: 'proven',
    evidence: [],
    doubts: [],
    rowGroups: pages.rowGroups,
    loss,
    totals: {
      rowsRecovered: rows - dropped,
      rowsLost: Math.max(0, footer.footer.rows - rows) + dropped,
      cellsNulled: sumCells(loss),
    },
    findings: [...findings, ...values.findings],
  }
}

function planOfLost(
  lost: LostFooterPlan,
  container: View,
  before: readonly Finding[],
  options: PlanRepairOptions,
): RepairPlan {
  const { schemaFrom, confidence, evidence, doubts, rowGroups, loss } = lost
  const steps = [...container.steps, ...lost.steps]
  const isRefused = lost.kind === 'refused'
  const { dropRows = [] } = lost
  const dropped = dropRows.reduce((sum, [first, end]) => sum + end - first, 0)
  const needsRewrite = options.mode === 'rewrite' || dropRows.length > 0
  const rewrite: RewritePlan | undefined = needsRewrite ? { fixes: [], dropRows } : undefined
  return {
    kind: isRefused ? 'refused' : 'repair',
    // A footer that was lost held statistics and more; what counts is whether rows or cells are.
    lossless: isLossless(steps, loss) && lost.rowsLost === 0 && dropped === 0,
    steps,
    pieces: isRefused ? [] : composePieces(lost.pieces, container.pieces),
    rewrite: isRefused ? undefined : rewrite,
    schemaFrom,
    confidence,
    evidence,
    doubts: lost.because === undefined ? doubts : [...doubts, lost.because],
    rowGroups,
    loss,
    totals: {
      rowsRecovered: sumRows(rowGroups) - dropped,
      rowsLost: lost.rowsLost === undefined ? 'unknown' : lost.rowsLost + dropped,
      cellsNulled: sumCells(loss),
    },
    findings: distinct([...container.findings, ...before, ...lost.findings]),
  }
}

function isLossless(steps: readonly RepairStep[], loss: readonly LossEntry[]): boolean {
  return loss.length === 0 && steps.every((step) => step.lossless)
}

function sumRows(groups: readonly RepairedRowGroup[]): number {
  return groups.reduce((sum, { rows }) => sum + rows, 0)
}

function sumCells(loss: readonly LossEntry[]): number {
  return loss.reduce((sum, { cells }) => sum + cells, 0)
}

/** Stages look at the same bytes; each finding is told once. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>()
  return findings.filter((found) => {
    const key = JSON.stringify([found.code, found.message, found.where])
    return !seen.has(key) && seen.add(key)
  })
}
