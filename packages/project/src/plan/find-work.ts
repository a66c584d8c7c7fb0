/** What a run would take of a source: listing, state, readiness and settle window, per target. Writes nothing. */
import type { FileRecord, SourceConfig, Store } from '@tidegate/core'
import { knowledgeOf, planSource, surveySource, type SourcePlan, type Survey } from '@tidegate/pipeline'
import type { Project } from '../open-project.ts'

export interface FoundWork {
  readonly survey: Survey
  /** One per target, in their order. */
  readonly plans: readonly SourcePlan[]
}

const FINISHED: ReadonlySet<string> = new Set(['ok', 'nothing-new', 'gate-failed', 'partial'])

/** @param how with a `hash` that does not read, every file with another stamp counts as new */
export async function findWork(
  project: Pick<Project, 'config' | 'exclude' | 'effects'>,
  source: SourceConfig,
  { hash }: Pick<Store, 'hash'>,
): Promise<FoundWork> {
  const { effects, exclude, config } = project
  const { ledger } = effects
  const known = await ledger.knownDatasets(source.name)
  const places = source.targets.length === 1 ? undefined : await locationsOf(project, source, known.map(({ dataset }) => dataset)) // prettier-ignore
  const survey = await surveySource(source, { exclude, targets: places?.map((locations) => ({ locations })) }, effects)
  const history = await ledger.listRuns({ source: source.name, limit: 50 })
  const isFirst = !history.some(({ command, status }) => command === 'ingest' && FINISHED.has(status))
  const existingUntilMs = source.includeExisting || !isFirst || known.length > 0 ? undefined : effects.clock.nowMs()
  const plans: SourcePlan[] = []
  for (const [index, target] of source.targets.entries()) {
    plans.push(
      await planSource(
        { ...source, target },
        survey,
        knowledgeOf(source.name, survey, places?.[index], ledger),
        [],
        {
          force: false,
          workers: config.workers,
          exclude,
          existingUntilMs,
          elsewhere: elsewhere(survey.versions, plans),
        },
        { ...effects, store: { ...effects.store, hash } },
      ),
    )
  }
  return { survey, plans }
}

/** The ledgers that each target has so far. */
async function locationsOf(
  { effects }: Pick<Project, 'effects'>,
  source: SourceConfig,
  datasets: readonly string[],
): Promise<readonly ReadonlySet<string>[]> {
  const all: ReadonlySet<string>[] = []
  for (const target of source.targets) {
    const locations = new Set<string>()
    for (const dataset of new Set(datasets)) {
      const destination = await effects.openDestination({ ...source, target }, dataset, { onMissing: 'report' })
      locations.add(destination.location)
      await destination.close()
    }
    all.push(locations)
  }
  return all
}

function elsewhere(
  known: ReadonlyMap<string, readonly FileRecord[]>,
  plans: readonly SourcePlan[],
): (file: string) => readonly { readonly ordinal: number; readonly contentHash: string }[] {
  const versions = plans.flatMap((plan) => plan.work.map(({ version }) => version))
  const named = Map.groupBy(versions, (version) => version.path)
  return (file) => [
    ...(known.get(file) ?? []).map(({ ordinal, hash: contentHash }) => ({ ordinal, contentHash })),
    ...(named.get(file) ?? []),
  ]
}
