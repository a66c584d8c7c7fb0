import { deliverNotice } from '@tidegate/notify'
import type { Project } from './open-project.ts'

export interface DeliveryReport {
  readonly delivered: number
  /** Failed attempts; they stay in the outbox and are tried again by a later run. */
  readonly failed: readonly { readonly channel: string; readonly event: string; readonly message: string }[]
}

/**
 * Empties the outbox as far as the channels answer. At least once: a notice is marked after it was sent. Never throws for
 * a channel; a run does not fail because nobody could be told of it.
 */
export async function deliverNotices(project: Project, signal?: AbortSignal): Promise<DeliveryReport> {
  const { state, config, effects } = project
  const failed: DeliveryReport['failed'][number][] = []
  let delivered = 0
  if (config.channels.length === 0) return { delivered, failed }
  for (const notice of await state.takeNotices(100, effects.clock.nowMs())) {
    const channel = config.channels.find((candidate) => candidate.name === notice.channel)
    const nowMs = effects.clock.nowMs()
    const outcome =
      channel === undefined
        ? ({ kind: 'failed', message: 'the channel is not in the configuration any more' } as const)
        : await deliverNotice({ kind: channel.kind, url: channel.url }, notice, { nowMs, signal })
    if (outcome.kind === 'delivered') {
      await state.markDelivered(notice.key, nowMs)
      delivered += 1
    } else {
      await state.markFailed(notice.key, nowMs, outcome.message)
      failed.push({ channel: notice.channel, event: notice.event, message: outcome.message })
    }
  }
  return { delivered, failed }
}
