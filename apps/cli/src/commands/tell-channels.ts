import { settleAlerts, type Project } from '@tidegate/project/open'
import type { CommandContext } from '../context.ts'

/**
 * Sends what a command owes to the channels; where a daemon leads on the same state, that one does. A channel that does not
 * answer is said, and tried again by a later command.
 */
export async function tellChannels(project: Project, context: CommandContext): Promise<void> {
  const { failed } = await settleAlerts(project, context.signal)
  for (const { event, channel, message, isGivenUp } of failed) {
    const end = isGivenUp ? 'given up' : 'not delivered'
    context.progress.message('warn', `notice ${event} to ${channel} ${end}: ${message}`)
  }
}
