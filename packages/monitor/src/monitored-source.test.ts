import { expect, test } from 'vitest'
import type { TargetConfig } from '@tidegate/core'
import { monitoredSources } from './monitored-source.ts'

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
        targets: [
          TARGET,
          { ...TARGET, name: 'copy', kind: 'postgres', path: 'postgres://me:pass@db:5432/lake?password=x' },
          { ...TARGET, name: 'odd', kind: 'postgres', path: 'host=db password=secret' },
        ],
        expect: { files: 24, by: '02:15', every: undefined },
        schedule: undefined,
        origin: 'file',
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
  // Connection strings may hold a password.
  expect(source?.targets.map(({ path }) => path)).toEqual(['/lake', 'postgres://db:5432/lake', 'postgres'])
})
