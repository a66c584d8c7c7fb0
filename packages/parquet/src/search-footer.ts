/** Looks for footers that are not where they should be. Reads at most the last 32 MiB of the file. */
import type { ByteSource, Finding } from '@tidegate/core'

import { decodeFooter } from './decode-footer.ts'
import { decodeSchema } from './decode-schema.ts'
import { finding } from './finding-codes.ts'
import type { ParquetFooter } from './footer.ts'
import { readThriftStruct, type ThriftValue } from './read-thrift.ts'

const WINDOW_BYTES = 1024 * 1024
/** Footers of very wide tables. */
const LONG_WINDOW_BYTES = 32 * 1024 * 1024
/** Candidates that are decoded in full; random bytes give about one in a mebibyte. */
const MAX_CANDIDATES = 64

/** A footer and its Thrift bytes. */
export interface FoundFooter {
  readonly footer: ParquetFooter
  readonly bytes: Uint8Array
}

/** A footer whose PAR1 lies in `tail`, with the number of bytes behind it; the last one that can be decoded. */
export async function findTailMagic(
  source: ByteSource,
  tail: { readonly bytes: Uint8Array; readonly offset: number },
  maxFooterBytes: number,
): Promise<FoundFooter | undefined> {
  const text = Buffer.from(tail.bytes.buffer, tail.bytes.byteOffset, tail.bytes.byteLength)
  let tried = 0
  for (let at = text.lastIndexOf('PAR1'); at >= 8 && tried < MAX_CANDIDATES; at = text.lastIndexOf('PAR1', at - 1)) {
    tried++
    const footerBytes = text.readUInt32LE(at - 4)
    const footerOffset = tail.offset + at - 4 - footerBytes
    if (footerOffset < 4 || footerBytes > maxFooterBytes || footerBytes < 4) continue
    const trailingBytes = source.sizeBytes - tail.offset - at - 4
    const bytes = await source.read(footerOffset, footerBytes)
    const decoded = decodeFooter(bytes, { footerOffset, trailingBytes })
    if (decoded.kind === 'ok' && decoded.end === footerBytes) return { footer: decoded.footer, bytes }
  }
  return undefined
}

/** A footer that ends exactly at `end`, whatever its length field says. */
export async function findFooterEndingAt(source: ByteSource, end: number): Promise<FoundFooter | undefined> {
  for (const length of [WINDOW_BYTES, LONG_WINDOW_BYTES]) {
    const windowStart = Math.max(0, end - length)
    const window = await source.read(windowStart, end - windowStart)
    for (const start of candidates(window)) {
      const bytes = window.subarray(start)
      const decoded = decodeFooter(bytes, { footerOffset: windowStart + start, trailingBytes: 0 })
      if (decoded.kind === 'ok' && decoded.end === bytes.length) return { footer: decoded.footer, bytes }
    }
    if (windowStart === 0) break
  }
  return undefined
}

/** A whole footer in the last MiB, whatever stands behind it. Its chunks must lie before it. */
export async function findFooterBefore(source: ByteSource, end: number): Promise<FoundFooter | undefined> {
  const windowStart = Math.max(0, end - WINDOW_BYTES)
  const window = await source.read(windowStart, end - windowStart)
  for (const start of candidates(window)) {
    const footerOffset = windowStart + start
    const decoded = decodeFooter(window.subarray(start), { footerOffset, trailingBytes: 0 })
    if (decoded.kind !== 'ok' || decoded.footer.leaves.length === 0) continue
    const isPossible = decoded.footer.rowGroups.every(({ chunks }) =>
      chunks.every((chunk) => chunk.end <= footerOffset),
    )
    if (isPossible) return { footer: decoded.footer, bytes: window.subarray(start, start + decoded.end) }
  }
  return undefined
}

/** What is left of a footer that is cut off at the end of the file. */
export async function findPartialFooter(source: ByteSource): Promise<Finding | undefined> {
  const windowStart = Math.max(0, source.sizeBytes - WINDOW_BYTES)
  const window = await source.read(windowStart, source.sizeBytes - windowStart)
  for (const start of candidates(window)) {
    const survived = readPartially(window, start)
    if (survived === undefined) continue
    const { rows, rowGroups } = survived
    return finding(
      'PQ202',
      `The footer is cut off: the schema survives, with ${rowGroups} complete row ${rowGroups === 1 ? 'group' : 'groups'}.`,
      {
        severity: 'fatal',
        repairable: 'lossy',
        where: { offset: windowStart + start, length: window.length - start },
        evidence: { schemaSurvives: true, rowGroups, ...(rows === undefined ? {} : { rows }) },
      },
    )
  }
  return undefined
}

function readPartially(
  window: Uint8Array,
  start: number,
): { readonly rows: number | undefined; readonly rowGroups: number } | undefined {
  let schema: readonly ThriftValue[] | undefined
  let rows: number | undefined
  let rowGroups = 0
  try {
    readThriftStruct(window, start, (field, value, inList) => {
      if (field === 4 && inList) rowGroups++
      if (field === 2 && !inList && typeof value === 'object' && 'kind' in value && value.kind === 'list')
        schema = value.items
      if (field === 3 && typeof value === 'bigint') rows = Number(value)
    })
    return undefined
  } catch {
    if (schema === undefined || schema.length < 2) return undefined
    return isSchema(schema) ? { rows, rowGroups } : undefined
  }
}

function isSchema(items: readonly ThriftValue[]): boolean {
  try {
    return decodeSchema(items).leaves.length > 0
  } catch {
    return false
  }
}

/** Positions where a FileMetaData may begin: field 1 (i32, version 1 or 2), then field 2 (a list). Last ones first. */
function candidates(window: Uint8Array): number[] {
  const text = Buffer.from(window.buffer, window.byteOffset, window.byteLength)
  const found: number[] = []
  for (
    let at = text.lastIndexOf(0x15);
    at >= 0 && found.length < MAX_CANDIDATES;
    at = at === 0 ? -1 : text.lastIndexOf(0x15, at - 1)
  ) {
    const version = text[at + 1]
    const isStart = (version === 2 || version === 4) && text[at + 2] === 0x19 && ((text[at + 3] ?? 0) & 15) === 12
    if (isStart) found.push(at)
  }
  return found
}
