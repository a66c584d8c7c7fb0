import { expect, test } from 'vitest'
import { fuzzApi } from '../testing/fuzz-api.ts'

test('whatever is sent to whatever route: never a 5xx, refusals are problems and change nothing, answers are as documented', async () => {
  const report = await fuzzApi(6, 7)
  expect(report.faults).toEqual([])
  expect(report.requests).toBeGreaterThan(250)
  // What lists without naming anything is answered, too.
  for (const id of ['listFiles', 'listRuns', 'listAlerts', 'listIngestions', 'metrics', 'readyz'])
    expect(report.statuses[id]?.[200], id).toBeGreaterThan(0)
}, 60_000)
