/** The pages there are. */
export type PageName =
  | 'overview'
  | 'datasets'
  | 'quality'
  | 'failures'
  | 'files'
  | 'runs'
  | 'performance'
  | 'alerts'
  | 'reports'

/**
 * Where the rows behind a figure are listed: a page, and the filter that makes it show them. It is data; each face makes its
 * own address (or command) of it. What a parameter means is the same on every page, see {@link LinkParams}.
 */
export interface Link {
  readonly page: PageName
  readonly params: Readonly<Record<string, string>>
}

/** All parameters that a link may carry. In a link they are text; what is undefined or null is left out. */
export interface LinkParams {
  readonly source?: string | null | undefined
  readonly dataset?: string | null | undefined
  /** From inclusive, to exclusive: UTC ISO 8601. */
  readonly since?: string | null | undefined
  readonly until?: string | null | undefined
  /** Outcome of files: `loaded`, `held` or `skipped`. */
  readonly outcome?: string | null | undefined
  /** Files read from a repaired copy: `true`. */
  readonly repaired?: string | null | undefined
  /** Files that failed this check. */
  readonly check?: string | null | undefined
  /** Folder below the source's root; empty for the root itself. */
  readonly folder?: string | null | undefined
  /** Path of one file. */
  readonly file?: string | null | undefined
  /** Scores from inclusive, to exclusive (100 is in the last bin, 100 to 105). */
  readonly scoreFrom?: string | number | null | undefined
  readonly scoreTo?: string | number | null | undefined
  /** Order of files, as in core's FileQuery. */
  readonly order?: string | null | undefined
  /** Id of a run, and status of runs. */
  readonly run?: string | null | undefined
  readonly status?: string | null | undefined
  /** Fingerprint of a cause, id of an incident. */
  readonly cause?: string | null | undefined
  readonly incident?: string | null | undefined
  /** Metric of a comparison. */
  readonly metric?: string | null | undefined
}

export function linkTo(page: PageName, params: LinkParams = {}): Link {
  const kept: Record<string, string> = {}
  // Thousands are made for a page.
  for (const name in params) {
    const value = params[name as keyof LinkParams]
    if (value !== undefined && value !== null) kept[name] = String(value)
  }
  return { page, params: kept }
}
