import type { ByteSource, Finding } from '@tidegate/core'

import { readContainer, type ContainerFacts } from '../../diagnose/container/read-container.ts'
import type { PageLimits } from '../../pages/page-limits.ts'
import { scanChunks } from '../../pages/scan-chunks.ts'
import { readFooter } from '../../read-footer.ts'
import { mergePieces, viewOf, wholeSource, type Piece } from '../../source/pieces.ts'
import type { RepairStep } from '../plan.ts'
import type { ContainerPlan } from '../stages.ts'
import { planParts } from './plan-parts.ts'

export interface ContainerOptions {
  /** The file's name; it decides only where the bytes leave the format open. @defaultValue '' */
  readonly name?: string | undefined
  readonly limits?: Partial<PageLimits> | undefined
  readonly signal?: AbortSignal | undefined
  /** Of joined files that cannot become one: which, from 1. */
  readonly part?: number | undefined
}

/** A file that lost more than this at its start is not filled up again. */
const MAX_FILLED_BYTES = 64 * 1024 * 1024

/**
 * What has to be done to the ends of a file so that it begins and ends as Parquet does, as a view of its bytes. Only
 * reads. Throws what the source throws, and when aborted.
 */
export async function planContainer(source: ByteSource, options: ContainerOptions = {}): Promise<ContainerPlan> {
  options.signal?.throwIfAborted()
  const facts = await readContainer(source, { name: options.name, thorough: true, signal: options.signal })
  const { shape, findings } = facts
  switch (shape.kind) {
    case 'file':
      return planFile(source, shape, findings)
    case 'parts':
      return await planParts(source, shape.parts, findings, options)
    case 'packed':
      return planPacked(shape, findings)
    case 'mangled':
      return await planMangled(source, shape, findings, options)
    case 'lost':
      return {
        kind: 'view',
        pieces: wholeSource(source),
        steps: [],
        findings,
        ...(shape.isOuter === true ? { hasNoFooter: true } : {}),
      }
    case 'encrypted':
    case 'nothing':
      return { kind: 'refused', findings, because: sentence(findings[0]) }
  }
}

type Shape<K extends ContainerFacts['shape']['kind']> = Extract<ContainerFacts['shape'], { kind: K }>

function planFile(source: ByteSource, shape: Shape<'file'>, findings: readonly Finding[]): ContainerPlan {
  const { start, headIsWhole, headMissing, site } = shape
  if (headMissing > MAX_FILLED_BYTES)
    return { kind: 'refused', findings, because: `the first ${countBytes(headMissing)} of the file are missing` }
  const has = (code: string): boolean => findings.some((found) => found.code === code)
  const steps: RepairStep[] = []
  const pieces: Piece[] = []
  if (start > 0) steps.push(step('PQ108', cutOff(start, 'before the start')))
  if (headMissing > 0) {
    const isWhole = headMissing <= 4
    const what = isWhole
      ? `The first ${countBytes(headMissing)} of the file, which ${headMissing === 1 ? 'is known, is' : 'are known, are'} put back`
      : `The first ${countBytes(headMissing)} of the file are filled with zeros, so that all others are in their place again`
    steps.push({ code: 'PQ115', what, lossless: isWhole })
    const filler = Buffer.alloc(headMissing)
    filler.write('PAR1', 0, 'latin1')
    pieces.push({ kind: 'new', bytes: filler })
  } else if (!headIsWhole) {
    steps.push(step('PQ104', 'The file begins with PAR1 again'))
    pieces.push({ kind: 'new', bytes: Buffer.from('PAR1', 'latin1') })
  }
  const from = headIsWhole || headMissing > 0 ? start : 4
  const footerEnd = site.footer.footerOffset + site.bytes.length
  if (site.magic === 'whole') {
    pieces.push({ kind: 'source', offset: from, length: site.end - from })
    const trailing = source.sizeBytes - site.end
    if (trailing > 0) steps.push(step('PQ107', cutOff(trailing, 'behind the end')))
  } else {
    pieces.push({ kind: 'source', offset: from, length: footerEnd - from })
    pieces.push({ kind: 'new', bytes: closing(site.bytes.length) })
    steps.push(step(has('PQ106') ? 'PQ106' : 'PQ105', 'The length of the footer and PAR1 are written behind it again'))
  }
  return { kind: 'view', pieces: mergePieces(pieces), steps, findings }
}

/** Length field and PAR1. */
function closing(footerBytes: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(footerBytes, 0)
  bytes.write('PAR1', 4, 'latin1')
  return bytes
}

function planPacked({ packed, content }: Shape<'packed'>, findings: readonly Finding[]): ContainerPlan {
  if (content !== 'parquet') return { kind: 'refused', findings, because: sentence(findings[0]) }
  return { kind: 'wrapped', packed, step: step('PQ110', `The file is unpacked from ${packed}`), findings }
}

async function planMangled(
  source: ByteSource,
  { undone }: Shape<'mangled'>,
  findings: readonly Finding[],
  { limits, signal }: ContainerOptions,
): Promise<ContainerPlan> {
  if (undone === undefined) return { kind: 'refused', findings, because: sentence(findings[0]) }
  const view = viewOf(source, undone)
  const outcome = await readFooter(view)
  let isSound = outcome.kind === 'ok'
  if (outcome.kind === 'ok')
    for await (const { status } of scanChunks(view, outcome.footer, { level: 'pages', limits, signal }))
      isSound &&= status === 'intact'
  if (!isSound)
    return {
      kind: 'refused',
      findings: findings.map((found) => ({ ...found, repairable: 'no' as const })),
      because: 'without the added carriage returns the file still does not fit together: some of them were its own',
    }
  const removed = source.sizeBytes - view.sizeBytes
  const what = `The ${removed.toLocaleString('en-US')} carriage returns that were put before line feeds are taken out; every page can be decoded again`
  return { kind: 'view', pieces: undone, steps: [step('PQ111', what)], findings }
}

function cutOff(count: number, where: string): string {
  return `The ${count === 1 ? 'byte' : countBytes(count)} ${where} of the file ${count === 1 ? 'is' : 'are'} cut off`
}

/** For people: `1 byte`, `2,048 bytes`. */
function countBytes(count: number): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? 'byte' : 'bytes'}`
}

function step(code: RepairStep['code'], what: string): RepairStep {
  return { code, what, lossless: true }
}

/** Of a finding, as the reason of a refusal. */
function sentence(found: Finding | undefined): string {
  const message = (found?.message ?? 'it is not Parquet').replace(/\.$/, '')
  return message.charAt(0).toLowerCase() + message.slice(1)
}
