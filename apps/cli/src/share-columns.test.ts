import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { shareColumns } from './share-columns.ts'
import { queryIn, smallProject } from './testing/small-project.ts'

const project = smallProject({
  'jan.csv': 'id,amount\n1,2\n',
  'feb.csv': 'id,amount\r\n3,4\r\n',
  'cities.csv': 'name;country\nOslo;NO\n',
  'empty.csv': '',
  'a.json': '{"a":1}',
  'broken.parquet': 'PAR1 no',
})
afterAll(() => project.remove())
const at = (...names: readonly string[]): readonly string[] => names.map((name) => path.join(project.directory, name))

test('CSV files of one header line are one table, others are not', async () => {
  expect(await shareColumns(at('jan.csv', 'feb.csv', 'empty.csv'))).toBe(true)
  expect(await shareColumns(at('jan.csv', 'cities.csv'))).toBe(false)
})

test('Parquet files are compared by their footers; a broken one says nothing', async () => {
  const { directory } = project
  await queryIn(directory, `COPY (SELECT 1 AS a, 2 AS b) TO '${directory}/x.parquet'`)
  await queryIn(directory, `COPY (SELECT 'x' AS a, 2 AS b) TO '${directory}/y.parquet'`)
  expect(await shareColumns(at('x.parquet', 'broken.parquet', 'y.parquet'))).toBe(true)
})

test('what cannot be told is not guessed', async () => {
  expect(await shareColumns(at('a.json', 'a.json'))).toBeUndefined()
  expect(await shareColumns(at('jan.csv'))).toBeUndefined()
  expect(await shareColumns(at('gone.csv', 'gone-too.csv'))).toBeUndefined()
})
