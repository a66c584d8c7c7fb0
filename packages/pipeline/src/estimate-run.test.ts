import type { RunRecord } from '@tidegate/core'
import { expect, test } from 'vitest'
import { estimateRun } from './estimate-run.ts'

function run(seconds: number, bytes: number, files: number, more: Partial<RunRecord> = {}): RunRecord {
  return {
    id: 'r',
    command: 'ingest',
    source: 's',
    startedAtMs: 1_000_000,
    endedAtMs: 1_000_000 + seconds * 1000,
    status: 'ok',
    filesSeen: files,
    filesLoaded: files,
    filesHeld: 0,
    filesSkipped: 0,
    filesFailed: 0,
    rowsRead: bytes / 10,
    rowsLoaded: bytes / 10,
    rowsRejected: 0,
    bytesRead: bytes,
    errorCode: null,
    errorMessage: null,
    watermarkValue: null,
    ...more,
  }
}

test('without a past nothing is said, and runs that failed, found nothing or never ended are no past', () => {
  const runs = [
    run(5, 1000, 1, { status: 'failed' }),
    run(1, 0, 0, { status: 'nothing-new' }),
    run(5, 1000, 1, { endedAtMs: null, status: 'running' }),
    run(5, 1000, 1, { command: 'profile' }),
    run(-5, 1000, 1),
  ]
  for (const history of [[], runs]) {
    expect(estimateRun(history, { files: 1, bytes: 10 })).toMatchObject({ runs: 0, durationMs: null, rows: null })
  }
  expect(estimateRun([run(5, 1000, 1)], { files: 0, bytes: 0 })).toMatchObject({ runs: 0, durationMs: null })
})

test('one run of the same shape gives its own time, rows and speed', () => {
  expect(estimateRun([run(10, 1000, 4, { peakMemoryBytes: 77 })], { files: 4, bytes: 1000 })).toEqual({
    runs: 1,
    durationMs: { low: 10_000, high: 10_000 },
    rows: { low: 100, high: 100 },
    bytesPerSecond: { low: 100, high: 100 },
    rowsPerSecond: { low: 10, high: 10 },
    peakMemoryBytes: { low: 77, high: 77 },
  })
})

test('files and bytes that grow apart widen the band; what a run costs with nothing to do does not grow', () => {
  const history = [run(12, 1000, 4), run(2, 0, 0, { status: 'nothing-new' })]
  // 2 s, and 10 s of work: twice by bytes, fourfold by files.
  expect(estimateRun(history, { files: 16, bytes: 2000 }).durationMs).toEqual({ low: 22_000, high: 42_000 })
})

test('the five runs of nearest size count, whatever the others say', () => {
  const near = [1, 2, 3, 4, 5].map((seconds) => run(seconds, 1000, 1))
  const far = [run(9000, 10, 1), run(1, 1_000_000, 1)]
  const estimate = estimateRun([...far, ...near], { files: 1, bytes: 1000 })
  expect(estimate).toMatchObject({ runs: 5, durationMs: { low: 1000, high: 5000 } })
})

test('memory grows with the load, but no more than twofold', () => {
  const history = [run(1, 1000, 1, { peakMemoryBytes: 100 }), run(1, 1000, 1, { peakMemoryBytes: null })]
  const peak = (bytes: number): unknown => estimateRun(history, { files: 1, bytes }).peakMemoryBytes
  expect([peak(10), peak(1500), peak(1_000_000)]).toEqual([
    { low: 100, high: 100 },
    { low: 100, high: 150 },
    { low: 100, high: 200 },
  ])
})
