import { readFileSync } from 'node:fs'
import type { CheckResult, JsonValue } from '@tidegate/core'
import { scoreChecks } from '../scores/score-checks.ts'
import type { GxExpectationResult, JsonObject, ValidationResult } from './gx-types.ts'

export interface ValidationParts {
  readonly suiteName: string
  readonly parameters: JsonObject
  readonly results: readonly GxExpectationResult[]
  readonly checks: readonly CheckResult[]
  readonly queries: number
  readonly data: string
  readonly plan?: JsonValue | undefined
}

/** Results of a suite as one document. No expectation at all is a success, as for Great Expectations. */
export function toValidationResult(parts: ValidationParts): ValidationResult {
  const { results, checks } = parts
  const answered = checks.filter((check) => check.outcome !== 'error')
  const scores = scoreChecks(checks)
  const passed = results.filter((result) => result.success).length
  return {
    success: passed === results.length,
    results,
    suite_name: parts.suiteName,
    suite_parameters: parts.parameters,
    statistics: {
      evaluated_expectations: results.length,
      successful_expectations: passed,
      unsuccessful_expectations: results.length - passed,
      success_percent: results.length === 0 ? null : (passed / results.length) * 100,
    },
    meta: {
      tidegate: {
        version: packageVersion(),
        proved_by: {
          metadata: count(answered, (check) => check.provedBy === 'metadata'),
          schema: count(answered, (check) => check.provedBy === 'schema'),
          scan: count(answered, (check) => check.provedBy === 'scan'),
        },
        failed: {
          critical: count(checks, (check) => check.outcome === 'failed' && check.severity === 'critical'),
          warning: count(checks, (check) => check.outcome === 'failed' && check.severity === 'warning'),
          info: count(checks, (check) => check.outcome === 'failed' && check.severity === 'info'),
          error: count(checks, (check) => check.outcome === 'error'),
        },
        scores: { overall: scores.overall, by_dimension: scores.byDimension },
        queries: parts.queries,
        data: parts.data,
        ...(parts.plan === undefined ? {} : { plan: parts.plan }),
      },
    },
  }
}

function count(checks: readonly CheckResult[], where: (check: CheckResult) => boolean): number {
  return checks.filter(where).length
}

let version: string | undefined

function packageVersion(): string {
  if (version === undefined) {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
    version = (JSON.parse(text) as { readonly version: string }).version
  }
  return version
}
