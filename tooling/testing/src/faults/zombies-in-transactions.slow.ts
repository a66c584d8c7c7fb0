/**
 * A writer that is stopped inside an open transaction of Postgres keeps its locks for as long as the server believes in it.
 * Another run must not wait for ever; what was in that transaction counts once, or not at all, whoever gives up first.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '@tidegate/postgres'
import { startPostgres, type TestPostgres } from '@tidegate/postgres/testing'
import { DESTINATIONS } from '../crash/destinations.ts'
import { pausedRun, shiftedClock, type Moment } from '../crash/kill-run.ts'
import { ended } from '../crash/scene.ts'
import { runToEnd, type CommandEnd } from '../crash-harness.ts'
import { openBundledCli, withScene, type BundledCli, type FaultScene } from './fault-scene.ts'

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

const HOUR_MS = 3_600_000

interface Case {
  readonly name: string
  readonly kind: 'postgres' | 'parquet'
  readonly state: 'sqlite' | 'postgres'
  readonly moment: Moment
}

const CASES: readonly Case[] = [
  {
    name: 'the rows are in the transaction of the target',
    kind: 'postgres',
    state: 'sqlite',
    moment: { on: 'phase', phase: 'rows-copied', nth: 1 },
  },
  {
    name: 'the entry is in the transaction of the target',
    kind: 'postgres',
    state: 'sqlite',
    moment: { on: 'phase', phase: 'entry-inserted', nth: 1 },
  },
  {
    name: 'the entry is being indexed in the state',
    kind: 'parquet',
    state: 'postgres',
    moment: { on: 'sql', like: 'insert into .*file_version', nth: 1, at: 'after' },
  },
]

test.for(CASES)(
  'stopped where $name: another run waits for a while and is told so, and when the writer goes on all is well',
  async ({ kind, state, moment }) => {
    await withScene(
      cli,
      async (scene) => {
        await scene.lay([{ round: 2, changes: 0 }])
        const command = { ...scene.command('ingest', '--workers', '1'), timeoutMs: 240_000 }
        let later: CommandEnd | undefined
        const zombie = await pausedRun(command, moment, async () => {
          later = await anHourLater(scene)
        })
        expect(zombie.paused).toBe(true)
        expect(zombie.timedOut).toBe(false)
        expect(later?.exitCode, tell(later)).toBe(1)
        expect(later?.timedOut).toBe(false)
        expect(tell(later)).toMatch(/\b(?:PG|TARGET|STATE)_[A-Z_]+: /)
        await expectWhole(scene, kind)
      },
      { kind, state, server },
    )
  },
)

test.for(CASES)(
  'stopped where $name: the server ends its session, another run does the work, and the writer adds nothing to it',
  async ({ kind, state, moment }) => {
    await withScene(
      cli,
      async (scene) => {
        await scene.lay([{ round: 2, changes: 0 }])
        let committed = 0
        const zombie = await pausedRun(
          { ...scene.command('ingest', '--workers', '1'), timeoutMs: 240_000 },
          moment,
          async () => {
            await endSessions(kind === 'postgres' ? scene.place.postgres : scene.state.address)
            const later = await anHourLater(scene)
            expect(ended(later), tell(later)).toBe(true)
            committed = await countEntries(scene, kind)
          },
        )
        expect(zombie.paused).toBe(true)
        expect(zombie.exitSignal).toBe(null)
        expect(zombie.timedOut).toBe(false)
        expect(zombie.exitCode, tell(zombie)).toBe(1)
        expect(await countEntries(scene, kind)).toBe(committed)
        await expectWhole(scene, kind)
      },
      { kind, state, server },
    )
  },
)

/** What a reader sees, then another round, the end, and everything compared. */
async function expectWhole(scene: FaultScene, kind: Case['kind']): Promise<void> {
  expect(await scene.uncommitted()).toEqual([])
  const files = (await entriesOf(scene, kind)).flatMap((entry) => entry.files.map(({ id }) => id))
  expect(new Set(files).size).toBe(files.length)
  await scene.lay([{ round: 3, changes: 1 }])
  expect(await scene.problems()).toEqual([])
}

/** By its clock, so that the lease has run out. */
async function anHourLater(scene: FaultScene): Promise<CommandEnd> {
  const command = scene.ingest()
  return runToEnd({ ...command, timeoutMs: 120_000, env: { ...command.env, ...shiftedClock(HOUR_MS) } })
}

/** As `idle_in_transaction_session_timeout` or a lost network does it. */
async function endSessions(url: string | undefined): Promise<void> {
  const database = decodeURIComponent(new URL(url ?? '').pathname.slice(1))
  const admin = await connect(server.url)
  try {
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [database])
  } finally {
    await admin.close()
  }
}

async function countEntries(scene: FaultScene, kind: Case['kind']): Promise<number> {
  return (await entriesOf(scene, kind)).length
}

function entriesOf(scene: FaultScene, kind: Case['kind']): ReturnType<(typeof DESTINATIONS)['parquet']['entries']> {
  return scene.read((session) => DESTINATIONS[kind].entries(session, scene.place))
}

function tell(end: CommandEnd | undefined): string {
  return `${end?.stdout ?? ''}${end?.stderr ?? ''}`
}
