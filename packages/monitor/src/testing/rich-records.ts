import { aCheck, aFile, aRun, DAY, HOUR, NOW, type Records } from './facts-builder.ts'

const reason = (check: string) => ({ check, severity: 'critical', message: `${check} broke` }) as const

const REPAIR = {
  status: 'partial',
  sourceSha256: 'a',
  repairedSha256: 'b',
  path: 's/d/r/f',
  codes: ['PQ107'],
  confidence: 'proven',
  rowsLost: 3,
  cellsNulled: 1,
} as const

/** Thirty days of two sources with something of everything: every list of a report has an item. */
export function richRecords(): Records {
  const days = Array.from({ length: 30 }, (_, back) => back)
  const at = (back: number): number => NOW - 2 * HOUR - back * DAY
  const flights = days.map((back) =>
    aFile({ path: `2026/f${back}.parquet`, decidedAtMs: at(back), rowsRead: 1000 + back, rowsLoaded: 1000 + back }),
  )
  return {
    runs: [
      ...days.map((back) =>
        aRun({ id: `f${back}`, startedAtMs: at(back), watermarkValue: '2026-11-01', peakMemoryBytes: 1e8 }),
      ),
      aRun({ id: 'o2', source: 'orders', status: 'failed', errorCode: 'ENOSPC', startedAtMs: NOW - HOUR }),
      aRun({ id: 'o1', source: 'orders', command: 'replay', startedAtMs: NOW - DAY, endedAtMs: null }),
    ],
    files: [
      ...flights.slice(1),
      // Yesterday's deliveries were cut short, and what came is damaged or held.
      aFile({ path: '2026/late.parquet', decidedAtMs: at(1), rowsRead: 10, rowsLoaded: 10, repair: REPAIR }),
      aFile({
        path: 'h1',
        outcome: 'held',
        score: 40,
        rowsRejected: 9,
        decidedAtMs: at(0),
        reasons: [reason('PQ105')],
      }),
      aFile({ path: 'h2', outcome: 'held', score: 40, rowsRejected: 9, decidedAtMs: at(1), reasons: [reason('c')] }),
      aFile({
        path: 'split',
        rowsLoaded: 4,
        rowsRejected: 2,
        rowsReplayed: 1,
        rowsDiscarded: 3,
        reasons: [reason('c')],
      }),
      aFile({ source: 'orders', dataset: 'orders', path: 'o', decidedAtMs: at(3), outcome: 'skipped', score: null }),
    ],
    failures: [
      {
        source: 'orders',
        dataset: 'orders',
        path: 'x',
        stamp: '',
        run: 'o2',
        code: 'ENGINE_CRASHED',
        message: 'the engine stopped',
        failedAtMs: NOW - HOUR,
        attempts: 1,
      },
    ],
    checks: days.flatMap((back) => [
      aCheck(back < 3 ? 'failed' : 'passed', { checkedAtMs: at(back) }, { unexpectedCount: 2 }),
      aCheck('passed', { checkedAtMs: at(back) }, { id: 'schema', type: 'schema', dimension: 'schema' }),
      aCheck('error', { checkedAtMs: at(back), source: 'orders', dataset: 'orders' }, { id: 'sum', columns: [] }),
    ]),
    watermarks: [
      {
        source: 'flights',
        value: '2026-11-01',
        type: 'DATE',
        updatedAtMs: at(0),
        recordsProcessed: 5,
        metadata: {},
      },
    ],
    schemas: [
      {
        location: '/lake/flights',
        source: 'flights',
        dataset: 'flights',
        id: 's1',
        columns: [{ name: 'a', type: 'BIGINT' }],
        firstSeenMs: at(20),
        seq: 1,
      },
      {
        location: '/lake/flights',
        source: 'flights',
        dataset: 'flights',
        id: 's2',
        columns: [
          { name: 'a', type: 'VARCHAR' },
          { name: 'b', type: 'DATE' },
        ],
        firstSeenMs: at(0),
        seq: 9,
      },
    ],
    contracts: [
      {
        source: 'flights',
        dataset: 'flights',
        id: 'k1',
        firstUsedMs: at(20),
        run: 'f20',
        version: 1,
        columns: [{ name: 'a', type: 'BIGINT', nullable: true, required: true, sensitive: false }],
        checks: [
          { id: 'c', type: 't', columns: ['a'], severity: 'critical', digest: '1' },
          { id: 'old', type: 't', columns: [], severity: 'info', digest: '1' },
        ],
      },
      {
        source: 'flights',
        dataset: 'flights',
        id: 'k2',
        firstUsedMs: at(2),
        run: 'f2',
        version: 2,
        columns: [{ name: 'a', type: 'BIGINT', nullable: false, required: true, sensitive: false }],
        checks: [
          { id: 'c', type: 't', columns: ['a'], severity: 'critical', digest: '2' },
          { id: 'd', type: 't', columns: [], severity: 'warning', digest: '3' },
        ],
      },
    ],
  }
}
