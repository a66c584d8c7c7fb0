import { SCHEDULER_LEASE, type Config } from '@tidegate/core'
import { isOwnerAlive, type State } from '@tidegate/state'
import { deliverTurn, type DeliveryReport, type FailedNotice } from './deliver-turn.ts'
import { stepProjectAlerts } from './step-project-alerts.ts'

export interface SettledAlerts extends DeliveryReport {
  /** A daemon leads on this state: it folds and delivers. */
  readonly leftToDaemon: boolean
}

const NOTHING: DeliveryReport = { delivered: 0, failed: [] }
const NOTICES_AT_ONCE = 100

/**
 * Alerts of a command that ends: what it saw is told before it is gone, without waiting for others of a group. Where a daemon
 * leads on this state, all of it is left to the daemon. Never throws for a channel; a run does not fail because nobody could
 * be told of it.
 */
export async function settleAlerts(
  project: {
    readonly state: State
    readonly config: Config
    readonly effects: { readonly clock: { nowMs(): number } }
  },
  signal?: AbortSignal,
): Promise<SettledAlerts> {
  const { state, config, effects } = project
  const nowMs = (): number => effects.clock.nowMs()
  if (await isDaemonLeading(state, nowMs())) return { ...NOTHING, leftToDaemon: true }
  await stepProjectAlerts(state, config, { ...config.alerts, groupWaitMs: 0, groupIntervalMs: 0 }, nowMs)
  return { ...(await deliverDue(project, signal)), leftToDaemon: false }
}

/** Whether a living process holds the lease of the scheduler. */
export async function isDaemonLeading(state: Pick<State, 'listLeases'>, nowMs: number): Promise<boolean> {
  const leases = await state.listLeases(nowMs)
  return leases.some(({ source, owner }) => source === SCHEDULER_LEASE && isOwnerAlive(owner.id) !== false)
}

/** One turn of each channel that has something due, all channels at the same time. */
async function deliverDue(project: Parameters<typeof settleAlerts>[0], signal?: AbortSignal): Promise<DeliveryReport> {
  const { state, config, effects } = project
  const nowMs = (): number => effects.clock.nowMs()
  const due = await state.takeNotices(NOTICES_AT_ONCE, nowMs())
  const turns = [...Map.groupBy(due, ({ channel }) => channel)].map(([name, notices]) =>
    deliverTurn(
      state,
      config.channels.find((channel) => channel.name === name),
      notices,
      { nowMs, signal },
    ),
  )
  const failed: FailedNotice[] = []
  let delivered = 0
  for (const turn of await Promise.all(turns)) {
    delivered += turn.delivered
    failed.push(...turn.failed)
  }
  return { delivered, failed }
}
