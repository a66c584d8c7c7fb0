/** What a file is made of: one Parquet file, several, a packed one, a cut one, none. Diagnosis and repair both go by it. */
import type { ByteSource, Finding } from '@tidegate/core'

import { finding } from '../../finding-codes.ts'
import { isInsidePage } from '../../repair/lost-footer/is-inside-page.ts'
import { mergePieces, viewOf, type Piece } from '../../source/pieces.ts'
import { sniffFormat, type Detected } from '../../sniff-format.ts'
import { encryptedColumns } from '../footer/check-encryption.ts'
import { readLayout, type LayoutFacts } from '../footer/read-layout.ts'
import {
  behindFindings,
  headFindings,
  lostFindings,
  mangledFinding,
  packedFinding,
  wrongFormat,
} from './container-findings.ts'
import { searchFooter, type FooterSite } from './footer-site.ts'
import { readParts, type FilePart } from './read-parts.ts'
import { isPacked, peekPacked, type Packed, type PackedContent } from './peek-packed.ts'
import { readTextMode, withoutCarriageReturns } from './text-mode.ts'

export type ContainerShape =
  /** `start`: its first byte; `head`: bytes of the PAR1 there that are missing or wrong, and more that were before the data. */
  | {
      readonly kind: 'file'
      readonly start: number
      readonly headIsWhole: boolean
      /** Bytes that are missing at the start of the file. */
      readonly headMissing: number
      readonly site: FooterSite
      readonly layout: LayoutFacts
    }
  | { readonly kind: 'parts'; readonly parts: readonly FilePart[] }
  | { readonly kind: 'packed'; readonly packed: Packed; readonly content: PackedContent }
  /** `undone`: the file as it was before, where that looks possible. */
  | { readonly kind: 'mangled'; readonly how: 'crlf' | 'utf8'; readonly undone: readonly Piece[] | undefined }
  /** It looks like Parquet, but no footer can be read. `isOuter`: the one that can is of a file inside a value. */
  | { readonly kind: 'lost'; readonly headIsWhole: boolean; readonly isOuter?: true }
  | { readonly kind: 'encrypted' }
  | { readonly kind: 'nothing' }

export interface ContainerFacts {
  readonly shape: ContainerShape
  readonly detected: Detected
  readonly findings: readonly Finding[]
}

export interface ContainerRequest {
  /** The file's name; it decides only where the bytes leave the format open. @defaultValue '' */
  readonly name?: string | undefined
  /** Its first 64 KiB, where they have been read already. */
  readonly head?: Uint8Array | undefined
  /** Looks at every chunk's start, not at four. @defaultValue false */
  readonly thorough?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

const WINDOW_BYTES = 64 * 1024
const SMALLEST_FILE = 12

/**
 * Reads at most 64 KiB at each end, the footer and the header of a few pages; more only where something is wrong. Throws
 * what the source throws, and when aborted.
 */
export async function readContainer(source: ByteSource, request: ContainerRequest = {}): Promise<ContainerFacts> {
  const size = source.sizeBytes
  if (size === 0) {
    const empty = finding('PQ101', 'The file is empty (0 bytes).', { severity: 'fatal' })
    return { shape: { kind: 'nothing' }, detected: 'empty', findings: [empty] }
  }
  const head = request.head ?? (await source.read(0, Math.min(size, WINDOW_BYTES)))
  const tail = size <= WINDOW_BYTES ? head : await source.read(size - Math.min(size, 16), 16)
  const detected = sniffFormat(head, tail, request.name ?? '')
  if (size < SMALLEST_FILE) return tooShort(size, detected)
  if (isPacked(detected)) {
    const content = await peekPacked(source, head, detected)
    const search = content === 'parquet' ? undefined : await searchFooter(source)
    if (search?.kind !== 'found')
      return {
        shape: { kind: 'packed', packed: detected, content },
        detected,
        findings: [packedFinding(detected, content)],
      }
  }
  const search = await searchFooter(source)
  if (search.kind === 'encrypted')
    return {
      shape: { kind: 'encrypted' },
      detected: 'parquet',
      findings: [finding('PQ112', 'The footer is encrypted (the file ends with PARE).', { severity: 'fatal' })],
    }
  const seen: Seen = { source, head, detected, request }
  return search.kind === 'found'
    ? await withFooter(seen, search.site)
    : await withoutFooter(seen, search.finding, search.lastBytes)
}

interface Seen {
  readonly source: ByteSource
  readonly head: Uint8Array
  readonly detected: Detected
  readonly request: ContainerRequest
}

function tooShort(sizeBytes: number, detected: Detected): ContainerFacts {
  const short = finding('PQ102', `The file has ${sizeBytes} bytes; the smallest Parquet file has 12.`, {
    severity: 'fatal',
    evidence: { sizeBytes },
  })
  return { shape: { kind: 'nothing' }, detected, findings: [short] }
}

async function withFooter(seen: Seen, site: FooterSite): Promise<ContainerFacts> {
  const { source, head, request } = seen
  const headIsWhole = isMagic(head)
  const encrypted = encryptedColumns(site.footer)
  if (encrypted !== undefined) return { shape: { kind: 'encrypted' }, detected: 'parquet', findings: [encrypted] }
  const layout = await readLayout(source, site.footer, { head, thorough: request.thorough, signal: request.signal })
  const parts = await readParts(source, site, layout, { head, signal: request.signal })
  if (parts !== undefined)
    return { shape: { kind: 'parts', parts: parts.parts }, detected: 'parquet', findings: [parts.finding] }
  const isDisplaced = layout.kind === 'shifted' && layout.starts
  // A Parquet file can be a value of another one, whose own end is missing.
  if (isDisplaced && (await isInsidePage(source, layout.delta, request.signal)))
    return {
      shape: { kind: 'lost', headIsWhole, isOuter: true },
      detected: 'parquet',
      findings: await lostFindings(source, undefined, await source.read(Math.max(0, source.sizeBytes - 8), 8)),
    }
  if (layout.kind !== 'fits' && !isDisplaced) {
    const mangled = await readMangled(seen)
    if (mangled !== undefined) return mangled
  }
  const start = isDisplaced ? layout.delta : 0
  const headMissing = !headIsWhole && layout.kind === 'shifted' && layout.delta < 0 ? -layout.delta : 0
  return {
    shape: { kind: 'file', start, headIsWhole: headIsWhole || isDisplaced, headMissing, site, layout },
    detected: 'parquet',
    findings: [...headFindings(head, { headIsWhole, headMissing, start }), ...(await behindFindings(source, site))],
  }
}

async function withoutFooter(seen: Seen, problem: Finding | undefined, lastBytes: Uint8Array): Promise<ContainerFacts> {
  const { source, head, detected, request } = seen
  const headIsWhole = isMagic(head)
  if (headIsWhole || problem !== undefined) {
    const parts = await readParts(source, undefined, undefined, { head, signal: request.signal })
    if (parts !== undefined)
      return { shape: { kind: 'parts', parts: parts.parts }, detected: 'parquet', findings: [parts.finding] }
    const mangled = await readMangled(seen)
    if (mangled !== undefined) return mangled
    return {
      shape: { kind: 'lost', headIsWhole },
      detected: 'parquet',
      findings: await lostFindings(source, problem, lastBytes),
    }
  }
  if (detected !== 'parquet') return { shape: { kind: 'nothing' }, detected, findings: [wrongFormat(detected)] }
  return {
    shape: { kind: 'lost', headIsWhole },
    detected,
    findings: await lostFindings(source, problem, lastBytes),
  }
}

async function readMangled({ source, head, request }: Seen): Promise<ContainerFacts | undefined> {
  const tailBytes = Math.min(source.sizeBytes, WINDOW_BYTES)
  const tail = await source.read(source.sizeBytes - tailBytes, tailBytes)
  const how = await readTextMode(source, [head, tail])
  if (how === undefined) return undefined
  const undone = how === 'crlf' ? await undo(source, request) : undefined
  return {
    shape: { kind: 'mangled', how, undone },
    detected: 'parquet',
    findings: [mangledFinding(how, undone !== undefined)],
  }
}

/** Only where the result is a file whose chunks all begin with a page. */
async function undo(source: ByteSource, { signal }: ContainerRequest): Promise<readonly Piece[] | undefined> {
  const pieces = await withoutCarriageReturns(source, signal)
  if (pieces === undefined) return undefined
  const view = viewOf(source, mergePieces(pieces))
  const search = view.sizeBytes < SMALLEST_FILE ? undefined : await searchFooter(view)
  if (search?.kind !== 'found') return undefined
  const head = await view.read(0, 4)
  const layout = await readLayout(view, search.site.footer, { head, thorough: true, signal })
  return layout.kind === 'fits' && isMagic(head) ? pieces : undefined
}

export function isMagic(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 4)).toString('latin1') === 'PAR1'
}
