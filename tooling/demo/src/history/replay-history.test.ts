import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { replayHistory } from './replay-history.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('two days are ingested for real: the spoiled night is held, and a second time all is the same', async () => {
  const replay = (name: string): ReturnType<typeof replayHistory> =>
    replayHistory({ directory: path.join(folder, name), days: 2, untilMs: Date.UTC(2026, 10, 20, 13) })
  const sums = await replay('first')
  // Flights of one night, as the other is spoiled; strikes and weather of both; stocks once; three tables.
  expect(sums).toMatchObject({ loaded: 1 + 2 + 2 + 1 + 3, held: 1, failedRuns: 0 })
  expect(await replay('second')).toEqual(sums)
}, 120_000)
