/** A dry run for people: what a run would take, what waits and why, and how the first files would fare. */
import type { Contract, FileVersion, Reason, SourceConfig } from '@tidegate/core'
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
  const settling = `written to less than ${source.ready.settleMs / 1000} s ago (ready.settle); a later run takes it`
  const waiting = new Map<string, string>([
    ...(first?.settling ?? []).map((file) => [file.path, settling] as const),
    ...plans.flatMap((plan) => plan.waiting.map(({ file, reason }) => [file.path, reason.message] as const)),
    ...plans.flatMap((plan) => plan.unreadable.map(({ path, message }) => [path, message] as const)),
    ...files.flatMap(({ version, treatment }) => treatment.kind === 'refuse' ? [[version.path, treatment.reason.message] as const] : []), // prettier-ignore
  ])
  const found = files.filter(({ treatment }) => treatment.kind !== 'refuse')
  const contracts = await readContracts(project, source, found)
  const stopping = ({ version, treatment }: (typeof found)[number]): Reason | undefined =>
    treatment.kind === 'judge' ? contracts.get(version.dataset)?.stops : undefined
  for (const item of found) {
    const reason = stopping(item)
    if (reason !== undefined) waiting.set(item.version.path, reason.message)
  }
  const taken = found.filter((item) => stopping(item) === undefined)
  const toJudge: FileVersion[] = found
    .filter(({ treatment }) => treatment.kind === 'judge')
    .slice(0, Math.max(0, options.files))
    .map(({ version }) => version)
  const judged = await previewFiles(
    toJudge,
    {
      source,
      rows: options.rows,
      contractOf: (dataset) => Promise.resolve(contracts.get(dataset)?.contract),
    },
    effects,
  )
  const changed = new Set([...taken.map(({ version }) => version.path), ...waiting.keys()])
  return {
    source: source.name,
    filesSeen: survey.filesSeen,
    unchanged: Math.max(0, survey.filesSeen - changed.size),
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
    judged: judged.map((file) => asTheRunWould(file, contracts.get(file.dataset)?.stops)),
  }
}

interface ContractNow {
  readonly contract?: Contract | undefined
  /** Why a run would take no file of the dataset. */
  readonly stops?: Reason | undefined
}

async function readContracts(
  { effects }: Project,
  source: SourceConfig,
  files: readonly { readonly version: FileVersion }[],
): Promise<ReadonlyMap<string, ContractNow>> {
  const found = new Map<string, ContractNow>()
  for (const dataset of new Set(files.map(({ version }) => version.dataset))) {
    const file = contractPath(source, dataset)
    const read = await effects.readContract(file, source)
    if (read.kind === 'ok') found.set(dataset, { contract: read.contract })
    else if (read.kind === 'problems')
      found.set(dataset, { stops: critical('CONTRACT_INVALID', `${file}: ${read.problems.join('; ')}`) })
    else if (source.onMissingContract === 'hold')
      found.set(dataset, { stops: critical('CONTRACT_MISSING', `no contract ${file}; ${LEARN} ${source.name}`) })
  }
  return found
}

/** What can be read is shown; but nobody may say that it would be admitted. */
function asTheRunWould(file: PreviewedFile, stops: Reason | undefined): PreviewedFile {
  if (stops === undefined || file.verdict === 'unreadable') return file
  return { ...file, verdict: 'hold', score: null, reasons: [stops, ...file.reasons] }
}

function critical(check: string, message: string): Reason {
  return { check, severity: 'critical', message }
}

const LEARN = 'say on_missing_contract: profile, or learn one with: tidegate profile'
