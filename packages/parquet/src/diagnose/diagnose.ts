import type { ByteSource, Diagnosis } from '@tidegate/core'

import { diagnoseFile } from '../diagnose-file.ts'
import { planContainer } from '../repair/container/plan-container.ts'
import type { RepairStep } from '../repair/plan.ts'
import { planFooter } from '../repair/footer/plan-footer.ts'
import { openSource, type Source } from '../source/open-source.ts'
import { viewOf } from '../source/pieces.ts'
import { diagnoseChunks, readKnownFooter } from './diagnose-chunks.ts'
import { diagnoseLostFooter } from './diagnose-lost-footer.ts'
import { isBad } from './judge-verdict.ts'
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
  if (sound !== undefined) return await diagnoseChunks(reading, shallow, sound, options)
  // What a repair would do to ends and footer, so that bytes before the file or shifted offsets do not hide its pages.
  const container = await planContainer(source, { name, limits, signal })
  if (container.kind !== 'view') return shallow
  const view = viewOf(reading, container.pieces)
  const footer = await planFooter(view, { limits, signal })
  const diagnosis =
    footer.kind === 'footer'
      ? await diagnoseChunks(view, withProof(shallow, footer.steps), footer, options)
      : footer.kind === 'lost'
        ? await diagnoseLostFooter(view, shallow, options)
        : shallow
  return { ...diagnosis, findings: placeInSource(diagnosis.findings, container.pieces, shallow.findings) }
}

/** What can be lost in a repair of the types is known only once the pages were looked at. */
function withProof(shallow: Diagnosis, steps: readonly RepairStep[]): Diagnosis {
  const proven = steps.filter(({ code, lossless }) => code === 'PQ206' && lossless)
  if (proven.length === 0) return shallow
  const findings = shallow.findings.map((found) =>
    found.code === 'PQ206' &&
    proven.some(({ what }) => what.startsWith(`Column ${found.where?.column ?? ''} is stored as`))
      ? { ...found, repairable: 'lossless' as const }
      : found,
  )
  return { ...shallow, findings }
}
