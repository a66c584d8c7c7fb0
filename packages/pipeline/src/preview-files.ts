/** What a run would find in some files: read and judged as it would, with the first rows. Nothing is written but in a work folder. */
import type { CheckResult, ColumnSchema, Contract, FileVersion, Reason, SourceConfig, Verdict } from '@tidegate/core'
import { sampleFirstRows, type FailingRow, type SampledRow } from '@tidegate/dq'
import type { PipelineEffects } from './effects.ts'
import { judgeBatch, type JudgedFile } from './judge-batch.ts'
import { closeLanes, openLanes, type Lanes } from './lanes.ts'
import { relationOf } from './prepare-file.ts'

export interface PreviewedFile {
  readonly path: string
  readonly dataset: string
  readonly bytes: number
  readonly rows: number
  readonly columns: readonly ColumnSchema[]
  /** `unreadable`: nothing could be read, see the reasons. */
  readonly verdict: Verdict['kind'] | 'unreadable'
  readonly score: number | null
  readonly reasons: readonly Reason[]
  /** Checks that failed or could not be evaluated. */
  readonly failed: readonly CheckResult[]
  readonly failingRows: readonly FailingRow[]
  readonly firstRows: readonly SampledRow[]
}

export interface PreviewRequest {
  readonly source: SourceConfig
  readonly contractOf: (dataset: string) => Promise<Contract | undefined>
  /** First rows and failing rows per file. */
  readonly rows: number
}

/** Damaged files are not repaired here: they are `unreadable`, with what is wrong. */
export async function previewFiles(
  files: readonly FileVersion[],
  request: PreviewRequest,
  effects: Pick<PipelineEffects, 'store' | 'clock' | 'signal' | 'report' | 'openSession' | 'openWorkFolder'>,
): Promise<readonly PreviewedFile[]> {
  if (files.length === 0) return []
  await using folder = await effects.openWorkFolder('preview')
  const lanes = await openLanes(effects)
  try {
    const found: PreviewedFile[] = []
    for (const [dataset, versions] of Map.groupBy(files, (file) => file.dataset)) {
      const contract = await request.contractOf(dataset)
      const batch = { batch: 'preview', attempt: 1, dataset, files: versions }
      const settings = { source: request.source, contract, gateFlag: {} }
      const judged = await judgeBatch(batch, settings, lanes, folder.path, effects)
      for (const version of versions) {
        found.push(await previewed(version, judged.get(version.id), contract, request.rows, lanes, effects.signal))
      }
    }
    return found.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  } finally {
    await closeLanes(lanes)
  }
}

async function previewed(
  { path, dataset, sizeBytes: bytes }: FileVersion,
  judged: JudgedFile | undefined,
  contract: Contract | undefined,
  rows: number,
  lanes: Lanes,
  signal: AbortSignal,
): Promise<PreviewedFile> {
  const base = { path, dataset, bytes, rows: 0, columns: [], score: null, failed: [], failingRows: [], firstRows: [] }
  if (judged === undefined || judged.kind === 'unreadable')
    return { ...base, verdict: 'unreadable', reasons: judged?.reasons ?? [] }
  const { file, verdict, results, samples } = judged
  const relation = relationOf([file], lanes[0])
  return {
    ...base,
    rows: file.rowsRead,
    columns: relation.columns,
    verdict: verdict.kind,
    score: verdict.score,
    reasons: verdict.reasons,
    failed: results.filter(({ outcome }) => outcome !== 'passed'),
    failingRows: samples.slice(0, rows),
    firstRows: await sampleFirstRows(lanes[0], relation, { limit: rows, contract, signal }),
  }
}
