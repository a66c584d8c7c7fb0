/** A dry run for people: what a run would take, what waits and why, and how the first files would fare. */
import type { FileVersion, SourceConfig } from '@tidegate/core'
import { previewFiles, type PreviewedFile } from '@tidegate/pipeline'
import { contractPath, type Project } from '../open-project.ts'
import { findWork } from './find-work.ts'

export interface PreviewOptions {
  /** How many files are read and judged; all are listed. */
  readonly files: number
  /** First rows and failing rows of each. */
  readonly rows: number
}

export interface SourcePreview {
  readonly source: string
  readonly filesSeen: number
  /** Known to every target as they are. */
  readonly unchanged: number
  /** Files that a run would take now, each once. `files` names at most 1,000 of them. */
  readonly filesToDo: number
  readonly bytesToDo: number
  readonly files: readonly {
    readonly path: string
    readonly dataset: string
    readonly bytes: number
    readonly why: string
  }[]
  /** Not taken yet, at most 1,000 of `waitingTotal`. */
  readonly waiting: readonly { readonly path: string; readonly why: string }[]
  readonly waitingTotal: number
  readonly tooOld: number
  /** The first files, judged by the contract in force. */
  readonly judged: readonly PreviewedFile[]
}

const LISTED = 1000

/** Changes nothing. Hashes new files, and reads those that it judges. */
export async function previewSource(
  project: Project,
  source: SourceConfig,
  options: PreviewOptions,
): Promise<SourcePreview> {
  const { effects } = project
  const { survey, plans } = await findWork(project, source, { hash: effects.store.hash })
  const work = plans.flatMap((plan) => plan.work)
  const files = [...new Map(work.map((item) => [item.version.path, item])).values()]
  const [first] = plans
  const waiting = new Map<string, string>([
    ...(first?.settling ?? []).map((file) => [file.path, SETTLING] as const),
    ...plans.flatMap((plan) => plan.waiting.map(({ file, reason }) => [file.path, reason.message] as const)),
    ...plans.flatMap((plan) => plan.unreadable.map(({ path, message }) => [path, message] as const)),
    ...files.flatMap(({ version, treatment }) => treatment.kind === 'refuse' ? [[version.path, treatment.reason.message] as const] : []), // prettier-ignore
  ])
  const taken = files.filter(({ treatment }) => treatment.kind !== 'refuse')
  const toJudge: FileVersion[] = taken
    .filter(({ treatment }) => treatment.kind === 'judge')
    .slice(0, Math.max(0, options.files))
    .map(({ version }) => version)
  const judged = await previewFiles(
    toJudge,
    {
      source,
      rows: options.rows,
      contractOf: async (dataset) => {
        const read = await effects.readContract(contractPath(source, dataset))
        return read.kind === 'ok' ? read.contract : undefined
      },
    },
    effects,
  )
  const unchanged = Math.max(0, survey.filesSeen - files.length - waiting.size)
  return {
    source: source.name,
    filesSeen: survey.filesSeen,
    unchanged,
    filesToDo: taken.length,
    bytesToDo: taken.reduce((sum, { version }) => sum + version.sizeBytes, 0),
    files: taken.slice(0, LISTED).map(({ version, treatment, replaces }) => ({
      path: version.path,
      dataset: version.dataset,
      bytes: version.sizeBytes,
      why: 'reason' in treatment ? treatment.reason.message : replaces === undefined ? 'new file' : `replaces version ${replaces.ordinal}`, // prettier-ignore
    })),
    waiting: [...waiting].slice(0, LISTED).map(([path, why]) => ({ path, why })),
    waitingTotal: waiting.size,
    tooOld: Math.max(0, ...plans.map(({ tooOld }) => tooOld)),
    judged,
  }
}

const SETTLING = 'written to within the settle window'
