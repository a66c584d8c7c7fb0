import type { FailureCause } from './failures-view.ts'

/** Files named of each cause. */
export const EXAMPLES = 5

/** What is known of one cause before it is set among the others. */
export interface CauseFacts extends Omit<
  FailureCause,
  'fingerprint' | 'sharePercent' | 'cumulativePercent' | 'firstSeenAt' | 'lastSeenAt' | 'byDay' | 'link' | 'suggestion'
> {
  readonly firstMs: number
  readonly lastMs: number
  readonly countByDay: ReadonlyMap<number, number>
  /** Type of the check. */
  readonly type?: string | undefined
  readonly outcome?: 'failed' | 'error' | undefined
  /** Whether the check tells failing rows from good ones. */
  readonly rowLevel?: boolean | undefined
  /** Path of a file of which a repair with loss would bring rows back. */
  readonly offer?: string | undefined
}
