import type { CheckResult, Contract } from '@tidegate/core'

/** What the contract's `file:` block asks of a file before its rows are looked at. Pure. */
export function checkFileRules(
  contract: Contract | undefined,
  file: { readonly name: string; readonly bytes: number },
): CheckResult[] {
  const rules = contract?.file
  if (rules === undefined) return []
  const results: CheckResult[] = []
  if (rules.name !== undefined) {
    results.push(
      fileResult(
        'file:name',
        matchesName(rules.name, file.name),
        `the name matches ${rules.name}`,
        `the name ${JSON.stringify(file.name)} does not match ${rules.name}`,
        file.name,
      ),
    )
  }
  if (rules.min_bytes !== undefined) {
    results.push(
      fileResult(
        'file:min_bytes',
        file.bytes >= rules.min_bytes,
        `at least ${rules.min_bytes} bytes`,
        `${file.bytes} bytes, fewer than ${rules.min_bytes}`,
        file.bytes,
      ),
    )
  }
  if (rules.max_bytes !== undefined) {
    results.push(
      fileResult(
        'file:max_bytes',
        file.bytes <= rules.max_bytes,
        `at most ${rules.max_bytes} bytes`,
        `${file.bytes} bytes, more than ${rules.max_bytes}`,
        file.bytes,
      ),
    )
  }
  return results
}

function fileResult(id: string, passed: boolean, good: string, bad: string, observed: string | number): CheckResult {
  return {
    id,
    type: 'file',
    columns: [],
    severity: 'critical',
    dimension: 'validity',
    outcome: passed ? 'passed' : 'failed',
    rowLevel: false,
    message: passed ? good : bad,
    observedValue: observed,
    provedBy: 'metadata',
  }
}

/** `*` and `?` only, case-sensitive; everything else is itself. Linear: no backtracking over more than the last star. */
function matchesName(pattern: string, name: string): boolean {
  let at = 0
  let position = 0
  let star = -1
  let mark = 0
  while (position < name.length) {
    if (pattern[at] === '*') {
      star = at++
      mark = position
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[position])) {
      at++
      position++
    } else if (star >= 0) {
      at = star + 1
      position = ++mark
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
