import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckResult, FileVersion, FileVersionId, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import type { JudgedFile } from './judge-batch.ts'
import { refuseChanged } from './refuse-changed.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

function judged(rowsRead: number, results: readonly Partial<CheckResult>[]): JudgedFile {
  return {
    kind: 'readable',
    file: {
      kind: 'readable',
      version: { id: 'f' as FileVersionId } as FileVersion,
      columns: [{ name: 'v', type: 'BIGINT' }],
      rowsRead,
      rejectedLines: [],
      rejectedCount: 0,
      scan: '/nowhere.parquet',
      converted: false,
    },
    verdict: { kind: 'admit', score: 1, threshold: 1, reasons: [] },
    results: results as readonly CheckResult[],
    samples: [],
    good: '',
    rejected: '',
    durationMs: 0,
  }
}

async function refused(file: JudgedFile): Promise<readonly string[]> {
  const found = await refuseChanged(new Map([['f' as FileVersionId, file]]), new Map(), [session], AbortSignal.any([]))
  return [...found.values()].map(({ check, message }) => `${check} ${message}`)
}

describe('refuseChanged', () => {
  test('a file in which a check saw more rows than its footer counts is not loaded', async () => {
    const scan = { type: 'expect_column_values_to_not_be_null', provedBy: 'scan', elementCount: 11 } as const
    expect(await refused(judged(10, [scan]))).toEqual(['PQ211 its footer counts 10 rows, the engine read 11'])
    expect(await refused(judged(11, [scan]))).toEqual([])
  })

  test('checks over the batch or the target, and of lines, count other rows', async () => {
    const more = { type: 'expect_column_values_to_be_unique', provedBy: 'scan', elementCount: 99 } as const
    for (const scope of ['batch', 'target'] as const)
      expect(await refused(judged(10, [{ ...more, scope }]))).toEqual([])
    expect(await refused(judged(10, [{ type: 'file', provedBy: 'scan', elementCount: 99 }]))).toEqual([])
    expect(await refused(judged(10, [{ ...more, provedBy: 'metadata' }]))).toEqual([])
  })
})
