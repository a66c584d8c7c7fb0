import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres, type TestPostgres } from '@tidegate/postgres/testing'
import { pausedRun } from '../crash/kill-run.ts'
import { ended } from '../crash/scene.ts'
import { openBundledCli, withScene, type BundledCli } from './fault-scene.ts'

let cli: BundledCli
let server: TestPostgres
beforeAll(async () => {
  cli = await openBundledCli()
  server = await startPostgres()
})
afterAll(async () => {
  await cli[Symbol.asyncDispose]()
  await server.close()
})

// Between two steps of a batch the server goes away and comes back: the run may fail with an error of its own, or go on.
test.for([
  ['target', 'checked', 'restart'],
  ['target', 'staged', 'restart'],
  ['target', 'rows-copied', 'restart'],
  ['target', 'entry-inserted', 'kill'],
  ['target', 'entry-durable', 'restart'],
  ['state', 'pinned', 'restart'],
  ['state', 'staged', 'kill'],
  ['state', 'entry-durable', 'restart'],
] as const)(
  'Postgres as %s, gone and back at %s (%s): nothing is lost, nothing is doubled',
  async ([role, phase, how]) => {
    await withScene(
      cli,
      async (scene) => {
        await scene.lay([{ round: 2, changes: 0 }])
        const run = await pausedRun(scene.ingest(), { on: 'phase', phase, nth: 1 }, async () => {
          if (how === 'restart') await server.restart()
          else {
            await server.kill()
            await server.start()
          }
        })
        expect(run.paused).toBe(true)
        expect(run.exitSignal).toBe(null)
        expect(run.timedOut).toBe(false)
        if (!ended(run)) expect(run.stdout + run.stderr).toMatch(/\b(?:PG|TARGET|STATE)_[A-Z_]+: /)
        expect(await scene.uncommitted()).toEqual([])
        await scene.lay([{ round: 3, changes: 1 }])
        expect(await scene.problems()).toEqual([])
      },
      { kind: role === 'target' ? 'postgres' : 'parquet', state: role === 'state' ? 'postgres' : 'sqlite', server },
    )
  },
)
