/**
 * What the next run of a source would cost, and a month of them.
 *
 *   compute  = duration of a run in hours × compute_per_hour
 *   requests = folders listed + files asked for their stamp
 *            + 2 per new file (read to hash it, read to judge and load it)
 *            + 6 per batch and target (part sealed, log entry written and linked, part published, index read, log listed)
 *   storage  = requests ÷ 1,000 × storage_requests_per_1000
 *   month    = runs in the next 30 days × a run; runs that find nothing cost what looking costs
 *
 * Requests are an estimate of order: on a local disk they cost nothing, on a mounted store the mount decides.
 */
import type { PriceTable, RunRecord, SourceConfig } from '@tidegate/core'
import { estimateRun, type Band, type RunEstimate } from '@tidegate/pipeline'
import type { Project } from '../open-project.ts'
import { findWork } from './find-work.ts'

export interface SourceEstimate {
  readonly source: string
  readonly filesSeen: number
  /** Of the next run. */
  readonly files: number
  readonly bytes: number
  readonly batches: number
  /** By what past runs took; with `runs: 0` nobody can tell. */
  readonly run: RunEstimate
  readonly requests: number
  readonly perRun: Cost | null
  /** Null where the source has no schedule, or there is no past run to tell by. */
  readonly perMonth: (Cost & { readonly runs: number; readonly requests: number }) | null
}

/** From the least to the most, in the currency of the price table. */
export interface Cost {
  readonly currency: string
  readonly compute: Band
  readonly storage: Band
  readonly total: Band
}

export interface EstimateOptions {
  readonly prices: PriceTable
  /** Instants of its schedule in the next 30 days; undefined where it has none. */
  readonly runsPerMonth: number | undefined
}

const HISTORY = 200

/** Changes nothing, and reads no file: one that was touched only counts as new. */
export async function estimateSource(
  project: Project,
  source: SourceConfig,
  options: EstimateOptions,
): Promise<SourceEstimate> {
  let asked = 0
  const { survey, plans } = await findWork(project, source, { hash: () => Promise.resolve(`unread-${++asked}`) })
  const files = new Map(plans.flatMap(({ work }) => work).map(({ version }) => [version.path, version]))
  const bytes = [...files.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const batches = plans.reduce((sum, plan) => sum + plan.batches.length, 0)
  const history = await project.effects.ledger.listRuns({ source: source.name, limit: HISTORY })
  const load = { filesSeen: survey.filesSeen, folders: survey.folders, files: files.size, bytes, batches }
  return { source: source.name, ...priceOf(load, history, options) }
}

export interface RunLoad {
  readonly filesSeen: number
  readonly folders: number
  readonly files: number
  readonly bytes: number
  readonly batches: number
}

/** Pure. */
export function priceOf(
  { filesSeen, folders, files, bytes, batches }: RunLoad,
  history: readonly RunRecord[],
  { prices, runsPerMonth }: EstimateOptions,
): Omit<SourceEstimate, 'source'> {
  const run = estimateRun(history, { files, bytes })
  const looking = folders + filesSeen
  const requests = looking + PER_FILE * files + PER_BATCH * batches
  const durationMs = run.durationMs ?? (files === 0 ? idleOf(history) : null)
  return {
    filesSeen,
    files,
    bytes,
    batches,
    run,
    requests,
    perRun: durationMs === null ? null : costOf(durationMs, { low: requests, high: requests }, prices),
    perMonth: runsPerMonth === undefined ? null : monthOf(history, runsPerMonth, looking, prices),
  }
}

const PER_FILE = 2
const PER_BATCH = 6
const HOUR_MS = 3_600_000

/** A month is like the past: as many of its runs find something as of those before did, and those take what they took. */
function monthOf(
  history: readonly RunRecord[],
  runs: number,
  looking: number,
  prices: PriceTable,
): SourceEstimate['perMonth'] {
  const past = history.filter(({ command, endedAtMs }) => command === 'ingest' && endedAtMs !== null)
  if (past.length === 0) return null
  const durations = past.map(({ startedAtMs, endedAtMs }) => Math.max(0, (endedAtMs ?? startedAtMs) - startedAtMs))
  const files = past.map(({ filesLoaded, filesHeld }) => filesLoaded + filesHeld)
  const meanFiles = sumOf(files) / past.length
  const busy = files.filter((count) => count > 0).length / past.length
  const requests = Math.round(runs * (looking + PER_FILE * meanFiles + PER_BATCH * busy))
  const mean = sumOf(durations) / past.length
  // The mean of a sample, give or take two of its standard errors.
  const spread = (2 * deviation(durations, mean)) / Math.sqrt(past.length)
  const durationMs = { low: Math.max(0, mean - spread) * runs, high: (mean + spread) * runs }
  return { runs, requests, ...costOf(durationMs, { low: requests, high: requests }, prices) }
}

function costOf(durationMs: Band, requests: Band, prices: PriceTable): Cost {
  const compute = scaled(durationMs, prices.computePerHour / HOUR_MS)
  const storage = scaled(requests, prices.storageRequestsPer1000 / 1000)
  return {
    currency: prices.currency,
    compute,
    storage,
    total: { low: money(compute.low + storage.low), high: money(compute.high + storage.high) },
  }
}

/** What a run takes that finds nothing. */
function idleOf(history: readonly RunRecord[]): Band | null {
  const idle = history.flatMap(({ status, startedAtMs, endedAtMs }) =>
    status === 'nothing-new' && endedAtMs !== null ? [Math.max(0, endedAtMs - startedAtMs)] : [],
  )
  return idle.length === 0 ? null : { low: Math.min(...idle), high: Math.max(...idle) }
}

function scaled({ low, high }: Band, factor: number): Band {
  return { low: money(low * factor), high: money(high * factor) }
}

/** To a millionth: a run may cost less than a cent. */
function money(amount: number): number {
  return Math.round(amount * 1e6) / 1e6
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function deviation(values: readonly number[], mean: number): number {
  return values.length < 2 ? mean : Math.sqrt(sumOf(values.map((value) => (value - mean) ** 2)) / (values.length - 1))
}
