import { expect, test } from 'vitest'
import { NOTHING_YET } from './runs.ts'
import type { State } from './state.ts'
import { makeEntry, makeFile } from './testing/entries.ts'
import { freshState } from './testing/fresh-state.ts'

async function run(
  state: State,
  id: string,
  startedAtMs: number,
  tookMs: number,
  status: 'ok' | 'failed',
): Promise<void> {
  const opened = { id, command: 'ingest', source: 'flights', startedAtMs } as const
  await state.openRun(opened)
  await state.closeRun({ ...NOTHING_YET, ...opened, endedAtMs: startedAtMs + tookMs, status })
}

test('files, runs and deliveries are counted as whole numbers', async () => {
  const state = await freshState()
  const held = makeFile({ path: 'h', outcome: 'held', rowsLoaded: 0, rowsRejected: 10, score: 40 })
  await state.indexEntry('/a', makeEntry(1, ['a', 'b']))
  await state.indexEntry('/b', makeEntry(1, [], { files: [held], dataset: 'other' }))
  await run(state, 'r1', 0, 1000, 'ok')
  await run(state, 'r2', 10, 1001, 'ok')
  await run(state, 'r3', 20, 99_000_000, 'failed')
  await state.openRun({ id: 'r4', command: 'ingest', source: 'flights', startedAtMs: 30 })
  for (const attempt of [1, 2])
    await state.addDelivery({
      notice: 'n',
      channel: 'ops',
      event: 'e',
      attempt,
      atMs: attempt,
      outcome: 'failed',
      status: null,
      message: null,
      nextAtMs: null,
    })
  expect(await state.metricSums()).toEqual({
    files: [
      {
        source: 'flights',
        dataset: 'flights',
        loaded: 2,
        held: 0,
        skipped: 0,
        rowsRead: 20,
        rowsLoaded: 20,
        rowsRejected: 0,
        lastLoadedAtMs: 1_001_000,
        score: 100,
      },
      {
        source: 'flights',
        dataset: 'other',
        loaded: 0,
        held: 1,
        skipped: 0,
        rowsRead: 10,
        rowsLoaded: 0,
        rowsRejected: 10,
        lastLoadedAtMs: null,
        score: 40,
      },
    ],
    runs: [
      { source: 'flights', command: 'ingest', status: 'failed', runs: 1 },
      { source: 'flights', command: 'ingest', status: 'ok', runs: 2 },
    ],
    durations: [
      {
        source: 'flights',
        command: 'ingest',
        totalMs: 99_002_001,
        boundsSeconds: [1, 5, 15, 60, 300, 900, 3600, 14_400],
        bins: [1, 1, 0, 0, 0, 0, 0, 0, 1],
      },
    ],
    ticks: [],
    deliveries: [{ channel: 'ops', outcome: 'failed', deliveries: 2 }],
  })
})

test('what is forgotten stays counted, also when it is forgotten piece by piece', async () => {
  const state = await freshState()
  for (let n = 0; n < 6; n += 1) await run(state, `r${String(n)}`, n * 10, 2000, n % 2 === 0 ? 'ok' : 'failed')
  const { runs, durations } = await state.metricSums()
  expect(runs.map((one) => one.runs)).toEqual([3, 3])
  for (const beforeMs of [15, 35, 35, 1000]) {
    await state.pruneHistory(beforeMs)
    expect(await state.metricSums()).toMatchObject({ runs, durations })
  }
  expect(await state.listRuns()).toHaveLength(1)
})
