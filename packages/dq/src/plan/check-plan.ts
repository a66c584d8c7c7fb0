import type { Cell, CheckResult, Relation, RelationFile, UniqueScope } from '@tidegate/core'
import type { SensitiveColumns } from '../compile/compiled-contract.ts'
import type { DataType } from '../expression/data-type.ts'
import type { CheckLimits } from '../limits/decide-limits.ts'
import type { Kwargs } from '../expectations/definition.ts'
import type { Expression } from '../expression/expression.ts'
import type { Metric, WrittenQuery } from '../expression/metric.ts'
import type { CapturedSample } from './plan-capture.ts'
import type { ValueTest } from '../value-tests/value-test.ts'

/** What will be asked of the engine, before anything is asked. Plain data: print it, compare it, keep it. */
export interface CheckPlan {
  readonly contract: string
  readonly relation: Relation
  readonly files: readonly RelationFile[]
  /** Checks that need data, in the order of the contract. */
  readonly checks: readonly PlannedCheck[]
  readonly queries: readonly PlannedQuery[]
  /** What JavaScript tests before the rest can be asked: distinct values, whatever file they are in. */
  readonly valueTests: readonly PlannedValues[]
  /** Metrics whose queries can be written once the values are tested, by key. */
  readonly afterValues: ReadonlyMap<string, Metric>
  /** These queries, with a text in place of the values that fail: to be printed, not run. */
  readonly afterValuesPreview: readonly PlannedQuery[]
  /** Answers that the schema alone gives, the same for every file, and errors known beforehand. */
  readonly withoutData: readonly CheckResult[]
  /** Ids of all checks, in the order of the contract. */
  readonly order: readonly string[]
  readonly sensitive: SensitiveColumns
  readonly capture: CaptureSettings
  readonly maxAggregatesPerQuery: number
  /** What footers prove: metric key → file key → value. */
  readonly proved: ReadonlyMap<string, ReadonlyMap<string, Cell>>
  /** By file key: row groups whose statistics were used. */
  readonly provedRowGroups: ReadonlyMap<string, number>
}

/** What is kept of unexpected rows. */
export interface CaptureSettings {
  /**
   * - `after`: by a query of its own, only for checks that have unexpected rows, and over the first rows of the files
   *   where that is enough
   * - `same-scan`: by the queries that count them, in one aggregate for all: the first rows that break any rule. What is
   *   rare where other rules are broken often, and what is counted by groups, is still asked for after
   * - `never`
   *
   * Why `after` is what is done unless asked: 40 expectations on 2M rows × 10 columns of Parquet with none, 1 % and 50 % of
   * the rows unexpected, as a multiple of `never`. `after` 0.97, 1.08, 0.95; `same-scan` 1.11, 1.32, 1.27, where 1.3 is the
   * most that capture may cost and most data has nothing unexpected. One aggregate per check: 2.4 and more. See
   * docs/planner-levers.md.
   */
  readonly when: 'after' | 'same-scan' | 'never'
  /** Values per check and file. */
  readonly values: number
  /** Also the rows they are in. */
  readonly rows: boolean
  /** Columns whose values tell a row from others. */
  readonly indexColumns: readonly string[]
  /** Also all unexpected values and rows, by one query per check that has any. */
  readonly complete: boolean
}

/** The distinct values of one expression and the tests they are put to. */
export interface PlannedValues {
  readonly id: string
  readonly item: Expression
  /** How many values there are, and the values: in parts where they are many. */
  readonly sql: readonly string[]
  /** `key`: canonical text of the `passes` expression. */
  readonly tests: readonly { readonly key: string; readonly test: ValueTest }[]
}

export interface PlannedCheck extends Pick<
  CheckResult,
  'id' | 'type' | 'columns' | 'severity' | 'dimension' | 'rowLevel'
> {
  readonly kwargs: Kwargs
  readonly description: string
  readonly resultType: DataType | undefined
  readonly scope: UniqueScope | undefined
  /** Row-level checks: true for rows that break the rule. */
  readonly violated: Expression | undefined
  /** What is shown of such a row. Without `showsValues`: nothing, only the row itself. */
  readonly shown: Expression | undefined
  readonly showsValues: boolean
  /** Role in the judgement → key of the metric. */
  readonly metrics: Readonly<Record<string, string>>
  /** How much may be unexpected before the check fails or warns. */
  readonly limits?: CheckLimits | undefined
  /** Footers prove every number it is judged by. */
  readonly proved: boolean
}

export interface PlannedQuery {
  readonly id: string
  /**
   * - `fused`: one scan for everything that single rows answer
   * - `window`, `join`: the same, over rows with columns computed from several rows or from another table
   * - `group-by`: one grouping per set of keys
   * - `query`: a query of the contract's author, for one file
   * - `sample`: shows unexpected values; runs only if a check has unexpected rows, and then only for those checks
   */
  readonly kind: 'fused' | 'window' | 'join' | 'group-by' | 'query' | 'sample'
  readonly sql: string
  /** Keys of the metrics it answers, in the order of its columns (after the file column, if there is one). */
  readonly answers: readonly string[]
  /** The parts of `sql`, so that a part of the metrics can be asked again. */
  readonly select: readonly SelectItem[]
  readonly from: string
  /** Quoted name of the file column, where rows of several files are told apart. */
  readonly fileColumn: string | undefined
  /** Key of the file it speaks of, where it speaks of one of several. */
  readonly file?: string | undefined
  /** What of it the contract's author wrote. */
  readonly written?: readonly WrittenQuery[] | undefined
  /** Keys of two metrics of an earlier query: where they agree in every file, all answers are 0 and it need not run. */
  readonly screen?: { readonly present: string; readonly distinct: string } | undefined
}

/** A column computed below the SELECT, so that aggregates can use it. */
export interface Lift {
  /** Quoted. */
  readonly alias: string
  readonly sql: string
  /** 0: over the relation itself; 1: over columns of depth 0; … */
  readonly depth: number
}

export interface SelectItem {
  readonly key: string
  readonly sql: string
  readonly lifts?: readonly Lift[] | undefined
  /** Samples of rows only: the record and the condition that `sql` is made of. */
  readonly sample?: { readonly value: string; readonly where: string } | undefined
  /** What is captured while rows are counted: not a metric, but the samples it holds. */
  readonly captured?: readonly CapturedSample[] | undefined
}
