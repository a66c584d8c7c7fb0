import path from 'node:path'
import type { SourceConfig } from '@tidegate/core'
import type {
  PipelineEffects,
  QuarantineContent,
  QuarantineEffects,
  QuarantineReport,
  QuarantineRequest,
} from '@tidegate/pipeline'
import { contentOf } from '@tidegate/pipeline/quarantine-item'
import type { QuarantineRecord } from '@tidegate/state'
import { endingOfSettled } from './alerts/ending-of.ts'
import type { Project } from './open-project.ts'
import { readQuarantinePapers } from './quarantine-papers.ts'

/** A quarantine record with what people want to know of it. */
export interface ListedRecord extends QuarantineRecord {
  readonly content: QuarantineContent
  /** Of the file it came from, below its source's root. */
  readonly filePath: string
  readonly ordinal: number
  /** Absolute; null where nothing was copied or the source is gone from the configuration. */
  readonly place: string | null
  /** Name of the target whose ledger it belongs to, where the source has several; null also where none of them is. */
  readonly target: string | null
}

/** Quarantine records of the project, oldest first. */
export async function listRecords(
  project: Pick<Project, 'state' | 'config' | 'effects'>,
  filter: { readonly source?: string | undefined; readonly status?: QuarantineRecord['status'] | undefined } = {},
): Promise<readonly ListedRecord[]> {
  const records = await project.state.listQuarantine(filter)
  const targets = await targetNames(project, records)
  return records.map((record) => {
    const folder = project.config.sources.find((source) => source.name === record.source)?.quarantine.path
    const hash = record.file.lastIndexOf('#')
    return {
      ...record,
      content: contentOf(record),
      filePath: record.file.slice(record.source.length + 1, hash),
      ordinal: Number(record.file.slice(hash + 1)),
      place: folder === undefined || record.path === null ? null : path.join(folder, record.path),
      target: targets.get(`${record.source}\0${record.location}`) ?? null,
    }
  })
}

/** Names of targets by source and location, where a source has several. */
async function targetNames(
  { config, effects }: Pick<Project, 'config' | 'effects'>,
  records: readonly QuarantineRecord[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  for (const source of config.sources.filter(({ targets }) => targets.length > 1)) {
    const own = records.filter((record) => record.source === source.name)
    for (const dataset of new Set(own.map((record) => record.dataset))) {
      for (const target of source.targets) {
        const destination = await effects.openDestination({ ...source, target }, dataset, { onMissing: 'report' })
        names.set(`${source.name}\0${destination.location}`, target.name)
        await destination.close()
      }
    }
  }
  return names
}

/** Absolute paths of everything that lies in quarantine for a record, its papers first. */
export async function filesOfRecord(
  project: Pick<Project, 'config'>,
  record: ListedRecord,
): Promise<readonly { readonly file: string; readonly text: string | null }[]> {
  const folder = project.config.sources.find((source) => source.name === record.source)?.quarantine.path
  if (folder === undefined || record.path === null) return []
  const stem = record.path.replace(ENDING, '')
  const papers = await readQuarantinePapers(folder, stem)
  // `a-1` begins the names of `a-10`, too.
  const own = papers.filter(
    ({ file }) => path.basename(file).startsWith(`${path.basename(stem)}.`) || file === record.place,
  )
  return own.toSorted((a, b) => Number(a.text === null) - Number(b.text === null))
}

const ENDING = /\.(rows\.parquet|lines\.json|lost\.json)$/

/** Replays, releases or discards records of one source. See pipeline `settleQuarantine`. */
export async function settleRecords(
  project: Pick<Project, 'state' | 'effects' | 'config'>,
  source: SourceConfig,
  request: QuarantineRequest,
  effects: PipelineEffects = project.effects,
): Promise<QuarantineReport> {
  // Here, so that who only lists does not wait for it.
  const { settleQuarantine } = await import('@tidegate/pipeline')
  const openRecords = (name: string): Promise<readonly QuarantineRecord[]> =>
    project.state.listQuarantine({ source: name, status: 'open' })
  const endingOfRun: QuarantineEffects['endingOfSettled'] = (run) => endingOfSettled(run, project.state)
  return settleQuarantine(source, request, { ...effects, openRecords, endingOfSettled: endingOfRun })
}
