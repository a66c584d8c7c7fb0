/** What a reader of pages is ready to spend. A page above a limit is a finding, not an error. */
export interface PageLimits {
  /** Stored and unfolded size of one page. Default 256 MiB. */
  readonly maxPageBytes: number
  /** Unfolded ÷ stored size, for pages that unfold to more than 16 MiB. Default 200,000. */
  readonly maxRatio: number
  /** Pages of one walk. Default 5 million. */
  readonly maxPages: number
}

export const DEFAULT_PAGE_LIMITS: PageLimits = {
  maxPageBytes: 256 * 1024 * 1024,
  maxRatio: 200_000,
  maxPages: 5_000_000,
}
