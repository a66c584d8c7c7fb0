/** Compares the statistics of a chunk with its values. Pure. */
import { pageFinding, type PageFinding } from '../../pages/page-finding.ts'
import { compareScalars, readScalar, scalarText, type Lane, type Scalar } from './bounds.ts'
import type { Statistics } from './file-facts.ts'

export interface ValueSummary {
  /** Undefined: there is none, or it is not known. */
  readonly bounds: { readonly min: Scalar; readonly max: Scalar } | undefined
  readonly nans: number
  /** Undefined: not known, or writers count them in different ways (nested columns). */
  readonly nulls: number | undefined
}

export interface StatisticsTrust {
  readonly lane: Lane | undefined
  /** `min_value` and `max_value` are in the order of the type. */
  readonly hasTypeOrder: boolean
}

/** At most one finding: readers that prune by these statistics lose rows. */
export function checkStatistics(
  statistics: Statistics,
  summary: ValueSummary,
  trust: StatisticsTrust,
): PageFinding | undefined {
  const faults = [
    ...boundFaults(statistics, summary, trust),
    ...(statistics.nulls !== undefined && summary.nulls !== undefined && statistics.nulls !== summary.nulls
      ? [`they say ${statistics.nulls} NULLs, there are ${summary.nulls}`]
      : []),
  ]
  if (faults.length === 0) return undefined
  return pageFinding(
    'PQ215',
    `The statistics of the chunk contradict its values: ${faults.join('; ')}.`,
    { faults },
    'warn',
  )
}

/** Truncated bounds are allowed: they need not be in the chunk, only around it. */
export function boundFaults(
  statistics: Statistics,
  { bounds }: Pick<ValueSummary, 'bounds'>,
  { lane, hasTypeOrder }: StatisticsTrust,
): readonly string[] {
  if (lane === undefined || bounds === undefined) return []
  const faults: string[] = []
  const isOldOrdered = lane === 'i32' || lane === 'i64' || lane === 'f32' || lane === 'f64' || lane === 'bit'
  const min = hasTypeOrder ? (statistics.min ?? (isOldOrdered ? statistics.oldMin : undefined)) : undefined
  const max = hasTypeOrder ? (statistics.max ?? (isOldOrdered ? statistics.oldMax : undefined)) : undefined
  const lower = min && readScalar(lane, min)
  const upper = max && readScalar(lane, max)
  const say = (value: Scalar): string => scalarText(lane, value)
  if (lower !== undefined) {
    const order = compareScalars(lane, lower, bounds.min)
    if (order > 0 || (order < 0 && statistics.isMinExact && statistics.min !== undefined))
      faults.push(`they say the smallest is ${say(lower)}, it is ${say(bounds.min)}`)
  }
  if (upper !== undefined) {
    const order = compareScalars(lane, upper, bounds.max)
    if (order < 0 || (order > 0 && statistics.isMaxExact && statistics.max !== undefined))
      faults.push(`they say the largest is ${say(upper)}, it is ${say(bounds.max)}`)
  }
  return faults
}
