/** Findings of what surrounds the data of a file. */
import type { ByteSource, Finding } from '@tidegate/core'

import { finding } from '../../finding-codes.ts'
import { findPartialFooter } from '../../search-footer.ts'
import type { Detected } from '../../sniff-format.ts'
import { describeDetected } from './describe-detected.ts'
import type { FooterSite } from './footer-site.ts'
import type { Packed, PackedContent } from './peek-packed.ts'

export function headFindings(
  head: Uint8Array,
  seen: { readonly headIsWhole: boolean; readonly headMissing: number; readonly start: number },
): Finding[] {
  const { headIsWhole, headMissing, start } = seen
  if (start > 0)
    return [
      finding('PQ108', `${bytesOf(start)} ${start === 1 ? 'was' : 'were'} put before the start of the Parquet file.`, {
        repairable: 'lossless',
        where: { offset: 0, length: start },
        evidence: { leadingBytes: start },
      }),
    ]
  if (headIsWhole) return []
  if (headMissing > 0)
    return [
      finding(
        'PQ115',
        `The first ${headMissing === 1 ? 'byte of the file is' : `${bytesOf(headMissing)} of the file are`} missing.`,
        {
          repairable: headMissing <= 4 ? 'lossless' : 'lossy',
          where: { offset: 0, length: 0 },
          evidence: { offset: 0, delta: -headMissing },
        },
      ),
    ]
  const firstBytes = hex(head.subarray(0, 4))
  return [
    finding('PQ104', `The file begins with ${firstBytes} instead of PAR1; its footer is in order.`, {
      repairable: 'lossless',
      where: { offset: 0, length: 4 },
      evidence: { firstBytes },
    }),
  ]
}

/** What stands behind the footer, or is missing there. */
export async function behindFindings(source: ByteSource, site: FooterSite): Promise<Finding[]> {
  const { sizeBytes } = source
  const { missingBytes, magic, claimedBytes, footer } = site
  const footerEnd = footer.footerOffset + site.bytes.length
  const findings: Finding[] = []
  if (magic === 'whole' && !site.lengthIsRight) findings.push(lengthWrong(claimedBytes ?? 0, footer, footerEnd))
  if (magic === 'cut' && missingBytes < 4)
    findings.push(
      finding(
        'PQ106',
        `The last ${missingBytes === 1 ? 'byte of the file is' : `${missingBytes} bytes of the file are`} missing; the rest is in order.`,
        { repairable: 'lossless', where: { offset: sizeBytes, length: missingBytes }, evidence: { missingBytes } },
      ),
    )
  else if (magic !== 'whole')
    findings.push(
      finding('PQ105', 'The file does not end with PAR1; its footer is in order.', {
        repairable: 'lossless',
        where: { offset: magic === 'cut' ? sizeBytes : sizeBytes - 4, length: magic === 'cut' ? 0 : 4 },
        evidence: { lastBytes: hex(await source.read(Math.max(0, sizeBytes - 8), Math.min(8, sizeBytes))) },
      }),
    )
  const trailingBytes = sizeBytes - site.end
  if (trailingBytes > 0) {
    const content = await contentOf(source, site.end)
    findings.push(
      finding('PQ107', `${describeRest(trailingBytes, content)} the end of the Parquet file.`, {
        repairable: 'lossless',
        where: { offset: site.end, length: trailingBytes },
        evidence: { trailingBytes, content },
      }),
    )
  }
  return findings
}

function describeRest(count: number, content: 'zeros' | 'newline' | 'other'): string {
  const what = { zeros: 'zero bytes', newline: 'bytes of line ends', other: 'other bytes' }[content]
  return count === 1
    ? `One ${what.replace('bytes', 'byte')} follows`
    : `${count.toLocaleString('en-US')} ${what} follow`
}

/** For people: `1 byte`, `2,048 bytes`. */
function bytesOf(count: number): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? 'byte' : 'bytes'}`
}

function lengthWrong(claimedBytes: number, footer: FooterSite['footer'], end: number): Finding {
  const foundBytes = end - footer.footerOffset
  return finding('PQ203', `The footer claims ${bytesOf(claimedBytes)}; it has ${foundBytes.toLocaleString('en-US')}.`, {
    repairable: 'lossless',
    where: { offset: end, length: 4 },
    evidence: { claimedBytes, foundBytes, footerOffset: footer.footerOffset },
  })
}

const LOOKED_BYTES = 16 * 1024 * 1024

async function contentOf(source: ByteSource, start: number): Promise<'zeros' | 'newline' | 'other'> {
  const bytes = await source.read(start, Math.min(LOOKED_BYTES, source.sizeBytes - start))
  if (bytes.every((byte) => byte === 0)) return 'zeros'
  return bytes.every((byte) => byte === 10 || byte === 13) ? 'newline' : 'other'
}

export async function lostFindings(
  source: ByteSource,
  problem: Finding | undefined,
  lastBytes: Uint8Array,
): Promise<Finding[]> {
  if (problem !== undefined) return [problem]
  const noMagic = finding('PQ105', 'The file does not end with PAR1: it was cut off or never finished.', {
    severity: 'fatal',
    repairable: 'lossy',
    evidence: { lastBytes: hex(lastBytes) },
  })
  const partial = await findPartialFooter(source)
  return [noMagic, partial ?? finding('PQ201', 'No footer was found.', { severity: 'fatal', repairable: 'lossy' })]
}

export function packedFinding(packed: Packed, content: PackedContent): Finding {
  const holds = content === 'several' ? ' with several files' : content === 'damaged' ? ' that cannot be unpacked' : ''
  return finding('PQ110', `The file is ${describeDetected(packed)}${holds}, not a bare Parquet file.`, {
    severity: 'fatal',
    repairable: content === 'parquet' ? 'lossless' : 'no',
    evidence: { detected: packed, content },
  })
}

export function wrongFormat(detected: Detected): Finding {
  return finding('PQ103', `The file is not Parquet; it looks like ${describeDetected(detected)}.`, {
    severity: 'fatal',
    evidence: { detected },
  })
}

export function mangledFinding(how: 'crlf' | 'utf8', isUndoable: boolean): Finding {
  return how === 'crlf'
    ? finding(
        'PQ111',
        'The file was transferred as text: each of its line feeds (byte 0A) has a carriage return before it.',
        {
          severity: 'fatal',
          repairable: isUndoable ? 'lossless' : 'no',
          evidence: { how },
        },
      )
    : finding('PQ111', 'The file was taken for UTF-8 text: bytes that are none were replaced by U+FFFD and are gone.', {
        severity: 'fatal',
        evidence: { how },
      })
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
