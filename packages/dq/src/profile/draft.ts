import type { Expectation } from '@tidegate/core'
import type { ColumnProfile } from './profile-types.ts'
import { wilsonInterval } from './wilson.ts'

/** What a rule is about. One column has at most one rule of a group. */
export type RuleGroup = 'null' | 'unique' | 'range' | 'set' | 'regex' | 'length'

/** A rule as the facts suggest it, before it is tried on other rows. */
export interface Draft {
  readonly group: RuleGroup
  readonly place: 'expectations' | 'schema'
  readonly expectation: Expectation
  /** Rows that satisfy it, of those it looks at. */
  readonly satisfied: number
  readonly considered: number
  readonly basis: string
}

/** What a try on held-back rows said: these groups must be wider, those must not be proposed. */
export interface Lessons {
  readonly widen: ReadonlySet<RuleGroup>
  readonly barred: ReadonlySet<RuleGroup>
}

export const NO_LESSONS: Lessons = { widen: new Set(), barred: new Set() }

/** From how many values on a rule is drawn from them at all. */
export const ENOUGH_VALUES = 20

/** From how many rows on the absence of nulls and doubles is taken for a rule. */
export const ENOUGH_ROWS = 100

/** Values of a column that are there. */
export function valuesOf(column: ColumnProfile): number {
  return column.rows - column.nulls
}

/** Critical if the rule is sure to hold for 95% of rows, and nothing else speaks against it. */
export function severityOf(satisfied: number, considered: number, doubtful = false): 'critical' | 'warning' {
  return !doubtful && wilsonInterval(satisfied, considered).low >= 0.95 ? 'critical' : 'warning'
}

/**
 * A `mostly` that leaves room for the exceptions seen: twice what they may be at most (95% sure), or one and a half
 * times the worst slice, whichever is more; rounded down to 0.001 near 1, else to 0.01.
 */
export function mostlyFor(
  exceptions: number,
  considered: number,
  slices: readonly Exceptions[],
  factor: 1 | 2,
): number {
  const worst = Math.max(
    0,
    ...slices.filter((slice) => slice.considered >= ENOUGH_ROWS).map((slice) => slice.exceptions / slice.considered),
  )
  const allowed = factor * Math.max(2 * wilsonInterval(exceptions, considered).high, 1.5 * worst)
  const steps = allowed < 0.01 ? 1000 : 100
  return Math.max(0, Math.floor((1 - allowed) * steps) / steps)
}

export interface Exceptions {
  readonly exceptions: number
  readonly considered: number
}
