import type { CheckResult } from '@tidegate/core'
import { decideLimits, type CompiledCheck } from '@tidegate/dq'

/**
 * A share (`mostly`, `fail`, `warn`) speaks of a whole file, and rejected rows are the bad end of one. So it is taken of the
 * rows that the check considered when the file was judged; where that is not known, no bad row is tolerated. Pure.
 *
 * @param before the checks that failed then
 */
export function tolerate(
  result: CheckResult,
  check: CompiledCheck | undefined,
  before: readonly CheckResult[],
): CheckResult {
  const { unexpectedCount = 0 } = result
  if (result.outcome === 'error' || !result.rowLevel) return result
  if (unexpectedCount === 0) return result
  const then = before.find(
    (other) => other.id === result.id && other.type === result.type && sameColumns(other, result),
  )
  const considered = then?.elementCount === undefined ? undefined : then.elementCount - (then.missingCount ?? 0)
  const failed: CheckResult = { ...result, outcome: 'failed' }
  if (considered === undefined || considered < unexpectedCount || check === undefined) return failed
  const whole = { ...failed, elementCount: considered, missingCount: 0 }
  const mostly = Number(check.kwargs['mostly'] ?? 1)
  const judged: CheckResult =
    (considered - unexpectedCount) / considered >= mostly ? { ...whole, outcome: 'passed' } : whole
  const { outcome, severity } = check.limits === undefined ? judged : decideLimits(judged, check.limits)
  return { ...result, outcome, severity }
}

function sameColumns(a: CheckResult, b: CheckResult): boolean {
  return a.columns.length === b.columns.length && a.columns.every((name, index) => name === b.columns[index])
}
