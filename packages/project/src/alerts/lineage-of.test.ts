import type { SourceConfig } from '@tidegate/core'
import type { SourceReport } from '@tidegate/pipeline'
import { expect, test } from 'vitest'
import { lineageOf } from './lineage-of.ts'

const FILE = { status: 'loaded', dataset: 'orders', target: 'lake', rowsLoaded: 10 }

function outputs(kind: string, files: readonly object[]): readonly unknown[] {
  const target = { name: 'lake', kind, path: '/p/lake/{dataset}', table: '{dataset}' }
  const source = { name: 'orders', root: '/p/in', targets: [target] } as unknown as SourceConfig
  const totals = { rowsRead: 20, bytes: 300 }
  const report = { run: 'r', source: 'orders', status: 'ok', startedAtMs: 1, endedAtMs: 2, totals, files }
  return lineageOf(report as unknown as SourceReport, source, []).outputs.map(({ files: count, rows, bytes }) => ({
    files: count,
    rows,
    bytes,
  }))
}

test('an output has the bytes of the parts that were written for it, where they are files and all are known', () => {
  const files = [
    { ...FILE, path: 'a', bytesWritten: 700 },
    // In the part of the first.
    { ...FILE, path: 'b', bytesWritten: 0 },
  ]
  for (const kind of ['parquet', 'delta']) expect(outputs(kind, files)).toEqual([{ files: 2, rows: 20, bytes: 700 }])
  for (const kind of ['duckdb', 'postgres'])
    expect(outputs(kind, files)).toEqual([{ files: 2, rows: 20, bytes: undefined }])
  expect(outputs('parquet', [...files, { ...FILE, path: 'c' }])).toEqual([{ files: 3, rows: 30, bytes: undefined }])
  expect(outputs('none', files)).toEqual([])
})
