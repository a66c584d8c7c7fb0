import { linkTo, type Link, type LinkParams, type PageName } from './link.ts'

export interface HeatmapView {
  readonly summary: string
  /** Dataset × expectation: failures of the window's days. */
  readonly expectations: Heat
  /** Dataset × UTC day. */
  readonly days: Heat
  /** Weekday × hour (UTC) in which checks failed. */
  readonly hours: Heat
}

/** At most 50 rows × 60 columns; the totals say of how many. */
export interface Heat {
  readonly id: 'expectations' | 'days' | 'hours'
  readonly title: string
  readonly summary: string
  readonly rows: readonly HeatLine[]
  readonly rowsTotal: number
  readonly columns: readonly HeatLine[]
  readonly columnsTotal: number
  /** One array per row; null where nothing was evaluated. */
  readonly cells: readonly (readonly (HeatCell | null)[])[]
  /** The highest `failed` of the cells. */
  readonly max: number
  /** Failures in rows and columns that are not shown. */
  readonly failedElsewhere: number
  readonly page: PageName
}

export interface HeatLine {
  readonly label: string
  /** Failures of the whole line. */
  readonly failed: number
  /** Its share of a cell's link, see {@link cellLink}. */
  readonly params: LinkParams
}

export interface HeatCell {
  /** Checks that failed or could not run. */
  readonly failed: number
  /** Checks evaluated; null in the heat map of hours, where only failures are known. */
  readonly evaluated: number | null
  readonly percent: number | null
}

/** The rows behind a cell. Cells do not carry their links: thousands of them would be most of a report. */
export function cellLink(heat: Heat, row: number, column: number): Link {
  return linkTo(heat.page, { ...heat.rows[row]?.params, ...heat.columns[column]?.params })
}
