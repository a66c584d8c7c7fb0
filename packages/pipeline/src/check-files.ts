/**
 * `tidegate check`: a verdict on any files, with no configuration and nothing written. A contract is learned on part of the
 * data and tried on the rest; files that would not fit among the others are named, with failing rows.
 */
import {
  type CheckResult,
  type Contract,
  type FileVersion,
  type FileVersionId,
  type GateSettings,
  type Reason,
  type SourceConfig,
  type SourceFile,
} from '@tidegate/core'
import type { FailingRow, LearnedContract, OddFile } from '@tidegate/dq'
import type { PipelineEffects } from './effects.ts'
import { closeLanes, openLanes, type Lanes } from './lanes.ts'
import { judgeBatch, type JudgedFile, type ReadableFile } from './judge-batch.ts'
import { learnDataset } from './learn-dataset.ts'
import { prepareFile } from './prepare-file.ts'
import { versionToLearnFrom } from './profile-source.ts'

export interface CheckedFile {
  readonly path: string
  readonly bytes: number
  readonly rows: number
  /** `odd`: would widen the contract of the others, or breaks it. */
  readonly verdict: 'ok' | 'odd' | 'unreadable'
  readonly score: number | null
  readonly reasons: readonly Reason[]
  readonly failed: readonly CheckResult[]
  readonly samples: readonly FailingRow[]
}

/** Files of the same columns, judged together. */
export interface CheckedGroup {
  readonly name: string
  readonly format: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: number
  readonly files: readonly CheckedFile[]
  readonly contract: Contract | null
  readonly learned: LearnedContract | null
  readonly oddFiles: readonly OddFile[]
}

export interface CheckReport {
  readonly groups: readonly CheckedGroup[]
  readonly unreadable: readonly CheckedFile[]
  readonly filesSeen: number
}

export interface CheckOptions {
  readonly sampleRows: number
}

const SOURCE: Pick<SourceConfig, 'format' | 'options' | 'gate'> = {
  format: 'auto',
  options: {},
  gate: { source: {}, defaults: { threshold: 100, on_fail: 'quarantine' } },
}

export async function checkFiles(
  files: readonly SourceFile[],
  options: CheckOptions,
  effects: Pick<PipelineEffects, 'store' | 'clock' | 'signal' | 'report' | 'openSession' | 'openWorkFolder'>,
): Promise<CheckReport> {
  effects.report({
    kind: 'stage-started',
    stage: 'check',
    files: files.length,
    bytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
  })
  await using folder = await effects.openWorkFolder('check')
  const lanes = await openLanes(effects)
  try {
    const groups = new Map<string, ReadableFile[]>()
    const unreadable: CheckedFile[] = []
    for (const file of files) {
      effects.signal.throwIfAborted()
      const version = versionToLearnFrom('check', 'check', file)
      const prepared = await prepareFile(version, SOURCE, undefined, lanes[0], folder.path, effects)
      if (prepared.kind === 'unreadable') {
        unreadable.push({
          path: file.path,
          bytes: file.sizeBytes,
          rows: 0,
          verdict: 'unreadable',
          score: null,
          reasons: prepared.reasons,
          failed: [],
          samples: [],
        })
        continue
      }
      // Files of one kind share their column names; a file that lacks one belongs to its neighbours all the same.
      const key = JSON.stringify([prepared.converted, prepared.columns.map((column) => column.name)])
      groups.set(key, [...(groups.get(key) ?? []), prepared])
    }
    const checked: CheckedGroup[] = []
    for (const members of groups.values()) checked.push(await checkGroup(members, options, lanes, folder.path, effects))
    effects.report({
      kind: 'stage-ended',
      stage: 'check',
      summary: files.length === 1 ? '1 file' : `${files.length} files`,
    })
    return { groups: checked, unreadable, filesSeen: files.length }
  } finally {
    await closeLanes(lanes)
  }
}

async function checkGroup(
  members: readonly ReadableFile[],
  options: CheckOptions,
  lanes: Lanes,
  workFolder: string,
  effects: Pick<PipelineEffects, 'store' | 'clock' | 'signal' | 'report'>,
): Promise<CheckedGroup> {
  const versions = members.map((member) => member.version)
  const name = groupName(versions.map((version) => version.path))
  const outcome = await learnDataset(
    versions,
    { dataset: name, source: SOURCE, sampleRows: options.sampleRows, prepared: byId(members) },
    lanes[0],
    workFolder,
    { ...effects, report: () => {} },
  )
  const columns = members[0]?.columns ?? []
  const format = members[0]?.read?.format ?? 'parquet'
  if (outcome.kind !== 'learned') {
    return {
      name,
      format,
      columns,
      rows: 0,
      files: [],
      contract: null,
      learned: null,
      oddFiles: [],
    }
  }
  const { contract } = outcome.learned
  const gateFlag: GateSettings = {}
  const judged = await judgeBatch(
    { batch: 'check', attempt: 1, dataset: name, files: versions },
    { source: SOURCE, contract, gateFlag, prepared: byId([...members, ...outcome.files]) },
    lanes,
    workFolder,
    effects,
  )
  const odd = Map.groupBy(outcome.oddFiles, (file) => file.file)
  const apart = new Map(outcome.apart.map((file) => [file.path, file.what]))
  const files = versions.map((version) =>
    checkedFile(version, judged.get(version.id), odd.get(version.path) ?? [], apart.get(version.path)),
  )
  return {
    name,
    format,
    columns,
    rows: files.reduce((sum, file) => sum + file.rows, 0),
    files,
    contract,
    learned: outcome.learned,
    oddFiles: outcome.oddFiles,
  }
}

/** Of two preparations of one file the later counts: it has the types that fit all files. */
function byId(files: readonly ReadableFile[]): ReadonlyMap<FileVersionId, ReadableFile> {
  return new Map(files.map((file) => [file.version.id, file]))
}

function checkedFile(
  version: FileVersion,
  judged: JudgedFile | undefined,
  odd: readonly OddFile[],
  apart: string | undefined,
): CheckedFile {
  const base = { path: version.path, bytes: version.sizeBytes, failed: [], samples: [], score: null, rows: 0 }
  if (judged === undefined || judged.kind === 'unreadable') {
    return { ...base, verdict: 'unreadable', reasons: judged?.reasons ?? [] }
  }
  const reasons: Reason[] = odd.map((file) => ({
    check: file.column === undefined ? 'file' : file.column,
    severity: 'warning',
    message: file.what,
  }))
  if (apart !== undefined) reasons.push({ check: 'schema', severity: 'warning', message: apart })
  const failed = judged.results.filter((result) => result.outcome !== 'passed')
  for (const reason of judged.verdict.reasons) reasons.push(reason)
  return {
    ...base,
    rows: judged.file.rowsRead,
    verdict: reasons.length > 0 || failed.length > 0 ? 'odd' : 'ok',
    score: judged.verdict.score,
    reasons,
    failed,
    samples: judged.samples,
  }
}

/** What the files' names have in common: `flights-2001-01-01.parquet`, `flights-2001-01-08.parquet` → `flights`. */
export function groupName(paths: readonly string[]): string {
  const names = paths.map((file) => file.split('/').at(-1) ?? file)
  let prefix = names[0] ?? ''
  for (const name of names) while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1)
  const cleaned = prefix.replace(/\.[a-z0-9.]+$/i, '').replace(/[\d_.\- ]+$/, '')
  if (cleaned.length >= 2) return cleaned
  const parent = paths[0]?.split('/').at(-2)
  return parent ?? 'files'
}
