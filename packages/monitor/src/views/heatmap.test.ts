import { expect, test } from 'vitest'
import { aCheck, aSource, DAY, factsOf, HOUR, NOW } from '../testing/facts-builder.ts'
import { cellLink } from './heatmap-view.ts'
import { heatmap } from './heatmap.ts'

const context = { nowMs: NOW, config: [aSource()] }

test('cells count what failed of what was evaluated, and are empty where nothing was', async () => {
  const checks = [
    aCheck('failed', {}, { id: 'k' }),
    aCheck('passed', { file: 'b' }, { id: 'k' }),
    aCheck('passed', { source: 's', dataset: 'd' }, { id: 'l' }),
    aCheck('error', { source: 's', dataset: 'd', checkedAtMs: NOW - 2 * DAY }, { id: 'l' }),
    aCheck('error', { source: 's', dataset: 'd', checkedAtMs: NOW - 2 * DAY }, { id: 'l' }),
  ]
  const { expectations, days } = heatmap(await factsOf({ checks }), context)
  expect(expectations.rows.map(({ label, failed }) => [label, failed])).toEqual([
    ['d', 2],
    ['flights', 1],
  ])
  expect(expectations.columns.map(({ label }) => label)).toEqual(['l', 'k'])
  expect(expectations.cells).toEqual([
    [{ failed: 2, evaluated: 3, percent: (2 / 3) * 100 }, null],
    [null, { failed: 1, evaluated: 2, percent: 50 }],
  ])
  expect(expectations).toMatchObject({ max: 2, failedElsewhere: 0 })
  expect(expectations.summary).toBe('3 checks failed, most often l of d (2).')
  expect(cellLink(expectations, 0, 0)).toMatchObject({
    page: 'files',
    params: { source: 's', dataset: 'd', check: 'l' },
  })
  expect(days.columns.map(({ label }) => label).slice(-3)).toEqual(['2026-11-19', '2026-11-20', '2026-11-21'])
  expect(days.cells[0]?.slice(-3)).toEqual([
    { failed: 2, evaluated: 2, percent: 100 },
    null,
    { failed: 0, evaluated: 1, percent: 0 },
  ])
})

test('at most 50 rows and 60 columns are drawn, and what failed elsewhere is told', async () => {
  const checks = Array.from({ length: 100 }, (_, index) =>
    aCheck('failed', { source: `s${index}`, dataset: `d${index}` }, { id: `c${index}` }),
  )
  const { expectations } = heatmap(await factsOf({ checks }), context)
  expect([expectations.rows.length, expectations.rowsTotal]).toEqual([50, 100])
  expect([expectations.columns.length, expectations.columnsTotal]).toEqual([60, 100])
  const shown = expectations.cells.flat().reduce((sum, cell) => sum + (cell?.failed ?? 0), 0)
  expect(shown + expectations.failedElsewhere).toBe(100)
})

test('hours are those of the week in UTC', async () => {
  // NOW is a Saturday at noon.
  const checks = [
    aCheck('failed', { checkedAtMs: NOW - HOUR }),
    aCheck('failed', { checkedAtMs: NOW - 6 * DAY - 12 * HOUR }),
    aCheck('error', { checkedAtMs: NOW - 6 * DAY - 12 * HOUR, file: 'b' }),
  ]
  const { hours } = heatmap(await factsOf({ checks }), context)
  expect(hours.cells[5]?.[11]).toEqual({ failed: 1, evaluated: null, percent: null })
  expect(hours.cells[6]?.[0]?.failed).toBe(2)
  expect(hours.summary).toBe('Most on Sunday at 00:00 UTC (2).')
})
