import type { ContractColumn, Dimension, Severity } from '@tidegate/core'
import type { Compiled, Kwargs } from '../expectations/definition.ts'
import type { CheckLimits } from '../limits/decide-limits.ts'

/** A contract met the columns of the data: every check is ready to be planned, answered already, or an error. */
export interface CompiledContract {
  readonly contract: string
  /** Checks of the schema first, then the expectations in the contract's order. */
  readonly checks: readonly CompiledCheck[]
  /** How values of sensitive columns may be shown. */
  readonly sensitive: SensitiveColumns
}

export type SensitiveColumns = ReadonlyMap<string, NonNullable<ContractColumn['sensitive']>>

export interface CompiledCheck {
  readonly id: string
  /** GX name, or `schema`. */
  readonly type: string
  readonly columns: readonly string[]
  readonly severity: Severity
  readonly dimension: Dimension
  /** Place in `contract.expectations`; undefined for checks of the schema. */
  readonly index: number | undefined
  readonly kwargs: Kwargs
  /** `compile`'s answer. Only `measured` with a `violated` condition is row-level. */
  readonly answer: Compiled
  /** How much may be unexpected before the check fails or warns, where the contract says so. */
  readonly limits?: CheckLimits | undefined
}

/** True if rows that break this check can be told from the others. */
export function isRowLevel(check: CompiledCheck): boolean {
  return check.answer.kind === 'measured' && check.answer.violated !== undefined
}
