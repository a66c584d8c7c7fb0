import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PipelineEffects } from '@tidegate/pipeline'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** Two files per batch. */
async function landPairs(p: TempProject, names: readonly string[]): Promise<void> {
  p.contract('s', { v: { type: 'BIGINT', nullable: false } })
  for (const [index, name] of names.entries())
    await p.landRows(`${name}.parquet`, `SELECT ${100 * index} + range::BIGINT AS v FROM range(10)`)
}

/** Effects that count phases, and in which the first commit waits until `when` says so. */
function watched(effects: PipelineEffects, phases: string[], when: () => boolean): PipelineEffects {
  return {
    ...effects,
    mark: (phase, detail) => {
      phases.push(phase)
      effects.mark(phase, detail)
    },
    openDestination: async (...source) => {
      const target = await effects.openDestination(...source)
      return {
        ...target,
        commit: async (draft) => {
          const outcome = await target.commit(draft)
          for (let waited = 0; waited < 2000 && !when(); waited += 1) await new Promise((done) => setTimeout(done, 10))
          return outcome
        },
      }
    },
  }
}

function countOf(phases: readonly string[], phase: string): number {
  return phases.filter((one) => one === phase).length
}

describe('several batches of one dataset', () => {
  test('the next one is judged while one is written; commits stay in order', async () => {
    const p = bench.project({ max_files_per_batch: 2 })
    await landPairs(p, ['a', 'b', 'c', 'd', 'e', 'f'])
    const phases: string[] = []
    const wanted = (): boolean => countOf(phases, 'checked') > Math.min(2, countOf(phases, 'indexed'))
    const report = await p.ingest({ effects: (effects) => watched(effects, phases, wanted) })
    expect(outcomes(report)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name}.parquet: loaded`))
    // Before the first batch was indexed the second one was judged.
    expect(countOf(phases.slice(0, phases.indexOf('indexed')), 'checked')).toBe(2)
    const entries = [1, 2, 3].map(
      (seq) =>
        JSON.parse(p.read(`lake/s/_tidegate/log/${String(seq).padStart(20, '0')}.json`)) as {
          files: { path: string }[]
        },
    )
    expect(entries.map(({ files }) => files.map(({ path }) => path))).toEqual([
      ['a.parquet', 'b.parquet'],
      ['c.parquet', 'd.parquet'],
      ['e.parquet', 'f.parquet'],
    ])
  })

  test('what was judged ahead is given up when a gate stops the run, and taken by the next run', async () => {
    const p = bench.project({ max_files_per_batch: 2, gate: { on_fail: 'fail' } })
    await landPairs(p, ['a', 'b', 'c', 'd'])
    await p.landRows('b.parquet', 'SELECT NULL::BIGINT AS v')
    const phases: string[] = []
    const wanted = (): boolean => countOf(phases, 'checked') === 2
    const report = await p.ingest({ effects: (effects) => watched(effects, phases, wanted) })
    expect(outcomes(report)).toEqual([
      'a.parquet: loaded',
      'b.parquet: held schema:v:nullable',
      'c.parquet: waiting RUN_STOPPED',
      'd.parquet: waiting RUN_STOPPED',
    ])
    expect(countOf(phases, 'checked')).toBe(2)
    expect(outcomes(await p.ingest())).toEqual(['c.parquet: loaded', 'd.parquet: loaded'])
    expect(await p.count()).toBe(30)
  })

  test('a check that looks into the target sees what the batch before it brought', async () => {
    const p = bench.project({ max_files_per_batch: 1 })
    p.contract(
      's',
      { v: { type: 'BIGINT' } },
      {
        expectations: [
          { id: 'once', type: 'expect_column_values_to_be_unique', kwargs: { column: 'v', scope: 'target' } },
        ],
      },
    )
    await p.landRows('a.parquet', 'SELECT 1::BIGINT AS v')
    await p.landRows('b.parquet', 'SELECT unnest([2, 1])::BIGINT AS v')
    expect(outcomes(await p.ingest())).toEqual(['a.parquet: loaded', 'b.parquet: held once'])
  })
})
