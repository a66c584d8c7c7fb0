import type { FileReport, SourceReport } from '@tidegate/pipeline'
import { expect, test } from 'vitest'
import { renderIngest } from './ingest-view.ts'
import { createStyle } from './style.ts'

test.each([
  [['SOURCE_UNREADABLE'], ['tidegate doctor    # some files could not be read']],
  [['SYSTEM_EACCES'], ['tidegate doctor    # some files could not be read']],
  [['LEDGER_CONFLICT'], ['tidegate explain LEDGER_CONFLICT']],
  [['FILE_CHANGED', 'FILE_CHANGED'], ['tidegate explain FILE_CHANGED']],
  [
    ['FILE_CHANGED', 'SOURCE_GONE'],
    ['tidegate doctor    # some files could not be read', 'tidegate explain FILE_CHANGED'],
  ],
])('after files that failed with %j the next commands are %j', (codes, next) => {
  const text = renderIngest([reportOf(codes)], { style: createStyle({ isTTY: false }, { env: {} }), width: 100 })
  const lines = text.split('\n').map((line) => line.trim())
  expect(lines.slice(lines.indexOf('Next') + 1)).toEqual(next)
})

const PLAIN = { style: createStyle({ isTTY: false }, { env: {} }), width: 200 }

test('a file held for what a repair would lose: what it would bring back, and the command for it', () => {
  const held: FileReport = {
    ...failedFile('a.parquet', 'PQ105'),
    source: 'eu.orders',
    status: 'held',
    cause: 'unreadable',
    reasons: [
      { check: 'PQ105', severity: 'critical', message: 'cut' },
      { check: 'PQ201', severity: 'critical', message: 'no footer' },
      { check: 'REPAIR_IS_LOSSY', severity: 'warning', message: 'repair: lossy would load 4 of 5 rows' },
    ],
  }
  const text = renderIngest([{ ...reportOf([]), files: [held] }], PLAIN)
  expect(text).toContain('PQ105: cut (+1 more); repair: lossy would load 4 of 5 rows')
  expect(text).toContain(`tidegate files retry a.parquet --set 'sources."eu.orders".repair=lossy'`)
})

test('a file that was read repaired is named, however many others were loaded', () => {
  const loaded = Array.from({ length: 30 }, (_, index): FileReport => ({
    ...failedFile(`${index}.parquet`, ''),
    status: 'loaded',
    reasons: [],
  }))
  const repaired: FileReport = {
    ...failedFile('mended.parquet', 'PQ107'),
    status: 'loaded',
    repair: {
      status: 'repaired',
      sourceSha256: 'a',
      repairedSha256: 'b',
      path: 'orders/orders/r1/mended.parquet',
      codes: ['PQ107'],
      confidence: 'proven',
      rowsLost: 0,
      cellsNulled: 0,
    },
  }
  const report = reportOf([])
  const files = [...loaded, repaired]
  const text = renderIngest([{ ...report, files, totals: { ...report.totals, loaded: 31 } }], PLAIN)
  expect(text).toMatch(/loaded +mended\.parquet .*PQ107: x/)
  expect(text).not.toContain('7.parquet')
  expect(text).toContain('31 files loaded (1 repaired)')
})

function reportOf(codes: readonly string[]): SourceReport {
  const files = codes.map((check, index) => failedFile(`${index}.csv`, check))
  return {
    source: 'orders',
    run: 'r1',
    status: 'partial',
    startedAtMs: 0,
    endedAtMs: 1,
    filesSeen: files.length,
    filesUnchanged: 0,
    filesTooOld: 0,
    foldersPassed: 0,
    filesCleaned: 0,
    filesMoved: 0,
    recovered: { indexed: 0, published: 0, interruptedRuns: 0 },
    watermark: null,
    files,
    totals: {
      loaded: 0,
      held: 0,
      duplicate: 0,
      waiting: 0,
      failed: files.length,
      rowsRead: 0,
      rowsLoaded: 0,
      rowsQuarantined: 0,
      rowsDropped: 0,
      bytes: 0,
    },
    error: undefined,
  }
}

function failedFile(path: string, check: string): FileReport {
  return {
    source: 'orders',
    dataset: 'orders',
    path,
    status: 'failed',
    cause: undefined,
    bytes: 1,
    rowsRead: 0,
    rowsLoaded: 0,
    rowsQuarantined: 0,
    rowsDropped: 0,
    score: null,
    verdict: null,
    reasons: [{ check, severity: 'critical', message: 'x' }],
    durationMs: 0,
    batch: null,
    quarantine: null,
  }
}

test('with several targets each has its line, files are counted once, and a target that failed says why', () => {
  const file: FileReport = {
    ...failedFile('a.csv', 'X'),
    status: 'loaded',
    reasons: [],
    rowsRead: 3,
    rowsLoaded: 3,
    bytes: 10,
  }
  const none = {
    loaded: 0,
    held: 0,
    duplicate: 0,
    waiting: 0,
    failed: 0,
    rowsRead: 0,
    rowsLoaded: 0,
    rowsQuarantined: 0,
    rowsDropped: 0,
    bytes: 0,
  }
  const report: SourceReport = {
    ...reportOf([]),
    filesCleaned: 2,
    files: [{ ...file, target: 'lake' }],
    targets: [
      { target: 'lake', totals: { ...none, loaded: 1, rowsRead: 3, rowsLoaded: 3, bytes: 10 } },
      {
        target: 'base',
        totals: none,
        error: { code: 'LEDGER_BEHIND_STATE', message: 'it was lost', hint: 'Mount it.' },
      },
    ],
  }
  const lines = renderIngest([report], PLAIN).split('\n')
  const from = lines.findIndex((line) => line.startsWith('lake'))
  expect(lines.slice(from, from + 5)).toEqual([
    'lake  1 file loaded; 3 rows read = 3 loaded + 0 quarantined + 0 dropped',
    'base',
    '  LEDGER_BEHIND_STATE: it was lost',
    '  hint: Mount it.',
    '  the other targets were served; the next run brings this one what it lacks',
  ])
  expect(lines[from + 5]).toContain('1 file for 2 targets, 2 loaded files cleaned from the source; 10 B in')
  expect(lines).toContain('  tidegate explain LEDGER_BEHIND_STATE')
})
