import type { IngestionRecord } from '@tidegate/core'
import { RequestProblem } from '../http/problem.ts'
import type { Services } from '../services.ts'
import { problemsOf } from './check-entry.ts'
import type { KnownIngestion } from './ingestion-view.ts'

/** All of them by name: those of the configuration, and those of the state that break a rule by now. */
export async function findIngestions(services: Services): Promise<readonly KnownIngestion[]> {
  const records = new Map((await services.state.listIngestions()).map((record) => [record.id, record]))
  const sources = services.config().sources
  const names = new Set([...sources.map(({ name }) => name), ...records.keys()])
  return readKnown(services, [...names].toSorted(), records)
}

/** @throws RequestProblem 404 `INGESTION_UNKNOWN` */
export async function findIngestion(services: Services, id: string): Promise<KnownIngestion> {
  const record = await services.state.getIngestion(id)
  const records = new Map(record === undefined ? [] : [[id, record]])
  const isKnown = record !== undefined || services.config().sources.some(({ name }) => name === id)
  const [found] = isKnown ? await readKnown(services, [id], records) : []
  if (found !== undefined) return found
  throw new RequestProblem(404, 'INGESTION_UNKNOWN', 'There is no ingestion of this name.')
}

async function readKnown(
  services: Services,
  names: readonly string[],
  records: ReadonlyMap<string, IngestionRecord>,
): Promise<readonly KnownIngestion[]> {
  const { state } = services
  const config = services.config()
  const sources = new Map(config.sources.map((source) => [source.name, source]))
  const nowMs = services.nowMs()
  const [schedules, newest, open] = await Promise.all([
    state.listSchedules(),
    // None of the window, so of each source the newest alone.
    state.factRuns({ sinceMs: nowMs + 1, untilMs: nowMs + 1, sources: names }, 1, names.length),
    state.openJobs(),
  ])
  const kept = new Map(schedules.map((schedule) => [schedule.id, schedule]))
  const runs = new Map(newest.items.map((run) => [run.source, run]))
  return names.map((id) => {
    const source = sources.get(id)
    // One of the file hides a record of the same name.
    const record = source?.origin === 'file' ? undefined : records.get(id)
    return {
      id,
      source,
      record,
      schedule: kept.get(`ingest:${id}`),
      lastRun: runs.get(id),
      openRun: open.find((job) => job.source === id)?.id,
      problems: source === undefined && record !== undefined ? problemsOf(config, id, record.entry) : [],
    }
  })
}
