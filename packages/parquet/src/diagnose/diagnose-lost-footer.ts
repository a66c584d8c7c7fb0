import type { ByteSource, Diagnosis, Finding } from '@tidegate/core'

import { walkPages } from '../pages/walk-pages.ts'
import { planLostFooter } from '../repair/lost-footer/plan-lost-footer.ts'
import { viewOf } from '../source/pieces.ts'
import { diagnoseChunks, readKnownFooter, type PagesOptions } from './diagnose-chunks.ts'
import { isBad, judgeVerdict } from './judge-verdict.ts'
import { placeInSource } from './place-in-source.ts'

interface Seen {
  pages: number
  dataPages: number
  pageBytes: number
  /** Bytes that are no pages, and are not what stands between or behind them. */
  otherBytes: number
}

/**
 * Adds to a diagnosis without a footer which pages are still there; and where the file itself still says which columns it
 * has, what row groups they make.
 */
export async function diagnoseLostFooter(
  source: ByteSource,
  shallow: Diagnosis,
  options: PagesOptions,
): Promise<Diagnosis> {
  const { limits, signal } = options
  const seen: Seen = { pages: 0, dataPages: 0, pageBytes: 0, otherBytes: 0 }
  for await (const item of walkPages(source, { limits, signal })) {
    if (item.kind === 'gap') {
      seen.otherBytes += item.because === 'column-metadata' ? 0 : item.length
      continue
    }
    seen.pages++
    if (item.page.kind.startsWith('data')) seen.dataPages++
    seen.pageBytes += item.page.headerBytes + item.page.compressedBytes
  }
  const findings = shallow.findings.map((found) => withPages(found, seen))
  const counted: Diagnosis = {
    ...shallow,
    findings,
    verdict: judgeVerdict(findings),
    checked: { pages: seen.pages, withChecksum: 0, decoded: 0, headersOnly: seen.pages },
  }
  return seen.dataPages === 0 ? counted : ((await withOwnSchema(source, counted, options)) ?? counted)
}

/** With pages, rows can come back once a schema is found; without, nothing can. */
function withPages(found: Finding, seen: Seen): Finding {
  if (!isBad(found) || found.repairable === 'lossless') return found
  return {
    ...found,
    repairable: seen.dataPages > 0 ? 'lossy' : 'no',
    evidence: { ...found.evidence, ...seen },
  }
}

/** Undefined where the file alone does not tell its columns. Bytes of the source stay where they are. */
async function withOwnSchema(
  source: ByteSource,
  counted: Diagnosis,
  options: PagesOptions,
): Promise<Diagnosis | undefined> {
  const { limits, signal } = options
  const plan = await planLostFooter(source, { limits, signal, minConfidence: 'weak' })
  if (plan.kind !== 'salvaged') return undefined
  const view = viewOf(source, plan.pieces)
  const known = await readKnownFooter(view)
  if (known === undefined) return undefined
  const { layout, intactRows, findings } = await diagnoseChunks(view, counted, known, options)
  // Row groups that were put together may leave pages out, so all that was counted stays as it is.
  const placed = placeInSource(findings, plan.pieces, counted.findings)
  return { ...counted, findings: placed, verdict: judgeVerdict(placed), layout, intactRows }
}
