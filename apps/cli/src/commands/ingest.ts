import path from 'node:path'
import type { SourceConfig } from '@tidegate/core'
import {
  datasetsOf,
  exitCodeOf,
  fillPath,
  ingestSource,
  listSource,
  planSource,
  type SourceReport,
} from '@tidegate/pipeline'
import { deliverNotices, contractPath, inspectTargets, selectSources, type Project } from '@tidegate/project'
import type { CommandContext } from '../context.ts'
import { effectsFor, openCliProject } from '../open.ts'
import { emit } from '../render/index.ts'
import { renderIngest, renderPlan, type PrintedPlan } from '../render/ingest-view.ts'

export interface IngestArgs {
  readonly sources?: readonly string[]
  readonly force?: boolean
  readonly dryRun?: boolean
  readonly workers?: number
  readonly threshold?: number
  readonly exitCodeNoData?: number
}

export async function ingest(args: IngestArgs, context: CommandContext): Promise<number> {
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

/** One source after another: each has its own lease, and memory is shared by its datasets. */
export async function ingestSources(
  sources: readonly SourceConfig[],
  args: IngestArgs & { readonly retry?: ReadonlySet<string> },
  project: Project,
  context: CommandContext,
): Promise<readonly SourceReport[]> {
  const reports: SourceReport[] = []
  for (const source of sources) {
    const report = await ingestSource(
      source,
      {
        force: args.force ?? false,
        retry: args.retry,
        workers: args.workers ?? project.config.workers,
        gate: args.threshold === undefined ? {} : { threshold: args.threshold },
        exclude: project.exclude,
      },
      effectsFor(source, project, context),
    )
    reports.push(report)
    if (report.error?.code === 'CANCELLED') break
  }
  return reports
}

/** Sends what the runs owe to the channels. A channel that does not answer is said, and tried again by the next run. */
export async function tellChannels(project: Project, context: CommandContext): Promise<void> {
  const { failed } = await deliverNotices(project, context.signal)
  for (const notice of failed)
    context.progress.message('warn', `notice ${notice.event} to ${notice.channel} not delivered: ${notice.message}`)
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

async function printPlan(
  sources: readonly SourceConfig[],
  args: IngestArgs,
  project: Project,
  context: CommandContext,
): Promise<number> {
  const plans: PrintedPlan[] = []
  for (const source of sources) {
    const effects = effectsFor(source, project, context)
    const [problem] = await inspectTargets(project, source)
    if (problem !== undefined) throw problem
    const listing = await listSource(source, project.exclude, effects)
    const known = await effects.ledger.knownFiles(source.name)
    const plan = await planSource(
      source,
      listing,
      known,
      [],
      { force: args.force ?? false, workers: args.workers ?? project.config.workers },
      effects,
    )
    const contracts = new Map<string, boolean>()
    for (const dataset of datasetsOf(source, listing)) {
      contracts.set(dataset, (await effects.readContract(contractPath(source, dataset))).kind === 'ok')
    }
    plans.push({
      source: source.name,
      filesSeen: plan.filesSeen,
      unchanged: plan.unchanged.length + plan.touched.length,
      settling: plan.settling.map((file) => file.path),
      unreadable: plan.unreadable,
      batches: plan.batches.length,
      items: plan.work.map((item) => ({
        source: source.name,
        dataset: item.version.dataset,
        path: item.version.path,
        bytes: item.version.sizeBytes,
        action: actionOf(item.treatment.kind, contracts.get(item.version.dataset) === true, source),
        why:
          'reason' in item.treatment
            ? item.treatment.reason.message
            : item.replaces === undefined
              ? 'new file'
              : `replaces version ${item.replaces.ordinal}`,
        target: path.relative(
          project.config.directory,
          fillPath(source.target.path, source.name, item.version.dataset),
        ),
      })),
    })
  }
  const items = plans.flatMap((plan) => plan.items)
  emit(
    context.options.output,
    { schemaVersion: 1, kind: 'ingest-plan', sources: plans.map(({ items: _items, ...plan }) => plan), items },
    () => renderPlan(plans, context),
    context.stdout,
  )
  return 0
}

function actionOf(treatment: string, hasContract: boolean, source: SourceConfig): string {
  if (treatment !== 'judge') return treatment
  if (hasContract || source.onMissingContract === 'admit') return 'check and load'
  return source.onMissingContract === 'profile' ? 'learn a contract, check and load' : 'wait (no contract)'
}
