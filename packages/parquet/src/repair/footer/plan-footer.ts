import type { ByteSource, Finding } from '@tidegate/core'

import { checkFooter } from '../../check-footer.ts'
import { decodeFooter } from '../../decode-footer.ts'
import { behindFindings, lostFindings } from '../../diagnose/container/container-findings.ts'
import { searchFooter, type FooterSite } from '../../diagnose/container/footer-site.ts'
import { encryptedColumns } from '../../diagnose/footer/check-encryption.ts'
import { checkIndexes } from '../../diagnose/footer/check-indexes.ts'
import { checkKeyValues } from '../../diagnose/footer/check-key-values.ts'
import { checkSchema } from '../../diagnose/footer/check-schema.ts'
import { checkStatistics } from '../../diagnose/footer/check-statistics.ts'
import { layoutFindings } from '../../diagnose/footer/layout-findings.ts'
import { readLayout } from '../../diagnose/footer/read-layout.ts'
import { finding } from '../../finding-codes.ts'
import type { ParquetFooter } from '../../footer.ts'
import type { PageLimits } from '../../pages/page-limits.ts'
import { ThriftError } from '../../read-thrift.ts'
import { parseThrift } from '../../thrift/parse-thrift.ts'
import type { TypedStruct } from '../../thrift/thrift-value.ts'
import { writeThrift } from '../../thrift/write-thrift.ts'
import type { Fix, RepairStep } from '../plan.ts'
import type { FooterPlan } from '../stages.ts'
import { allowNulls, dropWrongStatistics, textToBinary } from './apply-fixes.ts'
import { isWellTyped } from './is-well-typed.ts'
import { mendChunks } from './mend-chunks.ts'
import { mendCounts } from './mend-counts.ts'
import { mendIllegalTypes } from './mend-illegal-types.ts'
import { mendSchema, mendUnknownTypes } from './mend-schema.ts'
import { renameColumns } from './rename-columns.ts'
import { shiftFooter } from './shift-offsets.ts'

export interface FooterOptions {
  /** @defaultValue none */
  readonly fix?: readonly Fix[] | undefined
  readonly limits?: Partial<PageLimits> | undefined
  readonly signal?: AbortSignal | undefined
}

const SMALLEST_FILE = 12

/**
 * The footer of a file whose ends are in order, with all that can be corrected. What lies behind a place where bytes are
 * missing or were put in (PQ115) is left to the plan of pages. Only reads. Throws what the source throws, and when aborted.
 */
export async function planFooter(view: ByteSource, options: FooterOptions = {}): Promise<FooterPlan> {
  options.signal?.throwIfAborted()
  if (view.sizeBytes < SMALLEST_FILE)
    return {
      kind: 'lost',
      findings: [finding('PQ102', 'The file is too short to have a footer.', { severity: 'fatal' })],
    }
  const search = await searchFooter(view)
  if (search.kind === 'encrypted') {
    const encrypted = finding('PQ112', 'The footer is encrypted (the file ends with PARE).', { severity: 'fatal' })
    return { kind: 'refused', findings: [encrypted], because: 'the footer is encrypted' }
  }
  if (search.kind === 'found') return await planFound(view, search.site, options)
  return (
    (await planBadSchema(view, search.finding, options)) ?? {
      kind: 'lost',
      findings: await lostFindings(view, search.finding, search.lastBytes),
    }
  )
}

async function planFound(view: ByteSource, site: FooterSite, options: FooterOptions): Promise<FooterPlan> {
  const ends = await behindFindings(view, site)
  const length = ends.find(({ code }) => code === 'PQ203')
  const lengthStep: RepairStep | undefined = length && {
    code: 'PQ203',
    what: `The footer has ${site.footer.footerBytes} bytes, not ${site.claimedBytes}`,
    lossless: true,
  }
  const { struct, end } = parseThrift(site.bytes)
  const draft: Draft = { tree: struct, steps: lengthStep ? [lengthStep] : [], findings: ends }
  const plan = await planTree(view, site.footer, draft, options)
  const isMended = plan.kind === 'footer' && plan.steps.length > draft.steps.length
  // Damage can make a field out of bytes of another one. No writer would have written that footer.
  const isGenuine = isWellTyped(struct) && Buffer.compare(writeThrift(struct), site.bytes.subarray(0, end)) === 0
  if (isMended && !isGenuine) {
    const where = { offset: site.footer.footerOffset, length: site.bytes.length }
    const garbled = finding('PQ204', 'The footer can be decoded, but no writer writes it so: it is damaged.', {
      severity: 'fatal',
      repairable: 'lossy',
      where,
    })
    return { kind: 'lost', findings: [...plan.findings, garbled] }
  }
  return plan
}

/** A footer that is whole but for a type in the schema that does not exist. */
async function planBadSchema(
  view: ByteSource,
  problem: Finding | undefined,
  options: FooterOptions,
): Promise<FooterPlan | undefined> {
  const { offset, length } = problem?.where ?? {}
  if (problem?.code !== 'PQ205' || offset === undefined || length === undefined) return undefined
  try {
    const mended = mendUnknownTypes(parseThrift(await view.read(offset, length)).struct)
    const decoded = decodeFooter(writeThrift(mended), { footerOffset: offset, trailingBytes: 0 })
    if (decoded.kind !== 'ok') return undefined
    const what = 'The schema has the types that the column chunks say'
    const draft: Draft = { tree: mended, steps: [{ code: 'PQ205', what, lossless: true }], findings: [problem] }
    return await planTree(view, decoded.footer, draft, options)
  } catch (error) {
    if (error instanceof ThriftError) return undefined
    throw error
  }
}

interface Draft {
  readonly tree: TypedStruct
  readonly steps: readonly RepairStep[]
  readonly findings: readonly Finding[]
}

async function planTree(
  view: ByteSource,
  stated: ParquetFooter,
  draft: Draft,
  options: FooterOptions,
): Promise<FooterPlan> {
  const { signal } = options
  const encrypted = encryptedColumns(stated)
  if (encrypted !== undefined) return { kind: 'refused', findings: [encrypted], because: 'columns are encrypted' }
  const state = openState(stated, draft)
  const layout = await readLayout(view, stated, { head: NO_HEAD, thorough: true, signal })
  if (layout.kind === 'shifted') {
    const what = `All offsets in the footer are corrected by ${layout.delta} bytes`
    state.take(shiftFooter(state.tree(), layout), [{ code: 'PQ208', what, lossless: true }])
    state.report(await layoutFindings(view, layout))
  }
  const schema = checkSchema(state.footer())
  state.report(schema.findings)
  const mended = mendSchema(state.tree(), state.footer(), schema)
  state.take(mended.tree, mended.steps)
  state.report(checkFooter(state.footer(), { ranges: layout.kind === 'fits' || layout.kind === 'shifted' }))
  const typed = await mendIllegalTypes(view, state.footer(), state.tree(), options)
  state.take(typed.tree, typed.steps)
  if (state.footer().rowGroups.some(({ chunks }) => chunks.length !== state.footer().leaves.length))
    return { kind: 'lost', findings: state.findings() }
  const counts = await mendCounts(view, state.footer(), state.tree(), options)
  if (counts.kind === 'unlisted') return { kind: 'lost', findings: state.findings() }
  state.take(counts.tree, counts.steps)
  if (layout.kind !== 'moved') {
    const chunks = await mendChunks(view, state.footer(), state.tree(), options)
    state.take(chunks.tree, chunks.steps)
  }
  state.report([...checkStatistics(stated).map((fault) => fault.finding), ...checkKeyValues(stated)])
  // Indexes of a footer with wrong offsets may hold wrong ones too: then they are in the way.
  const isShifted = layout.kind === 'shifted'
  await applyFixes(view, state, isShifted, options)
  return {
    kind: 'footer',
    footer: state.footer(),
    tree: state.tree(),
    steps: state.steps(),
    findings: state.findings(),
  }
}

const NO_HEAD = new Uint8Array(0)

async function applyFixes(view: ByteSource, state: State, isShifted: boolean, options: FooterOptions): Promise<void> {
  const fixes = new Set(options.fix)
  if (fixes.has('names')) {
    const renamed = renameColumns(state.tree())
    state.take(renamed.tree, renamed.steps)
  }
  if (fixes.has('statistics')) {
    const fixed = await dropWrongStatistics(view, state.footer(), state.tree(), options)
    state.take(fixed.tree, fixed.steps)
    state.report(fixed.findings)
  } else if (isShifted && (await checkIndexes(view, state.footer(), options)).length > 0) {
    const fixed = await dropWrongStatistics(view, { ...state.footer(), leaves: [] }, state.tree(), options)
    state.take(fixed.tree, fixed.steps)
  }
  if (fixes.has('nulls-in-required')) {
    const fixed = await allowNulls(view, state.footer(), state.tree(), options)
    state.take(fixed.tree, fixed.steps)
  }
  if (fixes.has('utf8-as-binary')) {
    const fixed = await textToBinary(view, state.footer(), state.tree(), options)
    state.take(fixed.tree, fixed.steps)
  }
}

/** The tree with the corrections so far, and the same as a footer. */
interface State {
  tree(): TypedStruct
  footer(): ParquetFooter
  steps(): readonly RepairStep[]
  findings(): readonly Finding[]
  /** A changed tree; without steps nothing has changed. */
  take(tree: TypedStruct, steps: readonly RepairStep[]): void
  report(findings: readonly Finding[]): void
}

function openState(stated: ParquetFooter, draft: Draft): State {
  let { tree } = draft
  let footer = stated
  const steps = [...draft.steps]
  const findings = [...draft.findings]
  return {
    tree: () => tree,
    footer: () => footer,
    steps: () => steps,
    findings: () => findings,
    report(found) {
      const known = new Set(findings.map(keyOf))
      findings.push(...found.filter((each) => !known.has(keyOf(each))))
    },
    take(changed, done) {
      if (done.length === 0) return
      const { footerOffset } = stated
      const decoded = decodeFooter(writeThrift(changed), { footerOffset, trailingBytes: 0 })
      // A correction that makes the footer unreadable is none.
      if (decoded.kind !== 'ok') return
      tree = changed
      footer = decoded.footer
      steps.push(...done)
    },
  }
}

function keyOf({ code, message }: Finding): string {
  return `${code} ${message}`
}
