import { expect, test } from 'vitest'
import { stringifyJson, type TargetConfig } from '@tidegate/core'
import { readHistory } from './history.ts'
import { MONITOR_SECTIONS, monitorReport } from './monitor-report.ts'
import { monitoredSources } from './monitored-source.ts'
import { aCheck, aFile, aRun, aSource, DAY, NOW, readerOf } from './testing/history-builder.ts'

test('an empty project gives a whole report without NaN', async () => {
  const report = monitorReport(await readHistory(readerOf({}), { sinceMs: 0, nowMs: NOW }), { nowMs: NOW, config: [] })
  expect(Object.keys(report)).toEqual(['schemaVersion', 'kind', 'generatedAt', 'window', ...MONITOR_SECTIONS])
  expect(stringifyJson(report)).not.toMatch(/NaN|Infinity/)
})

test('extreme numbers and dates stay finite or null', async () => {
  const records = {
    runs: [aRun({ rowsRead: Number.MAX_SAFE_INTEGER, startedAtMs: NOW, endedAtMs: NOW })],
    files: [aFile({ bytes: Number.MAX_SAFE_INTEGER, decidedAtMs: 8.64e15 + 1 }), aFile({ path: 'h', outcome: 'held' })],
    checks: [aCheck('failed', { checkedAtMs: NOW + 400 * DAY })],
  }
  const history = await readHistory(readerOf(records), { sinceMs: NOW - DAY, nowMs: NOW })
  const report = monitorReport(history, {
    nowMs: NOW,
    config: [aSource({ expect: { files: 1, by: '10:00', every: '1h' } })],
  })
  expect(stringifyJson(report)).not.toMatch(/NaN|Infinity/)
  expect(report.quality.trend).toHaveLength(1)
})

const TARGET: TargetConfig = {
  name: 'target',
  kind: 'parquet',
  layer: undefined,
  path: '/lake',
  table: '{dataset}',
  mode: 'append',
  replace: 'all',
  keys: [],
  dedup: undefined,
  partitionBy: [],
  lineage: { sourcePath: undefined, rowNumber: undefined, batchId: undefined },
}

test('the facts of the configuration come with the defaults of the gate', () => {
  const [source] = monitoredSources({
    sources: [
      {
        name: 'flights',
        path: 'landing/*.csv',
        root: '/p/landing',
        pattern: '*.csv',
        format: 'csv',
        options: { timezone: 'Europe/Berlin' },
        dataset: '{source}',
        contract: '/p/contracts/{dataset}.yaml',
        onMissingContract: 'hold',
        watermark: { column: 'date', type: undefined, lagMs: 5, filter: false },
        ready: { settleMs: 0, marker: undefined, control: undefined, unit: 'file' },
        resend: undefined,
        includeExisting: true,
        maxFilesPerBatch: 256,
        maxBytesPerBatch: 2 ** 30,
        maxFileAgeMs: undefined,
        cleanSource: { mode: 'off', afterMs: 0, to: undefined },
        duplicates: 'skip',
        overwrites: 'replace',
        schemaEvolution: { columns: 'fail', types: 'widen', rescueColumn: '_rescued' },
        schemaHints: {},
        repair: 'off',
        verify: 'off',
        gate: { source: { on_fail: 'split' }, defaults: { threshold: 95, on_fail: 'warn' } },
        quarantine: { path: '/q', original: 'copy' },
        target: TARGET,
        targets: [TARGET],
        expect: { files: 24, by: '02:15', every: undefined },
        schedule: undefined,
        notify: ['ops'],
        position: { line: 1, column: 1 },
      },
    ],
  })
  expect(source).toMatchObject({
    gate: { threshold: 95, onFail: 'split' },
    timezone: 'Europe/Berlin',
    expect: { files: 24, by: '02:15', every: null },
    watermark: { column: 'date', type: null, lagMs: 5 },
  })
})
