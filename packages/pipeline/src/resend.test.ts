import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { editionReader } from './resend.ts'

describe('the edition in a name', () => {
  const read = editionReader('orders_{date}_v{n}.csv')
  test.each<[string, string | undefined, bigint | undefined]>([
    ['orders_2024-03-01_v2.csv', '["","2024-03-01"]', 2n],
    ['eu/orders_2024-03-01_v2.csv', '["eu","2024-03-01"]', 2n],
    ['orders_a_v1_v007.csv', '["","a_v1"]', 7n],
    ['orders_a_v99999999999999999999.csv', '["","a"]', 99999999999999999999n],
    ['orders__v1.csv', undefined, undefined],
    ['orders_a_v.csv', undefined, undefined],
    ['orders_a_v1xcsv', undefined, undefined],
    ['my_orders_a_v1.csv', undefined, undefined],
    ['orders_a_v-1.csv', undefined, undefined],
    ['orders_a\nb_v1.csv', '["","a\\nb"]', 1n],
  ])('%j', (path, key, number) => {
    expect(read(path)?.key).toBe(key)
    expect(read(path)?.number).toBe(number)
  })

  test('characters of a pattern are themselves', () => {
    expect(editionReader('a(b)+[c].{n}.csv')('a(b)+[c].3.csv')?.number).toBe(3n)
    expect(editionReader('a(b)+[c].{n}.csv')('abb[c].3.csv')).toBeUndefined()
  })

  test('is read back from any name that was made from the template', () => {
    const word = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !text.includes('/') && !text.includes('_v'))
    fc.assert(
      fc.property(word, fc.bigInt({ min: 0n, max: 10n ** 20n }), (date, number) => {
        expect(read(`f/orders_${date}_v${number}.csv`)).toEqual({ key: JSON.stringify(['f', date]), number })
      }),
      { seed: 7, numRuns: 300 },
    )
  })

  test('a long name against many placeholders is told quickly', () => {
    const many = editionReader(`${Array.from({ length: 8 }, (_, at) => `{p${at}}`).join('-')}-v{n}.csv`)
    const startedMs = performance.now()
    expect(many(`${'a-'.repeat(120)}.csv`)).toBeUndefined()
    expect(performance.now() - startedMs).toBeLessThan(5000)
  })
})
