import { expect, test } from 'vitest'
import type { ExportedRow } from './index.ts'
import { makeEntry } from './testing/entries.ts'
import { freshState } from './testing/fresh-state.ts'

test('an export has what no ledger can restore, and nothing else', async () => {
  const state = await freshState({ nowMs: () => 5 })
  const watermark = { column: 'n', type: 'BIGINT', value: '1' }
  const notice = { key: 'k', channel: 'ops', event: 'x', payload: {}, createdAtMs: 1 }
  await state.indexEntry('/lake', makeEntry(1, ['a'], { watermark }), { notices: [notice] })
  await state.updateWatermark('trains', '7')
  await state.raiseFence('flights', 9)
  await state.openRun({ id: "r'1", command: 'ingest', source: 'flights', startedAtMs: 1 })
  const rows: ExportedRow[] = []
  for await (const row of state.exportState()) rows.push(row)
  expect(
    rows.map(({ table, row }) => [
      table,
      row['source'] ?? row['key'],
      row['id'] ?? row['highest_fence'] ?? row['value'],
    ]),
  ).toEqual([
    ['lease', 'flights', 9],
    ['run', 'flights', "r'1"],
    ['outbox', 'k', undefined],
    ['watermark_share', 'trains', '7'],
  ])
})

test('an export goes over all pages', async () => {
  const state = await freshState({ nowMs: () => 5 })
  const failures = Array.from({ length: 4500 }, (_, index) => ({
    source: 'flights',
    dataset: 'd',
    path: String(index),
    stamp: 's',
    run: 'r',
    code: 'X',
    message: 'm',
    failedAtMs: 1,
  }))
  await state.recordFailures(failures)
  const paths = new Set<unknown>()
  for await (const { row } of state.exportState()) paths.add(row['path'])
  expect(paths.size).toBe(4500)
})
