import { compareExact, exactNumber } from '../expression/exact-number.ts'
import { isTemporal, type ColumnFamily } from './column-family.ts'
import type { ColumnTotals } from './profile-types.ts'
import { parseTemporal } from './temporal.ts'

export const NO_ROWS: ColumnTotals = {
  rows: 0,
  nulls: 0,
  nonFinite: 0,
  misfits: 0,
  min: null,
  max: null,
  minLength: null,
  maxLength: null,
  classTried: 0,
  classMatched: 0,
}

/** Sums and extremes over several slices. */
export function addTotals(family: ColumnFamily, items: readonly ColumnTotals[]): ColumnTotals {
  return items.reduce(
    (sum, item): ColumnTotals => ({
      rows: sum.rows + item.rows,
      nulls: sum.nulls + item.nulls,
      nonFinite: sum.nonFinite + item.nonFinite,
      misfits: sum.misfits + item.misfits,
      min: pick(family, sum.min, item.min, -1),
      max: pick(family, sum.max, item.max, 1),
      minLength: pickNumber(sum.minLength, item.minLength, Math.min),
      maxLength: pickNumber(sum.maxLength, item.maxLength, Math.max),
      classTried: sum.classTried + item.classTried,
      classMatched: sum.classMatched + item.classMatched,
    }),
    NO_ROWS,
  )
}

/** Order of two values of a numeric or temporal column: negative, 0 or positive. */
export function compareValues(family: ColumnFamily, a: string, b: string): number {
  if (isTemporal(family)) {
    const difference = (parseTemporal(a) ?? unreadable(a)) - (parseTemporal(b) ?? unreadable(b))
    // Beyond the millisecond, texts of one type compare as text.
    return difference === 0 || Number.isNaN(difference) ? (a < b ? -1 : a > b ? 1 : 0) : difference
  }
  const left = exactNumber(a)
  const right = exactNumber(b)
  return left === undefined || right === undefined ? 0 : compareExact(left, right)
}

/** `-infinity` and years before Christ come before, `infinity` after every date that can be read. */
function unreadable(text: string): number {
  return text.startsWith('-') || text.includes('BC') ? -Infinity : Infinity
}

function pick(family: ColumnFamily, a: string | null, b: string | null, sign: 1 | -1): string | null {
  if (a === null || b === null) return a ?? b
  return compareValues(family, a, b) * sign >= 0 ? a : b
}

function pickNumber(a: number | null, b: number | null, choose: (a: number, b: number) => number): number | null {
  return a === null || b === null ? (a ?? b) : choose(a, b)
}
