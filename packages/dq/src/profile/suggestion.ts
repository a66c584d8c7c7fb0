import type { Expectation } from '@tidegate/core'
import { sameContent } from './same-content.ts'
import type { Interval } from './wilson.ts'

/** One thing a contract may ask, with what speaks for it. */
export interface Suggestion {
  readonly expectation: Expectation
  /**
   * Where the contract says it: among the expectations, or in the schema as `nullable: false` (then `expectation` is
   * the check it amounts to).
   */
  readonly place: 'expectations' | 'schema'
  /** Share of the rows (of the files, for a check of the table) that satisfy it, 0–1: Wilson's 95% interval from what was seen. */
  readonly confidence: Interval
  /** For people, without values of sensitive columns, e.g. `seen from -1,116 to 1,688 in 2,300,000 values`. */
  readonly basis: string
  readonly holdOut: HoldOut
}

/**
 * How the rule, learned without them, did on the rows held back: `passed`; `widened`, because it was too narrow for
 * them; `none`, because nothing could be held back.
 */
export type HoldOut = 'passed' | 'widened' | 'none'

/** A rule that was learned, failed on the held-back rows and cannot be widened. */
export interface DroppedSuggestion {
  readonly expectation: Expectation
  /** Why it is not in the contract, for people. */
  readonly reason: string
}

/**
 * The suggestion whose rule is this very expectation of a contract: the same type, the same arguments. Undefined for a rule
 * that people wrote or changed, or that was learned from other data; the grounds of another rule say nothing about it.
 */
export function suggestionFor(expectation: Expectation, suggestions: readonly Suggestion[]): Suggestion | undefined {
  return suggestions.find(
    ({ place, expectation: own }) =>
      place === 'expectations' && own.type === expectation.type && sameContent(own.kwargs, expectation.kwargs),
  )
}

/** The suggestion in one sentence, e.g. `delay: between -2,200 and 2,500 · seen from … · held for at least 99.99% of rows`. */
export function formatSuggestion(suggestion: Suggestion): string {
  return `${formatExpectation(suggestion.expectation)} · ${formatSuggestionBasis(suggestion)}`
}

/** What speaks for a suggestion: its basis, that it held on rows kept back, and the share of rows it holds for. */
export function formatSuggestionBasis({ expectation, basis, confidence, holdOut }: Suggestion): string {
  const parts = [basis]
  if (holdOut === 'passed') parts.push('held on the rows kept back')
  // Of a handful of files, the interval says nothing that their number does not say better.
  const ofFiles = expectation.type.startsWith('expect_table_')
  if (!ofFiles) parts.push(`holds for at least ${formatShare(confidence.low)} of rows (95% sure)`)
  return parts.join('; ')
}

/** The rule itself in words, e.g. `delay: between -2,200 and 2,500`. */
export function formatExpectation({ type, kwargs }: Expectation): string {
  const column = typeof kwargs['column'] === 'string' ? `${JSON.stringify(kwargs['column']).slice(1, -1)}: ` : ''
  const mostly = typeof kwargs['mostly'] === 'number' ? ` in ${formatShare(kwargs['mostly'])} of rows` : ''
  switch (type) {
    case 'expect_column_values_to_not_be_null':
      return `${column}not null${mostly}`
    case 'expect_column_values_to_be_unique':
      return `${column}no value twice`
    case 'expect_column_values_to_be_between':
      return `${column}${formatRange(kwargs['min_value'], kwargs['max_value'])}${mostly}`
    case 'expect_column_value_lengths_to_equal':
      return `${column}${formatValue(kwargs['value'])} characters${mostly}`
    case 'expect_column_value_lengths_to_be_between':
      return `${column}length ${formatRange(kwargs['min_value'], kwargs['max_value'])}${mostly}`
    case 'expect_column_values_to_match_regex':
      return `${column}matches ${String(kwargs['regex'])}${mostly}`
    case 'expect_column_values_to_be_in_set': {
      const values: unknown = kwargs['value_set']
      const list: readonly unknown[] = Array.isArray(values) ? values : []
      const shown = list.slice(0, 10).map(formatMember).join(', ')
      return `${column}one of ${shown}${list.length > 10 ? ` and ${list.length - 10} more` : ''}${mostly}`
    }
    case 'expect_compound_columns_to_be_unique': {
      const list: unknown = kwargs['column_list']
      const names: readonly unknown[] = Array.isArray(list) ? list : []
      return `${names.map((name) => JSON.stringify(name).slice(1, -1)).join(' + ')}: no combination twice${mostly}`
    }
    case 'expect_column_values_to_be_increasing':
    case 'expect_column_values_to_be_decreasing': {
      const strictly = kwargs['strictly'] === true ? 'strictly ' : ''
      return `${column}${strictly}${type.endsWith('increasing') ? 'increasing' : 'decreasing'}${mostly}`
    }
    case 'expect_table_row_count_to_be_between':
      return `row count ${formatRange(kwargs['min_value'], kwargs['max_value'])}`
    default:
      return `${column}${type}`
  }
}

/** `1,688` for numbers and digits, anything else as it is. */
export function formatValue(value: unknown): string {
  if (typeof value === 'number') return formatNumber(String(value))
  if (typeof value === 'string') return /^-?\d+(\.\d+)?$/.test(value) ? formatNumber(value) : value
  return value === null || value === undefined ? 'nothing' : JSON.stringify(value)
}

/** A share 0–1 as percent, never rounded up to 100: `99.99%`. */
export function formatShare(share: number): string {
  const percent = share * 100
  if (percent >= 100) return '100%'
  const digits = percent > 99.9 || percent < 0.1 ? 3 : percent > 99 || percent < 1 ? 2 : 1
  const floored = Math.floor(percent * 10 ** digits + 1e-9) / 10 ** digits
  return `${floored}%`
}

/** `1 row`, `1,200 rows`. */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(String(count))} ${noun}${count === 1 ? '' : 's'}`
}

function formatMember(value: unknown): string {
  return typeof value === 'number' ? formatNumber(String(value)) : JSON.stringify(value)
}

function formatRange(min: unknown, max: unknown): string {
  const [low, high] = [min ?? undefined, max ?? undefined]
  if (low === undefined) return `at most ${formatValue(high)}`
  if (high === undefined) return `at least ${formatValue(low)}`
  return `between ${formatValue(low)} and ${formatValue(high)}`
}

function formatNumber(text: string): string {
  const [whole = '', fraction] = text.split('.')
  const grouped = /e/i.test(whole) ? whole : whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}
