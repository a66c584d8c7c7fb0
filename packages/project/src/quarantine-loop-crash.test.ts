import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SLOW } from './testing/lane.ts'
import { openDesk } from './testing/quarantine-desk.ts'
import { openKinds, type Kinds, type RowKind } from './testing/target-kinds.ts'
import { openBench, type Bench, type TempProject } from './testing/temp-project.ts'
import { verifyState } from './verify-state.ts'

const CHILD = fileURLToPath(new URL('testing/replay-child.ts', import.meta.url))

let bench: Bench
let kinds: Kinds
beforeAll(async () => {
  bench = await openBench()
  kinds = openKinds(bench.witness)
})
afterAll(async () => {
  await kinds.close()
  await bench.close()
})

/** Rows up to 20 are good, files have at most 3 rows; then all is good that is a number. */
function rules(p: TempProject, max: number, rows: number): void {
  const expectations = [
    { id: 'max', type: 'expect_column_values_to_be_between', kwargs: { column: 'v', max_value: max } },
    { id: 'rows', type: 'expect_table_row_count_to_be_between', kwargs: { max_value: rows } },
  ]
  p.contract('s', { id: { type: 'BIGINT' }, v: { type: 'BIGINT' } }, { expectations })
}

function replay(p: TempProject, killAt: string, nth: number): string | null {
  const args = ['--conditions=tidegate:source', '--disable-warning=ExperimentalWarning', CHILD, p.directory]
  const { signal, stderr } = spawnSync(process.execPath, [...args, killAt, String(nth)], { encoding: 'utf8' })
  return signal ?? stderr
}

interface Kill {
  readonly kind: RowKind
  readonly at: string
  /** The first commit is that of the held file, the second that of the rows. */
  readonly nth: number
  readonly loseState: boolean
  /** In the slow lane only. */
  readonly slow?: boolean
}

const KILLS: readonly Kill[] = [
  { kind: 'parquet', at: 'entry-linked', nth: 1, loseState: false, slow: true },
  { kind: 'parquet', at: 'staged', nth: 2, loseState: false, slow: true },
  { kind: 'parquet', at: 'entry-linked', nth: 2, loseState: true },
  { kind: 'duckdb', at: 'entry-durable', nth: 2, loseState: false },
]

describe('a replay that is killed and repeated', () => {
  test.each(KILLS.filter(({ slow }) => SLOW || slow !== true))(
    '$kind, at $at number $nth, state lost: $loseState: every row is there once',
    async ({ kind, at, nth, loseState }) => {
      const target = await kinds.targetOf(kind)
      const p = bench.project({ gate: { on_fail: 'split' }, on_missing_contract: 'hold', target })
      rules(p, 20, 3)
      p.land('rows.csv', 'id,v\n1,5\n2,30\n3,99\n')
      p.land('whole.csv', 'id,v\n4,5\n5,6\n6,7\n7,8\n')
      {
        await using desk = await openDesk(p)
        await desk.ingest()
        expect((await desk.open()).map(({ content }) => content)).toEqual(['rows', 'file'])
      }
      rules(p, 50, 10)
      expect(replay(p, at, nth)).toBe('SIGKILL')
      // The index is made anew by the next ingest, and knows what was committed.
      if (loseState) rmSync(path.join(p.directory, '.tidegate'), { recursive: true })
      {
        await using desk = await openDesk(p)
        if (loseState) await desk.ingest()
        const { items } = await desk.settle('replay')
        expect(items.filter(({ result }) => result === 'refused')).toEqual([])
        const open = await desk.open()
        expect(open.map(({ rows, content }) => [content, rows])).toEqual([['rows', 1]])
        expect(await verifyState(desk.project)).toMatchObject({ total: 0 })
        expect(await desk.project.state.checkConservation()).toEqual([])
        const statuses = (await desk.project.state.listRuns({ source: 's' })).map(
          (run) => `${run.command} ${run.status}`,
        )
        if (!loseState) expect(statuses.slice(0, 2)).toEqual(['ingest gate-failed', 'replay interrupted'])
      }
      expect(await kinds.values(kind, p, target)).toEqual(['1', '2', '4', '5', '6', '7'])
    },
  )
})
