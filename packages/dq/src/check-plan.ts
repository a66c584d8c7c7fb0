import type { CheckResult, RelationFile } from '@tidegate/core'
import type { SensitiveColumns } from './compiled-contract.ts'
import type { DataType } from './data-type.ts'
import type { Kwargs } from './expectations/definition.ts'

/** What will be asked of the engine, before anything is asked. Plain data: print it, compare it, keep it. */
export interface CheckPlan {
  readonly contract: string
  readonly files: readonly RelationFile[]
  /** Checks that need data, in the order of the contract. */
  readonly checks: readonly PlannedCheck[]
  readonly queries: readonly PlannedQuery[]
  /** Answers that the schema alone gives, the same for every file, and errors known beforehand. */
  readonly withoutData: readonly CheckResult[]
  /** Ids of all checks, in the order of the contract. */
  readonly order: readonly string[]
  readonly sensitive: SensitiveColumns
  readonly sampleLimit: number
}

export interface PlannedCheck extends Pick<
  CheckResult,
  'id' | 'type' | 'columns' | 'severity' | 'dimension' | 'rowLevel'
> {
  readonly kwargs: Kwargs
  readonly description: string
  readonly resultType: DataType | undefined
  /** Role in the judgement → key of the metric. */
  readonly metrics: Readonly<Record<string, string>>
}

export interface PlannedQuery {
  readonly id: string
  /** `sample` runs only if a check has unexpected rows, and then only for those checks. */
  readonly kind: 'fused' | 'group-by' | 'sample'
  readonly sql: string
  /** Keys of the metrics it answers, in the order of its columns (after the file column, if there is one). */
  readonly answers: readonly string[]
  /** The parts of `sql`, so that a part of the metrics can be asked again. */
  readonly select: readonly SelectItem[]
  readonly from: string
  /** Quoted name of the file column, where rows of several files are told apart. */
  readonly fileColumn: string | undefined
}

export interface SelectItem {
  readonly key: string
  readonly sql: string
  /** Samples only: the value and the condition that `sql` is made of. */
  readonly sample?: { readonly value: string; readonly where: string } | undefined
}
