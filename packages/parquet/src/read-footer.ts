import type { ByteSource, Finding } from '@tidegate/core'

import { decodeFooter } from './decode-footer.ts'
import { finding } from './finding-codes.ts'
import type { ParquetFooter } from './footer.ts'
import { findFooterStart, findPartialFooter, findTailMagic } from './search-footer.ts'

/** The end of the file that is looked through for a displaced footer. */
const TAIL_BYTES = 64 * 1024
/** A footer above this is refused: it would be held in memory. */
const MAX_FOOTER_BYTES = 256 * 1024 * 1024
const SMALLEST_FILE = 12
const MAGIC = [0x50, 0x41, 0x52, 0x31] as const

export type FooterOutcome =
  /** `findings` holds what is wrong around a footer that can be read all the same, such as trailing bytes. */
  | { readonly kind: 'ok'; readonly footer: ParquetFooter; readonly findings: readonly Finding[] }
  | { readonly kind: 'bad'; readonly findings: readonly Finding[] }

/**
 * Reads and decodes the footer of a Parquet file; where it is not in its place, looks for it. Reads the last 64 KiB and
 * the footer, nothing else (a truncated file: up to 1 MiB). Throws only what the source throws.
 */
export async function readFooter(source: ByteSource): Promise<FooterOutcome> {
  const size = source.sizeBytes
  if (size === 0) return bad(finding('PQ101', 'The file is empty (0 bytes).', { severity: 'fatal' }))
  if (size < SMALLEST_FILE)
    return bad(
      finding('PQ102', `The file has ${size} bytes; the smallest Parquet file has 12.`, {
        severity: 'fatal',
        evidence: { sizeBytes: size },
      }),
    )
  const tail = await source.read(Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES))
  if (endsWith(tail, 'PARE'))
    return bad(finding('PQ112', 'The footer is encrypted (the file ends with PARE).', { severity: 'fatal' }))
  if (!endsWith(tail, 'PAR1')) return await readDisplacedFooter(source, tail)

  const footerBytes = lengthField(tail, tail.length)
  const footerOffset = size - 8 - footerBytes
  if (footerOffset < 4 || footerBytes === 0 || footerBytes > MAX_FOOTER_BYTES)
    return await readFooterOfWrongLength(source, footerBytes)
  const bytes =
    footerBytes + 8 <= tail.length
      ? tail.subarray(tail.length - 8 - footerBytes, tail.length - 8)
      : await source.read(footerOffset, footerBytes)
  const decoded = decodeFooter(bytes, { footerOffset, trailingBytes: 0 })
  if (decoded.kind === 'bad') {
    const other = await findFooterStart(source, size - 8)
    if (other !== undefined && other.footerOffset !== footerOffset) return wrongLength(footerBytes, other)
    return bad(decoded.finding)
  }
  return { kind: 'ok', footer: decoded.footer, findings: [] }
}

async function readDisplacedFooter(source: ByteSource, tail: Uint8Array): Promise<FooterOutcome> {
  const size = source.sizeBytes
  const missing = missingMagicBytes(tail)
  if (missing > 0) {
    const footerBytes = lengthField(tail, tail.length + missing)
    const footerOffset = size + missing - 8 - footerBytes
    if (footerOffset >= 4 && footerBytes <= MAX_FOOTER_BYTES) {
      const bytes = await source.read(footerOffset, footerBytes)
      const decoded = decodeFooter(bytes, { footerOffset, trailingBytes: 0 })
      if (decoded.kind === 'ok' && decoded.end === footerBytes)
        return bad(
          finding(
            'PQ106',
            `The last ${missing === 1 ? 'byte' : `${missing} bytes`} of the file are missing; the rest is in order.`,
            {
              repairable: 'lossless',
              where: { offset: size, length: missing },
              evidence: { missingBytes: missing },
            },
          ),
        )
    }
  }
  const found = await findTailMagic(source, tail, MAX_FOOTER_BYTES)
  if (found !== undefined) {
    const { trailingBytes } = found
    const content = contentOf(tail.subarray(tail.length - trailingBytes))
    return {
      kind: 'ok',
      footer: found,
      findings: [
        finding('PQ107', `${trailingBytes} bytes (${content}) follow the end of the Parquet file.`, {
          repairable: 'lossless',
          where: { offset: size - trailingBytes, length: trailingBytes },
          evidence: { trailingBytes, content },
        }),
      ],
    }
  }
  const noMagic = finding('PQ105', 'The file does not end with PAR1: it was cut off or never finished.', {
    severity: 'fatal',
    repairable: 'lossy',
    evidence: { lastBytes: hex(tail.subarray(-8)) },
  })
  const partial = await findPartialFooter(source)
  return bad(noMagic, partial ?? finding('PQ201', 'No footer was found.', { severity: 'fatal', repairable: 'lossy' }))
}

async function readFooterOfWrongLength(source: ByteSource, footerBytes: number): Promise<FooterOutcome> {
  const other = await findFooterStart(source, source.sizeBytes - 8)
  if (other !== undefined) return wrongLength(footerBytes, other)
  return bad(
    finding('PQ203', `The footer claims ${footerBytes} bytes, the file has ${source.sizeBytes}.`, {
      severity: 'fatal',
      repairable: 'lossy',
      where: { offset: source.sizeBytes - 8, length: 4 },
      evidence: { claimedBytes: footerBytes, sizeBytes: source.sizeBytes },
    }),
  )
}

function wrongLength(claimedBytes: number, footer: ParquetFooter): FooterOutcome {
  const end = footer.footerOffset + footer.footerBytes
  return bad(
    finding('PQ203', `The footer claims ${claimedBytes} bytes; it has ${footer.footerBytes}.`, {
      repairable: 'lossless',
      where: { offset: end, length: 4 },
      evidence: { claimedBytes, foundBytes: footer.footerBytes, footerOffset: footer.footerOffset },
    }),
  )
}

function bad(...findings: readonly Finding[]): FooterOutcome {
  return { kind: 'bad', findings }
}

function lengthField(tail: Uint8Array, magicEnd: number): number {
  const at = magicEnd - 8
  return at < 0 || at + 4 > tail.length ? 0 : new DataView(tail.buffer, tail.byteOffset + at, 4).getUint32(0, true)
}

/** How many bytes of the closing PAR1 are missing, when one to three of its first bytes are there; else 0. */
function missingMagicBytes(tail: Uint8Array): number {
  for (let kept = 3; kept >= 1; kept--) {
    const start = tail.length - kept
    if (MAGIC.slice(0, kept).every((byte, index) => tail[start + index] === byte)) return 4 - kept
  }
  return 0
}

function contentOf(bytes: Uint8Array): 'zeros' | 'newline' | 'other' {
  if (bytes.every((byte) => byte === 0)) return 'zeros'
  return bytes.every((byte) => byte === 10 || byte === 13) ? 'newline' : 'other'
}

function endsWith(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.subarray(-text.length)).toString('latin1') === text
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
