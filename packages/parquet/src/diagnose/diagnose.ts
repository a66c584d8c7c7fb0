import type { ByteSource, Diagnosis, Finding } from '@tidegate/core'

import { diagnoseFile } from '../diagnose-file.ts'
import { planContainer } from '../repair/container/plan-container.ts'
import { planFooter } from '../repair/footer/plan-footer.ts'
import type { FooterPlan } from '../repair/stages.ts'
import { openSource, type Source } from '../source/open-source.ts'
import { viewOf } from '../source/pieces.ts'
import { answerByRepair } from './answer-by-repair.ts'
import { diagnoseChunks, readKnownFooter, type PagesOptions } from './diagnose-chunks.ts'
import { diagnoseLostFooter } from './diagnose-lost-footer.ts'
import { isBad, judgeVerdict } from './judge-verdict.ts'
import type { DiagnoseRequest } from './options.ts'
import { placeInSource } from './place-in-source.ts'
import { withProgress, type BytesProgress } from './with-progress.ts'

export type DeepRequest = DiagnoseRequest & {
  readonly signal?: AbortSignal | undefined
  /** Called as reading goes on, in steps of about one percent. */
  readonly onProgress?: ((done: BytesProgress) => void) | undefined
}

/**
 * Says what is wrong with a file, as deep as asked for: see `DiagnosisLevel`. Reads by ranges, holds one page at a time and
 * writes nothing. Bad bytes are findings: it throws only what the source throws (I/O), and when aborted.
 *
 * Of each kind of finding 200 are told one by one; where there are more, one more finding has the exact counts.
 */
export async function diagnose(source: Source, request: DeepRequest = {}): Promise<Diagnosis> {
  const opened = await openSource(source)
  try {
    return await diagnoseOpened(opened, request)
  } finally {
    await opened.close()
  }
}

async function diagnoseOpened(source: ByteSource, request: DeepRequest): Promise<Diagnosis> {
  const { level = 'footer', name = '', expected = 'parquet', limits, signal, onProgress } = request
  signal?.throwIfAborted()
  const isShallow = level === 'container' || level === 'footer'
  const shallow: Diagnosis = {
    ...(await diagnoseFile(source, { name, expected, level: isShallow ? level : 'footer' })),
    level,
  }
  if (isShallow || shallow.detected !== 'parquet' || shallow.verdict === 'encrypted') return shallow
  const reading = withProgress(source, onProgress)
  const options = { level, limits, signal }
  const sound = shallow.findings.some(isBad) ? undefined : await readKnownFooter(source)
  if (sound !== undefined) {
    const first = await diagnoseChunks(reading, shallow, sound, options)
    return first.kind === 'sound' ? first : await withMendedFooter(source, shallow, first, options)
  }
  // What a repair would do to ends and footer, so that bytes before the file or shifted offsets do not hide its pages.
  const container = await planContainer(source, { name, limits, signal })
  if (container.kind !== 'view') return shallow
  if (container.hasNoFooter === true) return await diagnoseLostFooter(reading, shallow, options)
  const view = viewOf(reading, container.pieces)
  const footer = await planFooter(view, { limits, signal })
  const diagnosis =
    footer.kind === 'footer'
      ? await diagnoseChunks(view, withProof(shallow, footer), footer, options)
      : footer.kind === 'lost'
        ? await diagnoseLostFooter(view, shallow, options)
        : shallow
  return { ...diagnosis, findings: placeInSource(diagnosis.findings, container.pieces, shallow.findings) }
}

/** A footer that contradicts nothing but its pages: what only its own numbers made wrong is repaired without loss. */
async function withMendedFooter(
  source: ByteSource,
  shallow: Diagnosis,
  first: Diagnosis,
  options: PagesOptions,
): Promise<Diagnosis> {
  const { limits, signal } = options
  const plan = await planFooter(source, { limits, signal })
  if (plan.kind !== 'footer' || plan.steps.length === 0 || plan.steps.some(({ lossless }) => !lossless)) return first
  const mended = await diagnoseChunks(source, shallow, plan, options)
  const left = new Set(mended.findings.map(keyOf))
  const known = new Set(first.findings.map(keyOf))
  const findings = [
    ...first.findings.map((found) =>
      isBad(found) && !left.has(keyOf(found)) ? { ...found, repairable: 'lossless' as const } : found,
    ),
    ...mended.findings.filter((found) => !known.has(keyOf(found))),
  ]
  const verdict = mended.verdict === 'unrecoverable' ? mended.verdict : judgeVerdict(findings)
  return { ...mended, kind: 'unreadable', verdict, findings }
}

function keyOf({ code, message, where }: Finding): string {
  return JSON.stringify([code, message, where])
}

/** What can be lost in a repair of the footer is known only once the pages were looked at. */
function withProof(shallow: Diagnosis, { footer, steps }: Extract<FooterPlan, { kind: 'footer' }>): Diagnosis {
  const typed = steps.filter(({ code, lossless }) => code === 'PQ206' && lossless)
  const findings = answerByRepair(shallow.findings, footer, steps).map((found) =>
    found.code === 'PQ206' &&
    typed.some(({ what }) => what.startsWith(`Column ${found.where?.column ?? ''} is stored as`))
      ? { ...found, repairable: 'lossless' as const }
      : found,
  )
  return { ...shallow, findings }
}
