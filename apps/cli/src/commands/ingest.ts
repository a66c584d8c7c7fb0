import { TidegateError, type SourceConfig } from '@tidegate/core'
import { exitCodeOf, ingestSource, type SourceReport } from '@tidegate/pipeline'
import {
  assertFresh,
  findSharedFolders,
  readPlan,
  selectSources,
  sharedFolderWarning,
  type IngestPlan,
  type Project,
} from '@tidegate/project'
import type { CommandContext } from '../context.ts'
import { effectsFor, openCliProject } from '../open.ts'
import { emit } from '../render/index.ts'
import { renderIngest } from '../render/ingest-view.ts'
import { renderOutcomes, type PlanOutcome } from '../render/plan-view.ts'
import { printPlan } from './ingest-plan.ts'
import { tellChannels } from './tell-channels.ts'

export interface IngestArgs {
  readonly sources?: readonly string[]
  readonly force?: boolean
  readonly dryRun?: boolean
  readonly workers?: number
  readonly threshold?: number
  readonly exitCodeNoData?: number
  readonly planId?: string
}

export async function ingest(args: IngestArgs, context: CommandContext): Promise<number> {
  if (args.planId !== undefined) return ingestPlan(args.planId, args, context)
  const project = await openCliProject(context, { what: 'ingest', readOnly: args.dryRun === true })
  try {
    const sources = selectSources(project.config, args.sources ?? [])
    if (args.dryRun === true) return await printPlan(sources, args, project, context)
    const reports = await ingestSources(sources, args, project, context)
    await tellChannels(project, context)
    emit(context.options.output, ingestPayload(reports), () => renderIngest(reports, context), context.stdout)
    return exitCodeOf(reports, args.exitCodeNoData ?? 0)
  } finally {
    await project.close()
  }
}

/** Exactly the files of a stored plan, with what it estimated beside what it took. */
async function ingestPlan(id: string, args: IngestArgs, context: CommandContext): Promise<number> {
  if (args.dryRun === true || args.force === true || (args.sources ?? []).length > 0) {
    throw new TidegateError('USAGE_PLAN', '--plan-id says which files are taken and how', {
      hint: 'Leave out the sources, --force and --dry-run; they belong to the run that makes the plan.',
      dataNow: 'Nothing was read or changed.',
    })
  }
  const project = await openCliProject(context, { what: 'ingest' })
  try {
    const plan = await readPlan(project.config, id)
    const rootOf = (name: string): string | undefined => project.config.sources.find((each) => each.name === name)?.root
    await assertFresh(plan, rootOf, project.store, context.signal)
    const planned = plan.sources.filter(({ items }) => items.length > 0)
    const sources = planned.length === 0 ? [] : selectSources(project.config, planned.map(({ source }) => source)) // prettier-ignore
    const reports = await ingestSources(sources, { ...args, force: plan.force, plan }, project, context)
    await tellChannels(project, context)
    const outcomes = outcomesOf(plan, reports, project)
    const payload = { ...ingestPayload(reports), plan: { id, outcomes } }
    const render = (): string => [renderIngest(reports, context), renderOutcomes(id, outcomes, context)].join('\n\n')
    emit(context.options.output, payload, render, context.stdout)
    return exitCodeOf(reports, args.exitCodeNoData ?? 0)
  } finally {
    await project.close()
  }
}

/** What a plan said beside what its run took. */
function outcomesOf(
  { sources }: IngestPlan,
  reports: readonly SourceReport[],
  project: Project,
): readonly PlanOutcome[] {
  return reports.flatMap(({ source, totals, startedAtMs, endedAtMs, files }) => {
    const planned = sources.find((each) => each.source === source)
    if (planned === undefined) return []
    return [
      {
        source,
        estimate: planned.estimate,
        planned: { files: planned.files, bytes: planned.bytes },
        actual: {
          files: new Set(files.map((file) => file.path)).size,
          bytes: totals.bytes,
          rows: totals.rowsRead,
          durationMs: endedAtMs - startedAtMs,
          peakMemoryBytes: project.effects.peakMemoryBytes?.() ?? null,
        },
      },
    ]
  })
}

/** One source after another: each has its own lease, and memory is shared by its datasets. */
export async function ingestSources(
  sources: readonly SourceConfig[],
  args: IngestArgs & { readonly retry?: ReadonlySet<string>; readonly plan?: IngestPlan },
  project: Project,
  context: CommandContext,
): Promise<readonly SourceReport[]> {
  const reports: SourceReport[] = []
  const names = new Set(sources.map(({ name }) => name))
  const shared = (await findSharedFolders(project.config.sources)).filter((one) =>
    one.sources.some((name) => names.has(name)),
  )
  for (const [index, source] of sources.entries()) {
    const effects = effectsFor(source, project, context)
    if (index === 0)
      for (const one of shared) effects.report({ kind: 'note', level: 'warn', message: sharedFolderWarning(one) })
    const report = await ingestSource(
      source,
      {
        force: args.force ?? false,
        retry: args.retry,
        ...(args.plan === undefined ? {} : { only: hashesOf(args.plan, source.name), plan: args.plan.id }),
        workers: args.workers ?? project.config.workers,
        gate: args.threshold === undefined ? {} : { threshold: args.threshold },
        exclude: project.exclude,
      },
      effects,
    )
    reports.push(report)
    if (report.error?.code === 'CANCELLED') break
  }
  return reports
}

function hashesOf({ sources }: IngestPlan, name: string): ReadonlyMap<string, string> {
  const items = sources.find(({ source }) => source === name)?.items ?? []
  return new Map(items.map(({ path, hash }) => [path, hash]))
}

export function ingestPayload(
  reports: readonly SourceReport[],
): { schemaVersion: 1; kind: string; items: readonly unknown[] } & Record<string, unknown> {
  const sum = (pick: (report: SourceReport) => number): number =>
    reports.reduce((total, report) => total + pick(report), 0)
  return {
    schemaVersion: 1,
    kind: 'ingest',
    totals: {
      files: sum((report) => report.filesSeen),
      unchanged: sum((report) => report.filesUnchanged),
      loaded: sum((report) => report.totals.loaded),
      held: sum((report) => report.totals.held),
      duplicate: sum((report) => report.totals.duplicate),
      waiting: sum((report) => report.totals.waiting),
      failed: sum((report) => report.totals.failed),
      rowsRead: sum((report) => report.totals.rowsRead),
      rowsLoaded: sum((report) => report.totals.rowsLoaded),
      rowsQuarantined: sum((report) => report.totals.rowsQuarantined),
      rowsDropped: sum((report) => report.totals.rowsDropped),
    },
    sources: reports.map(({ files: _files, ...report }) => report),
    items: reports.flatMap((report) => report.files),
  }
}
