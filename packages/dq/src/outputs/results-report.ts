import type { Cell, CheckResult } from '@tidegate/core'
import { toJson } from '@tidegate/core'

/** What the renderers take: results of checks by file. Values of sensitive columns are masked in them already. */
export interface ResultsReport {
  /** Of the contract or the suite. */
  readonly name: string
  readonly files: readonly { readonly path: string; readonly results: readonly CheckResult[] }[]
  /** 0–100. */
  readonly score?: number | null | undefined
  /** E.g. `admit`, `hold`. */
  readonly verdict?: string | undefined
}

/** What a result means for whoever reads the report: an error counts as broken, a failed check by its severity. */
export type Standing = 'passed' | 'broken' | 'failed' | 'warned' | 'noted'

export function standingOf({ outcome, severity }: CheckResult): Standing {
  if (outcome === 'passed') return 'passed'
  if (outcome === 'error') return 'broken'
  return severity === 'critical' ? 'failed' : severity === 'warning' ? 'warned' : 'noted'
}

export interface Totals {
  readonly checks: number
  readonly passed: number
  readonly broken: number
  readonly failed: number
  readonly warned: number
  readonly noted: number
}

export function totalsOf(results: readonly CheckResult[]): Totals {
  const totals = { checks: results.length, passed: 0, broken: 0, failed: 0, warned: 0, noted: 0 }
  for (const result of results) totals[standingOf(result)]++
  return totals
}

/** The first unexpected values in one line, e.g. `-5, null, "x y"`; empty without any. */
export function examplesOf({ partialUnexpected: values = [] }: CheckResult, limit: number): string {
  const shown = values.slice(0, limit).map(exampleText)
  return values.length > limit ? `${shown.join(', ')}, …` : shown.join(', ')
}

function exampleText(value: Cell): string {
  const text = JSON.stringify(toJson(value))
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** Control characters and halves of characters, which XML and terminals cannot hold, made visible. */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\ufffe\uffff]/gu, (character) =>
      character === '\n' || character === '\r' || character === '\t'
        ? character
        : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
}
