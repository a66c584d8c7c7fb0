import { otherFiles, type Oddity } from './oddity.ts'
import type { SliceFacts } from './profile-types.ts'
import { formatShare } from './suggestion.ts'
import { wilsonInterval } from './wilson.ts'

/** Files with far more nulls, misfits or non-finite numbers than all others. */
export function findOddShares(slices: readonly SliceFacts[]): readonly Oddity[] {
  const notNull = 'expect_column_values_to_not_be_null'
  // A misfit is also null; the better word wins.
  const misfits = oddShares(
    slices.map(({ misfits, rows }) => ({ part: misfits, of: rows })),
    'do not fit the type',
    'schema',
  )
  const nulls = oddShares(
    slices.map((slice) => ({ part: slice.nulls - slice.misfits, of: slice.rows })),
    'null',
    notNull,
  )
  const nonFinite = oddShares(
    slices.map((slice) => ({ part: slice.nonFinite, of: slice.rows - slice.nulls })),
    'NaN or infinite',
    'expect_column_values_to_be_between',
  )
  return [...misfits, ...nulls, ...nonFinite]
}

interface Share {
  readonly part: number
  readonly of: number
}

/**
 * A share is odd if it is surely (95%) more than twice what the others can be (95%), more than twice the worst of them,
 * and farther from the worst than twice the distance between their best and worst. A tenth of a percent never is.
 */
function oddShares(shares: readonly Share[], word: string, check: Oddity['check']): readonly Oddity[] {
  const most = Math.min(5, Math.floor(shares.length / 10))
  const worstFirst = [...shares.entries()].sort(([, a], [, b]) => rate(b) - rate(a)).map(([at]) => at)
  const suspects = new Set(worstFirst.slice(0, most + 1))
  return shares.flatMap((own, at): readonly Oddity[] => {
    if (own.part === 0 || !suspects.has(at)) return []
    // Files just as bad do not excuse this one, as long as they are few.
    const ranked = worstFirst.filter((position) => position !== at).flatMap((position) => shares[position] ?? [])
    const present = ranked.filter((share) => share.of > 0)
    const excused = present.slice(0, most).filter((share) => rate(share) >= rate(own) / 2)
    const others = present.slice(excused.length)
    if (others.length < 4) return []
    const worst = Math.max(...others.map(rate))
    const best = Math.min(...others.map(rate))
    const pooled = wilsonInterval(total(others, 'part'), total(others, 'of'))
    const sure = wilsonInterval(own.part, own.of).low > 2 * pooled.high
    const far = rate(own) > 2 * worst + 0.001 && rate(own) - worst > 2 * (worst - best)
    if (!sure || !far) return []
    const rest = worst === 0 ? 'have none' : `stay at or below ${formatShare(worst)}`
    return [{ at, what: `${formatShare(rate(own))} ${word} where ${otherFiles(others.length)} ${rest}`, check }]
  })
}

function rate({ part, of }: Share): number {
  return of === 0 ? 0 : part / of
}

function total(shares: readonly Share[], key: keyof Share): number {
  return shares.reduce((sum, share) => sum + share[key], 0)
}
