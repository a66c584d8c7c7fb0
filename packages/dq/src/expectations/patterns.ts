import { and, not, or, type Expression } from '../expression/expression.ts'
import type { ExpectationDefinition, Kwargs } from './definition.ts'
import { judgeRows, MOSTLY } from './row-judgement.ts'
import { combined, compileText, foundIn, patternsOf, type TextCondition } from './text-rule.ts'
import { shortText } from '../evaluate/short-text.ts'

const ROW_LEVEL = { kind: 'column-map', dimension: 'validity', judge: judgeRows } as const
const COLUMN: ExpectationDefinition['kwargs'] = { column: { type: 'column', required: true } }
const REGEX: ExpectationDefinition['kwargs'] = { ...COLUMN, regex: { type: 'text', required: true }, ...MOSTLY }
const REGEX_LIST: ExpectationDefinition['kwargs'] = { ...COLUMN, regex_list: { type: 'texts', required: true } }

/** Whether a value must match one of the patterns or all of them. */
export const MATCH_ON: ExpectationDefinition['kwargs'] = {
  match_on: { type: { oneOf: ['any', 'all'] }, default: 'any' },
}

export const matchRegex: ExpectationDefinition = {
  ...ROW_LEVEL,
  type: 'expect_column_values_to_match_regex',
  label: 'matches',
  kwargs: REGEX,
  compile: (kwargs, scope) =>
    compileText(kwargs, scope, `matches ${quoted(kwargs['regex'])}`, (text) => foundIn(text, String(kwargs['regex']))),
}

export const notMatchRegex: ExpectationDefinition = {
  ...ROW_LEVEL,
  type: 'expect_column_values_to_not_match_regex',
  label: 'not_matches',
  kwargs: REGEX,
  compile: (kwargs, scope) =>
    compileText(kwargs, scope, `does not match ${quoted(kwargs['regex'])}`, (text) =>
      negated(foundIn(text, String(kwargs['regex']))),
    ),
}

export const matchRegexList: ExpectationDefinition = {
  ...ROW_LEVEL,
  type: 'expect_column_values_to_match_regex_list',
  label: 'matches_list',
  kwargs: { ...REGEX_LIST, ...MATCH_ON, ...MOSTLY },
  compile: (kwargs, scope) =>
    compileText(kwargs, scope, `matches ${listWords(kwargs, 'regex_list')}`, (text) =>
      fromList(kwargs, 'regex_list', (pattern) => foundIn(text, pattern), matchOn(kwargs)),
    ),
}

export const notMatchRegexList: ExpectationDefinition = {
  ...ROW_LEVEL,
  type: 'expect_column_values_to_not_match_regex_list',
  label: 'not_matches_list',
  kwargs: { ...REGEX_LIST, ...MOSTLY },
  compile: (kwargs, scope) =>
    compileText(kwargs, scope, `matches none of ${listText(kwargs, 'regex_list')}`, (text) =>
      negated(fromList(kwargs, 'regex_list', (pattern) => foundIn(text, pattern), or)),
    ),
}

/** One condition for each pattern of a list, combined. Great Expectations fails on an empty list, whatever the column holds. */
export function fromList(
  kwargs: Kwargs,
  name: string,
  conditionOf: (pattern: string) => TextCondition,
  combine: (conditions: readonly Expression[]) => Expression,
): TextCondition {
  const patterns = patternsOf(kwargs, name)
  if (patterns.length > 0) return combined(patterns.map(conditionOf), combine)
  const message = `argument ${name} holds no pattern`
  return { kind: 'problem', problem: { code: 'CHECK_KWARG', message, hint: 'Name at least one.' } }
}

export function matchOn(kwargs: Kwargs): (conditions: readonly Expression[]) => Expression {
  return kwargs['match_on'] === 'all' ? and : or
}

export function negated(condition: TextCondition): TextCondition {
  return condition.kind === 'problem' ? condition : { kind: 'condition', condition: not(condition.condition) }
}

export function listWords(kwargs: Kwargs, name: string): string {
  return `${kwargs['match_on'] === 'all' ? 'all' : 'any'} of ${listText(kwargs, name)}`
}

export function listText(kwargs: Kwargs, name: string): string {
  const patterns = patternsOf(kwargs, name)
  return patterns.length === 0 ? 'no patterns' : patterns.map(quoted).join(', ')
}

/** Patterns may be long, and stand in every message of their check. */
export function quoted(pattern: unknown): string {
  return shortText(String(pattern), LONGEST_PATTERN)
}

const LONGEST_PATTERN = 120
