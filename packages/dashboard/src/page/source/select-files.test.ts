import type { FileRecord } from '@tidegate/core'
import type { Facts } from '@tidegate/monitor'
import { expect, test } from 'vitest'
import { demoFacts } from '../../testing/demo-facts.ts'
import { fileQueriesOf } from '../state/file-query.ts'
import { filterOf } from '../state/filter.ts'
import { fileParams } from './http-source.ts'
import { selectFiles } from './select-files.ts'

const scores = [100, 99.99, 95, 94.99, 0, null]
const [like] = demoFacts().files.items
if (like === undefined) throw new Error('the demo has files')
const items = scores.map((score, at): FileRecord => ({ ...like, id: `f${at}`, path: `f${at}`, score }))
const facts: Facts = { ...demoFacts(), files: { items, total: items.length } }

/** Scores of the files that the address asks for, as the file and as the server are asked. */
function asked(query: string): readonly (number | null)[] {
  const [one] = fileQueriesOf(new URLSearchParams(query), filterOf(new URLSearchParams(), facts))
  return one === undefined ? [] : selectFiles(facts, one).items.map(({ score }) => score)
}

test('a bar of the scores leads to its files: from inclusive, to exclusive, and those without a score in none', () => {
  expect(asked('scoreFrom=95&scoreTo=100')).toEqual([95, 99.99])
  expect(asked('scoreFrom=90&scoreTo=95')).toEqual([94.99])
  expect(asked('scoreFrom=0&scoreTo=5')).toEqual([0])
  expect(asked('scoreFrom=100&scoreTo=105')).toEqual([100])
  expect(asked('scoreTo=100')).toEqual([0, 94.99, 95, 99.99])
})

test('an address that names no score asks for none', () => {
  for (const query of ['scoreFrom=x', 'scoreTo=-5', 'scoreFrom=1e9', 'scoreTo=']) expect(asked(query)).toHaveLength(6)
})

test('a server is asked for the same', () => {
  const [query] = fileQueriesOf(new URLSearchParams('scoreFrom=95&scoreTo=100&source=a&source=b'), {
    ...filterOf(new URLSearchParams('source=a&source=b'), facts),
  })
  if (query === undefined) throw new Error('there is a query')
  const params = fileParams(query)
  expect([params.get('scoreFrom'), params.get('scoreTo'), params.getAll('source')]).toEqual(['95', '100', ['a', 'b']])
})
