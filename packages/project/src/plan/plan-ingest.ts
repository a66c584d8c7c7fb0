import path from 'node:path'
import type { Contract, Destination, FileRecord, SourceConfig } from '@tidegate/core'
import {
  datasetsOf,
  estimateRun,
  knowledgeOf,
  planSource,
  surveySource,
  type PipelineEffects,
  type SourcePlan,
  type Survey,
  type WorkItem,
} from '@tidegate/pipeline'
import { lazySession } from '../open-destination.ts'
import { contractPath } from '../open-project.ts'
import type { Project } from '../open-project.ts'
import { forecastChecks, forecastSchema, readColumns } from './forecast.ts'
import type { PlannedDataset, PlannedFile, PlannedSource } from './ingest-plan.ts'

export interface PlanRequest {
  readonly force: boolean
  readonly workers: number
}

/** Runs of the past that an estimate looks at. */
const HISTORY = 50

/** What an ingest of a source would do. Reads new files once to hash them, and footers; changes nothing. */
export async function planIngest(
  source: SourceConfig,
  request: PlanRequest,
  project: Project,
  effects: PipelineEffects,
): Promise<PlannedSource> {
  const { exclude } = project
  const locations = source.targets.length === 1 ? undefined : await locationsOf(source, effects)
  const survey = await surveySource(source, { exclude, force: request.force, targets: locations }, effects)
  const known = await effects.ledger.knownDatasets(source.name)
  const history = await effects.ledger.listRuns({ source: source.name, limit: HISTORY })
  const isFirst = !history.some(({ command, status }) => command === 'ingest' && FINISHED.has(status))
  const existingUntilMs =
    source.includeExisting || request.force || !isFirst || known.length > 0 ? undefined : effects.clock.nowMs()
  const session = lazySession(() => effects.openSession())
  const plans: SourcePlan[] = []
  const datasets: PlannedDataset[] = []
  const items: PlannedFile[] = []
  const contracts = contractsOf(source, effects)
  const hash = hashOnce(effects.store.hash)
  try {
    for (const target of source.targets) {
      const own: SourceConfig = { ...source, target }
      const opened = await openAll(
        own,
        new Set([...datasetsOf(source, survey.items), ...known.map(({ dataset }) => dataset)]),
        effects,
      )
      try {
        const plan = await planSource(
          own,
          survey,
          knowledgeOf(source.name, survey, locations === undefined ? undefined : locationsIn(opened), effects.ledger),
          [],
          { ...request, exclude, existingUntilMs, elsewhere: elsewhere(survey.versions, plans) },
          { ...effects, store: { ...effects.store, hash } },
        )
        plans.push(plan)
        for (const [dataset, work] of Map.groupBy(plan.work, ({ version }) => version.dataset)) {
          const destination = opened.get(dataset)
          if (destination === undefined) continue
          const { file, contract } = await contracts(dataset)
          const judged = work.filter(({ treatment }) => treatment.kind === 'judge')
          const columns = await readColumns(judged.map(({ version }) => version), session) // prettier-ignore
          const current = (await destination.currentSchema())?.columns ?? []
          datasets.push({
            dataset,
            target: target.name,
            kind: target.kind,
            location: destination.location,
            mode: target.mode,
            partitionBy: target.partitionBy,
            files: work.length,
            bytes: bytesOf(work),
            schema: forecastSchema(current, contract, columns, source.schemaEvolution),
            checks:
              contract === undefined
                ? null
                : await forecastChecks(contract, shown(file, project), columns, session, effects.clock.nowMs()),
          })
          items.push(...work.map((item) => plannedFile(item, own, contract !== undefined, destination, project)))
        }
      } finally {
        for (const destination of opened.values()) await destination.close()
      }
    }
  } finally {
    await session.close()
  }
  return sourceOf(source, survey, plans, datasets, items, estimateRun(history, loadOf(plans)))
}

const FINISHED: ReadonlySet<string> = new Set(['ok', 'nothing-new', 'gate-failed', 'partial'])

function sourceOf(
  source: SourceConfig,
  survey: Survey,
  plans: readonly SourcePlan[],
  datasets: readonly PlannedDataset[],
  items: readonly PlannedFile[],
  estimate: PlannedSource['estimate'],
): PlannedSource {
  const [first] = plans
  const changed = new Set(plans.flatMap((plan) => plan.work.map(({ version }) => version.path)))
  const still = new Set(
    plans
      .flatMap(({ unchanged, touched }) => [...unchanged, ...touched.map(({ file }) => file)])
      .map((file) => file.path),
  )
  return {
    source: source.name,
    filesSeen: survey.filesSeen,
    unchanged:
      survey.unchanged -
      new Set(plans.flatMap((plan) => plan.listedAgain)).size +
      [...still].filter((file) => !changed.has(file)).length,
    settling: first?.settling.map((file) => file.path) ?? [],
    waiting: first?.waiting.map(({ file, reason }) => ({ path: file.path, why: reason.message })) ?? [],
    tooOld: Math.max(0, ...plans.map(({ tooOld }) => tooOld)),
    unreadable: first?.unreadable ?? [],
    batches: plans.reduce((sum, plan) => sum + plan.batches.length, 0),
    ...loadOf(plans),
    calls: { list: survey.folders, stat: survey.filesSeen },
    estimate,
    datasets,
    items,
  }
}

/** Files and bytes, each file once. */
function loadOf(plans: readonly SourcePlan[]): { readonly files: number; readonly bytes: number } {
  const files = new Map(plans.flatMap(({ work }) => work).map((item) => [item.version.path, item]))
  return { files: files.size, bytes: bytesOf([...files.values()]) }
}

function bytesOf(work: readonly WorkItem[]): number {
  return work.reduce((sum, { version }) => sum + version.sizeBytes, 0)
}

async function openAll(
  source: SourceConfig,
  datasets: ReadonlySet<string>,
  effects: PipelineEffects,
): Promise<Map<string, Destination>> {
  const opened = new Map<string, Destination>()
  for (const dataset of datasets)
    opened.set(dataset, await effects.openDestination(source, dataset, { onMissing: 'report' }))
  return opened
}

function locationsIn(opened: ReadonlyMap<string, Destination>): ReadonlySet<string> {
  return new Set([...opened.values()].map(({ location }) => location))
}

/** The ledgers that each target has so far. */
async function locationsOf(
  source: SourceConfig,
  effects: PipelineEffects,
): Promise<readonly { readonly locations: ReadonlySet<string> }[]> {
  const datasets = new Set((await effects.ledger.knownDatasets(source.name)).map(({ dataset }) => dataset))
  const all: { locations: ReadonlySet<string> }[] = []
  for (const target of source.targets) {
    const opened = await openAll({ ...source, target }, datasets, effects)
    all.push({ locations: locationsIn(opened) })
    for (const destination of opened.values()) await destination.close()
  }
  return all
}

function elsewhere(
  known: ReadonlyMap<string, readonly FileRecord[]>,
  plans: readonly SourcePlan[],
): (file: string) => readonly { readonly ordinal: number; readonly contentHash: string }[] {
  const named = Map.groupBy(
    plans.flatMap((plan) => plan.work.map(({ version }) => version)),
    (version) => version.path,
  )
  return (file) => [
    ...(known.get(file) ?? []).map(({ ordinal, hash: contentHash }) => ({ ordinal, contentHash })),
    ...(named.get(file) ?? []),
  ]
}

function hashOnce(hash: PipelineEffects['store']['hash']): PipelineEffects['store']['hash'] {
  const hashes = new Map<string, Promise<string>>()
  return (uri, signal) => {
    const found = hashes.get(uri) ?? hash(uri, signal)
    hashes.set(uri, found)
    return found
  }
}

function contractsOf(
  source: SourceConfig,
  effects: PipelineEffects,
): (dataset: string) => Promise<{ readonly file: string; readonly contract: Contract | undefined }> {
  return async (dataset) => {
    const file = contractPath(source, dataset)
    const read = await effects.readContract(file, source)
    return { file, contract: read.kind === 'ok' ? read.contract : undefined }
  }
}

function plannedFile(
  { version, treatment, replaces }: WorkItem,
  source: SourceConfig,
  hasContract: boolean,
  { location }: Destination,
  project: Project,
): PlannedFile {
  const fresh = replaces === undefined ? 'new file' : `replaces version ${replaces.ordinal}`
  return {
    source: source.name,
    dataset: version.dataset,
    targetName: source.target.name,
    path: version.path,
    bytes: version.sizeBytes,
    stamp: version.stamp,
    hash: version.contentHash,
    ordinal: version.ordinal,
    action: actionOf(treatment.kind, hasContract, source),
    why: 'reason' in treatment ? treatment.reason.message : fresh,
    target: shown(location, project),
  }
}

function actionOf(treatment: string, hasContract: boolean, source: SourceConfig): string {
  if (treatment !== 'judge') return treatment
  if (hasContract || source.onMissingContract === 'admit') return 'check and load'
  return source.onMissingContract === 'profile' ? 'learn a contract, check and load' : 'wait (no contract)'
}

/** Folders below the project by their short name; other locations as they are. */
function shown(location: string, { config }: Project): string {
  return path.isAbsolute(location) ? path.relative(config.directory, location) : location
}
