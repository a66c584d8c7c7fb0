import { rm, stat } from 'node:fs/promises'
import { listLeftovers } from '@tidegate/project/open'
import type { CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit, formatAmount } from '../render/index.ts'

/** Deletes temporary files of processes that are dead. Never touches data, quarantine or state. */
export async function clean(args: { readonly dryRun?: boolean }, context: CommandContext): Promise<number> {
  const project = await openCliProject(context, { what: 'clean', readOnly: true })
  try {
    const items = await listLeftovers(project.config.limits.tempDirectory)
    if (args.dryRun !== true) for (const item of items) await rm(item, { recursive: true, force: true })
    const gone = []
    for (const item of items) {
      const left = await stat(item).then(
        () => true,
        () => false,
      )
      gone.push({ path: item, deleted: !left })
    }
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'clean', items: gone },
      () =>
        items.length === 0
          ? 'Nothing to clean.'
          : [
              ...items,
              `${args.dryRun === true ? 'would delete' : 'deleted'} ${formatAmount(items.length, 'temporary folder')}`,
            ].join('\n'),
      context.stdout,
    )
    return 0
  } finally {
    await project.close()
  }
}
