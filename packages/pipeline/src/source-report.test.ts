import { describe, expect, test } from 'vitest'
import type { RunStatus } from '@tidegate/core'
import type { FileReport } from './file-report.ts'
import { exitCodeOf, statusOf, totalsOf, type SourceReport } from './source-report.ts'

function fileOf(status: FileReport['status'], more: Partial<FileReport> = {}): FileReport {
  return {
    source: 's',
    dataset: 'd',
    path: 'f',
    status,
    rowsRead: 0,
    rowsLoaded: 0,
    rowsQuarantined: 0,
    rowsDropped: 0,
    bytes: 0,
    score: null,
    verdict: null,
    reasons: [],
    durationMs: 0,
    batch: null,
    quarantine: null,
    ...more,
  }
}

const loaded = fileOf('loaded')
const heldByChecks = fileOf('held', { cause: 'checks' })
const heldUnreadable = fileOf('held', { cause: 'unreadable' })

describe('statusOf', () => {
  test.each<[string, readonly FileReport[], RunStatus]>([
    ['no files', [], 'nothing-new'],
    ['only loaded ones', [loaded, loaded], 'ok'],
    ['a settling file does not spoil it', [loaded, fileOf('waiting')], 'ok'],
    ['only settling', [fileOf('waiting')], 'nothing-new'],
    ['written to while it was read', [fileOf('waiting', { cause: 'changed' })], 'nothing-new'],
    ['only duplicates', [fileOf('duplicate')], 'nothing-new'],
    ['a failed gate', [loaded, heldByChecks], 'gate-failed'],
    ['a quarantined duplicate', [loaded, fileOf('held', { cause: 'duplicate' })], 'gate-failed'],
    ['no contract', [fileOf('waiting', { cause: 'contract' })], 'gate-failed'],
    ['unreadable bytes', [loaded, heldUnreadable], 'partial'],
    ['a failed gate and unreadable bytes', [heldByChecks, heldUnreadable], 'partial'],
    ['a file that could not be judged', [loaded, fileOf('failed')], 'partial'],
    ['a broken contract', [fileOf('failed', { cause: 'contract' })], 'partial'],
  ])('%s', (_name, files, status) => {
    expect(statusOf(files)).toBe(status)
  })
})

test('totals add up per status', () => {
  const totals = totalsOf([
    fileOf('loaded', { rowsRead: 10, rowsLoaded: 7, rowsQuarantined: 2, rowsDropped: 1, bytes: 5 }),
    fileOf('held', { rowsRead: 4, rowsQuarantined: 4, bytes: 6 }),
    fileOf('duplicate', { bytes: 7 }),
  ])
  expect(totals).toEqual({
    loaded: 1,
    held: 1,
    duplicate: 1,
    waiting: 0,
    failed: 0,
    rowsRead: 14,
    rowsLoaded: 7,
    rowsQuarantined: 6,
    rowsDropped: 1,
    bytes: 18,
  })
})

function reportOf(files: readonly FileReport[], code?: string): SourceReport {
  return {
    source: 's',
    run: 'r',
    status: code === undefined ? statusOf(files) : code === 'CANCELLED' ? 'interrupted' : 'failed',
    startedAtMs: 0,
    endedAtMs: 0,
    filesSeen: files.length,
    filesUnchanged: 0,
    filesTooOld: 0,
    foldersPassed: 0,
    filesCleaned: 0,
    filesMoved: 0,
    recovered: { indexed: 0, published: 0, interruptedRuns: 0 },
    files,
    watermark: null,
    totals: totalsOf(files),
    ...(code === undefined ? {} : { error: { code, message: code } }),
  }
}

const ok = reportOf([loaded])
const nothing = reportOf([])
const gate = reportOf([heldByChecks])
const partial = reportOf([heldUnreadable])

describe('exitCodeOf', () => {
  test.each<[string, readonly SourceReport[], number]>([
    ['no sources', [], 0],
    ['all loaded', [ok, ok], 0],
    ['nothing new', [nothing], 0],
    ['a gate failed', [ok, gate], 3],
    ['unreadable bytes', [partial], 4],
    ['both: the graver one', [gate, partial], 4],
    ['the only source could not run', [reportOf([], 'TARGET_UNSUPPORTED')], 1],
    ['one of two sources could not run', [ok, reportOf([], 'TARGET_UNSUPPORTED')], 4],
    ['both could not run', [reportOf([], 'STATE_BUSY'), reportOf([], 'DISK_FULL')], 1],
    ['another run has the source', [reportOf([], 'LEASE_HELD')], 5],
    ['another run has one of the sources', [ok, reportOf([], 'LEASE_HELD')], 5],
    ['configuration', [ok, reportOf([], 'CONFIG_UNKNOWN_SOURCE')], 2],
    ['stopped on request', [partial, reportOf([], 'CANCELLED')], 130],
  ])('%s', (_name, reports, code) => {
    expect(exitCodeOf(reports)).toBe(code)
  })

  test('the code for no data is given only when nothing was loaded and nothing went wrong', () => {
    expect(exitCodeOf([nothing, nothing], 9)).toBe(9)
    expect(exitCodeOf([nothing, ok], 9)).toBe(0)
    expect(exitCodeOf([gate], 9)).toBe(3)
  })
})
