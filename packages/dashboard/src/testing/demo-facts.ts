/** A made-up past with everything in it: three sources, 30 days, failures, a late source, repairs, changes. Always the same. */
import type { CheckRecord, FileHour, FileRecord, FileSums, RunRecord } from '@tidegate/core'
import type { Facts, MonitorContext, MonitoredSource } from '@tidegate/monitor'
import { idleRuns } from './idle-runs.ts'

export const NOW: number = Date.UTC(2026, 10, 21, 12)
const HOUR = 3_600_000
const DAY = 24 * HOUR
const DAYS = 30

export interface DemoOptions {
  /** Names of the three sources. @defaultValue flights, bookings, weather */
  readonly names?: readonly [string, string, string] | undefined
  readonly check?: string | undefined
  /** A project that never did anything. */
  readonly empty?: boolean | undefined
  /** So many runs more of the first source, all over the window, that found nothing new. @defaultValue 0 */
  readonly idleRuns?: number | undefined
}

export function demoContext(options: DemoOptions = {}): MonitorContext {
  const names = options.empty === true ? [] : namesOf(options)
  return { nowMs: NOW, config: names.map((name, index) => configOf(name, index)) }
}

export function demoFacts(options: DemoOptions = {}): Facts {
  const names = namesOf(options)
  const check = options.check ?? 'dep_delay:between'
  const runs: RunRecord[] = []
  const files: FileRecord[] = []
  const hours: FileHour[] = []
  const failed: CheckRecord[] = []
  for (const [index, source] of names.entries()) {
    for (let day = DAYS - 1; day >= 0; day--) {
      // The third source stopped two days ago.
      if (index === 2 && day < 2) continue
      const atMs = NOW - day * DAY - (9 - index) * HOUR
      const bad = (day * 7 + index * 3) % 11 === 0
      const crashed = (day + index * 5) % 13 === 4
      const file = fileOf(source, atMs, day, index, bad, check)
      const run = runOf(file, atMs, bad, crashed, index)
      runs.push(run)
      if (crashed) continue
      files.push(file)
      hours.push({ ...sumsOf(file), source, dataset: source, hourMs: Math.floor(atMs / HOUR) * HOUR })
      if (bad) failed.push(failedCheck(file, check, day))
    }
  }
  const since = NOW - 29 * DAY
  runs.push(...idleRuns(runs[0], options.idleRuns ?? 0, since, NOW))
  const inWindow = files.filter(({ decidedAtMs }) => decidedAtMs >= since)
  return {
    factsVersion: 1,
    sinceMs: since,
    untilMs: NOW,
    reachMs: NOW - 30 * DAY,
    runs: capped(runs.toSorted((a, b) => b.startedAtMs - a.startedAtMs)),
    fileHours: hours,
    folders: capped(foldersOf(inWindow)),
    scores: inWindow.map(({ source, score, decidedAtMs }) => ({
      source,
      dataset: source,
      dayMs: dayOf(decidedAtMs),
      bins: Array.from({ length: 21 }, (_, bin) => Number(bin === Math.floor((score ?? 0) / 5))),
    })),
    checkDays: files.flatMap((file) => checkDaysOf(file, check)),
    checkFailures: failed.map(({ source, checkedAtMs, result }) => ({
      source,
      dataset: source,
      check: result.id,
      hourMs: Math.floor(checkedAtMs / HOUR) * HOUR,
      failed: 1,
      errors: 0,
      files: 1,
    })),
    failedChecks: capped(failed.toSorted((a, b) => b.checkedAtMs - a.checkedAtMs)),
    files: { items: inWindow.toSorted((a, b) => b.decidedAtMs - a.decidedAtMs), total: 48_210 },
    lastLoaded: names.flatMap(
      (source) => files.findLast((file) => file.source === source && file.outcome === 'loaded') ?? [],
    ),
    held: capped(
      inWindow.filter(({ outcome }) => outcome === 'held').toSorted((a, b) => b.decidedAtMs - a.decidedAtMs),
    ),
    failures: capped(
      runs
        .filter(({ filesFailed }) => filesFailed > 0)
        .map(({ source, id, startedAtMs }) => ({
          source,
          dataset: source,
          path: `2026/broken-${id}.parquet`,
          stamp: '1:2:3:4',
          run: id,
          code: 'PQ101',
          message: 'the footer is cut off after 1,204 bytes',
          failedAtMs: startedAtMs + 4000,
          attempts: 2,
        })),
    ),
    quarantine: inWindow
      .filter(({ outcome }) => outcome === 'held')
      .map(({ source, decidedAtMs, rowsRead, bytes }) => ({
        source,
        dataset: source,
        kind: 'held' as const,
        status: 'open' as const,
        reason: check,
        dayMs: dayOf(decidedAtMs),
        items: 1,
        rows: rowsRead,
        bytes,
      })),
    repairs: inWindow
      .filter((_, index) => index % 9 === 0)
      .map(({ source, decidedAtMs }) => ({
        source,
        dataset: source,
        dayMs: dayOf(decidedAtMs),
        codes: 'PQ105,PQ201',
        status: 'repaired' as const,
        files: 1,
        rowsLoaded: 9200,
        rowsLost: 0,
        unknownLoss: 0,
        cellsNulled: 0,
      })),
    schemas: [
      {
        location: '/lake/a',
        source: names[0],
        dataset: names[0],
        id: 's1',
        columns: COLUMNS.slice(0, 3),
        firstSeenMs: NOW - 40 * DAY,
        seq: 1,
      },
      {
        location: '/lake/a',
        source: names[0],
        dataset: names[0],
        id: 's2',
        columns: COLUMNS,
        firstSeenMs: NOW - 12 * DAY,
        seq: 30,
      },
    ],
    contracts: [],
    watermarks: names.map((source, index) => ({
      source,
      value: new Date(NOW - (index === 2 ? 55 : 10) * HOUR).toISOString(),
      type: 'TIMESTAMP',
      updatedAtMs: NOW - (index === 2 ? 2 * DAY : 9 * HOUR),
      recordsProcessed: 3_456_789 * (index + 1),
      metadata: {},
    })),
    leases: [],
  }
}

const COLUMNS = [
  { name: 'flight_date', type: 'DATE' },
  { name: 'carrier', type: 'VARCHAR' },
  { name: 'dep_delay', type: 'INTEGER' },
  { name: 'tail_number', type: 'VARCHAR' },
] as const

function namesOf({ names }: DemoOptions): readonly [string, string, string] {
  return names ?? ['flights', 'bookings', 'weather']
}

function capped<Item>(items: readonly Item[]): { readonly items: readonly Item[]; readonly total: number } {
  return { items, total: items.length }
}

function dayOf(ms: number): number {
  return Math.floor(ms / DAY) * DAY
}

function configOf(name: string, index: number): MonitoredSource {
  return {
    name,
    path: `landing/${name}/**/*.parquet`,
    format: 'parquet',
    dataset: '{source}',
    contract: `contracts/${name}.yaml`,
    targets: [{ kind: 'parquet', layer: 'raw', path: '/lake/raw/{dataset}', mode: 'append' }],
    gate: { threshold: 95, onFail: 'quarantine' },
    watermark: { column: 'flight_date', type: 'TIMESTAMP', lagMs: 0 },
    expect: index === 1 ? null : { files: 1, by: null, every: '1d' },
    timezone: 'UTC',
    repair: 'lossless',
    schemaEvolution: 'add_columns',
    duplicates: 'skip',
    schedule: null,
    notify: [],
  }
}

function fileOf(source: string, atMs: number, day: number, index: number, bad: boolean, check: string): FileRecord {
  const rows = Math.round((100_000 / (index + 1)) * (1 + 0.3 * Math.sin(day)))
  const path = `2026/${String(1 + (day % 12)).padStart(2, '0')}/part-${day}.parquet`
  const held = bad && day % 2 === 0
  return {
    id: `${source}/${path}#1`,
    source,
    dataset: source,
    path,
    ordinal: 1,
    uri: `/landing/${source}/${path}`,
    stamp: '1:2:3:4',
    bytes: rows * 38,
    modifiedAtMs: atMs - HOUR,
    hash: '00',
    outcome: held ? 'held' : 'loaded',
    live: !held,
    rowsRead: rows,
    rowsLoaded: held ? 0 : rows - (bad ? 120 : 0),
    rowsRejected: held ? rows : bad ? 120 : 0,
    rowsDropped: 0,
    score: bad ? 88 - index : 100 - ((day * index) % 3) / 2,
    verdict: held ? 'hold' : bad ? 'split' : 'admit',
    reasons: bad
      ? [{ check, severity: 'critical', message: `${check.slice(0, 60)}: 120 rows outside`, failedRows: 120 }]
      : [],
    duplicateOf: null,
    quarantinePath: held ? `/quarantine/${source}/${path}` : null,
    batch: `b-${source}-${day}`,
    run: `run-${index}-${day}`,
    location: '/lake/a',
    seq: DAYS - day,
    decidedAtMs: atMs + 9000,
    durationMs: 900,
  }
}

function runOf(file: FileRecord, atMs: number, bad: boolean, crashed: boolean, index: number): RunRecord {
  return {
    id: file.run,
    command: 'ingest',
    source: file.source,
    startedAtMs: atMs,
    endedAtMs: atMs + 8000 + ((atMs / HOUR) % 7) * 1500,
    status: crashed ? 'failed' : file.outcome === 'held' ? 'gate-failed' : bad ? 'partial' : 'ok',
    filesSeen: 1,
    filesLoaded: crashed || file.outcome === 'held' ? 0 : 1,
    filesHeld: file.outcome === 'held' ? 1 : 0,
    filesSkipped: 0,
    filesFailed: crashed ? 1 : 0,
    rowsRead: crashed ? 0 : file.rowsRead,
    rowsLoaded: crashed ? 0 : file.rowsLoaded,
    rowsRejected: crashed ? 0 : file.rowsRejected,
    bytesRead: file.bytes,
    errorCode: crashed ? 'PQ101' : null,
    errorMessage: crashed ? 'the footer is cut off after 1,204 bytes' : null,
    watermarkValue: new Date(dayOf(atMs) - index * HOUR).toISOString(),
    peakMemoryBytes: 180_000_000,
  }
}

function sumsOf(file: FileRecord): FileSums {
  return {
    loaded: Number(file.outcome === 'loaded'),
    held: Number(file.outcome === 'held'),
    skipped: 0,
    repaired: 0,
    rowsRead: file.rowsRead,
    rowsLoaded: file.rowsLoaded,
    rowsRejected: file.rowsRejected,
    rowsDropped: 0,
    rowsReplayed: 0,
    rowsDiscarded: 0,
    bytes: file.bytes,
    scored: Number(file.score !== null),
    scoreSum: file.score ?? 0,
    scoreMin: file.score,
  }
}

function foldersOf(files: readonly FileRecord[]): Facts['folders']['items'] {
  const folders = new Map<string, Facts['folders']['items'][number]>()
  for (const file of files) {
    const folder = file.path.slice(0, file.path.lastIndexOf('/'))
    const key = JSON.stringify([file.source, folder])
    const sums = sumsOf(file)
    const known = folders.get(key)
    const added = known === undefined ? sums : addSums(known, sums)
    folders.set(key, {
      ...added,
      source: file.source,
      dataset: file.dataset,
      folder,
      firstMs: Math.min(known?.firstMs ?? file.decidedAtMs, file.decidedAtMs),
      lastMs: Math.max(known?.lastMs ?? 0, file.decidedAtMs),
    })
  }
  return [...folders.values()]
}

function addSums(a: FileSums, b: FileSums): FileSums {
  const sum = (name: Exclude<keyof FileSums, 'scoreMin'>): number => a[name] + b[name]
  return {
    loaded: sum('loaded'),
    held: sum('held'),
    skipped: sum('skipped'),
    repaired: sum('repaired'),
    rowsRead: sum('rowsRead'),
    rowsLoaded: sum('rowsLoaded'),
    rowsRejected: sum('rowsRejected'),
    rowsDropped: sum('rowsDropped'),
    rowsReplayed: sum('rowsReplayed'),
    rowsDiscarded: sum('rowsDiscarded'),
    bytes: sum('bytes'),
    scored: sum('scored'),
    scoreSum: sum('scoreSum'),
    scoreMin: Math.min(a.scoreMin ?? 100, b.scoreMin ?? 100),
  }
}

function failedCheck(file: FileRecord, check: string, day: number): CheckRecord {
  return {
    run: file.run,
    source: file.source,
    dataset: file.dataset,
    file: file.id,
    checkedAtMs: file.decidedAtMs,
    result: {
      id: check,
      type: 'expect_column_values_to_be_between',
      columns: ['dep_delay'],
      severity: 'critical',
      dimension: 'validity',
      outcome: 'failed',
      rowLevel: true,
      message: `${check.slice(0, 60)}: 120 of ${file.rowsRead} rows outside`,
      elementCount: file.rowsRead,
      missingCount: 0,
      unexpectedCount: 120,
      unexpectedPercent: 12_000 / file.rowsRead,
      partialUnexpected: [1801 + day, 9999],
      partialUnexpectedRows: [
        { file: file.id, row: 17 },
        { file: file.id, row: 4711 },
      ],
      provedBy: 'scan',
    },
  }
}

const CHECKS = [
  {
    id: 'carrier:not_null',
    type: 'expect_column_values_to_not_be_null',
    columns: ['carrier'],
    dimension: 'completeness',
  },
  {
    id: 'flight_id:unique',
    type: 'expect_column_values_to_be_unique',
    columns: ['flight_id'],
    dimension: 'uniqueness',
  },
  { id: 'rows:between', type: 'expect_table_row_count_to_be_between', columns: [], dimension: 'volume' },
] as const

function checkDaysOf(file: FileRecord, check: string): Facts['checkDays'] {
  const bad = file.reasons.length > 0
  const shared = {
    source: file.source,
    dataset: file.dataset,
    dayMs: dayOf(file.decidedAtMs),
    errors: 0,
    lastMs: file.decidedAtMs,
  }
  return [
    {
      ...shared,
      check,
      type: 'expect_column_values_to_be_between',
      columns: ['dep_delay'],
      severity: 'critical',
      dimension: 'validity',
      passed: Number(!bad),
      failed: Number(bad),
      unexpectedRows: bad ? 120 : 0,
    },
    ...CHECKS.map(({ id, type, columns, dimension }) => ({
      ...shared,
      check: id,
      type,
      columns,
      severity: 'warning' as const,
      dimension,
      passed: 1,
      failed: 0,
      unexpectedRows: 0,
    })),
  ]
}
