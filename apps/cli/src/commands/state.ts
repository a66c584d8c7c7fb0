import { TidegateError } from '@tidegate/core'
import { rebuildState } from '@tidegate/project'
import type { CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit, formatAmount } from '../render/index.ts'

/** `state rebuild`: the index is made again from the commit logs beside the data. Runs and check results stay as they are. */
export async function state(args: { readonly action?: string }, context: CommandContext): Promise<number> {
  if (args.action !== 'rebuild')
    throw new TidegateError('USAGE_ACTION', `state knows rebuild, not ${JSON.stringify(args.action)}`)
  const project = await openCliProject(context, { what: 'state rebuild' })
  try {
    const items = await rebuildState(project)
    const entries = items.reduce((sum, item) => sum + item.entries, 0)
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'state-rebuild', items },
      () =>
        `rebuilt from ${formatAmount(items.length, 'target')}: ${formatAmount(entries, 'log entry', 'log entries')}`,
      context.stdout,
    )
    return 0
  } finally {
    await project.close()
  }
}
