/** Several files in one: one of them, or one file of all of their row groups. */
import type { ByteSource, Finding } from '@tidegate/core'

import type { FilePart } from '../../diagnose/container/read-parts.ts'
import { sameSchema } from '../../diagnose/container/same-schema.ts'
import type { FooterSite } from '../../diagnose/container/footer-site.ts'
import { finding } from '../../finding-codes.ts'
import type { Piece } from '../../source/pieces.ts'
import type { RepairStep } from '../plan.ts'
import type { ContainerPlan } from '../stages.ts'
import type { ContainerOptions } from './plan-container.ts'
import { mergeFooters } from './merge-footers.ts'

type WholePart = FilePart & { readonly site: FooterSite }

export async function planParts(
  source: ByteSource,
  parts: readonly FilePart[],
  findings: readonly Finding[],
  options: ContainerOptions,
): Promise<ContainerPlan> {
  if (options.part !== undefined) return planOne(parts, options.part, findings)
  const whole = parts.filter((part): part is WholePart => part.site !== undefined)
  if (whole.length < parts.length) return planWhole(parts, whole, findings)
  const copies = await findCopies(source, whole, options.signal)
  const kept = whole.filter((_, index) => !copies.has(index))
  const copySteps = [...copies].map(([index, of]): RepairStep => {
    const what = `File ${index + 1} of ${parts.length} is byte for byte file ${of + 1}; one copy is kept`
    return { code: 'PQ109', what, lossless: true }
  })
  const [only] = kept
  if (only !== undefined && kept.length === 1) return view([pieceOf(only)], copySteps, findings)
  if (!sameSchema(kept.map(({ site }) => site)))
    return {
      kind: 'refused',
      findings,
      because: `${kept.length} files with different columns were joined; say which of them is wanted (part 1 to ${parts.length})`,
    }
  return await planMerge(source, kept, copySteps, findings, options)
}

function planOne(parts: readonly FilePart[], number: number, findings: readonly Finding[]): ContainerPlan {
  const part = parts[number - 1]
  if (part === undefined)
    return { kind: 'refused', findings, because: `there is no part ${number}: ${parts.length} files were joined` }
  const others = parts.length === 2 ? 'the other one' : `the other ${parts.length - 1}`
  const step: RepairStep = {
    code: 'PQ109',
    what: `File ${number} of ${parts.length} is taken (bytes ${part.start} to ${part.end}), ${others} left out`,
    lossless: false,
  }
  return view([pieceOf(part)], [step], findings)
}

/** Files without a footer cannot be taken over as they are: the first whole one is, and the others are named. */
function planWhole(
  parts: readonly FilePart[],
  whole: readonly WholePart[],
  findings: readonly Finding[],
): ContainerPlan {
  const [first] = whole
  if (first === undefined) return { kind: 'refused', findings, because: 'none of the joined files has a footer' }
  const left = parts.flatMap((part, index) => (part === first ? [] : [{ ...part, number: index + 1 }]))
  const losses = left.map(({ number, start, end, site }) =>
    finding(
      'PQ109',
      `File ${number} of ${parts.length} (${end - start} bytes${site === undefined ? ', no footer' : ''}) is left out; it can be had alone as part ${number}.`,
      { repairable: 'lossy', where: { offset: start, length: end - start }, evidence: { part: number } },
    ),
  )
  const number = parts.indexOf(first) + 1
  const step: RepairStep = {
    code: 'PQ109',
    what: `File ${number} of ${parts.length} is taken (bytes ${first.start} to ${first.end}), the rest left out`,
    lossless: false,
  }
  return view([pieceOf(first)], [step], [...findings, ...losses])
}

async function planMerge(
  source: ByteSource,
  parts: readonly WholePart[],
  steps: readonly RepairStep[],
  findings: readonly Finding[],
  { signal }: ContainerOptions,
): Promise<ContainerPlan> {
  const pieces: Piece[] = parts.map(pieceOf)
  const merged = await mergeFooters(source, parts, signal)
  if (merged.kind === 'refused') return { kind: 'refused', findings, because: merged.because }
  const what = `The row groups of ${parts.length} joined files are listed in one new footer (${merged.rows.toLocaleString('en-US')} rows); every byte of the files is kept`
  return view(
    [...pieces, { kind: 'new', bytes: merged.bytes }],
    [...steps, { code: 'PQ109', what, lossless: true }, ...merged.steps],
    findings,
  )
}

/** Of each part that equals an earlier one byte for byte: which one. */
async function findCopies(
  source: ByteSource,
  parts: readonly FilePart[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, number>> {
  const copies = new Map<number, number>()
  for (const [index, part] of parts.entries())
    for (let earlier = 0; earlier < index && !copies.has(index); earlier++) {
      const other = parts[earlier]
      if (other === undefined || copies.has(earlier) || other.end - other.start !== part.end - part.start) continue
      if (await isSame(source, other.start, part.start, part.end - part.start, signal)) copies.set(index, earlier)
    }
  return copies
}

const STEP = 1024 * 1024

async function isSame(
  source: ByteSource,
  left: number,
  right: number,
  length: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  // Files that differ mostly do so in their footers.
  const ends = Math.min(length, 4096)
  const [a, b] = [await source.read(left + length - ends, ends), await source.read(right + length - ends, ends)]
  if (Buffer.compare(a, b) !== 0) return false
  for (let at = 0; at < length; at += STEP) {
    signal?.throwIfAborted()
    const size = Math.min(STEP, length - at)
    const pair = [await source.read(left + at, size), await source.read(right + at, size)] as const
    if (Buffer.compare(...pair) !== 0) return false
  }
  return true
}

function pieceOf({ start, end }: FilePart): Piece {
  return { kind: 'source', offset: start, length: end - start }
}

function view(pieces: readonly Piece[], steps: readonly RepairStep[], findings: readonly Finding[]): ContainerPlan {
  return { kind: 'view', pieces, steps, findings }
}
