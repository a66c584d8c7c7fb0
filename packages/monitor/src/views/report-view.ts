import type { Link } from './link.ts'

/** What this report covers, what it leaves out, and how to make it again. */
export interface ReportView {
  readonly summary: string
  readonly generatedAt: string | null
  /** From inclusive, to exclusive. Figures by day count whole UTC days, from that in which the window begins. */
  readonly window: { readonly since: string | null; readonly until: string | null; readonly days: number }
  /** How far back comparisons look. */
  readonly reachesBackTo: string | null
  readonly sources: readonly { readonly source: string; readonly configured: boolean; readonly link: Link }[]
  readonly datasets: readonly { readonly source: string; readonly dataset: string; readonly link: Link }[]
  readonly counts: readonly ReportCount[]
  /** Every list that may be cut, cut or not. */
  readonly lists: readonly ReportList[]
  readonly truncated: boolean
  /** Version of Tidegate that made it; null where nobody said. */
  readonly version: string | null
  /** Shell command that makes it again; null where nobody said. */
  readonly command: string | null
  /** What a reader must know about the figures. */
  readonly notes: readonly string[]
}

export interface ReportCount {
  readonly name: 'runs' | 'files' | 'rows' | 'bytes' | 'checks' | 'failures' | 'open-quarantine' | 'schemas'
  readonly count: number
  readonly link: Link
}

export interface ReportList {
  /** Key of the section. */
  readonly section: string
  readonly name: string
  readonly shown: number
  readonly total: number
  readonly link: Link
}
