import type { Diagnosis, Finding } from '@tidegate/core'

/** The verdict on a Parquet file that is not encrypted. What is only worth knowing (`info`) does not change it. */
export function judgeVerdict(findings: readonly Finding[]): Diagnosis['verdict'] {
  const bad = findings.filter(isBad)
  if (bad.length === 0) return findings.some(({ severity }) => severity === 'warn') ? 'ok-with-warnings' : 'ok'
  const known = bad.filter((found) => !isUnread(found))
  if (known.some(({ repairable }) => repairable === 'no')) return 'unrecoverable'
  if (known.length < bad.length) return 'unsupported'
  return bad.every(({ repairable }) => repairable === 'lossless') ? 'repairable-lossless' : 'repairable-lossy'
}

export function isBad({ severity }: Finding): boolean {
  return severity === 'error' || severity === 'fatal'
}

/** What was not read because of a limit, or because it is stored in a way that this reader does not know. */
function isUnread({ code, repairable }: Finding): boolean {
  return repairable === 'no' && (code === 'PQ213' || code === 'PQ315' || code === 'PQ903')
}
