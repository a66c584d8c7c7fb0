import type { ExpectationDefinition } from './definition.ts'
import { beDateutilParseable, matchStrftimeFormat } from './formats.ts'
import { beJsonParseable, matchJsonSchema } from './json.ts'
import { matchLikePattern, matchLikePatternList, notMatchLikePattern, notMatchLikePatternList } from './like.ts'
import { matchRegex, matchRegexList, notMatchRegex, notMatchRegexList } from './patterns.ts'

/** What looks into texts: patterns, formats, JSON. */
export const TEXT_EXPECTATIONS: readonly ExpectationDefinition[] = [
  matchRegex,
  notMatchRegex,
  matchRegexList,
  notMatchRegexList,
  matchLikePattern,
  notMatchLikePattern,
  matchLikePatternList,
  notMatchLikePatternList,
  matchStrftimeFormat,
  beDateutilParseable,
  beJsonParseable,
  matchJsonSchema,
]
