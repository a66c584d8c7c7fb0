import {
  type CheckResult,
  type ColumnSchema,
  type Expectation,
  type JsonValue,
  type UnexpectedRow,
} from '@tidegate/core'
import { parseType, type DataType } from '../expression/data-type.ts'
import type { ExpectationKind } from '../expectations/definition.ts'
import { gxJson, gxValues } from './gx-value.ts'
import type { CheckNote, GxExceptionInfo, GxExpectationResult, JsonObject, SuiteGeneration } from './gx-types.ts'
import { mapResult } from './map-result.ts'
import type { ResolvedFormat } from './result-format.ts'

export interface GxResultOptions {
  readonly format: ResolvedFormat
  readonly generation: SuiteGeneration
  /** Of the expectation, see `Registry.find`; undefined for what is none. */
  readonly kind: ExpectationKind | undefined
  /** Columns of the data, by name. */
  readonly columns: ReadonlyMap<string, DataType>
  /** What an unexpected row is called without index columns. @defaultValue its ordinal */
  readonly locate?: ((row: UnexpectedRow) => JsonValue) | undefined
  /** A query that finds the unexpected rows. */
  readonly indexQuery?: string | undefined
}

/**
 * One check's result as Great Expectations writes it. Pure. `expectation` is echoed as its author wrote it, in the suite's
 * own generation. A check that could not be evaluated is `success: false` with the reason in `exception_info`.
 */
export function toGxResult(check: CheckResult, expectation: JsonObject, options: GxResultOptions): GxExpectationResult {
  return {
    success: check.outcome === 'passed',
    expectation_config: expectation,
    result: check.outcome === 'error' ? {} : resultOf(check, options),
    meta: { tidegate: noteOf(check) },
    exception_info: exceptionOf(check),
  }
}

/** Types by column name. */
export function columnTypes(columns: readonly ColumnSchema[]): ReadonlyMap<string, DataType> {
  const types = new Map<string, DataType>()
  for (const { name, type } of columns) {
    const parsed = parseType(type)
    if (parsed !== undefined) types.set(name, parsed)
  }
  return types
}

/** An expectation as it stands in a suite of this generation. */
export function expectationConfig(expectation: Expectation, generation: SuiteGeneration): JsonObject {
  const { type, kwargs, meta = {}, id, severity } = expectation
  if (generation === '0.18') return { expectation_type: type, kwargs, meta }
  return { type, kwargs, meta, severity: severity ?? 'critical', ...(id === undefined ? {} : { id }) }
}

const SHAPES: Readonly<Partial<Record<ExpectationKind, 'value' | 'pair' | 'record'>>> = {
  'column-map': 'value',
  'pair-map': 'pair',
  'multi-map': 'record',
}

/** Nulls are what these judge, so there is nothing that they leave out. */
const NOT_NULL = 'expect_column_values_to_not_be_null'
const JUDGES_MISSING: ReadonlySet<string> = new Set(['expect_column_values_to_be_null', NOT_NULL, 'schema'])

function resultOf(check: CheckResult, options: GxResultOptions): JsonObject {
  const shape = SHAPES[options.kind ?? 'column-map']
  // A column's type is asked about "values" and answered by the schema, with an observed value.
  if (shape !== undefined && check.elementCount !== undefined)
    return mapResult({
      check,
      shape,
      format: options.format,
      columns: options.columns,
      hasMissing: !JUDGES_MISSING.has(check.type),
      judgesNull: check.type === NOT_NULL,
      locate: options.locate ?? ((row) => row.row),
      indexQuery: options.indexQuery,
    })
  return options.format.name === 'BOOLEAN_ONLY' ? {} : aggregateResult(check, options)
}

/** `observed_value`, the counts and lists that the expectation itself speaks of, and `details`. */
function aggregateResult(check: CheckResult, { format, columns }: GxResultOptions): JsonObject {
  const result: Record<string, JsonValue> = {}
  const type = columns.get(check.columns[0] ?? '')
  if (check.observedValue !== undefined) result['observed_value'] = gxValues(check.observedValue, type)
  if (check.unexpectedCount !== undefined) result['unexpected_count'] = check.unexpectedCount
  for (const name of BESIDE_DETAILS) {
    const value = check.details?.[name]
    if (value !== undefined) result[name] = value
  }
  if (check.partialUnexpected !== undefined && !format.excludeValues)
    result['partial_unexpected_list'] = check.partialUnexpected
      .slice(0, format.partialCount)
      .map((value) => gxValues(value, type))
  const details = detailsOf(check, format)
  if (details !== undefined) result['details'] = details
  return result
}

/** Facts that Great Expectations writes beside `details` and not into it. */
const BESIDE_DETAILS: readonly string[] = ['missing_count', 'partial_missing_list']

/** Rows of data are shown by COMPLETE alone, and not where values are to be left out. */
function detailsOf({ details }: CheckResult, format: ResolvedFormat): JsonValue | undefined {
  if (details === undefined) return undefined
  const shown = Object.entries(details).filter(
    ([name]) =>
      !BESIDE_DETAILS.includes(name) &&
      (name !== 'unexpected_rows' || (format.name === 'COMPLETE' && !format.excludeValues)),
  )
  return shown.length === 0 ? undefined : gxJson(Object.fromEntries(shown))
}

function noteOf(check: CheckResult): CheckNote {
  const { id, severity, dimension, outcome, message, provedBy, proof, scope, error } = check
  return {
    id,
    severity,
    dimension,
    outcome,
    message,
    proved_by: provedBy,
    ...(proof === undefined ? {} : { row_groups: proof.rowGroups }),
    ...(scope === undefined ? {} : { scope }),
    ...(error === undefined ? {} : { code: error.code }),
  }
}

function exceptionOf({ outcome, error, message }: CheckResult): GxExceptionInfo {
  if (outcome !== 'error') return { raised_exception: false, exception_traceback: null, exception_message: null }
  const text = error?.message ?? message
  return {
    raised_exception: true,
    exception_traceback: error === undefined ? text : `${error.code}: ${text}`,
    exception_message: text,
  }
}
