import type { Diagnosis, Finding } from '@tidegate/core'

/** The verdict on a Parquet file that is not encrypted. What is only worth knowing (`info`) does not change it. */
export function judgeVerdict(findings: readonly Finding[]): Diagnosis['verdict'] {
  const bad = findings.filter(isBad)
  if (bad.length === 0) return findings.some(({ severity }) => severity === 'warn') ? 'ok-with-warnings' : 'ok'
  if (bad.some(({ repairable }) => repairable === 'no')) return 'unrecoverable'
  return bad.every(({ repairable }) => repairable === 'lossless') ? 'repairable-lossless' : 'repairable-lossy'
}

export function isBad({ severity }: Finding): boolean {
  return severity === 'error' || severity === 'fatal'
}
