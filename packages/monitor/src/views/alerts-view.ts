import type { Link } from './link.ts'

export type IncidentKind =
  /** A file is due and has not come. */
  | 'late'
  /** A period passed without its files; later ones came. */
  | 'missing'
  | 'run-failed'
  | 'gate-failed'
  /** A metric left its expected band, or the score falls. */
  | 'drifting'
  | 'stuck-watermark'
  | 'schema-changed'
  | 'quarantine-growing'

export type IncidentSeverity = 'critical' | 'warning' | 'info'

export interface AlertsView {
  readonly summary: string
  /** Open before resolved, then critical before warning before info, then the newest: at most 200 of `total`. */
  readonly items: readonly Incident[]
  readonly total: number
  readonly open: number
  /** Open ones by severity, and all by kind. */
  readonly bySeverity: Readonly<Record<IncidentSeverity, number>>
  readonly byKind: readonly { readonly kind: IncidentKind; readonly count: number; readonly link: Link }[]
}

/** Something that a person would want to be told, found in the history. */
export interface Incident {
  /** Stable while the incident lasts, whoever looks and when: kind, source, dataset and what it is about, percent-encoded. */
  readonly id: string
  readonly kind: IncidentKind
  readonly severity: IncidentSeverity
  /** `resolved`: it happened in the window and is over. */
  readonly status: 'open' | 'resolved'
  readonly source: string
  readonly dataset: string | null
  readonly title: string
  /** What shows it, in one sentence of names, counts and times. */
  readonly evidence: string
  readonly since: string | null
  /** When it was over; null while it is open, and where nobody can tell. */
  readonly until: string | null
  readonly lastSeenAt: string | null
  /** How often, e.g. failed runs in a row, periods missed. At least 1. */
  readonly occurrences: number
  readonly suggestion: string
  /** What to run first. */
  readonly command: string
  readonly link: Link
  /** The notice that would be sent. */
  readonly payload: IncidentPayload
}

/** Names, counts and codes only: no cell of the data, and no free text of an engine, which may quote one. */
export interface IncidentPayload {
  /** Same id, same key: receivers can drop what they have. */
  readonly key: string
  readonly event: IncidentKind
  readonly severity: IncidentSeverity
  readonly title: string
  readonly text: string
  readonly fields: readonly { readonly name: string; readonly value: string }[]
  readonly commands: readonly string[]
  readonly at: string | null
}
