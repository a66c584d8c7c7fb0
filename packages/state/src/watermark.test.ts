import { describe, expect, test } from 'vitest'
import type { State } from './index.ts'
import { isHigher } from './is-higher.ts'
import { makeEntry } from './testing/entries.ts'
import { freshState } from './testing/fresh-state.ts'

async function emptyState(): Promise<State> {
  return freshState({ nowMs: () => 5_000_000 })
}

describe('which value is higher', () => {
  test.each([
    ['BIGINT', '9', '10'],
    ['BIGINT', '9007199254740993', '9007199254740994'],
    ['HUGEINT', '-170141183460469231731687303715884105728', '170141183460469231731687303715884105727'],
    ['INTEGER', '-10', '-9'],
    ['DECIMAL(38,10)', '0.9999999999', '1'],
    ['DECIMAL(38,10)', '12345678901234567890.0000000001', '12345678901234567890.0000000002'],
    ['DOUBLE', '9e2', '1e3'],
    ['DOUBLE', '1e-300', '1e-299'],
    ['DOUBLE', '1e300', 'inf'],
    ['DOUBLE', '-inf', '-1e300'],
    ['bigint', '099', '100'],
    ['TIMESTAMP', '2024-01-31 23:59:59', '2024-02-01 00:00:00'],
    ['TIMESTAMP', '2024-01-31T10:00:00Z', '2024-01-31 11:00:00'],
    ['TIMESTAMP', '2024-01-31 10:00:00', '2024-01-31T11:00:00.000Z'],
    ['TIMESTAMP', '2024-01-31 10:00:00', '2024-01-31 10:00:00.000001'],
    ['DATE', '2024-01-31', '2024-02-01'],
    ['VARCHAR', '10', '9'],
    ['VARCHAR', '\uFFFD', '🛬'],
    ['INTERVAL', '10', '9'],
  ])('%s: %s < %s', (type, low, high) => {
    const at = { type, updatedAtMs: 0 }
    expect(isHigher({ ...at, value: high }, { ...at, value: low })).toBe(true)
    expect(isHigher({ ...at, value: low }, { ...at, value: high })).toBe(false)
    expect(isHigher({ ...at, value: low }, { ...at, value: low })).toBe(false)
  })

  test('what is no number never raises a number, and gives way to one', () => {
    const at = { type: 'DOUBLE', updatedAtMs: 0 }
    for (const value of ['nan', '', '.', 'x', '1e99999']) {
      expect(isHigher({ ...at, value }, { ...at, value: '-5' })).toBe(false)
      expect(isHigher({ ...at, value: '-5' }, { ...at, value })).toBe(true)
    }
  })

  test('equal numbers written differently are equal', () => {
    const at = { type: 'DECIMAL(9,2)', updatedAtMs: 0 }
    expect(isHigher({ ...at, value: '1.50' }, { ...at, value: '1.5' })).toBe(false)
    expect(isHigher({ ...at, value: '-0' }, { ...at, value: '0' })).toBe(false)
  })

  test('a number and a text: the later one', () => {
    const number = { type: 'BIGINT', value: '5', updatedAtMs: 1 }
    const text = { type: 'VARCHAR', value: 'a', updatedAtMs: 2 }
    expect(isHigher(text, number)).toBe(true)
    expect(isHigher(number, text)).toBe(false)
  })
})

describe('the watermark of a source', () => {
  const value = (text: string): { readonly watermark: { column: string; type: string; value: string } } => ({
    watermark: { column: 'id', type: 'BIGINT', value: text },
  })

  test('rises with the entries, over all ledgers, and counts all rows', async () => {
    const state = await emptyState()
    await state.indexEntry('/a', makeEntry(1, ['a', 'b'], value('9')))
    await state.indexEntry('/b', makeEntry(1, ['c'], value('10')))
    await state.indexEntry('/a', makeEntry(2, ['d'], value('8')))
    await state.indexEntry('/a', makeEntry(3, ['e']))
    expect(await state.listWatermarks()).toEqual([
      {
        source: 'flights',
        value: '10',
        type: 'BIGINT',
        updatedAtMs: 1_002_000,
        recordsProcessed: 40,
        metadata: { column: 'id' },
      },
    ])
  })

  test('can be set by hand, lower as well, and rises from there', async () => {
    const state = await emptyState()
    await state.indexEntry('/a', makeEntry(1, ['a'], value('900')))
    const set = await state.updateWatermark('flights', '100', { recordsProcessed: 5, metadata: { why: "it's late" } })
    expect(set).toEqual({
      source: 'flights',
      value: '100',
      type: 'BIGINT',
      updatedAtMs: 5_000_000,
      recordsProcessed: 15,
      metadata: { why: "it's late" },
    })
    await state.indexEntry('/a', makeEntry(2, ['b'], value('99')))
    expect(await state.getWatermark('flights')).toMatchObject({ value: '100', recordsProcessed: 25 })
    await state.indexEntry('/a', makeEntry(3, ['c'], value('101')))
    expect(await state.getWatermark('flights')).toMatchObject({
      value: '101',
      metadata: { column: 'id', why: "it's late" },
    })
  })

  test('set by hand survives clearing the index', async () => {
    const state = await emptyState()
    await state.updateWatermark('flights', '100', { type: 'BIGINT' })
    await state.indexEntry('/a', makeEntry(1, ['a'], value('900')))
    await state.clearIndex()
    expect(await state.getWatermark('flights')).toMatchObject({ value: '100', recordsProcessed: 0 })
  })

  test('can be reset and begins anew', async () => {
    const state = await emptyState()
    expect(await state.resetWatermark('flights')).toBe(false)
    await state.indexEntry('/a', makeEntry(1, ['a'], value('900')))
    expect(await state.resetWatermark('flights')).toBe(true)
    expect(await state.getWatermark('flights')).toBeUndefined()
    await state.indexEntry('/a', makeEntry(2, ['b'], value('3')))
    expect(await state.getWatermark('flights')).toMatchObject({ value: '3', recordsProcessed: 10 })
  })

  test('without a type has VARCHAR, and then keeps what it had', async () => {
    const state = await emptyState()
    expect(await state.updateWatermark('x', '1')).toMatchObject({ type: 'VARCHAR', recordsProcessed: 0, metadata: {} })
    await state.updateWatermark('x', '2', { type: 'timestamp', recordsProcessed: 3 })
    expect(await state.updateWatermark('x', '3', { recordsProcessed: 4 })).toMatchObject({
      type: 'timestamp',
      recordsProcessed: 7,
    })
  })
})
