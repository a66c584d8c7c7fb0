import type { ByteSource, Finding } from '@tidegate/core'

import { behindFindings, lostFindings } from './diagnose/container/container-findings.ts'
import { searchFooter } from './diagnose/container/footer-site.ts'
import { finding } from './finding-codes.ts'
import type { ParquetFooter } from './footer.ts'

const SMALLEST_FILE = 12

export type FooterOutcome =
  /** `findings` holds what is wrong around a footer that can be read all the same, such as trailing bytes. */
  | { readonly kind: 'ok'; readonly footer: ParquetFooter; readonly findings: readonly Finding[] }
  | { readonly kind: 'bad'; readonly findings: readonly Finding[] }

/**
 * Reads and decodes the footer of a Parquet file; where it is not in its place, looks for it. Reads the last 64 KiB and
 * the footer, nothing else (a truncated file: up to 16 MiB). `ok` where the bytes between PAR1 and PAR1 are in order; trailing
 * bytes are a finding. Throws only what the source throws.
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
  const search = await searchFooter(source)
  if (search.kind === 'encrypted')
    return bad(finding('PQ112', 'The footer is encrypted (the file ends with PARE).', { severity: 'fatal' }))
  if (search.kind === 'none') return bad(...(await lostFindings(source, search.finding, search.lastBytes)))
  const { site } = search
  const findings = await behindFindings(source, site)
  return site.magic === 'whole' && site.lengthIsRight
    ? { kind: 'ok', footer: site.footer, findings }
    : { kind: 'bad', findings }
}

function bad(...findings: readonly Finding[]): FooterOutcome {
  return { kind: 'bad', findings }
}
