import type { JsonValue } from '../json.ts'

export type AlertKind =
  | 'run_failed'
  | 'gate_failed'
  | 'file_quarantined'
  /** Nothing came for longer than `expect.every` allows. */
  | 'stale'
  /** Files that `expect.files … by` asks for did not come. */
  | 'missing'
  | 'schema_changed'
  /** Ticks that nobody ran (`catch_up`). */
  | 'schedule_missed'
  /** A job gave up after its last attempt. */
  | 'job_dead'

/** News that never become an alert: they are told once to who asked for them. */
export type NewsKind = 'file_arrived' | 'output_generated' | 'recovered' | 'daily_digest'

export type AlertSeverity = 'critical' | 'warning' | 'info'

/**
 * Something was seen: written in the transaction in which it became true, folded into alerts afterwards. Made of names,
 * counts and codes only: never a cell of the data, never a secret.
 */
export interface AlertSignal {
  /** The same for the same thing seen: accepted once. */
  readonly key: string
  readonly kind: AlertKind | NewsKind
  readonly effect: 'raise' | 'resolve' | 'news'
  /** Which alert it is about: (kind, source, dataset) are one alert while it is open. */
  readonly source: string
  readonly dataset: string | null
  readonly severity: AlertSeverity
  readonly run: string | null
  readonly atMs: number
  /** What a message is composed of. */
  readonly detail: Readonly<Record<string, JsonValue>>
}

/** `pending → firing → acknowledged → resolved`; a pending one that ends in time was never told. */
export type AlertState = 'pending' | 'firing' | 'acknowledged' | 'resolved'

export interface AlertRecord {
  readonly id: string
  readonly kind: AlertKind
  readonly source: string
  readonly dataset: string | null
  readonly severity: AlertSeverity
  readonly state: AlertState
  readonly firstAtMs: number
  readonly lastAtMs: number
  /** Signals so far. */
  readonly count: number
  readonly firingAtMs: number | null
  readonly acknowledgedAtMs: number | null
  readonly acknowledgedBy: string | null
  readonly note: string | null
  readonly resolvedAtMs: number | null
  readonly run: string | null
  readonly detail: Readonly<Record<string, JsonValue>>
}

export interface AlertMatcher {
  readonly kind?: AlertKind | undefined
  /** Name, or a glob of `*`. */
  readonly source?: string | undefined
  readonly dataset?: string | undefined
  readonly severity?: AlertSeverity | undefined
}

/** Nothing that matches is told between these moments. An end is mandatory. */
export interface SilenceRecord {
  readonly id: string
  readonly matcher: AlertMatcher
  readonly startsAtMs: number
  readonly endsAtMs: number
  readonly createdBy: string
  readonly createdAtMs: number
  readonly reason: string
  /** Messages that it held back. */
  readonly hidden: number
}

export type DecisionOutcome =
  | 'sent'
  /** Waits for others of its group. */
  | 'grouping'
  | 'silenced'
  /** A cause that was told already explains it. */
  | 'inhibited'
  /** Told before, and `repeat_interval` is not over. */
  | 'told'
  | 'acknowledged'
  /** The channel had its share; comes with the next digest of what was held back. */
  | 'throttled'
  | 'not-asked-for'
  /** The receiver answered that it is gone (410); it waits until the channel is tried again. */
  | 'gone'
  | 'pending'

/** Why an alert was told to a channel, or not. Written when it changes. */
export interface AlertDecision {
  readonly alert: string
  readonly channel: string
  readonly atMs: number
  readonly outcome: DecisionOutcome
  /** In words, with the rule's name and its value. */
  readonly reason: string
  /** Of the notice in the outbox, where one was made. */
  readonly notice: string | null
}

/** One group of one channel: what was told of it, when. */
export interface AlertGroup {
  readonly channel: string
  /** `source=orders` or what `group_by` says. */
  readonly key: string
  /** When its first alert came that is not told yet; null where nothing waits. */
  readonly waitingSinceMs: number | null
  readonly lastSentAtMs: number | null
  /** Ids of alerts with the state in which each was told last. */
  readonly told: Readonly<Record<string, AlertState>>
  /** What was decided last of each of its alerts: a decision is written when it changes. */
  readonly decided: Readonly<Record<string, DecisionOutcome>>
  /** News that wait for room; the same news of one source and dataset are one, with `times` in its detail. */
  readonly news: readonly AlertSignal[]
}

/** One attempt to deliver a notice. */
export interface DeliveryRecord {
  readonly notice: string
  readonly channel: string
  readonly event: string
  readonly attempt: number
  readonly atMs: number
  readonly outcome: 'delivered' | 'failed' | 'given-up'
  readonly status: number | null
  /** Without the channel's address. */
  readonly message: string | null
  readonly nextAtMs: number | null
}
