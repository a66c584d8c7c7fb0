/**
 * A writer that is stopped for longer than its lease lasts, and goes on when another run has done its work: it must not add
 * anything, and must not tell as its own what the other one did.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres } from '@tidegate/postgres/testing'
import { DESTINATIONS } from '../crash/destinations.ts'
import { pausedRun, shiftedClock } from '../crash/kill-run.ts'
import { ended } from '../crash/scene.ts'
import type { PostgresServer } from '../crash/states.ts'
import { runToEnd } from '../crash-harness.ts'
import { openBundledCli, withScene, type BundledCli, type FaultScene } from './fault-scene.ts'

let cli: BundledCli
let server: PostgresServer & { close(): Promise<void> }
beforeAll(async () => {
  cli = await openBundledCli()
  server = await startPostgres()
})
afterAll(async () => {
  await cli[Symbol.asyncDispose]()
  await server.close()
})

const HOUR_MS = 3_600_000

interface Told {
  readonly totals: { readonly loaded: number; readonly held: number; readonly rowsLoaded: number }
  readonly sources: readonly { readonly run: string; readonly error?: { readonly code: string } }[]
}

// The other run commits the very batch that the zombie had pinned: it is told so, or loses its staged files, but adds nothing.
test.for([
  ['parquet', 'pinned'],
  ['parquet', 'checked'],
  ['parquet', 'sealed'],
  ['parquet', 'staged'],
  ['parquet', 'attempt-claimed'],
  ['parquet', 'entry-temp-written'],
  ['delta', 'sealed'],
  ['delta', 'manifest-sealed'],
  // No `duckdb`: its file stays open for 100 ms after its last use, nobody overtakes who has it open, and which phase comes
  // later than that depends on the machine's speed. That who
  // has it open is not overtaken is in `packages/load/src/sql/crash.test.ts`.
  ['postgres', 'pinned'],
  ['postgres', 'staged'],
  ['none', 'staged'],
] as const)(
  '%s: a writer that is stopped at %s until another has done its work adds nothing, and says so',
  async ([kind, phase]) => {
    await withScene(
      cli,
      async (scene) => {
        await scene.lay([{ round: 2, changes: 0 }])
        const before = (await entriesOf(scene, kind)).length
        let committed = 0
        // One dataset after the other, so that nothing was committed before it is stopped.
        const command = scene.command('ingest', '--workers', '1', '-o', 'json')
        const zombie = await pausedRun(command, { on: 'phase', phase, nth: 1 }, async () => {
          committed = await overtake(scene, kind)
        })
        expect(zombie.paused).toBe(true)
        expect(committed).toBe(before + 2)
        expect(await entriesOf(scene, kind)).toHaveLength(committed)
        const { totals, sources } = JSON.parse(zombie.stdout) as Told
        const [{ run, error } = { run: '?', error: undefined }] = sources
        // Of a Delta table the other run may have brought the zombie's own sealed batch to its end.
        const own = (await entriesOf(scene, kind)).filter((entry) => entry.run === run).flatMap(({ files }) => files)
        expect(own.length > 0).toBe(phase === 'manifest-sealed')
        expect({ exitCode: zombie.exitCode, loaded: totals.loaded, rows: totals.rowsLoaded }).toEqual({
          exitCode: 1,
          loaded: own.filter(({ outcome }) => outcome === 'loaded').length,
          rows: own.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0),
        })
        expect(error?.code).toMatch(/^(?:LEASE_LOST|LEDGER_STALE)$/)
        expect(await scene.uncommitted()).toEqual([])
        await scene.lay([{ round: 3, changes: 1 }])
        expect(await scene.problems()).toEqual([])
      },
      { kind, server },
    )
  },
)

test('parquet: a writer that is stopped right after its commit tells of that commit and of nothing more', async () => {
  await withScene(cli, async (scene) => {
    await scene.lay([{ round: 2, changes: 0 }])
    let committed = 0
    const command = scene.command('ingest', '--workers', '1', '-o', 'json')
    const zombie = await pausedRun(command, { on: 'phase', phase: 'entry-durable', nth: 1 }, async () => {
      committed = await overtake(scene, 'parquet')
    })
    expect(zombie.paused).toBe(true)
    const entries = await entriesOf(scene, 'parquet')
    expect(entries).toHaveLength(committed)
    const { totals, sources } = JSON.parse(zombie.stdout) as Told
    const own = entries.filter(({ run }) => run === sources[0]?.run).flatMap(({ files }) => files)
    expect(own.length).toBeGreaterThan(0)
    expect(totals.loaded).toBe(own.filter(({ outcome }) => outcome === 'loaded').length)
    expect(await scene.uncommitted()).toEqual([])
    await scene.lay([{ round: 3, changes: 1 }])
    expect(await scene.problems()).toEqual([])
  })
})

test('duckdb: while a stopped writer has the file open, another run is told so and waits for nobody', async () => {
  await withScene(
    cli,
    async (scene) => {
      await scene.lay([{ round: 2, changes: 0 }])
      const zombie = await pausedRun(scene.ingest(), { on: 'phase', phase: 'rows-copied', nth: 1 }, async () => {
        const command = scene.ingest()
        const later = await runToEnd({ ...command, env: { ...command.env, ...shiftedClock(HOUR_MS) } })
        expect(later.exitCode).toBe(1)
        expect(later.stdout).toContain('TARGET_BUSY')
      })
      expect(zombie.paused).toBe(true)
      expect(await scene.uncommitted()).toEqual([])
      await scene.lay([{ round: 3, changes: 1 }])
      expect(await scene.problems()).toEqual([])
    },
    { kind: 'duckdb' },
  )
})

/** Another run, an hour later by its clock, so that the lease has run out. → entries after it */
async function overtake(scene: FaultScene, kind: keyof typeof DESTINATIONS): Promise<number> {
  const command = scene.ingest()
  const later = await runToEnd({ ...command, env: { ...command.env, ...shiftedClock(HOUR_MS) } })
  expect(ended(later), later.stdout + later.stderr).toBe(true)
  return (await entriesOf(scene, kind)).length
}

function entriesOf(
  scene: FaultScene,
  kind: keyof typeof DESTINATIONS,
): ReturnType<(typeof DESTINATIONS)['parquet']['entries']> {
  return scene.read((session) => DESTINATIONS[kind].entries(session, scene.place))
}
