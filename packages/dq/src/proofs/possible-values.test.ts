import { expect, test } from 'vitest'
import { column, compare, isNull, NAN, not, or, type Expression } from '../expression/expression.ts'
import type { Point } from './point.ts'
import { ALWAYS_NULL, ANYTHING, canBeTrue, isAlwaysTrue, type Possible } from './possible.ts'
import { evaluate } from './possible-values.ts'

function values(domain: string, low: Point, high: Point, canBeNull = false): Possible {
  return { null: canBeNull, values: { domain, low, high } }
}

const COLUMNS = new Map<string, Possible>([
  ['few', values('integer', 1n, 3n)],
  ['fewOrNull', values('integer', 1n, 3n, true)],
  ['many', values('integer', 10n, 90n)],
  ['manyOrNull', values('integer', 10n, 90n, true)],
  ['single', values('single', 16_777_216, 16_777_216)],
  ['nan', values('double', Number.NaN, Number.NaN)],
  ['code', values('text', 'EUR', 'EUR')],
  ['word', values('text', 'é', 'é')],
  ['nothing', ALWAYS_NULL],
  ['anything', ANYTHING],
])

function literal(value: number | bigint | string, type?: string): Expression {
  return { op: 'literal', value, type }
}

function answer(condition: Expression): string {
  const possible = evaluate(condition, COLUMNS)
  if (possible === undefined) return 'not understood'
  return isAlwaysTrue(possible) ? 'always' : canBeTrue(possible) ? 'perhaps' : 'never'
}

const [few, many, fewOrNull, manyOrNull] = ['few', 'many', 'fewOrNull', 'manyOrNull'].map(column) as [
  Expression,
  Expression,
  Expression,
  Expression,
]

const cases: readonly (readonly [string, Expression, string])[] = [
  ['columns compare with each other', compare(few, '<', many), 'always'],
  ['equal ranges are not equal values', compare(few, '=', few), 'perhaps'],
  ['NULL is neither below nor not below', or([compare(column('nothing'), '<', few), not(isNull(few))]), 'always'],
  ['unless nothing else is there', compare(column('nothing'), '<>', few), 'never'],
  ['two that may be NULL may be the same', { op: 'same', left: fewOrNull, right: manyOrNull }, 'perhaps'],
  ['one that may be NULL is not the same as a value', { op: 'same', left: fewOrNull, right: many }, 'never'],
  ['NULL is the same as NULL', { op: 'same', left: column('nothing'), right: column('nothing') }, 'always'],
  [
    'a default stands in for NULL',
    compare({ op: 'coalesce', items: [column('nothing'), few] }, '<=', literal(3)),
    'always',
  ],
  ['a default may stand in', compare({ op: 'coalesce', items: [fewOrNull, many] }, '<=', literal(3)), 'perhaps'],
  [
    'a default after a value does not count',
    compare({ op: 'coalesce', items: [few, many] }, '<=', literal(3)),
    'always',
  ],
  ['NaN is above every number', compare(column('nan'), '>', literal(1e300)), 'always'],
  ['NaN equals NaN', compare(column('nan'), '=', NAN), 'always'],
  ['what equals is nulled', isNull({ op: 'nullif', item: column('nan'), value: NAN }), 'always'],
  ['what differs is not', isNull({ op: 'nullif', item: few, value: many }), 'never'],
  // The engine rounds 16777217 to a FLOAT, 16777216.
  ['a whole number that a FLOAT cannot hold', compare(column('single'), '<', literal(16_777_217)), 'perhaps'],
  ['one that it can', compare(column('single'), '<', literal(16_777_218)), 'always'],
  ['a DOUBLE meets a FLOAT as a DOUBLE', compare(column('single'), '<', literal(16_777_217, 'DOUBLE')), 'always'],
  ['a fraction takes whole numbers to DOUBLE, which may round', compare(few, '<', literal(3.5)), 'perhaps'],
  ['a text is no number', compare(few, '<', literal('9')), 'perhaps'],
  [
    'a text that does not fit its type is refused by the engine',
    compare(few, '<', literal('999', 'TINYINT')),
    'perhaps',
  ],
  ['beyond 64 bits', compare(few, '<', literal(2n ** 64n)), 'perhaps'],
  ['the length of one known text', compare({ op: 'length', item: column('code') }, '=', literal(3)), 'always'],
  [
    'characters beyond ASCII are counted by the engine',
    compare({ op: 'length', item: column('word') }, '=', literal(1)),
    'perhaps',
  ],
  ['a pattern on a value', { op: 'matches', item: column('code'), pattern: '^E' }, 'perhaps'],
  ['a pattern on nothing', { op: 'like', item: column('nothing'), pattern: '%' }, 'never'],
  ['a column of which nothing is known', compare(column('anything'), '=', few), 'perhaps'],
  ['a column that is not there', isNull(column('missing')), 'not understood'],
  [
    'a set with NULL in it is never surely missed',
    not({ op: 'in', item: many, values: [few, { op: 'literal', value: null }] }),
    'never',
  ],
  [
    'one member of another kind may turn all into its type',
    { op: 'in', item: many, values: [literal(5), literal(0.5)] },
    'perhaps',
  ],
]

test.each(cases)('%s', (_, condition, expected) => {
  expect(answer(condition)).toBe(expected)
})
