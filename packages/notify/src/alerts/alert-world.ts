import type {
  AlertChanges,
  AlertGroup,
  AlertRecord,
  AlertsConfig,
  AlertSignal,
  ChannelConfig,
  SilenceRecord,
} from '@tidegate/core'

/** Whom to tell. Channels of kind `openlineage` are told of runs and not of alerts. */
export type AlertChannel = Pick<ChannelConfig, 'name' | 'on' | 'maxPerHour' | 'sendResolved'>

/** All that one step of the engine looks at. Times are Unix milliseconds, UTC. */
export interface AlertWorld {
  readonly nowMs: number
  /** Open ones, and those that are over and that a group told of. */
  readonly alerts: readonly AlertRecord[]
  readonly groups: readonly AlertGroup[]
  readonly silences: readonly SilenceRecord[]
  /** Not folded in yet, oldest first. */
  readonly signals: readonly AlertSignal[]
  readonly channels: readonly AlertChannel[]
  /** Names of the channels that a source notifies. What belongs to no source goes to every channel. */
  readonly notify: ReadonlyMap<string, readonly string[]>
  readonly settings: AlertsConfig
  /** When messages were sent to a channel, of the last hour at least; oldest first. */
  readonly sent: ReadonlyMap<string, readonly number[]>
  /** Channels whose receiver said that it is gone: nothing is sent to them until then. */
  readonly gone?: ReadonlyMap<string, GoneReceiver> | undefined
  /** False folds signals and tells nobody: more signals are to come first. @defaultValue true */
  readonly tell?: boolean | undefined
}

export interface GoneReceiver {
  /** When it is asked again. */
  readonly untilMs: number
  /** In words. */
  readonly reason: string
}

export interface AlertStep extends AlertChanges {
  /** When something may become due without a further signal; null: never. */
  readonly nextWakeMs: number | null
}

export function isOpen({ state }: AlertRecord): boolean {
  return state !== 'resolved'
}

/** Told or to be told: it lasts longer than `for`. */
export function isFiring({ state }: AlertRecord): boolean {
  return state === 'firing' || state === 'acknowledged'
}
