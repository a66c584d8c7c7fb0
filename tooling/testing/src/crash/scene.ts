import path from 'node:path'
import type { TargetKind } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { runToEnd, type CommandEnd, type CommandUnderTest } from '../crash-harness.ts'
import type { TempProject } from '../temp-project.ts'
import { SOURCE_BUNDLE } from './bundle-cli.ts'
import { DESTINATIONS, type DestinationUnderTest, type Place } from './destinations.ts'
import type { Failpoint, StateKind } from './failpoints.ts'
import { killRun, type KillEnd, type KillOrder } from './kill-run.ts'
import { DATASETS, layRound, openLandingZone, type LandingZone } from './landing-zone.ts'
import { loseWrites, photograph } from './lost-writes.ts'
import { postgresState, sqliteState, type PostgresServer, type StateUnderTest } from './states.ts'
import type { WarmCli } from './warm-cli.ts'

export interface Surroundings {
  /** The bundled command line. */
  readonly cli: string
  readonly server: PostgresServer | undefined
  readonly seed: number
  /** For runs that are not killed. @defaultValue each is a process of its own */
  readonly warm?: WarmCli | undefined
}

export interface SceneKind {
  readonly kind: TargetKind
  readonly state: StateKind
  readonly archive?: boolean
}

/** A project under test, with its landing zone and its state. */
export interface Scene {
  readonly place: Place
  readonly zone: LandingZone
  readonly state: StateUnderTest
  ingest(...more: readonly string[]): CommandUnderTest
  command(...words: readonly string[]): CommandUnderTest
  /** A session per look: a long-lived one caches what it knew of files that the product has moved since. */
  read<T>(work: (session: Awaited<ReturnType<typeof openDuckDB>>) => Promise<T>): Promise<T>
  lay(rounds: readonly Parameters<typeof layRound>[2][]): Promise<void>
  /** Runs a command undisturbed. */
  finish(command: CommandUnderTest): Promise<CommandEnd>
  /** Runs `ingest`, or another command, and kills it. */
  kill(order: KillOrder, lost: Failpoint['lost'], seed: number, command?: CommandUnderTest): Promise<KillEnd>
  /** From now on the contracts find every row good. */
  loosenContracts(): void
  /** A second state, empty. */
  freshState(): Promise<StateUnderTest>
  close(): Promise<void>
}

export async function setScene(
  project: TempProject,
  { kind, state: stateKind, archive = false }: SceneKind,
  { cli, server, warm }: Surroundings,
): Promise<Scene> {
  const needed = (): PostgresServer => {
    if (server === undefined) throw new Error('this cell needs a Postgres server')
    return server
  }
  const place: Place = { project, postgres: kind === 'postgres' ? await needed().createDatabase() : undefined }
  const state = stateKind === 'sqlite' ? sqliteState(project) : await postgresState(needed())
  const zone = openLandingZone(project, archive ? project.at('archive') : undefined)
  writeProject(project, state.address, DESTINATIONS[kind], place, archive)
  // A matrix starts thousands of processes of the same code.
  const env = { NO_COLOR: '1', NODE_COMPILE_CACHE: path.join(path.dirname(cli), 'compiled') }
  const command = (...words: readonly string[]): CommandUnderTest => ({
    command: process.execPath,
    args: [
      ...(cli.endsWith(SOURCE_BUNDLE) ? ['--conditions=tidegate:source'] : []),
      '--disable-warning=ExperimentalWarning',
      cli,
      ...words,
    ],
    cwd: project.directory,
    env,
  })
  const ingest = (...more: readonly string[]): CommandUnderTest => command('ingest', '--workers', '2', ...more)
  let records = 0
  const scene: Scene = {
    place,
    zone,
    state,
    ingest,
    command,
    async read(work) {
      const session = await openDuckDB({ threads: 1 })
      try {
        return await work(session)
      } finally {
        await session.close()
      }
    },
    lay: (rounds) =>
      scene.read(async (session) => {
        for (const round of rounds) await layRound(session, zone, round)
      }),
    // Variables of its own (another clock) need a process of its own.
    finish: (command) => (warm === undefined || command.env !== env ? runToEnd(command) : warm.run(command)),
    async kill(order, lost, seed, command = ingest()) {
      if (lost === undefined) return await killRun(command, order)
      records += 1
      const record = project.at('record', String(records))
      const before = photograph(losable(kind).map((folder) => project.at(folder)))
      const end = await killRun(command, { ...order, record })
      loseWrites(before, record, lost, seed)
      return end
    },
    loosenContracts() {
      writeContracts(project, -1_000_000_000)
      zone.rule = 'true'
    },
    freshState: async () =>
      stateKind === 'sqlite' ? sqliteState(project, 'rebuilt.db') : await postgresState(needed()),
    close: async () => undefined,
  }
  return scene
}

/** Folders of the product in which writes can be lost. Databases sync for themselves; their targets stage in the project. */
function losable(kind: TargetKind): readonly string[] {
  const own = ['quarantine', '.tidegate/staging']
  return kind === 'duckdb' ? own : ['lake', ...own]
}

function writeProject(
  project: TempProject,
  state: string,
  destination: DestinationUnderTest,
  place: Place,
  archive: boolean,
): void {
  project.write(
    'tidegate.yaml',
    `version: 1
state: "${state}"
sources:
  tide:
    path: landing/*/*
    dataset: "{parent}"
    contract: "contracts/{dataset}.yaml"
    ready: { settle: 0s }
    gate: { on_fail: split }
    quarantine: { path: quarantine }
    overwrites: ${destination.appendsOnly ? 'append' : 'replace'}
    clean_source: ${archive ? '{ mode: archive, after: 0s, to: archive }' : '{ mode: "off" }'}
    target: { ${destination.target(place)} }
`,
  )
  writeContracts(project, 0)
}

function writeContracts(project: TempProject, lowest: number): void {
  for (const dataset of DATASETS) {
    project.write(
      `contracts/${dataset}.yaml`,
      `contract: ${dataset}
version: 1
schema:
  columns:
    id: { type: BIGINT, nullable: false }
    value: { type: BIGINT }
    version: { type: VARCHAR }
expectations:
  - type: expect_column_values_to_be_between
    kwargs: { column: value, min_value: ${lowest} }
    severity: critical
`,
    )
  }
}

/** 3: a gate held a file, which every round brings. */
export function ended({ exitCode }: CommandEnd): boolean {
  return exitCode === 0 || exitCode === 3 || exitCode === 4
}

export function tellEnd({ exitCode, exitSignal, stdout, stderr, timedOut }: CommandEnd): string {
  const end = timedOut ? 'took too long' : `exit ${exitCode ?? exitSignal ?? '?'}`
  return `${end}\n${stderr}\n${stdout}`.trim()
}
