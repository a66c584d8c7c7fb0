import { expect, test } from 'vitest'
import { readHistory } from './history.ts'
import { aCheck, aFile, aRun, DAY, HOUR, NOW, readerOf } from './testing/history-builder.ts'

const WEEK = { sinceMs: NOW - 7 * DAY, nowMs: NOW }

test('lists come newest first and only of the window', async () => {
  const history = await readHistory(
    readerOf({
      runs: [aRun({ startedAtMs: NOW - 2 * HOUR }), aRun({ startedAtMs: NOW - HOUR })],
      files: [aFile({ path: 'a', decidedAtMs: NOW - 8 * DAY }), aFile({ path: 'b', decidedAtMs: NOW - DAY })],
      checks: [aCheck('passed', { checkedAtMs: NOW - 9 * DAY }), aCheck('passed', { checkedAtMs: NOW - DAY })],
    }),
    WEEK,
  )
  expect(history.runs.map((run) => run.startedAtMs)).toEqual([NOW - HOUR, NOW - 2 * HOUR])
  expect(history.files.map((file) => file.path)).toEqual(['b'])
  expect(history.checks).toHaveLength(1)
})

test('a source that was quiet for longer than the window shows its last runs and its last file', async () => {
  const reader = readerOf({
    runs: Array.from({ length: 11 }, (_, index) => aRun({ startedAtMs: NOW - (30 - index) * DAY })),
    files: [aFile({ path: 'old', decidedAtMs: NOW - 30 * DAY }), aFile({ path: 'new', decidedAtMs: NOW - 20 * DAY })],
  })
  const history = await readHistory(reader, { ...WEEK, sources: ['flights'] })
  expect(history.runs.map((run) => run.startedAtMs)).toEqual(
    Array.from({ length: 10 }, (_, index) => NOW - (20 + index) * DAY),
  )
  expect(history.files.map((file) => file.path)).toEqual(['new'])
})

test('held files count however old they are, until a later version of the same path is judged', async () => {
  const history = await readHistory(
    readerOf({
      files: [
        aFile({ path: 'mended', outcome: 'held', decidedAtMs: NOW - 40 * DAY }),
        aFile({ path: 'mended', ordinal: 2, decidedAtMs: NOW - 39 * DAY }),
        aFile({ path: 'open', outcome: 'held', decidedAtMs: NOW - 38 * DAY }),
        // A version loaded before the held one does not supersede it.
        aFile({ path: 'broken-later', ordinal: 1, decidedAtMs: NOW - 41 * DAY }),
        aFile({ path: 'broken-later', ordinal: 2, outcome: 'held', decidedAtMs: NOW - HOUR }),
        // Of two held versions only the newer one waits for somebody.
        aFile({ path: 'twice', ordinal: 1, outcome: 'held', decidedAtMs: NOW - 37 * DAY }),
        aFile({ path: 'twice', ordinal: 2, outcome: 'held', decidedAtMs: NOW - 36 * DAY }),
        // The same path in another source is another file.
        aFile({ source: 'other', path: 'open', ordinal: 2, decidedAtMs: NOW - 30 * DAY }),
      ],
    }),
    WEEK,
  )
  expect(history.held.map(({ file, superseded }) => [file.path, superseded])).toEqual([
    ['broken-later', false],
    ['twice', false],
    ['twice', true],
    ['open', false],
    ['mended', true],
  ])
})

test('only the sources asked for are read', async () => {
  const reader = readerOf({
    runs: [aRun(), aRun({ id: 'x', source: 'other' })],
    watermarks: [{ source: 'other', value: '1', type: 'BIGINT', updatedAtMs: NOW, recordsProcessed: 1, metadata: {} }],
  })
  const history = await readHistory(reader, { ...WEEK, sources: ['flights', 'flights'] })
  expect(history.runs.map((run) => run.source)).toEqual(['flights'])
  expect(history.watermarks).toEqual([])
})
