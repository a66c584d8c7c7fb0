import { maintain as maintainProject } from '@tidegate/project'
import { EXIT, type CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit } from '../render/index.ts'
import { renderMaintenance } from '../render/maintain-view.ts'

/** Deletes what is over and older than its retention. What is open in quarantine, live or referred to stays. */
export async function maintain(args: { readonly dryRun?: boolean }, context: CommandContext): Promise<number> {
  const dryRun = args.dryRun === true
  const project = await openCliProject(context, { what: 'maintain', readOnly: dryRun })
  try {
    const items = await maintainProject(project, { dryRun, nowMs: context.nowMs() })
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'maintain', dryRun, retention: project.config.retention, items },
      () => renderMaintenance(items, dryRun, context),
      context.stdout,
    )
    return EXIT.ok
  } finally {
    await project.close()
  }
}
