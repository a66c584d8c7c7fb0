import { FINDING_CODES } from '@tidegate/parquet/finding-codes'
import { ERROR_CODES } from './error-codes.ts'

export interface CodeEntry {
  readonly code: string
  readonly name: string
  readonly meaning: string
  readonly hint: string
}

export type CodeAnswer =
  | { readonly kind: 'known'; readonly entry: CodeEntry }
  | { readonly kind: 'unknown'; readonly suggestions: readonly string[] }

/** Looks a code up, whatever its case, also by a finding's name (`TAIL_MAGIC_MISSING`). */
export async function explainCode(asked: string): Promise<CodeAnswer> {
  const wanted = asked.toUpperCase()
  const all = allCodes()
  const entry = all.find((candidate) => candidate.code === wanted || candidate.name === wanted)
  if (entry !== undefined) return { kind: 'known', entry }
  const suggestions = all
    .map((candidate) => candidate.code)
    .filter((code) => code.startsWith(wanted.slice(0, 3)) || code.includes(wanted))
    .slice(0, 5)
  return { kind: 'unknown', suggestions }
}

/** Every code there is, in order. */
export function allCodes(): readonly CodeEntry[] {
  const findings = Object.entries(FINDING_CODES).map(([code, item]) => ({
    code,
    name: item.name,
    meaning: item.meaning,
    hint: item.hint,
  }))
  const errors = Object.entries(ERROR_CODES).map(([code, [meaning, hint]]) => ({ code, name: '', meaning, hint }))
  return [...findings, ...errors].toSorted((a, b) => (a.code < b.code ? -1 : 1))
}
