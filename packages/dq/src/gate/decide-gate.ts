/**
 * The gate turns check results into one verdict. It reads nothing and writes nothing, so a recorded run can be judged
 * again under a new policy.
 */
import type { CheckResult, GateSettings, OnFail, Reason, Verdict } from '@tidegate/core'
import { assertNever } from '@tidegate/core'
import { scoreChecks } from '../scores/score-checks.ts'

export interface GatePolicy {
  /** Score (0–100) below which `onFail` is triggered. */
  readonly threshold: number
  readonly onFail: OnFail
}

/**
 * Decides what becomes of a file.
 *
 * The score is the share of checks that passed, in percent; a check that errored counts as evaluated and not passed. A
 * failed critical check or any error triggers `onFail` whatever the score, and so does a score below the threshold. With
 * `split`, rows cannot be split off for a trigger that is not row-level (a table check, an error): then the whole file is
 * held. `fail` holds too; stopping the run is the pipeline's part. No check at all: held, without a score.
 */
export function decideGate(results: readonly CheckResult[], policy: GatePolicy): Verdict {
  const { threshold } = policy
  const { score } = scoreChecks(results).overall
  if (score === null) {
    const reason: Reason = { check: 'gate', severity: 'critical', message: 'no check was evaluated' }
    return { kind: 'hold', score, threshold, reasons: [reason] }
  }
  const failing = results.filter((result) => result.outcome !== 'passed')
  if (failing.length === 0) return { kind: 'admit', score, threshold, reasons: [] }
  const reasons = failing.map(reasonOf)
  const triggers =
    score < threshold
      ? failing
      : failing.filter((result) => result.outcome === 'error' || result.severity === 'critical')
  const kind = triggers.length === 0 ? 'admit-with-warnings' : triggered(policy.onFail, triggers)
  return { kind, score, threshold, reasons }
}

/** Flag over source over contract over defaults, each setting on its own; 100 and `quarantine` where nobody says anything. */
export function resolveGate(
  flag: GateSettings | undefined,
  source: GateSettings | undefined,
  contract: GateSettings | undefined,
  defaults: GateSettings | undefined,
): GatePolicy {
  const layers = [flag, source, contract, defaults]
  return {
    threshold: layers.find((layer) => layer?.threshold !== undefined)?.threshold ?? 100,
    onFail: layers.find((layer) => layer?.on_fail !== undefined)?.on_fail ?? 'quarantine',
  }
}

function triggered(onFail: OnFail, triggers: readonly CheckResult[]): 'admit-with-warnings' | 'split' | 'hold' {
  switch (onFail) {
    case 'quarantine':
    case 'fail':
      return 'hold'
    case 'split':
      return triggers.every((result) => result.outcome === 'failed' && result.rowLevel) ? 'split' : 'hold'
    case 'warn':
      return 'admit-with-warnings'
    default:
      return assertNever(onFail)
  }
}

function reasonOf(result: CheckResult): Reason {
  const message = result.outcome === 'error' ? `could not be evaluated: ${result.message}` : result.message
  return {
    check: result.id,
    severity: result.severity,
    message,
    ...(result.unexpectedCount === undefined ? {} : { failedRows: result.unexpectedCount }),
  }
}
