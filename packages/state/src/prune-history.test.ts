import { expect, test } from 'vitest'
import type { State } from './index.ts'
import { freshState } from './testing/fresh-state.ts'

/** Runs of two sources at these times, all ended, with a check each. */
async function withRuns(times: Readonly<Record<string, readonly number[]>>): Promise<State> {
  const state = await freshState()
  for (const [source, starts] of Object.entries(times)) {
    for (const startedAtMs of starts) {
      const id = `${source} ${String(startedAtMs)}`
      await state.openRun({ id, command: 'ingest', source, startedAtMs })
      const run = (await state.listRuns()).find((one) => one.id === id)
      if (run === undefined) throw new Error('the run is not there')
      const notice = { key: id, channel: 'ops', event: 'x', payload: {}, createdAtMs: startedAtMs }
      await state.closeRun({ ...run, status: 'ok', endedAtMs: startedAtMs + 1 }, { notices: [notice] })
      const result = { id: 'c', type: 't', columns: [], outcome: 'passed' } as never
      await state.recordChecks([{ run: id, source, dataset: 'd', file: 'f', checkedAtMs: startedAtMs, result }])
    }
  }
  return state
}

test('what is older goes, the newest run of each source stays', async () => {
  const state = await withRuns({ daily: [100, 200, 300], yearly: [50, 60] })
  for (const notice of await state.takeNotices(10, 1000)) {
    // One waits for its delivery still: it is kept however old it is.
    if (notice.key !== 'daily 100') await state.markDelivered(notice.key, notice.createdAtMs)
  }
  expect(await state.pruneHistory(250, { dryRun: true })).toMatchObject({ runs: 3, checks: 4, notices: 3 })
  expect(await state.listRuns()).toHaveLength(5)
  expect(await state.pruneHistory(250)).toMatchObject({ runs: 3, checks: 4, notices: 3 })
  expect((await state.listRuns()).map(({ id }) => id)).toEqual(['yearly 60', 'daily 300'])
  expect((await state.listChecks()).map(({ run }) => run)).toEqual(['daily 300'])
  expect((await state.takeNotices(10, 1e9)).map(({ key }) => key)).toEqual(['daily 100'])
  expect(await state.pruneHistory(250)).toEqual({
    runs: 0,
    checks: 0,
    notices: 0,
    jobs: 0,
    ticks: 0,
    alerts: 0,
    records: 0,
  })
})

test('a run that has not ended stays, whatever its age', async () => {
  const state = await withRuns({ daily: [200] })
  await state.openRun({ id: 'open', command: 'ingest', source: 'daily', startedAtMs: 1 })
  expect(await state.pruneHistory(1000)).toMatchObject({ runs: 0, checks: 1 })
  expect((await state.listRuns()).map(({ id }) => id)).toEqual(['open', 'daily 200'])
})
