import type { Cell, CheckResult, JsonValue } from '@tidegate/core'
import type { ResultsReport } from '../outputs/results-report.ts'
import type { GxExpectationResult, JsonObject, ValidationResult } from './gx-types.ts'

/** A validation result, or one per file, as `renderJUnit`, `renderMarkdown` and the others take it. */
export function reportOf(given: ValidationResult | ReadonlyMap<string, ValidationResult>): ResultsReport {
  const results =
    given instanceof Map ? (given as ReadonlyMap<string, ValidationResult>) : single(given as ValidationResult)
  const [first] = results.values()
  const all = [...results.values()].map((result) => result.statistics)
  const evaluated = all.reduce((sum, statistics) => sum + statistics.evaluated_expectations, 0)
  const passed = all.reduce((sum, statistics) => sum + statistics.successful_expectations, 0)
  return {
    name: first?.suite_name ?? '',
    files: [...results].map(([path, result]) => ({ path, results: result.results.map(checkOf) })),
    score: evaluated === 0 ? null : (passed / evaluated) * 100,
    verdict: [...results.values()].every((result) => result.success) ? 'success' : 'failure',
  }
}

function single(result: ValidationResult): ReadonlyMap<string, ValidationResult> {
  return new Map([[result.meta.tidegate.data, result]])
}

function checkOf({ expectation_config: config, result, meta, exception_info }: GxExpectationResult): CheckResult {
  const { id, severity, dimension, outcome, message, proved_by, code } = meta.tidegate
  const values = result['partial_unexpected_list']
  return {
    id,
    type: String(config['type'] ?? config['expectation_type'] ?? ''),
    columns: columnsOf(config['kwargs']),
    severity,
    dimension,
    outcome,
    rowLevel: result['element_count'] !== undefined,
    message,
    provedBy: proved_by,
    ...numberAt(result, 'element_count', 'elementCount'),
    ...numberAt(result, 'missing_count', 'missingCount'),
    ...numberAt(result, 'unexpected_count', 'unexpectedCount'),
    ...numberAt(result, 'unexpected_percent', 'unexpectedPercent'),
    ...(Array.isArray(values) ? { partialUnexpected: values as readonly Cell[] } : {}),
    ...(code === undefined ? {} : { error: { code, message: exception_info.exception_message ?? message } }),
  }
}

function numberAt<Key extends 'elementCount' | 'missingCount' | 'unexpectedCount' | 'unexpectedPercent'>(
  result: JsonObject,
  name: string,
  key: Key,
): Partial<Record<Key, number>> {
  const value = result[name]
  return typeof value === 'number' ? ({ [key]: value } as Record<Key, number>) : {}
}

function columnsOf(kwargs: JsonValue | undefined): readonly string[] {
  if (typeof kwargs !== 'object' || kwargs === null || Array.isArray(kwargs)) return []
  const { column, column_A, column_B, column_list } = kwargs as Readonly<Record<string, JsonValue | undefined>>
  const named = [
    column,
    column_A,
    column_B,
    ...(Array.isArray(column_list) ? (column_list as readonly JsonValue[]) : []),
  ]
  return named.filter((name) => typeof name === 'string')
}
