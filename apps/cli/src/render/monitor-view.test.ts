import { expect, test } from 'vitest'
import type { CheckRecord, FileRecord, RunRecord } from '@tidegate/core'
import { monitorReport, type Facts, type MonitoredSource } from '@tidegate/monitor'
import { renderMonitor } from './monitor-view.ts'
import { createStyle, plainStyle } from './style.ts'
import { textWidth } from './text-width.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const HOUR = 3_600_000

const HOUR_OF_FILES = Math.floor((NOW - HOUR / 2) / HOUR) * HOUR
const DAY_OF_CHECKS = Math.floor(NOW / (24 * HOUR)) * 24 * HOUR

interface Recorded {
  readonly runs?: readonly RunRecord[]
  readonly files?: readonly FileRecord[]
  readonly held?: readonly FileRecord[]
  readonly checks?: readonly CheckRecord[]
}

/** What a state would sum up of these records, all of the last hour. */
function factsOf({ runs = [], files = [], held = [], checks = [] }: Recorded): Facts {
  const failed = checks.filter(({ result }) => result.outcome !== 'passed')
  return {
    factsVersion: 1,
    sinceMs: NOW - 168 * HOUR,
    untilMs: NOW,
    reachMs: NOW - 29 * 24 * HOUR,
    runs: { items: runs, total: runs.length },
    fileHours: files.map(({ source: name, dataset, outcome, rowsRead, rowsLoaded, rowsRejected, bytes, score }) => ({
      source: name,
      dataset,
      hourMs: HOUR_OF_FILES,
      loaded: Number(outcome === 'loaded'),
      held: Number(outcome === 'held'),
      skipped: 0,
      repaired: 0,
      rowsRead,
      rowsLoaded,
      rowsRejected,
      rowsDropped: 0,
      rowsReplayed: 0,
      rowsDiscarded: 0,
      bytes,
      scored: 1,
      scoreSum: score ?? 0,
      scoreMin: score,
    })),
    folders: { items: [], total: 0 },
    scores: [],
    checkDays: checks.map(({ source: name, dataset, checkedAtMs, result }) => ({
      source: name,
      dataset,
      check: result.id,
      type: result.type,
      columns: result.columns,
      severity: result.severity,
      dimension: result.dimension,
      dayMs: DAY_OF_CHECKS,
      passed: Number(result.outcome === 'passed'),
      failed: Number(result.outcome === 'failed'),
      errors: 0,
      unexpectedRows: 0,
      lastMs: checkedAtMs,
    })),
    checkFailures: failed.map(({ source: name, dataset, result }) => ({
      source: name,
      dataset,
      check: result.id,
      hourMs: HOUR_OF_FILES,
      failed: 1,
      errors: 0,
      files: 1,
    })),
    failedChecks: { items: failed, total: failed.length },
    files: { items: files, total: files.length },
    lastLoaded: files.filter(({ outcome }) => outcome === 'loaded'),
    held: { items: held, total: held.length },
    failures: { items: [], total: 0 },
    quarantine: [],
    repairs: [],
    schemas: [],
    contracts: [],
    watermarks: [],
    leases: [],
  }
}

const source: MonitoredSource = {
  name: 'flights',
  path: 'landing/*.parquet',
  format: 'parquet',
  dataset: '{source}',
  contract: '/p/flights.yaml',
  targets: [{ kind: 'parquet', layer: 'raw', path: '/lake', mode: 'append' }],
  gate: { threshold: 100, onFail: 'quarantine' },
  watermark: { column: 'date', type: 'DATE', lagMs: 0 },
  expect: { files: null, by: null, every: '1h' },
  timezone: 'UTC',
  repair: 'lossless',
  schemaEvolution: 'add_columns',
  duplicates: 'skip',
  schedule: null,
  notify: [],
}

function run(facts: Partial<RunRecord> = {}): RunRecord {
  return {
    id: 'r1',
    command: 'ingest',
    source: 'flights',
    startedAtMs: NOW - HOUR / 2,
    endedAtMs: NOW - HOUR / 2 + 2000,
    status: 'ok',
    filesSeen: 1,
    filesLoaded: 1,
    filesHeld: 0,
    filesSkipped: 0,
    filesFailed: 0,
    rowsRead: 1000,
    rowsLoaded: 1000,
    rowsRejected: 0,
    bytesRead: 4000,
    errorCode: null,
    errorMessage: null,
    watermarkValue: null,
    ...facts,
  }
}

function file(facts: Partial<FileRecord> = {}): FileRecord {
  return {
    id: 'flights/a#1',
    source: 'flights',
    dataset: 'flights',
    path: 'a.parquet',
    ordinal: 1,
    uri: '/a',
    stamp: '',
    bytes: 10,
    modifiedAtMs: NOW,
    hash: '',
    outcome: 'loaded',
    live: true,
    rowsRead: 10,
    rowsLoaded: 10,
    rowsRejected: 0,
    rowsDropped: 0,
    score: 100,
    verdict: 'admit',
    reasons: [],
    duplicateOf: null,
    quarantinePath: null,
    batch: 'b',
    run: 'r1',
    location: '/lake',
    seq: 1,
    decidedAtMs: NOW - HOUR / 2,
    durationMs: null,
    ...facts,
  }
}

function check(id: string, outcome: 'passed' | 'failed', dimension: 'schema' | 'validity'): CheckRecord {
  return {
    run: 'r1',
    source: 'flights',
    dataset: 'flights',
    file: 'flights/a#1',
    checkedAtMs: NOW - HOUR / 2,
    result: {
      id,
      type: 'x',
      columns: [],
      severity: 'critical',
      dimension,
      outcome,
      rowLevel: true,
      message: `${id} was looked at`,
      provedBy: 'scan',
    },
  }
}

function draw(history: Recorded, section?: string, width = 100, config = [source]): string {
  return renderMonitor(monitorReport(factsOf(history), { nowMs: NOW, config }), section, plainStyle, width)
}

const well = {
  runs: [run()],
  files: [file()],
  checks: [check('c', 'passed', 'validity'), check('s', 'passed', 'schema')],
}

test('the first line answers whether anything needs somebody', () => {
  const first = (history: Recorded, config?: MonitoredSource[]): string | undefined =>
    draw(history, undefined, 100, config).split('\n')[0]
  expect(first(well)).toBe('✓ Nothing needs you: the source is well.')
  expect(first({ ...well, checks: [] })).toBe('? Nothing is known to be wrong, but 1 source cannot be judged.')
  expect(first({}, [])).toBe('? Unknown: no source is configured and nothing was recorded.')
  const bad = { ...well, runs: [run({ status: 'failed', errorCode: 'ENOSPC' })] }
  expect(first(bad)).toBe('✗ Something needs you: 1 problem.')
  expect(draw(bad).split('\n').slice(1, 3)).toEqual([
    '  ✗ flights: the last run failed with ENOSPC',
    '    → tidegate history flights',
  ])
})

test('every section has its heading and says something even without a history', () => {
  const text = draw({})
  for (const heading of [
    'Overview',
    'Alerts',
    'Watermarks',
    'Configuration',
    'Freshness',
    'Quality',
    'Failures',
    'Heat map',
    'Files',
    'Quarantine',
    'Timeline',
    'Performance',
    'Cumulative',
    'Comparison',
    'Schemas',
    'Report',
  ]) {
    expect(text).toContain(`\n${heading}\n`)
  }
  expect(text).toContain('quality is unknown')
  expect(text).not.toMatch(/NaN|Infinity|undefined|null/)
})

test('one section alone still begins with the answer', () => {
  const text = draw(well, 'performance')
  expect(text.split('\n')[0]).toContain('Nothing needs you')
  expect(text).toContain('500')
  expect(text).not.toContain('Watermarks')
  expect(() => draw(well, 'perfromance')).toThrow(expect.objectContaining({ code: 'MONITOR_UNKNOWN_SECTION' }))
})

test('tables keep to the width of the terminal, and hostile names to their line', () => {
  const path = `${'sub/'.repeat(40)}日本\n\u001b[2J\u202e.parquet`
  const held = file({
    path,
    outcome: 'held',
    rowsRejected: 7,
    reasons: [{ check: 'c\nd', severity: 'critical', message: 'x\u001b[0m' }],
  })
  const history = {
    ...well,
    files: [held],
    held: [held],
    checks: [check('c\u001b[2J', 'failed', 'validity')],
  }
  const text = draw(history, undefined, 100)
  // oxlint-disable-next-line no-control-regex -- none may be left
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  const rows = draw(history, 'quarantine', 100)
    .split('\n')
    .filter((line) => line.startsWith('  sub/'))
  expect(rows).toHaveLength(1)
  expect(textWidth(rows[0] ?? '')).toBeLessThanOrEqual(100)
  // Off a terminal the whole name is there.
  expect(draw(history, 'quarantine', Number.POSITIVE_INFINITY)).toContain('sub/'.repeat(40))
})

test('status is told by word and sign, colour only adds to it', () => {
  const report = monitorReport(factsOf(well), { nowMs: NOW, config: [source] })
  const colored = renderMonitor(report, undefined, createStyle({ isTTY: true }, { color: true }), 100)
  // oxlint-disable-next-line no-control-regex -- colours are taken off
  expect(colored.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderMonitor(report, undefined, plainStyle, 100))
  expect(colored).toContain('\u001b[32m✓ ok\u001b[39m')
})
