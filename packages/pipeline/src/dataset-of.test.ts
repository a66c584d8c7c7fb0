import path from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { datasetOf, fillPath } from './dataset-of.ts'

describe('plain names stay as they are', () => {
  test.each([
    ['{source}', 'a/b/orders.csv', 'shop'],
    ['{stem}', 'a/b/orders.csv', 'orders'],
    ['{stem}', 'orders.csv.gz', 'orders'],
    ['{stem}', 'orders.2024.parquet', 'orders.2024'],
    ['{stem}', 'orders-20240131.ndjson.zst', 'orders-20240131'],
    ['{stem}', 'Größe 7.json', 'Größe 7'],
    ['{stem}', '東京.parquet', '東京'],
    ['{parent}', 'a/b/orders.csv', 'b'],
    ['{parent}', 'orders.csv', 'shop'],
    ['{source}-{stem}', 'x.csv', 'shop-x'],
  ])('%s of %s is %s', (template, file, dataset) => {
    expect(datasetOf(template, 'shop', file)).toBe(dataset)
  })
})

const HOSTILE = [
  '../x',
  '..',
  '...parquet',
  '.parquet',
  '',
  ' ',
  "a'; DROP TABLE x; --.csv",
  'a"b.csv',
  'a\nb.csv',
  'a\u0000b.csv',
  'a\\b.csv',
  'a:b.csv',
  'a*b.csv',
  'a?b.csv',
  '{dataset}.csv',
  '{source}.csv',
  '$&.csv',
  '\u202Eexe.csv',
  '🦊.csv',
  `${'x'.repeat(300)}.csv`,
  `${'ü'.repeat(300)}.csv`,
]

function isSafe(dataset: string): boolean {
  const up = path.join('/lake', dataset)
  return (
    dataset !== '' &&
    path.dirname(up) === '/lake' &&
    !/[\p{Cc}/\\'"*?<>|:{}$]/u.test(dataset) &&
    !/^[. ]|[. ]$/.test(dataset) &&
    Buffer.byteLength(dataset) <= 150
  )
}

describe('hostile names', () => {
  test.each(HOSTILE)('%j becomes one safe folder name', (name) => {
    expect(isSafe(datasetOf('{stem}', 's', name))).toBe(true)
    expect(isSafe(datasetOf('{parent}', 's', `${name}/x.csv`))).toBe(true)
  })

  test('two of them never share a folder', () => {
    const names = new Set(HOSTILE.map((name) => datasetOf('{stem}', 's', `${name}.csv`)))
    // `.parquet.csv` and the like: the stems are as many as the names are different without their data extensions.
    const stems = new Set(HOSTILE.map((name) => name.replace(/\.csv$/, '').replace(/(.)\.parquet$/, '$1')))
    expect(names.size).toBe(stems.size)
  })

  test('a file cannot be named after the folder that another name was given', () => {
    const given = datasetOf('{stem}', 's', 'a*b.csv')
    expect(datasetOf('{stem}', 's', `${given}.csv`)).not.toBe(given)
  })

  test('composed and decomposed letters are two names', () => {
    expect(datasetOf('{stem}', 's', 'u\u0308.csv')).not.toBe(datasetOf('{stem}', 's', '\u00fc.csv'))
  })

  test('any two different folders have different, safe datasets', () => {
    const segment = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('/'))
    fc.assert(
      fc.property(segment, segment, (a, b) => {
        const one = datasetOf('{parent}', 's', `${a}/x.csv`)
        const two = datasetOf('{parent}', 's', `${b}/x.csv`)
        expect(isSafe(one)).toBe(true)
        expect(one === two).toBe(a === b)
        expect(datasetOf('{parent}', 's', `${one}/x.csv`) === one).toBe(a === one)
      }),
    )
  })
})

test('placeholders are filled once, and replacement patterns mean nothing', () => {
  expect(fillPath('/lake/{source}/{dataset}/{dataset}', 's', '$&')).toBe('/lake/s/$&/$&')
})
