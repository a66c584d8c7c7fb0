import path from 'node:path'
import type { SourceConfig } from '@tidegate/core'
import { profileSource, type DatasetProfile } from '@tidegate/pipeline'
import { selectSources, type Project } from '@tidegate/project'
import type { CommandContext } from '../context.ts'
import { effectsFor, openCliProject } from '../open.ts'
import { emit } from '../render/index.ts'
import { renderProfiles } from '../render/profile-view.ts'
import type { IngestArgs } from './ingest.ts'

export interface ProfileArgs extends IngestArgs {
  readonly sample?: number
  readonly update?: boolean
}

/** Learns contracts. An existing one changes only under `--update`. */
export async function profile(args: ProfileArgs, context: CommandContext): Promise<number> {
  const project = await openCliProject(context, { what: 'profile', readOnly: true })
  try {
    const items = await profileSources(selectSources(project.config, args.sources ?? []), args, project, context)
    emit(
      context.options.output,
      {
        schemaVersion: 1,
        kind: 'profile',
        items: items.map((item) => ({
          ...item,
          contractFile: path.relative(project.config.directory, item.contractFile),
        })),
      },
      () => renderProfiles(items, project.config.directory, context),
      context.stdout,
    )
    return profileExitCode(items)
  } finally {
    await project.close()
  }
}

export async function profileSources(
  sources: readonly SourceConfig[],
  args: ProfileArgs,
  project: Project,
  context: CommandContext,
): Promise<readonly DatasetProfile[]> {
  const items: DatasetProfile[] = []
  for (const source of sources) {
    items.push(
      ...(await profileSource(
        source,
        {
          sampleRows: args.sample === 0 ? Number.POSITIVE_INFINITY : (args.sample ?? 100_000),
          update: args.update ?? false,
          dryRun: args.dryRun ?? false,
          workers: args.workers ?? project.config.workers,
          exclude: project.exclude,
          force: args.force ?? false,
          threshold: args.threshold,
        },
        effectsFor(source, project, context),
      )),
    )
  }
  return items
}

export function profileExitCode(items: readonly DatasetProfile[]): number {
  const bad = items.filter(
    (item) => item.action === 'failed' || item.action === 'invalid' || item.action === 'nothing-readable',
  )
  if (bad.length === 0) return 0
  return bad.length === items.length ? 1 : 4
}
