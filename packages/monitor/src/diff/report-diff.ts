import type { Health } from '../views/health.ts'

/** What differs between two reports. Everything is told from `before` to `after`; lists hold what changed only. */
export interface ReportDiff {
  readonly schemaVersion: 1
  readonly kind: 'monitor-diff'
  readonly before: DiffedReport
  readonly after: DiffedReport
  /** `worse` as soon as one thing got worse, `better` where something got better and nothing worse. */
  readonly verdict: Verdict
  readonly summary: string
  /** Why, the worse first. */
  readonly reasons: readonly DiffReason[]
  readonly health: readonly HealthChange[]
  readonly scores: readonly ScoreChange[]
  readonly causes: {
    readonly new: readonly CauseChange[]
    readonly gone: readonly CauseChange[]
    readonly changed: readonly CauseChange[]
  }
  readonly incidents: { readonly opened: readonly IncidentChange[]; readonly closed: readonly IncidentChange[] }
  readonly volumes: readonly VolumeChange[]
  readonly freshness: readonly FreshnessChange[]
  /** Changes of schemas and contracts that only the later report has. */
  readonly schemas: readonly {
    readonly kind: 'schema' | 'contract'
    readonly at: string
    readonly source: string
    readonly dataset: string
    readonly breaking: boolean
    readonly text: string
  }[]
  readonly quarantine: { readonly before: number; readonly after: number }
}

export type Verdict = 'better' | 'same' | 'worse'

export interface DiffedReport {
  readonly generatedAt: string | null
  readonly since: string | null
  readonly until: string | null
  readonly health: Health
  readonly score: number | null
}

export interface DiffReason {
  readonly verdict: 'better' | 'worse'
  readonly text: string
}

/** Null: the report does not know the source. */
export interface HealthChange {
  readonly source: string
  readonly before: Health | null
  readonly after: Health | null
  readonly verdict: Verdict
  readonly because: string
}

/** Dataset null: of the whole report. */
export interface ScoreChange {
  readonly source: string | null
  readonly dataset: string | null
  readonly before: number | null
  readonly after: number | null
  readonly points: number | null
  readonly verdict: Verdict
}

export interface CauseChange {
  readonly fingerprint: string
  readonly code: string
  readonly source: string
  readonly dataset: string | null
  readonly severity: string
  readonly before: number
  readonly after: number
}

export interface IncidentChange {
  readonly id: string
  readonly kind: string
  readonly severity: string
  readonly source: string
  readonly title: string
}

export interface VolumeChange {
  readonly source: string
  readonly rowsBefore: number
  readonly rowsAfter: number
  readonly filesBefore: number
  readonly filesAfter: number
  /** Held files in the window. */
  readonly heldBefore: number
  readonly heldAfter: number
}

export interface FreshnessChange {
  readonly source: string
  readonly before: string | null
  readonly after: string | null
  readonly verdict: Verdict
  readonly because: string
}
