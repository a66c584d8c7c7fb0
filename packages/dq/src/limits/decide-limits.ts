import type { CheckResult, Expectation, Severity, UnexpectedLimit } from '@tidegate/core'
import type { Compiled, CheckProblem, ExpectationDefinition } from '../expectations/definition.ts'
import { numberText } from '../expectations/row-judgement.ts'

/** How much a check of single rows may find before it fails, and before it warns. */
export interface CheckLimits {
  readonly fail: UnexpectedLimit | undefined
  readonly warn: UnexpectedLimit | undefined
  /** Whether the expectation says `mostly`, too. */
  readonly mostlyGiven: boolean
}

/** The limits of an expectation, or undefined where it has none. */
export function limitsOf({ fail, warn, kwargs }: Expectation): CheckLimits | undefined {
  if (fail === undefined && warn === undefined) return undefined
  return { fail, warn, mostlyGiven: (kwargs['mostly'] ?? null) !== null }
}

/**
 * Applies limits to a check that was judged. Beyond `fail`: failed, with the severity it was given. Beyond `warn`: failed, as
 * a warning (an `info` check stays `info`). Else passed. With `warn` alone, `mostly` decides about failing where it was
 * given, and nothing does where it was not. A limit with a number and a fraction is broken by the one that breaks first; it
 * is broken by more than it says, not by as much. Errors stay errors. Pure.
 */
export function decideLimits(result: CheckResult, { fail, warn, mostlyGiven }: CheckLimits): CheckResult {
  const { unexpectedCount, elementCount = 0, missingCount = 0 } = result
  if (result.outcome === 'error' || unexpectedCount === undefined) return result
  const considered = elementCount - missingCount
  const broken = (limit: UnexpectedLimit | undefined): string | undefined =>
    limit === undefined ? undefined : brokenPart(limit, unexpectedCount, considered)
  const failing = broken(fail)
  if (failing !== undefined) return told(result, 'failed', result.severity, `more than ${failing} is a failure`)
  if (fail === undefined && mostlyGiven && result.outcome === 'failed') return result
  const warning = broken(warn)
  if (warning !== undefined) return told(result, 'failed', milder(result.severity), `more than ${warning} is a warning`)
  if (unexpectedCount === 0) return { ...result, outcome: 'passed' }
  return told(result, 'passed', result.severity, 'within the limits')
}

/** Why these limits make no sense on this check, or undefined. */
export function limitProblem(
  limits: CheckLimits,
  definition: ExpectationDefinition,
  answer: Compiled,
): CheckProblem | undefined {
  if (answer.kind === 'problem') return undefined
  if (!definition.kind.endsWith('-map') || answer.kind !== 'measured')
    return problem(
      `${definition.type} does not count rows, so it has no limits of unexpected rows`,
      'Remove fail and warn.',
    )
  if (limits.fail !== undefined && limits.mostlyGiven)
    return problem('mostly and fail both say when the check fails', 'Keep one of them.')
  for (const [name, limit] of [['fail', limits.fail] as const, ['warn', limits.warn] as const]) {
    if (limit === undefined) continue
    const { count, fraction } = limit
    if (count === undefined && fraction === undefined)
      return problem(`${name} has neither count nor fraction`, 'Write { count: 10 } or { fraction: 0.01 }.')
    if (count !== undefined && !(Number.isInteger(count) && count >= 0))
      return problem(`${name}.count must be a whole number from 0`, undefined)
    if (fraction !== undefined && !(fraction >= 0 && fraction <= 1))
      return problem(`${name}.fraction must be a number from 0 to 1`, undefined)
  }
  const { fail = {}, warn = {} } = limits
  if (isBeyond(warn.count, fail.count) || isBeyond(warn.fraction, fail.fraction))
    return problem('warn allows more than fail, so it would never speak', 'Give warn the smaller limit.')
  return undefined
}

function isBeyond(warn: number | undefined, fail: number | undefined): boolean {
  return warn !== undefined && fail !== undefined && warn > fail
}

/** The part of the limit that is broken, for people. */
function brokenPart({ count, fraction }: UnexpectedLimit, unexpected: number, considered: number): string | undefined {
  if (count !== undefined && unexpected > count) return `${numberText(count)} ${count === 1 ? 'row' : 'rows'}`
  if (fraction !== undefined && considered > 0 && unexpected / considered > fraction)
    return `${numberText(100 * fraction)} % of the rows`
  return undefined
}

function milder(severity: Severity): Severity {
  return severity === 'info' ? 'info' : 'warning'
}

function told(result: CheckResult, outcome: 'passed' | 'failed', severity: Severity, words: string): CheckResult {
  return { ...result, outcome, severity, message: `${result.message} (${words})` }
}

function problem(message: string, hint: string | undefined): CheckProblem {
  return { code: 'CHECK_LIMIT', message, hint }
}
