/**
 * Everything that runs unattended, over one state: schedules, runs, alerts, API and page.
 *
 *   (1) The event loop is never held up by the state or an engine: the state answers from a thread, runs and previews are
 *       processes of their own.
 *   (2) Starting is all or nothing: what was opened before something failed is closed again.          [openDaemon]
 *   (3) Closing loses nothing: first nothing new begins, then running work comes to a safe point, then the rest. [close]
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import path from 'node:path'
import type { ConfigResult } from '@tidegate/config'
import { SCHEDULER_LEASE, type Config } from '@tidegate/core'
import { liveAssets } from '@tidegate/dashboard'
import { monitoredSources } from '@tidegate/monitor'
import { loadProjectConfig, newId } from '@tidegate/project/open'
import { currentOwner, openStateInThread, type State } from '@tidegate/state'
import type { Logger } from 'pino'
import { openAlertLoop } from '../alerts/open-alert-loop.ts'
import { openHttp } from '../api/open-http.ts'
import { openDesk } from '../desk/open-desk.ts'
import { apiRoutes } from '../routes/index.ts'
import { openJobFeed } from '../runs/job-feed.ts'
import { openRunner } from '../runs/open-runner.ts'
import { spawnAttempts } from '../runs/spawn-attempt.ts'
import { openScheduler } from '../scheduler/index.ts'
import type { Services } from '../services.ts'
import { openConfigFile } from './config-file.ts'
import { logAlerts, logConfigFile, logRunner, openLog, type LogLevel } from './daemon-log.ts'
import { openLiveConfig, type LiveConfig } from './live-config.ts'
import { noteDifferences, otherSchedules } from './other-schedules.ts'
import { sleep } from './sleep.ts'

export interface DaemonOptions {
  /** Absolute folder with `tidegate.yaml`. */
  readonly directory: string
  readonly environment?: string | undefined
  /** `key.path=value` overrides. */
  readonly set?: readonly string[] | undefined
  /** Over `server.host`. */
  readonly host?: string | undefined
  /** Over `server.port`; 0 takes a free one. */
  readonly port?: number | undefined
  /** Of Tidegate. */
  readonly version: string
  /** @defaultValue info */
  readonly logLevel?: LogLevel | undefined
  /** Takes one JSON line, its newline included. */
  readonly writeLog: (line: string) => void
}

export interface Daemon {
  /** Where the page and the API are. */
  readonly url: string
  readonly port: number
  /** Drains within `server.drain`, then ends. Calling it again does nothing. */
  close(): Promise<void>
}

export type OpenDaemonResult =
  | { readonly kind: 'ok'; readonly daemon: Daemon }
  | Exclude<ConfigResult, { readonly kind: 'ok' }>

/** Ingestions may be made by another daemon or by `state import`. */
const RELOAD_MS = 5000
const RESOLUTION_MS = 20

/**
 * Mistakes of the configuration are a value with all of them.
 * @throws {TidegateError} `SERVER_NEEDS_TOKEN`, `SERVER_PORT_TAKEN` and their like; `STATE_…` for a state that cannot be opened
 */
export async function openDaemon(options: DaemonOptions): Promise<OpenDaemonResult> {
  const { directory, environment, set } = options
  const loaded = await loadProjectConfig({ directory, environment, set })
  if (loaded.kind !== 'ok') return loaded
  const log = openLog(options.logLevel ?? 'info', options.writeLog)
  for (const { message } of loaded.warnings) log.warn({ message }, 'configuration')
  const server = {
    ...loaded.config.server,
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.port === undefined ? {} : { port: options.port }),
  }
  const state = await openStateInThread({ path: loaded.config.state })
  try {
    const file = await openConfigFile({
      first: loaded,
      directory,
      read: async () => loadProjectConfig({ directory, environment, set }),
      server,
      report: (event) => logConfigFile(log, event),
    })
    const live = await openLiveConfig(file, state, (message) => log.warn({ message }, 'configuration'))
    return { kind: 'ok', daemon: await start(options, live, state, log, file.entry) }
  } catch (error) {
    await state.close()
    throw error
  }
}

async function start(
  options: DaemonOptions,
  live: LiveConfig,
  state: State,
  log: Logger,
  fileEntry: Services['fileEntry'],
): Promise<Daemon> {
  const nowMs = Date.now
  const startedAtMs = nowMs()
  const { server } = live.config()
  const place = { directory: options.directory, environment: options.environment, set: options.set }
  const owner = currentOwner('tidegate daemon')
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  let isDraining = false

  const desk = openDesk({ place, memoryParts: server.maxRuns, onLine: (line) => log.info({ line }, 'desk says') })
  const jobFeed = openJobFeed({ jobs: state, onTrouble: (error) => log.warn({ err: error }, 'events of runs') })
  const services: Services = {
    state,
    nowMs,
    newId: () => newId({ nowMs }),
    version: options.version,
    config: live.config,
    fileEntry,
    async reload() {
      if (await live.reload()) scheduler.wake()
    },
    desk,
    jobFeed,
    wake(what) {
      if (what === 'scheduler') scheduler.wake()
      else if (what === 'runner') runner.wake()
      else alerts.wake()
    },
    health: () => ({
      startedAtMs,
      isDraining,
      isLeader: scheduler.health().isLeader,
      lastTickAtMs: scheduler.health().lastTickAtMs,
      // What is measured includes the wait that was asked for; without a sample the mean is NaN.
      eventLoopDelayMs: Number.isNaN(delays.mean) ? 0 : Math.max(0, delays.mean / 1e6 - RESOLUTION_MS),
      running: runner.running().length,
    }),
  }
  // The API first: who may not listen shall not begin to work either.
  const http = await openHttp({
    routes: apiRoutes({ openMetrics: server.openMetrics }),
    services,
    config: server,
    assets: liveAssets(),
    views: {
      facts: state,
      sources: () => monitoredSources({ sources: live.config().sources }),
      project: path.basename(options.directory),
      command: `tidegate -C ${options.directory} monitor`,
    },
    log,
    shareMs: SHARED_MS,
  }).catch((error: unknown) => {
    delays.disable()
    desk.close()
    jobFeed.close()
    throw error
  })
  const runner = openRunner({
    jobs: state,
    owner,
    maxRuns: server.maxRuns,
    startAttempt: spawnAttempts({ place, memoryParts: server.maxRuns }),
    nowMs,
    sleep,
    randomShare: Math.random,
    report: (event) => {
      logRunner(log, event)
      if (event.kind === 'ended') alerts.wake()
    },
    retriesOf: (job) => retriesOf(live.config(), job.source),
    newRunId: () => newId({ nowMs }),
    feed: jobFeed,
  })
  const scheduler = openScheduler({
    store: state,
    owner,
    schedules: live.schedules,
    nowMs,
    sleep,
    lookForFiles: async (source, signal) => hasFound(await desk.ask({ kind: 'look', source }, signal)),
    onDecided(ticks) {
      for (const { schedule, instantMs, state: decided, reason, job } of ticks)
        log.info({ schedule, instant: new Date(instantMs).toISOString(), decided, reason, job }, 'tick')
      runner.wake()
    },
    report: (error, schedule) => log.warn({ err: error, schedule }, 'scheduler'),
  })
  const alerts = openAlertLoop({
    state,
    config: live.config,
    nowMs,
    sleep,
    report: (event) => logAlerts(log, event),
  })
  const note = noteDifferences((difference) =>
    log.warn({ difference }, 'another daemon leads with another configuration'),
  )
  const compareWithLeader = async (): Promise<void> => {
    const isAnothers = !scheduler.health().isLeader && (await state.listLeases(nowMs())).some(({ source }) => source === SCHEDULER_LEASE) // prettier-ignore
    note(isAnothers ? otherSchedules(live.schedules(), await state.listSchedules()) : undefined)
  }
  const housekeeping = setInterval(() => {
    // The mean of what was, not of all days.
    delays.reset()
    services.reload().catch((error: unknown) => log.warn({ err: error }, 'ingestions'))
    compareWithLeader().catch((error: unknown) => log.warn({ err: error }, 'schedules'))
  }, RELOAD_MS)
  log.info({ url: http.url, version: options.version, state: shownState(live.config().state) }, 'listening')

  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    isDraining = true
    log.info({ running: runner.running().length, drainMs: server.drainMs }, 'stopping')
    clearInterval(housekeeping)
    await scheduler.close()
    await Promise.all([runner.drain(server.drainMs), http.close(Math.min(server.drainMs, HTTP_GRACE_MS))])
    await runner.close()
    await alerts.close()
    desk.close()
    jobFeed.close()
    await state.close()
    delays.disable()
    log.info({}, 'stopped')
  }
  return { url: http.url, port: http.port, close: () => (closing ??= close()) }
}

const HTTP_GRACE_MS = 5000
/** Pages and pollers that ask the same cost once; a change through this daemon is seen at once all the same. */
const SHARED_MS = 300

function retriesOf(config: Config, source: string): { readonly firstDelayMs: number; readonly maxDelayMs: number } {
  return config.sources.find(({ name }) => name === source)?.schedule?.retries ?? DEFAULT_RETRIES
}

const DEFAULT_RETRIES = { firstDelayMs: 30_000, maxDelayMs: 3_600_000 }

function hasFound(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'found' in answer && answer.found === true
}

/** An address may hold a password. */
function shownState(place: string): string {
  return /^postgres(?:ql)?:/.test(place) ? 'postgres' : place
}
