import type { Cell, CheckResult, ColumnSchema, Dimension, JsonValue, UniqueScope } from '@tidegate/core'
import type { ColumnRef } from '../expression/column-ref.ts'
import type { DataType } from '../expression/data-type.ts'
import type { Expression } from '../expression/expression.ts'
import type { Metric } from '../expression/metric.ts'

/**
 * One expectation: what it is called, which arguments it takes, what must be measured for it and how the measures are
 * judged. Definitions are plain objects in the registry; nothing else in this package knows an expectation by name.
 */
export interface ExpectationDefinition {
  /** The Great Expectations name. */
  readonly type: string
  readonly kind: ExpectationKind
  readonly dimension: Dimension
  /** Short word for ids and plans: `between` in `delay:between`. */
  readonly label: string
  readonly kwargs: Readonly<Record<string, KwargSpec>>
  /** Its judgement looks at earlier values of its own `observedValue`. @defaultValue false */
  readonly usesHistory?: boolean | undefined
  /** Turns checked arguments into metrics, or into an answer if the schema alone decides, or into a problem. */
  readonly compile: (kwargs: Kwargs, scope: CompileScope) => Compiled
  /** Turns measured values into an answer. Pure. Only for what `compile` answered with `measured`. */
  readonly judge: (kwargs: Kwargs, measured: Measured) => Judgement
}

export type ExpectationKind = 'column-map' | 'column-aggregate' | 'pair-map' | 'multi-map' | 'table' | 'query'

export interface KwargSpec {
  readonly type: KwargType
  /** @defaultValue false */
  readonly required?: boolean
  /** What a missing argument, or null, stands for. @defaultValue null */
  readonly default?: JsonValue
}

export type KwargType =
  | 'column'
  | 'columns'
  | 'boolean'
  | 'text'
  | 'texts'
  /** A whole number, also as `5.0`. */
  | 'integer'
  /** 0 to 1. */
  | 'fraction'
  /** Number or text, compared in the column's type. */
  | 'bound'
  /** A number, or a text of digits for integers beyond ±2^53−1 and decimals. */
  | 'number'
  /** A list of scalars. */
  | 'values'
  /** A list of pairs of scalars. */
  | 'pairs'
  /** A map. */
  | 'object'
  /** Anything; the definition checks it itself. */
  | 'any'
  | { readonly oneOf: readonly string[] }

/** Arguments after checking: every key of the definition is there, null where nothing was given. */
export type Kwargs = Readonly<Record<string, JsonValue>>

export interface CompileScope {
  /** The column, or undefined if the data has none of this name. */
  column(name: string): ColumnRef | undefined
  /** All columns of the data, in order. */
  readonly columnNames: readonly string[]
  /** The same with their types. @defaultValue not told */
  readonly columns?: readonly ColumnSchema[] | undefined
  /** Columns that the contract's schema declares, in its order. @defaultValue not told */
  readonly declared?: readonly ColumnSchema[] | undefined
  /** Tables besides the one that is checked, under the names that expectations use; see {@link TARGET_TABLE}. */
  readonly tables: ReadonlyMap<string, OtherTable>
}

/** Another table of the session. */
export interface OtherTable {
  /** Usable after FROM. */
  readonly sql: string
  readonly columns: readonly ColumnSchema[]
}

/** Name in `CompileScope.tables` of the rows that the target of the load holds already. */
export const TARGET_TABLE = 'target'

/** An earlier value of a check's metric. */
export interface MetricPoint {
  readonly atMs: number
  readonly value: number
}

export type Compiled =
  | {
      readonly kind: 'measured'
      /** What is measured, by the role it plays in the judgement. */
      readonly metrics: Readonly<Record<string, Metric>>
      /** True for rows that break the rule; NULL counts as false. Row-level expectations only. */
      readonly violated?: Expression | undefined
      /** For people: `delay between -120 and 1800`. */
      readonly description: string
      /** Type of the value under the role `observed`, where the judgement compares it. */
      readonly resultType?: DataType | undefined
      /** Among which rows repetitions are looked for; told in the result. */
      readonly scope?: UniqueScope | undefined
    }
  | { readonly kind: 'decided'; readonly judgement: Judgement }
  | { readonly kind: 'problem'; readonly problem: CheckProblem }

export interface CheckProblem {
  /** `CHECK_…` */
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
}

/** Measured values of one file by role. Samples are there only for failed checks. */
export interface Measured {
  readonly description: string
  readonly resultType: DataType | undefined
  /** Whether the check asked for this role at all. */
  has(role: string): boolean
  cell(role: string): Cell
  /** When the data is judged, Unix milliseconds; undefined where nobody said. */
  readonly nowMs: number | undefined
  /** Earlier values of this check's metric on this dataset, oldest first. */
  readonly history: readonly MetricPoint[]
  /** A count. Engines count no rows, or only NULLs, as NULL: that is 0. */
  count(role: string): number
}

export type Judgement = Pick<
  CheckResult,
  | 'message'
  | 'elementCount'
  | 'missingCount'
  | 'unexpectedCount'
  | 'unexpectedPercent'
  | 'observedValue'
  | 'details'
  | 'partialUnexpected'
> & { readonly passed: boolean }
