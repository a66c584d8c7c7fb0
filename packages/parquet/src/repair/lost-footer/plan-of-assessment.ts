import type { ByteSource, Finding } from '@tidegate/core'

import type { AssembledGroup } from '../../assemble/assemble-chunks.ts'
import { closeFile } from '../../assemble/footer-builder.ts'
import { decodeFooter } from '../../decode-footer.ts'
import type { ParquetFooter } from '../../footer.ts'
import { composePieces, mergePieces, viewOf, type Piece } from '../../source/pieces.ts'
import type { TypedStruct } from '../../thrift/thrift-value.ts'
import { writeThrift } from '../../thrift/write-thrift.ts'
import { planFooter } from '../footer/plan-footer.ts'
import { planPages } from '../pages/plan-pages.ts'
import type { RepairedRowGroup, RepairStep } from '../plan.ts'
import type { LostFooterPlan } from '../stages.ts'
import type { Assessment } from './assess-schema.ts'
import { groupLeftOut, unplacedBytes } from './loss-of-salvage.ts'
import type { LostFooterOptions } from './plan-lost-footer.ts'
import { rebuildFooter } from './rebuild-footer.ts'

const MAGIC = Buffer.from('PAR1')

/** The plan of a repair from what was found out with a schema; refused where that is not enough. */
export async function planOfAssessment(
  source: ByteSource,
  assessment: Assessment,
  before: readonly Finding[],
  options: LostFooterOptions,
  onlyWhole = false,
): Promise<LostFooterPlan> {
  const { named, plan } = assessment
  const { schema } = named
  const shared = {
    schemaFrom: schema.from,
    confidence: plan.confidence,
    evidence: [
      `the columns are those of ${named.name}`,
      ...(named.sizeBytes === undefined
        ? []
        : [`${named.name} says the file had ${named.sizeBytes} bytes; it has ${source.sizeBytes}`]),
      ...plan.evidence,
    ],
    doubts: plan.doubts,
  }
  const findings = [...before, ...plan.findings]
  const refuse = (because: string, more: readonly Finding[] = []): LostFooterPlan => ({
    ...shared,
    kind: 'refused',
    because,
    pieces: [],
    steps: [],
    rowGroups: [],
    loss: [],
    rowsLost: plan.rows.lost,
    findings: [...findings, ...more],
  })
  if (plan.kind === 'refused') {
    const promise = plan.confidence === 'weak' ? await promiseOf(source, assessment, options) : undefined
    return { ...refuse(whyRefused(assessment)), ...promise }
  }
  const kept = groupsToKeep(assessment, onlyWhole ? { ...options, onDamagedPage: 'drop-row-group' } : options)
  if (kept === undefined) return refuse('pages are damaged, and a repair that loses anything was not wanted')
  const own = schema.ownGroups ?? []
  if (own.length + kept.length === 0) return refuse(whyRefused(assessment))

  const isWhole = MAGIC.equals(await source.read(0, 4))
  const tree = rebuildFooter(assessment, kept)
  const base: readonly Piece[] = mergePieces([
    ...(isWhole ? [] : [{ kind: 'new', bytes: MAGIC } as const]),
    { kind: 'source', offset: isWhole ? 0 : 4, length: plan.prefixBytes - (isWhole ? 0 : 4) },
    { kind: 'new', bytes: closeFile(tree) },
  ])
  const left = assessment.assembly.groups.filter((group) => !kept.includes(group))
  const lost = [...left.map(groupLeftOut), ...unplacedBytes(assessment, left, source.sizeBytes)]
  const sums = (
    rowGroups: readonly RepairedRowGroup[],
    hasLoss: boolean,
  ): { recovered: number; rowsLost: number | undefined } => {
    const recovered = rowGroups.reduce((sum, { rows }) => sum + rows, 0)
    // The rest of a damaged footer may count wrongly; what is before it is whole where every byte of it was placed.
    if (schema.from === 'partial-footer' && !hasLoss && !hasHole(assessment)) return { recovered, rowsLost: 0 }
    return { recovered, rowsLost: schema.rows === undefined ? undefined : Math.max(0, schema.rows - recovered) }
  }
  const finish = (
    pieces: readonly Piece[],
    rowGroups: readonly RepairedRowGroup[],
    more: Partial<Pick<LostFooterPlan, 'steps' | 'loss' | 'findings' | 'dropRows'>> = {},
  ): LostFooterPlan => {
    const loss = [...(more.loss ?? []), ...lost]
    const { recovered, rowsLost } = sums(rowGroups, loss.length > 0 || (more.dropRows ?? []).length > 0)
    return {
      ...shared,
      kind: 'salvaged',
      pieces,
      steps: [footerStep(assessment, rowGroups.length, recovered, loss.length === 0), ...(more.steps ?? [])],
      rowGroups,
      loss,
      rowsLost,
      findings: [...findings, ...(more.findings ?? [])],
      ...(more.dropRows === undefined || more.dropRows.length === 0 ? {} : { dropRows: more.dropRows }),
    }
  }
  const asBefore = (index: number): number | undefined => (index < own.length ? index : undefined)
  const view = viewOf(source, base)
  const { limits, signal, onDamagedPage } = options
  const footer = await footerToPatch(view, tree, schema.from === 'partial-footer', options)
  if (footer.kind === 'bad') return refuse('the new footer cannot be read again', [footer.finding])
  // Pages that were assembled have been decoded already; nobody has looked at those that the footer's rest lists, nor at what
  // bytes that are no page say of the page before them.
  const isAllRead = own.length === 0 && kept.every(({ kind }) => kind === 'full') && !hasHole(assessment)
  if (isAllRead && footer.steps.length === 0) return finish(base, kept.map(wholeGroup))
  const pages = await planPages(view, footer, { limits, signal, onDamagedPage })
  if (pages.kind === 'refused') {
    // Its damaged groups cannot be repaired, e.g. for a page above the limits; the complete ones are none the worse for it.
    if (onlyWhole) return refuse(pages.because, pages.findings)
    const whole = { ...options, partialRowGroup: 'drop' } as const
    return await planOfAssessment(source, assessment, [...before, ...pages.findings], whole, true)
  }
  const rowGroups = pages.rowGroups.map((group, index) => ({ ...group, sourceRowGroup: asBefore(index) }))
  if (pages.kind === 'intact') return finish(base, rowGroups)
  return finish(composePieces(pages.pieces, base), rowGroups, {
    steps: pages.steps,
    loss: pages.loss.map((entry) => ({ ...entry, sourceRowGroup: asBefore(entry.sourceRowGroup ?? own.length) })),
    findings: pages.findings,
    dropRows: pages.dropRows,
  })
}

/** Bytes between the pages that are none, and not what belongs there. */
function hasHole({ assembly }: Assessment): boolean {
  return assembly.gaps.some(({ rest }) => rest === 'unknown' || rest === 'cut-page' || rest === 'zeros')
}

type FooterToPatch =
  | {
      readonly kind: 'ok'
      readonly footer: ParquetFooter
      readonly tree: TypedStruct
      readonly steps: readonly RepairStep[]
    }
  | { readonly kind: 'bad'; readonly finding: Finding }

/** The footer that was rebuilt. What is left of a damaged one may be wrong in itself, and is corrected. */
async function footerToPatch(
  view: ByteSource,
  tree: TypedStruct,
  hasRemains: boolean,
  { limits, signal }: LostFooterOptions,
): Promise<FooterToPatch> {
  const mended = hasRemains ? await planFooter(view, { limits, signal }) : undefined
  if (mended?.kind === 'footer') {
    const { footer, tree: mendedTree, steps } = mended
    return { kind: 'ok', footer, tree: mendedTree, steps }
  }
  const bytes = writeThrift(tree)
  const decoded = decodeFooter(bytes, { footerOffset: view.sizeBytes - 8 - bytes.length, trailingBytes: 0 })
  return decoded.kind === 'bad' ? decoded : { kind: 'ok', footer: decoded.footer, tree, steps: [] }
}

type Promised = Pick<LostFooterPlan, 'rowGroups' | 'loss' | 'rowsLost'>

/** What a plan that is refused only because it is weak would bring back. */
async function promiseOf(
  source: ByteSource,
  assessment: Assessment,
  options: LostFooterOptions,
): Promise<Promised | undefined> {
  if (assessment.plan.groups.length === 0) return undefined
  const weak = { ...assessment, plan: { ...assessment.plan, kind: 'salvage' } } as const
  const { kind, rowGroups, loss, rowsLost } = await planOfAssessment(source, weak, [], options)
  return kind === 'refused' ? undefined : { rowGroups, loss, rowsLost }
}

/** Complete groups, and those that get NULLs; undefined where damage must not be repaired with a loss. */
function groupsToKeep({ assembly }: Assessment, options: LostFooterOptions): readonly AssembledGroup[] | undefined {
  const { onDamagedPage = 'null', partialRowGroup = 'drop', allowAmbiguous = false } = options
  const kept: AssembledGroup[] = []
  for (const group of assembly.groups) {
    if (!group.isCertain && !allowAmbiguous) continue
    if (group.kind === 'full') {
      kept.push(group)
      continue
    }
    const isLast = group === assembly.groups.at(-1)
    // Damage takes a column or two; a last group of which most columns are missing is no better than one that is cut.
    const isHollow = isLast && group.missing.length > group.chunks.length + group.later.length
    const isCut = isHollow || (isLast && group.later.length === 0 && group.spanEnd === undefined)
    if (!isCut && onDamagedPage === 'fail') return undefined
    const isWanted = isCut ? partialRowGroup === 'null-fill' : onDamagedPage !== 'drop-row-group'
    if (isWanted && (group.rows ?? 0) > 0) kept.push(group)
  }
  return kept
}

function whyRefused({ named, plan }: Assessment): string {
  if (plan.groups.length === 0 && plan.confidence !== 'rejected')
    return `with the columns of ${named.name} no row group of the file is complete`
  const doubts = plan.doubts.length === 0 ? '' : `: ${plan.doubts.join('; ')}`
  return plan.confidence === 'rejected'
    ? `the columns of ${named.name} do not fit the file${doubts}`
    : `that the file has the columns of ${named.name} is only ${plan.confidence}${doubts}`
}

function footerStep({ named }: Assessment, groups: number, rows: number, lossless: boolean): RepairStep {
  const what = `a new footer lists ${groups} row ${groups === 1 ? 'group' : 'groups'} with ${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}; its columns are those of ${named.name}`
  return { code: 'PQ201', what, lossless }
}

function wholeGroup({ rows, chunks }: AssembledGroup): RepairedRowGroup {
  return {
    rows: rows ?? 0,
    sourceRowGroup: undefined,
    columns: chunks.map(({ leaf }) => ({ column: leaf.path.join('.'), status: 'intact', nulledRows: [] })),
  }
}
