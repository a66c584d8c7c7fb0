import type { RunRecord, RunsWithoutJob, RunStatus } from '@tidegate/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { NOTHING_YET } from '../runs.ts'
import { freshState } from '../testing/fresh-state.ts'
import { makeJob } from '../testing/make-job.ts'

const STATUSES = ['ok', 'failed', 'interrupted', 'gate-failed'] as const
const SOURCES = ['orders', 'payments'] as const

test('runs that no job drove come newest first, page by page, as a look through all of them says', async () => {
  const state = await freshState({ isAlive: () => 'unknown' })
  const runs: (RunRecord & { readonly isAttempt: boolean })[] = []
  // Of three runs that begin in the same millisecond, one is an attempt of a job.
  for (let n = 0; n < 60; n += 1) {
    const source = SOURCES[n % 2] ?? ''
    const isAttempt = n % 3 === 0
    const run = {
      id: `r${String((n * 37) % 60)}`,
      command: 'ingest',
      source,
      startedAtMs: 1000 + Math.floor(n / 3),
    } as const
    if (isAttempt) {
      await state.createJob(makeJob({ id: `j${n}`, source: `s${n}` }))
      const owner = { id: 'far:1:1', what: 'daemon' }
      expect(await state.claimJob({ owner, run: () => run.id, nowMs: 2000 })).toBeDefined()
    }
    const ended = { ...NOTHING_YET, ...run, endedAtMs: 3000, status: STATUSES[n % 4] ?? 'ok' } as const
    await state.closeRun(ended)
    runs.push({ ...ended, isAttempt })
  }
  const sorted = runs.toSorted((a, b) => b.startedAtMs - a.startedAtMs || (a.id < b.id ? 1 : -1))
  const listed = (filter: Omit<RunsWithoutJob, 'limit' | 'before'>): readonly string[] =>
    sorted
      .filter(({ isAttempt }) => !isAttempt)
      .filter(({ source }) => filter.source === undefined || source === filter.source)
      .filter(({ status }) => filter.statuses === undefined || filter.statuses.includes(status))
      .filter(({ startedAtMs }) => filter.sinceMs === undefined || startedAtMs >= filter.sinceMs)
      .map(({ id }) => id)
  const filters = fc.record(
    {
      source: fc.constantFrom(...SOURCES, 'nobody'),
      statuses: fc.subarray<RunStatus>([...STATUSES]),
      sinceMs: fc.integer({ min: 990, max: 1025 }),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(filters, fc.integer({ min: 1, max: 20 }), async (filter, limit) => {
      const found: string[] = []
      for (let before: RunRecord | undefined; ;) {
        const page = await state.listRunsWithoutJob({ ...filter, limit, before })
        expect(page.length).toBeLessThanOrEqual(limit)
        found.push(...page.map(({ id }) => id))
        before = page.at(-1)
        if (page.length < limit) break
      }
      expect(found).toEqual(listed(filter))
    }),
    { seed: 7, numRuns: 60 },
  )
})

test('jobs are listed by what made them', async () => {
  const state = await freshState()
  for (const [id, trigger] of [
    ['a', 'schedule'],
    ['b', 'api'],
    ['c', 'catch-up'],
  ] as const)
    await state.createJob(makeJob({ id, trigger }))
  const by = async (...triggers: ('schedule' | 'api' | 'catch-up' | 'cli')[]): Promise<readonly string[]> =>
    (await state.listJobs({ limit: 10, triggers })).items.map(({ id }) => id).toSorted()
  expect(await by('schedule', 'catch-up')).toEqual(['a', 'c'])
  expect(await by('cli')).toEqual([])
  expect(await by()).toEqual([])
})
