import { or, type Expression } from '../expression/expression.ts'
import { likeToRe2 } from '../python-regex/like-to-re2.ts'
import type { ExpectationDefinition, Kwargs } from './definition.ts'
import { fromList, listText, listWords, MATCH_ON, matchOn, negated, quoted } from './patterns.ts'
import { judgeRows, MOSTLY } from './row-judgement.ts'
import { compileText, type TextCondition } from './text-rule.ts'

/**
 * SQL's LIKE over the whole text: `%` stands for any characters, `_` for one. Case matters. A backslash is a backslash;
 * only with `escape` (one character) can `%` and `_` be meant literally.
 */
const ROW_LEVEL = { kind: 'column-map', dimension: 'validity', judge: judgeRows } as const
const COLUMN: ExpectationDefinition['kwargs'] = { column: { type: 'column', required: true } }
const ESCAPE: ExpectationDefinition['kwargs'] = { escape: { type: 'text' } }
const PATTERN: ExpectationDefinition['kwargs'] = {
  ...COLUMN,
  like_pattern: { type: 'text', required: true },
  ...ESCAPE,
  ...MOSTLY,
}
const LIST: ExpectationDefinition['kwargs'] = {
  ...COLUMN,
  like_pattern_list: { type: 'texts', required: true },
  ...ESCAPE,
  ...MOSTLY,
}

export const matchLikePattern: ExpectationDefinition = {
  ...ROW_LEVEL,
  type: 'expect_column_values_to_match_like_pattern',
  label: 'like',
  kwargs: PATTERN,
  compile: (kwargs, scope) =>
    compileText(kwargs, scope, `is like ${quoted(kwargs['like_pattern'])}`, (text) =>
      isLike(text, String(kwargs['like_pattern']), kwargs),
    ),
}

export const notMatchLikePattern: ExpectationDefinition = {
  ...ROW_LEVEL,
  type: 'expect_column_values_to_not_match_like_pattern',
  label: 'not_like',
  kwargs: PATTERN,
  compile: (kwargs, scope) =>
    compileText(kwargs, scope, `is not like ${quoted(kwargs['like_pattern'])}`, (text) =>
      negated(isLike(text, String(kwargs['like_pattern']), kwargs)),
    ),
}

export const matchLikePatternList: ExpectationDefinition = {
  ...ROW_LEVEL,
  type: 'expect_column_values_to_match_like_pattern_list',
  label: 'like_list',
  kwargs: { ...LIST, ...MATCH_ON },
  compile: (kwargs, scope) =>
    compileText(kwargs, scope, `is like ${listWords(kwargs, 'like_pattern_list')}`, (text) =>
      fromList(kwargs, 'like_pattern_list', (pattern) => isLike(text, pattern, kwargs), matchOn(kwargs)),
    ),
}

export const notMatchLikePatternList: ExpectationDefinition = {
  ...ROW_LEVEL,
  type: 'expect_column_values_to_not_match_like_pattern_list',
  label: 'not_like_list',
  kwargs: LIST,
  compile: (kwargs, scope) =>
    compileText(kwargs, scope, `is like none of ${listText(kwargs, 'like_pattern_list')}`, (text) =>
      negated(fromList(kwargs, 'like_pattern_list', (pattern) => isLike(text, pattern, kwargs), or)),
    ),
}

function isLike(text: Expression, pattern: string, kwargs: Kwargs): TextCondition {
  const { escape = null } = kwargs
  if (escape === null) return { kind: 'condition', condition: { op: 'like', item: text, pattern } }
  const translated = likeToRe2(pattern, String(escape))
  if (translated.kind === 'pattern')
    return { kind: 'condition', condition: { op: 'matches', item: text, pattern: translated.pattern } }
  return { kind: 'problem', problem: { code: 'CHECK_KWARG', message: translated.message } }
}
