import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DESTINATIONS } from '../crash/destinations.ts'
import { pausedRun, shiftedClock } from '../crash/kill-run.ts'
import { ended } from '../crash/scene.ts'
import { runToEnd } from '../crash-harness.ts'
import { settle } from '../file-builders.ts'
import { openBundledCli, withScene, type BundledCli } from './fault-scene.ts'

let cli: BundledCli
beforeAll(async () => {
  cli = await openBundledCli()
})
afterAll(async () => {
  await cli[Symbol.asyncDispose]()
})

const HOUR_MS = 3_600_000

test('of two runs over one state one works, the other is told so, and nothing is there twice', async () => {
  await withScene(cli, async (scene) => {
    await scene.lay([{ round: 2, changes: 0 }])
    const first = await pausedRun(scene.ingest(), { on: 'phase', phase: 'checked', nth: 1 }, async () => {
      const second = await runToEnd(scene.ingest())
      expect(second.exitCode).toBe(5)
      expect(second.stdout).toContain('LEASE_HELD')
    })
    expect(first.paused && ended(first)).toBe(true)
    expect(await scene.problems()).toEqual([])
  })
})

test.for(['pinned', 'sealed', 'entry-temp-written', 'entry-durable', 'published-one'])(
  'of two states over one target, at %s: every file is loaded once',
  async (phase) => {
    await withScene(cli, async (scene) => {
      await scene.lay([{ round: 2, changes: 0 }])
      const first = await pausedRun(scene.ingest(), { on: 'phase', phase, nth: 1 }, async () => {
        await runToEnd(scene.command('--set', 'state=.tidegate/other.db', 'ingest'))
      })
      expect(first.paused).toBe(true)
      expect(await scene.uncommitted()).toEqual([])
      await scene.lay([{ round: 3, changes: 1 }])
      expect(await scene.problems()).toEqual([])
    })
  },
)

test('a file that is overwritten while it is read is taken by the next run, once and as it is then', async () => {
  await withScene(cli, async (scene) => {
    await scene.lay([{ round: 2, changes: 0 }])
    const file = scene.place.project.at('landing/north/b-2.csv')
    const run = await pausedRun(scene.ingest(), { on: 'phase', phase: 'checked', nth: 1 }, async () => {
      writeFileSync(file, 'half of a fi')
    })
    expect(run.paused && ended(run), run.stdout).toBe(true)
    expect(run.stdout).toMatch(/b-2\.csv/)
    const entries = await scene.read((session) => DESTINATIONS.parquet.entries(session, scene.place))
    expect(entries.flatMap(({ files }) => files.map(({ path }) => path))).not.toContain('north/b-2.csv')
    // What was laid comes back, as the sender's second try.
    const laid = scene.zone.current.get('north/b-2.csv')
    writeFileSync(file, laid === undefined ? '' : readFileSync(laid.copy))
    settle(file)
    await scene.lay([{ round: 3, changes: 1 }])
    expect(await scene.problems()).toEqual([])
  })
})

test('a file that is deleted between listing and reading is no failure of the others', async () => {
  await withScene(cli, async (scene) => {
    await scene.lay([{ round: 2, changes: 0 }])
    const file = scene.place.project.at('landing/south/c-2.csv')
    const bytes = readFileSync(file)
    const run = await pausedRun(scene.ingest(), { on: 'phase', phase: 'listed', nth: 1 }, async () => rmSync(file))
    expect(run.paused && run.exitSignal === null).toBe(true)
    const rows = await scene.read((session) => DESTINATIONS.parquet.rows(session, scene.place))
    expect(rows.some((row) => row.includes('north/a-2.parquet'))).toBe(true)
    writeFileSync(file, bytes)
    settle(file)
    await scene.lay([{ round: 3, changes: 1 }])
    expect(await scene.problems()).toEqual([])
  })
})

test.for([24 * HOUR_MS, -24 * HOUR_MS])(
  'a clock that is off by %i ms in a killed run harms nothing',
  async (offsetMs) => {
    await withScene(cli, async (scene) => {
      await scene.lay([{ round: 2, changes: 0 }])
      const command = scene.ingest()
      const off = { ...command, env: { ...command.env, ...shiftedClock(offsetMs) } }
      const first = await runToEnd(off)
      expect(first.exitSignal).toBe(null)
      const killed = await scene.kill({ on: 'phase', phase: 'leased', nth: 1 }, undefined, 0)
      expect(killed.death).toBeDefined()
      await scene.lay([{ round: 3, changes: 1 }])
      expect(await scene.problems()).toEqual([])
    })
  },
)

test('a state that another process keeps locked ends the run with a retryable error', async () => {
  await withScene(cli, async (scene) => {
    await scene.lay([{ round: 2, changes: 0 }])
    const database = new DatabaseSync(scene.place.project.at('.tidegate/state.db'))
    database.exec('BEGIN IMMEDIATE')
    const blocked = await runToEnd(scene.ingest())
    expect(blocked.exitCode).toBe(1)
    expect(blocked.stdout + blocked.stderr).toContain('STATE_BUSY')
    const run = runToEnd(scene.ingest())
    await sleep(1500)
    database.exec('ROLLBACK')
    database.close()
    expect(ended(await run)).toBe(true)
    await scene.lay([{ round: 3, changes: 1 }])
    expect(await scene.problems()).toEqual([])
  })
})
