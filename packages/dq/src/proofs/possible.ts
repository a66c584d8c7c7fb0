import type { Domain, Point } from './point.ts'

/**
 * All values that an expression can have in some rows: possibly NULL, and values in a range (both ends included). A
 * superset of the truth, never less. Conditions are values of the domain `boolean`: 0 is false, 1 is true.
 */
export interface Possible {
  readonly null: boolean
  /** `none`: never a value. `any`: nothing is known of it. */
  readonly values: 'none' | 'any' | Range
}

export interface Range {
  readonly domain: Domain
  readonly low: Point
  readonly high: Point
}

export const ALWAYS_NULL: Possible = { null: true, values: 'none' }
export const ANYTHING: Possible = { null: true, values: 'any' }

/** Whether a condition can be true. Of a value that is no boolean nothing is known. */
export function canBeTrue({ values }: Possible): boolean {
  return values === 'any' || (values !== 'none' && (values.domain !== 'boolean' || values.high === 1))
}

/** Whether a condition is neither false nor NULL. */
export function isAlwaysTrue({ null: canBeNull, values }: Possible): boolean {
  return !canBeNull && typeof values === 'object' && values.domain === 'boolean' && values.low === 1
}

/** True or false. */
export const EITHER: Range = { domain: 'boolean', low: 0, high: 1 }

export function truth(value: boolean): Possible {
  const point = value ? 1 : 0
  return { null: false, values: { domain: 'boolean', low: point, high: point } }
}
