import { exitCodeOf } from '@tidegate/pipeline'
import { selectSources } from '@tidegate/project'
import type { CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit } from '../render/index.ts'
import { renderIngest } from '../render/ingest-view.ts'
import { renderMonitor } from '../render/monitor-view.ts'
import { renderProfiles } from '../render/profile-view.ts'
import { ingest, ingestPayload, ingestSources, type IngestArgs } from './ingest.ts'
import { tellChannels } from './tell-channels.ts'
import { reportOn } from './monitor.ts'
import { profileExitCode, profileSources } from './profile.ts'

/** profile (only where no contract exists) → ingest → monitor. */
export async function runAll(args: IngestArgs, context: CommandContext): Promise<number> {
  if (args.dryRun === true) return ingest(args, context)
  const project = await openCliProject(context, { what: 'run-all' })
  try {
    const sources = selectSources(project.config, args.sources ?? [])
    // Here a threshold is for this run, not for the contracts.
    const { threshold: _threshold, ...learning } = args
    const profiles = await profileSources(sources, { ...learning, update: false, force: false }, project, context)
    const reports = await ingestSources(sources, args, project, context)
    await tellChannels(project, context)
    const payload = ingestPayload(reports)
    const report = await reportOn(args.sources ?? [], '7d', project, context)
    emit(
      context.options.output,
      {
        ...payload,
        kind: 'run-all',
        profiles: profiles.map(({ contract: _contract, suggestions: _suggestions, ...rest }) => rest),
        monitor: report,
      },
      () =>
        [
          renderProfiles(
            profiles.filter((profile) => profile.action !== 'kept'),
            project.config.directory,
            context,
          ),
          renderIngest(reports, context),
          renderMonitor(report, undefined, context.style, context.width),
        ]
          .filter((text) => text !== '')
          .join('\n\n'),
      context.stdout,
    )
    const code = exitCodeOf(reports, args.exitCodeNoData ?? 0)
    return code === 0 ? profileExitCode(profiles) : code
  } finally {
    await project.close()
  }
}
