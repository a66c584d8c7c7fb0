import type { Diagnosis } from '@tidegate/core'

import type { Expected, Level, Truth } from './mutation.ts'

const LEVELS: readonly Level[] = ['container', 'footer', 'headers', 'pages', 'values']

/** What a diagnosis left out, or said without reason. */
export interface DiagnosisCheck {
  /** One sentence fragment per fault; empty: as it must be. */
  readonly faults: readonly string[]
  /** Codes of severity warn and above. */
  readonly codes: readonly string[]
  /** Of the groups that had to be reported at this level. */
  readonly found: number
  readonly wanted: number
  readonly falseAlarms: readonly string[]
}

/** Compares a diagnosis of this level with the truth. What only a deeper level can know is not asked for. */
export function checkDiagnosis(truth: Pick<Truth, 'expected'>, level: Level, diagnosis: Diagnosis): DiagnosisCheck {
  const wanted = truth.expected
  const findings = diagnosis.findings.filter(({ severity }) => severity !== 'info')
  const codes: string[] = findings.map(({ code }) => code)
  const isDue = LEVELS.indexOf(level) >= LEVELS.indexOf(wanted.level)
  const groups = isDue ? wanted.must : []
  const missed = groups.filter((group) => !group.some((code) => codes.includes(code)))
  const allowed = new Set<string>([...wanted.must.flat(), ...wanted.may])
  const falseAlarms = codes.filter((code) => !allowed.has(code))
  const faults = [
    ...missed.map((group) => `none of ${group.join(', ')}`),
    ...falseAlarms.map((code) => `false alarm ${code}`),
    ...(isDue && !wanted.verdicts.includes(diagnosis.verdict) ? [`verdict ${diagnosis.verdict}`] : []),
    ...evidenceFaults(wanted, diagnosis),
  ]
  return { faults, codes, found: groups.length - missed.length, wanted: groups.length, falseAlarms }
}

function evidenceFaults({ evidence }: Expected, { findings }: Diagnosis): string[] {
  return findings.flatMap(({ code, evidence: said }) =>
    Object.entries(evidence[code] ?? {})
      .filter(([key, value]) => said?.[key] !== value)
      .map(([key, value]) => `${code} says ${key} ${JSON.stringify(said?.[key])}, not ${JSON.stringify(value)}`),
  )
}
