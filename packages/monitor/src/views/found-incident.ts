import type { Incident } from './alerts-view.ts'

/** An incident before it has an id and a payload. Times are Unix milliseconds. */
export interface FoundIncident extends Omit<Incident, 'id' | 'payload' | 'since' | 'until' | 'lastSeenAt'> {
  /** What it is about beyond kind, source and dataset, e.g. a metric; empty for nothing. */
  readonly about: string
  readonly since: number | null
  readonly until: number | null
  readonly lastSeenAt: number | null
  /** For the payload, beyond source, dataset, since and times. */
  readonly fields: readonly { readonly name: string; readonly value: string }[]
}
