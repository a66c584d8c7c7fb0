import type { ByteSource, Finding } from '@tidegate/core'

import { pageFits } from '../../assemble/page-fits.ts'
import { finding } from '../../finding-codes.ts'
import type { TypedStruct } from '../../thrift/thrift-value.ts'
import type { RepairedRowGroup, RepairOptions } from '../plan.ts'
import type { LostFooterPlan } from '../stages.ts'
import { assessSchema, type AssessOptions, type Assessment } from './assess-schema.ts'
import { planOfAssessment } from './plan-of-assessment.ts'
import { schemaCandidates, type NamedSchema } from './schema-candidates.ts'

export interface LostFooterOptions extends Pick<
  RepairOptions,
  'schema' | 'partialRowGroup' | 'minConfidence' | 'allowAmbiguous' | 'onDamagedPage' | 'limits' | 'signal'
> {
  /** Of the damaged file. Without `schema`, files near it are looked at for one. */
  readonly path?: string
  /** Bytes up to the farthest that was read. */
  readonly onProgress?: (bytes: number) => void
}

/**
 * Plans how to bring back a file that has no footer: finds out which columns it has, assigns its pages to columns and row
 * groups, and describes them in a new footer. Reads only, and holds one page at a time. The first schema with which the file
 * makes enough sense (`minConfidence`) is taken; where none does, the plan is refused and says why. Throws what the view
 * throws, and when aborted.
 */
export async function planLostFooter(view: ByteSource, options: LostFooterOptions = {}): Promise<LostFooterPlan> {
  const source = options.onProgress === undefined ? view : watched(view, options.onProgress)
  const findings: Finding[] = []
  let best: Assessment | undefined
  const { limits, signal } = options
  const fits = pageFits(source, { limits, signal })
  const assessing = { ...options, fits }
  for await (const candidate of schemaCandidates(source, fits, options)) {
    if (candidate.kind === 'refused') {
      findings.push(candidate.finding)
      continue
    }
    const { right, others, because } = await chooseSchema(source, candidate.schemas, assessing)
    if (right !== undefined) return await planOfRight(source, right, findings, assessing)
    if (because !== undefined) findings.push(because)
    for (const other of others) best = better(best, other)
  }
  if (best !== undefined) return await planOfAssessment(source, best, findings, options)
  const missing = finding('PQ601', 'The file has no footer, and nothing says which columns it has.', {
    severity: 'fatal',
    evidence: { looked: options.schema === undefined ? 'near the file' : 'at the sources that were named' },
  })
  return refused([...findings, missing], 'nothing says which columns the file has; name a sound file of the same table')
}

interface Choice {
  readonly right: Assessment | undefined
  /** Those with which the file does not make enough sense. */
  readonly others: readonly Assessment[]
  readonly because?: Finding
}

const RANK = { rejected: 0, weak: 1, strong: 2, proven: 3 } as const

/** Of schemas that differ, the one with which the file makes most sense, if there is only one such. */
async function chooseSchema(
  source: ByteSource,
  schemas: readonly NamedSchema[],
  options: AssessOptions,
): Promise<Choice> {
  const assessments: Assessment[] = []
  for (const named of schemas) {
    const assessment = await assessSchema(source, named, options)
    const isDoubtful = assessment.plan.kind === 'refused' && ownGroupsOf(named).length > 0
    assessments.push(isDoubtful ? await assessSchema(source, withOwnGroups(named, 0), options) : assessment)
  }
  const enough = assessments.filter(({ plan }) => plan.kind === 'salvage')
  const top = Math.max(...enough.map(({ plan }) => RANK[plan.confidence]))
  const [right, rival] = enough.filter(({ plan }) => RANK[plan.confidence] === top)
  if (right === undefined) return { right, others: assessments }
  if (rival === undefined) return { right, others: [] }
  const because = finding(
    'PQ603',
    `${right.named.name} and ${rival.named.name} have different columns, and the file can be read with either.`,
    { severity: 'error', evidence: { schemas: schemas.length, fitting: enough.length } },
  )
  return { right: undefined, others: [], because }
}

/**
 * What the rest of a damaged footer says of row groups may be damaged itself. From the first group that does not come out
 * whole, the pages alone are asked as well; the plan that brings back more is taken.
 */
async function planOfRight(
  source: ByteSource,
  right: Assessment,
  findings: readonly Finding[],
  options: AssessOptions,
): Promise<LostFooterPlan> {
  const plan = await planOfAssessment(source, right, findings, options)
  const own = ownGroupsOf(right.named)
  const whole = own.findIndex((_, index) => !isWhole(plan.rowGroups[index]))
  if (whole < 0) return plan
  const named = withOwnGroups(right.named, whole)
  const fromPages = await planOfAssessment(source, await assessSchema(source, named, options), findings, options)
  return bringsMore(fromPages, plan) ? fromPages : plan
}

function ownGroupsOf({ schema }: NamedSchema): readonly TypedStruct[] {
  return schema.ownGroups ?? []
}

function withOwnGroups(named: NamedSchema, count: number): NamedSchema {
  return { ...named, schema: { ...named.schema, ownGroups: ownGroupsOf(named).slice(0, count) } }
}

function isWhole(group: RepairedRowGroup | undefined): boolean {
  return group?.columns.every(({ status }) => status === 'intact' || status === 'verified-crc') === true
}

function bringsMore(plan: LostFooterPlan, other: LostFooterPlan): boolean {
  if (plan.kind !== other.kind) return plan.kind === 'salvaged'
  const [rows, otherRows] = [rowsOf(plan), rowsOf(other)]
  return rows > otherRows || (rows === otherRows && cellsOf(plan) < cellsOf(other))
}

function rowsOf({ rowGroups }: LostFooterPlan): number {
  return rowGroups.reduce((sum, { rows }) => sum + rows, 0)
}

function cellsOf({ loss }: LostFooterPlan): number {
  return loss.reduce((sum, { cells }) => sum + cells, 0)
}

function better(best: Assessment | undefined, other: Assessment): Assessment {
  return best === undefined || RANK[other.plan.confidence] > RANK[best.plan.confidence] ? other : best
}

function refused(findings: readonly Finding[], because: string): LostFooterPlan {
  return {
    kind: 'refused',
    because,
    pieces: [],
    steps: [],
    schemaFrom: 'sibling',
    confidence: 'rejected',
    evidence: [],
    doubts: [],
    rowGroups: [],
    loss: [],
    rowsLost: undefined,
    findings,
  }
}

function watched(view: ByteSource, onProgress: (bytes: number) => void): ByteSource {
  let farthest = 0
  return {
    sizeBytes: view.sizeBytes,
    read: async (offset, length) => {
      const bytes = await view.read(offset, length)
      // The search for a footer looks at the end first; that is no progress.
      const isNext = offset <= farthest + NEAR_BYTES && offset + bytes.length > farthest
      if (isNext) onProgress((farthest = offset + bytes.length))
      return bytes
    },
    close: async () => await view.close(),
  }
}

const NEAR_BYTES = 256 * 1024 * 1024
