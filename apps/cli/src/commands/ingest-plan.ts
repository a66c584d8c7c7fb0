import path from 'node:path'
import { messageOf, type SourceConfig } from '@tidegate/core'
import {
  inspectTargets,
  planIngest,
  storePlan,
  type IngestPlan,
  type PlannedSource,
  type Project,
} from '@tidegate/project'
import type { CommandContext } from '../context.ts'
import { effectsFor } from '../open.ts'
import { emit } from '../render/index.ts'
import { renderPlan } from '../render/plan-view.ts'
import type { IngestArgs } from './ingest.ts'

/** `ingest --dry-run`: prints what would be done and keeps it, so that `--plan-id` can do exactly that. */
export async function printPlan(
  chosen: readonly SourceConfig[],
  args: IngestArgs,
  project: Project,
  context: CommandContext,
): Promise<number> {
  const sources: PlannedSource[] = []
  const request = { force: args.force ?? false, workers: args.workers ?? project.config.workers }
  for (const source of chosen) {
    const [problem] = await inspectTargets(project, source)
    if (problem !== undefined) throw problem
    sources.push(await planIngest(source, request, project, effectsFor(source, project, context)))
  }
  const plan: IngestPlan = {
    format: 1,
    id: project.effects.newId(),
    madeAtMs: context.nowMs(),
    force: request.force,
    sources,
  }
  const file = await keep(plan, project, context)
  const payload = {
    schemaVersion: 1,
    kind: 'ingest-plan',
    plan: file === null ? null : plan.id,
    file,
    sources: sources.map(({ items: _items, ...source }) => source),
    items: sources.flatMap(({ items }) => items),
  } as const
  emit(context.options.output, payload, () => renderPlan(plan, file !== null, context), context.stdout)
  return 0
}

/** A plan with nothing to do is not worth a file; one that cannot be kept is worth printing all the same. */
async function keep(plan: IngestPlan, project: Project, context: CommandContext): Promise<string | null> {
  if (plan.sources.every(({ items }) => items.length === 0)) return null
  try {
    return path.relative(project.config.directory, await storePlan(project.config, plan))
  } catch (error) {
    context.progress.message('warn', `the plan could not be kept, so --plan-id cannot run it: ${messageOf(error)}`)
    return null
  }
}
