/**
 * The one place that wires: configuration, state, engine, store, destinations and channels become the effects that the
 * pipeline takes. Both doors and embedders start here. Checks and destinations are loaded when they are needed: a command that
 * only looks at the state does not wait for them.
 */
import { randomUUID } from 'node:crypto'
import diagnostics from 'node:diagnostics_channel'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import {
  TidegateError,
  type Clock,
  type Config,
  type Contract,
  type Destination,
  type IngestionRecord,
  type SourceConfig,
  type Store,
} from '@tidegate/core'
import {
  leavesSandbox,
  loadConfig,
  placeInContract,
  readContract,
  renderContract,
  withIngestions,
  type ConfigResult,
  type Problem,
} from '@tidegate/config'
import { memoryBudgetBytes, startEngine, type Engine } from '@tidegate/duckdb'
import { openDoctor, type Doctor } from '@tidegate/parquet/doctor'
import type { ContractFile, PipelineEffects, ProgressEvent } from '@tidegate/pipeline'
import { fillPath } from '@tidegate/pipeline/names'
import { currentOwner, openState, type State } from '@tidegate/state'
import { localSourceCleaner, localStore, writeDurable } from '@tidegate/storage'
import { endingOf } from './alerts/ending-of.ts'
import { assertConfined } from './assert-confined.ts'
import { peakMemoryBytes } from './peak-memory.ts'
import { engineFolders, ownFolders, stagingFolder } from './project-folders.ts'
import { openRepairedFolder } from './repaired-folder.ts'
import { openWorkFolder } from './work-folder.ts'

export interface ProjectOptions {
  readonly directory: string
  readonly environment?: string | undefined
  /** `key.path=value` overrides. */
  readonly set?: readonly string[] | undefined
  /** @defaultValue process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Changes nothing on disk, the state included. @defaultValue false */
  readonly readOnly?: boolean | undefined
  /** What this process does, for whoever finds its lease. @defaultValue `tidegate` */
  readonly what?: string | undefined
  /** Projects that share the memory budget at the same time, as the runs of a daemon do. @defaultValue 1 */
  readonly memoryParts?: number | undefined
  /** An ingestion that nobody made yet, to look at it: in `config` as if it were made, where it has no problems. */
  readonly draft?: Pick<IngestionRecord, 'id' | 'entry'> | undefined
  readonly clock?: Clock | undefined
  readonly report?: ((event: ProgressEvent) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Project {
  readonly config: Config
  readonly origins: Extract<ConfigResult, { kind: 'ok' }>['origins']
  readonly warnings: readonly Problem[]
  readonly state: State
  readonly store: Store
  readonly engine: Engine
  readonly effects: PipelineEffects
  /** Absolute folders of ours that no source may list. */
  readonly exclude: readonly string[]
  close(): Promise<void>
}

export type OpenProjectResult =
  | { readonly kind: 'ok'; readonly project: Project }
  | Exclude<ConfigResult, { kind: 'ok' }>

/** Watchers (a tracer, the crash harness) subscribe to this channel of node:diagnostics_channel. */
export const PHASE_CHANNEL = 'tidegate:phase'

/**
 * Opens the project in a folder. Configuration mistakes are a value with all problems; a state that cannot be opened is a
 * TidegateError (`STATE_NEWER`, `STATE_CORRUPT`, …). Starts no engine before one is needed.
 */
export async function openProject(options: ProjectOptions): Promise<OpenProjectResult> {
  const loaded = await loadProjectConfig(options)
  if (loaded.kind !== 'ok') return loaded
  const clock = options.clock ?? { nowMs: () => Date.now() }
  const { state: place } = loaded.config
  const state = await openState({ path: place, readOnly: options.readOnly ?? false, nowMs: () => clock.nowMs() })
  const ingestions = await state.listIngestions().catch(async (error: unknown) => {
    await state.close()
    throw error
  })
  const { config: whole, warnings } = withIngestions(loaded.config, withDraft(ingestions, options.draft, clock.nowMs()))
  const config = shareMemory(whole, options.memoryParts ?? 1)
  const engineFolder = path.join(config.limits.tempDirectory, `engine-${process.pid}`)
  const engine = startEngine({
    memoryLimitBytes: Math.floor(memoryBudgetBytes(config.limits.memoryBytes) * 0.8),
    tempDirectory: engineFolder,
    allowedDirectories: engineFolders(config),
  })
  const store = localStore()
  const doctor = openDoctor({
    memoryBytes: Math.max(VERIFIER_BYTES, Math.floor(memoryBudgetBytes(config.limits.memoryBytes) * 0.2)),
  })
  const destinations = openDestinations()
  const project: Project = {
    config,
    origins: loaded.origins,
    warnings: [...loaded.warnings, ...warnings],
    state,
    store,
    engine,
    exclude: ownFolders(config),
    effects: makeEffects(config, state, engine, store, doctor, clock, destinations, options),
    async close() {
      await destinations.close()
      await doctor.close()
      await engine.close()
      await rm(engineFolder, { recursive: true, force: true })
      await state.close()
    },
  }
  return { kind: 'ok', project }
}

function withDraft(
  ingestions: readonly IngestionRecord[],
  draft: ProjectOptions['draft'],
  nowMs: number,
): readonly IngestionRecord[] {
  if (draft === undefined) return ingestions
  const made = { createdBy: '', createdAtMs: nowMs, updatedBy: '', updatedAtMs: nowMs, version: 1 }
  return [...ingestions.filter(({ id }) => id !== draft.id), { ...draft, ...made }]
}

function shareMemory(config: Config, parts: number): Config {
  if (parts <= 1) return config
  const memoryBytes = Math.floor(memoryBudgetBytes(config.limits.memoryBytes) / parts)
  return { ...config, limits: { ...config.limits, memoryBytes } }
}

/** The file alone, without the ingestions of the state: `withIngestions` adds them. Opens nothing. */
export async function loadProjectConfig(
  options: Pick<ProjectOptions, 'directory' | 'environment' | 'set' | 'env'>,
): Promise<ConfigResult> {
  return loadConfig({
    directory: options.directory,
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    ...(options.set === undefined ? {} : { set: options.set }),
    ...(options.env === undefined ? {} : { env: options.env }),
  })
}

interface OpenDestinations {
  track(destination: Destination): Destination
  close(): Promise<void>
}

/** Destinations that nobody closed yet. */
function openDestinations(): OpenDestinations {
  const open = new Set<Destination>()
  return {
    track(destination) {
      const tracked: Destination = {
        ...destination,
        close: async () => {
          open.delete(tracked)
          await destination.close()
        },
      }
      open.add(tracked)
      return tracked
    },
    close: async () => {
      for (const destination of open) await destination.close()
    },
  }
}

/** Less is too little to read a row group of a wide file. */
const VERIFIER_BYTES = 256 * 2 ** 20

function makeEffects(
  config: Config,
  state: State,
  engine: Engine,
  store: Store,
  doctor: Doctor,
  clock: Clock,
  destinations: OpenDestinations,
  options: ProjectOptions,
): PipelineEffects {
  const phases = diagnostics.channel(PHASE_CHANNEL)
  const mark: PipelineEffects['mark'] = (phase, detail) => {
    if (phases.hasSubscribers) phases.publish({ phase, ...detail })
  }
  return {
    store,
    cleaner: localSourceCleaner({ mark }),
    ledger: state,
    clock,
    newId: () => newId(clock),
    owner: currentOwner(options.what ?? 'tidegate'),
    openSession: () => engine.openSession(),
    openDestination: async (source, dataset, how) => {
      assertConfined(source, dataset, config)
      return destinations.track(
        await (
          await import('./open-destination.ts')
        ).openDestination(source, dataset, {
          openSession: () => engine.openSession(),
          workDirectory: stagingFolder(config),
          scratch: [config.limits.tempDirectory],
          memoryLimitBytes: Math.floor(memoryBudgetBytes(config.limits.memoryBytes) * 0.2),
          onMissing: how?.onMissing,
          mark,
          nowMs: () => clock.nowMs(),
        }),
      )
    },
    findSource: (name) => config.sources.find((source) => source.name === name),
    readContract: async (file, source) => {
      const why = leavesSandbox(source.origin, file, config)
      return why === undefined ? readContractFile(file) : { kind: 'problems', file, problems: [why] }
    },
    writeContract: (file, contract, comments) => writeContractFile(file, contract, comments),
    doctor,
    repaired: openRepairedFolder(config.repaired),
    openWorkFolder: (name) => openWorkFolder(path.join(config.limits.tempDirectory, 'work'), name),
    endingOf: (report) => endingOf(report, config, state),
    report: options.report ?? (() => {}),
    peakMemoryBytes: () => peakMemoryBytes(engine.pid),
    mark,
    signal: options.signal ?? new AbortController().signal,
  }
}

/** `20261121T081502-3f9a1c`: sorts by time, unique, safe as a file name. */
export function newId(clock: Clock): string {
  const time = new Date(clock.nowMs()).toISOString().replaceAll(/[-:]|\.\d+Z$/g, '')
  return `${time}-${randomUUID().slice(0, 8)}`
}

/** Where a dataset's contract is. */
export function contractPath(source: SourceConfig, dataset: string): string {
  return fillPath(source.contract, source.name, dataset)
}

export async function readContractFile(file: string): Promise<ContractFile> {
  const result = await readContract(file)
  switch (result.kind) {
    case 'ok': {
      const { validateExpectations } = await import('@tidegate/dq')
      // A type that does not exist is the contract's fault; files must not be held for it.
      const wrong = validateExpectations(result.contract).filter((problem) => problem.path[0] === 'schema')
      if (wrong.length === 0) return { kind: 'ok', file, contract: result.contract }
      const problems: string[] = []
      for (const { path: place, message } of wrong) {
        const { line = 1, column = 1 } = (await placeInContract(file, place)) ?? {}
        problems.push(`${line}:${column} ${message}`)
      }
      return { kind: 'problems', file, problems }
    }
    case 'missing':
      return { kind: 'missing', file }
    case 'problems':
      return {
        kind: 'problems',
        file,
        problems: result.problems.map((problem) => `${problem.line ?? 1}:${problem.column ?? 1} ${problem.message}`),
      }
  }
}

export async function writeContractFile(
  file: string,
  contract: Contract,
  comments: ReadonlyMap<string, string>,
): Promise<void> {
  const text = renderContract(contract, {
    header: `Contract of dataset ${contract.contract}, learned from its data by Tidegate. Edit it freely: it is never overwritten unasked.`,
    comments,
  })
  await mkdir(path.dirname(file), { recursive: true })
  await writeDurable(file, text)
}

/** @throws TidegateError CONFIG_UNKNOWN_SOURCE naming the known ones */
export function selectSources(config: Config, names: readonly string[]): readonly SourceConfig[] {
  if (names.length === 0) return config.sources
  return names.map((name) => {
    const source = config.sources.find((candidate) => candidate.name === name)
    if (source !== undefined) return source
    const known = config.sources.map((candidate) => candidate.name).join(', ')
    throw new TidegateError('CONFIG_UNKNOWN_SOURCE', `there is no source ${JSON.stringify(name)} in ${config.file}`, {
      hint: known === '' ? 'The configuration has no sources yet.' : `Its sources are: ${known}.`,
    })
  })
}
