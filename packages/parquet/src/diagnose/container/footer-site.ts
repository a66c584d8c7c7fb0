/** Finds the footer of a file, in its place or out of it. */
import type { ByteSource, Finding } from '@tidegate/core'

import { decodeFooter } from '../../decode-footer.ts'
import { finding } from '../../finding-codes.ts'
import type { ParquetFooter } from '../../footer.ts'
import { findFooterBefore, findFooterEndingAt, findTailMagic } from '../../search-footer.ts'

/** A footer above this is refused: it would be held in memory. */
export const MAX_FOOTER_BYTES: number = 256 * 1024 * 1024
/** The end of the file that is looked through for a displaced footer first; then the larger one. */
const TAIL_BYTES = 64 * 1024
const LONG_TAIL_BYTES = 16 * 1024 * 1024
const MAGIC = [0x50, 0x41, 0x52, 0x31] as const

/** A footer that can be decoded, and what stands behind it. */
export interface FooterSite {
  readonly footer: ParquetFooter
  /** Its Thrift bytes, to the length field where that is right. */
  readonly bytes: Uint8Array
  /** What the length field says; undefined where it is gone. */
  readonly claimedBytes: number | undefined
  readonly lengthIsRight: boolean
  /** `cut`: the last `missingBytes` of length field and PAR1 are missing. `overwritten`: other bytes stand there. */
  readonly magic: 'whole' | 'cut' | 'overwritten'
  readonly missingBytes: number
  /** Exclusive end of the file that this footer closes. */
  readonly end: number
}

export type FooterSearch =
  | { readonly kind: 'found'; readonly site: FooterSite }
  | { readonly kind: 'encrypted' }
  /** `finding`: why the footer that the end of the file points to cannot be read; undefined: there is no PAR1. */
  | { readonly kind: 'none'; readonly finding: Finding | undefined; readonly lastBytes: Uint8Array }

/** Reads the last 64 KiB and the footer; where it is not in its place, up to 16 MiB. `source` has at least 12 bytes. */
export async function searchFooter(source: ByteSource): Promise<FooterSearch> {
  const size = source.sizeBytes
  const tail = await source.read(Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES))
  if (endsWith(tail, 'PARE')) return { kind: 'encrypted' }
  return endsWith(tail, 'PAR1') ? await atTheEnd(source, tail) : await outOfPlace(source, tail)
}

async function atTheEnd(source: ByteSource, tail: Uint8Array): Promise<FooterSearch> {
  const size = source.sizeBytes
  const claimedBytes = lengthField(tail, tail.length)
  const common = { claimedBytes, magic: 'whole', missingBytes: 0, end: size } as const
  const footerOffset = size - 8 - claimedBytes
  const isPossible = footerOffset >= 4 && claimedBytes > 0 && claimedBytes <= MAX_FOOTER_BYTES
  let problem: Finding | undefined
  if (isPossible) {
    const bytes =
      claimedBytes + 8 <= tail.length
        ? tail.subarray(tail.length - 8 - claimedBytes, tail.length - 8)
        : await source.read(footerOffset, claimedBytes)
    const decoded = decodeFooter(bytes, { footerOffset, trailingBytes: 0 })
    if (decoded.kind === 'ok') return found({ ...common, footer: decoded.footer, bytes, lengthIsRight: true })
    problem = decoded.finding
  }
  const other = await findFooterEndingAt(source, size - 8)
  if (other !== undefined && other.footer.footerOffset !== footerOffset)
    return found({ ...common, ...other, lengthIsRight: false })
  return { kind: 'none', finding: problem ?? impossibleLength(size, claimedBytes), lastBytes: tail.subarray(-8) }
}

function impossibleLength(sizeBytes: number, claimedBytes: number): Finding {
  return finding('PQ203', `The footer claims ${claimedBytes} bytes, the file has ${sizeBytes}.`, {
    severity: 'fatal',
    repairable: 'lossy',
    where: { offset: sizeBytes - 8, length: 4 },
    evidence: { claimedBytes, sizeBytes },
  })
}

async function outOfPlace(source: ByteSource, tail: Uint8Array): Promise<FooterSearch> {
  const size = source.sizeBytes
  for (const missingBytes of missingMagicBytes(tail)) {
    const site = await withLengthBefore(source, tail, size + missingBytes - 8)
    if (site !== undefined) return found({ ...site, magic: missingBytes === 0 ? 'overwritten' : 'cut', missingBytes })
  }
  const zeros = await trailingZeros(source, tail)
  const longTail = await tailBefore(source, size - zeros, TAIL_BYTES)
  const displaced =
    (await findTailMagic(source, longTail, MAX_FOOTER_BYTES)) ??
    (await findTailMagic(source, await tailBefore(source, size - zeros, LONG_TAIL_BYTES), MAX_FOOTER_BYTES))
  if (displaced !== undefined) {
    const { footer, bytes } = displaced
    const trailingBytes = footer.trailingBytes
    return found({
      footer,
      bytes,
      claimedBytes: bytes.length,
      lengthIsRight: true,
      magic: 'whole',
      missingBytes: 0,
      end: size - trailingBytes,
    })
  }
  // The file ends inside the length field, or something else stands behind the footer.
  const bare = await findFooterBefore(source, size)
  if (bare === undefined) return { kind: 'none', finding: undefined, lastBytes: tail.subarray(-8) }
  const left = size - bare.footer.footerOffset - bare.bytes.length
  const missingBytes = Math.max(0, 8 - left)
  const magic = missingBytes > 0 ? 'cut' : 'overwritten'
  return found({ ...bare, claimedBytes: undefined, lengthIsRight: false, magic, missingBytes, end: size })
}

/** The footer before a length field at `lengthAt`, which may be right although no PAR1 follows. */
async function withLengthBefore(
  source: ByteSource,
  tail: Uint8Array,
  lengthAt: number,
): Promise<Omit<FooterSite, 'magic' | 'missingBytes'> | undefined> {
  const claimedBytes = lengthField(tail, tail.length + lengthAt + 8 - source.sizeBytes)
  const footerOffset = lengthAt - claimedBytes
  if (footerOffset < 4 || claimedBytes < 4 || claimedBytes > MAX_FOOTER_BYTES) return undefined
  const bytes = await source.read(footerOffset, claimedBytes)
  const decoded = decodeFooter(bytes, { footerOffset, trailingBytes: 0 })
  if (decoded.kind !== 'ok' || decoded.end !== claimedBytes) return undefined
  return { footer: decoded.footer, bytes, claimedBytes, lengthIsRight: true, end: source.sizeBytes }
}

async function tailBefore(
  source: ByteSource,
  end: number,
  length: number,
): Promise<{ readonly bytes: Uint8Array; readonly offset: number }> {
  const offset = Math.max(0, end - length)
  return { bytes: await source.read(offset, end - offset), offset }
}

/** Files are written over space that was reserved: then zeros follow, more than the tail can hold. At most 1 GiB is seen. */
async function trailingZeros(source: ByteSource, tail: Uint8Array): Promise<number> {
  const step = 4 * 1024 * 1024
  let zeros = zeroRun(tail)
  if (zeros < tail.length) return zeros
  for (let end = source.sizeBytes - zeros; end > 0 && zeros < 1024 ** 3; end = source.sizeBytes - zeros) {
    const bytes = await source.read(Math.max(0, end - step), Math.min(step, end))
    const run = zeroRun(bytes)
    zeros += run
    if (run < bytes.length) return zeros
  }
  return zeros
}

function zeroRun(bytes: Uint8Array): number {
  let at = bytes.length
  while (at > 0 && bytes[at - 1] === 0) at--
  return bytes.length - at
}

function found(site: FooterSite): FooterSearch {
  return { kind: 'found', site }
}

function lengthField(tail: Uint8Array, magicEnd: number): number {
  const at = magicEnd - 8
  return at < 0 || at + 4 > tail.length ? 0 : new DataView(tail.buffer, tail.byteOffset + at, 4).getUint32(0, true)
}

/** How many bytes of the closing PAR1 may be missing, by what the file ends with; and none, if others stand there. */
function missingMagicBytes(tail: Uint8Array): number[] {
  const counts = [3, 2, 1].filter((kept) =>
    MAGIC.slice(0, kept).every((byte, index) => tail[tail.length - kept + index] === byte),
  )
  return [...counts.map((kept) => 4 - kept), 4, 0]
}

function endsWith(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.subarray(-text.length)).toString('latin1') === text
}
