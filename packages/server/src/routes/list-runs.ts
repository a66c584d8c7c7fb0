/**
 * Jobs of the daemon and runs of the command line in one list, newest first.
 *
 *   (1) The key of an item is (time, id): when the job was made, or the run began. A cursor is the key of the last item that
 *       was given, so that what comes meanwhile shifts nothing.
 *   (2) A run of the pipeline that is an attempt of a job is not listed by itself.
 *   (3) What a filter leaves out is left out by the database: who asks for triggers without `cli` asks no run of the command line.
 */
import type { JobState, JobTrigger } from '@tidegate/core'
import type { State } from '@tidegate/state'
import { z } from 'zod'
import { readCursor, writeCursor } from './cursor.ts'
import { statusesOf, toCliRun, toRun, type RunView } from './run-view.ts'

export interface RunFilter {
  readonly limit: number
  readonly after?: string | undefined
  readonly source?: string | undefined
  readonly schedule?: string | undefined
  readonly states?: readonly JobState[] | undefined
  readonly triggers?: readonly JobTrigger[] | undefined
  readonly sinceMs?: number | undefined
}

type Reader = Pick<State, 'listJobs' | 'listRunsWithoutJob'>

interface Key {
  readonly timeMs: number
  readonly id: string
}

interface Found extends Key {
  readonly view: RunView
  /** Of the page of jobs in which it stands. */
  readonly jobsFrom: string | undefined
}

/** Time and id of the last item; where in the list of jobs to go on. */
const place = z.tuple([z.int(), z.string().regex(/^[^\0]*$/), z.string().nullable()])
/** After all that is now or has been. */
const LATEST: Key = { timeMs: Number.MAX_SAFE_INTEGER - 1, id: '\u{10FFFF}' }

export async function listRunPage(
  reader: Reader,
  filter: RunFilter,
): Promise<{ readonly items: readonly RunView[]; readonly next: string | null }> {
  const { limit, sinceMs } = filter
  const [timeMs, id, from] =
    filter.after === undefined ? [LATEST.timeMs, LATEST.id, null] : readCursor(filter.after, place)
  const after = { timeMs, id }
  const jobs = await jobsAfter(reader, filter, after, from ?? undefined)
  // What the command line did before the last job of a full page comes on a later one.
  const untilMs = jobs[limit]?.timeMs ?? 0
  const runs = asksCommandLine(filter)
    ? await cliRunsAfter(reader, { ...filter, sinceMs: Math.max(sinceMs ?? 0, untilMs) }, after)
    : []
  const found = [...jobs, ...runs].sort((left, right) => (comesBefore(left, right) ? -1 : 1))
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  const jobsFrom = shown.findLast((one) => one.jobsFrom !== undefined)?.jobsFrom ?? from
  return {
    items: shown.map(({ view }) => view),
    next: last === undefined || found.length <= limit ? null : writeCursor([last.timeMs, last.id, jobsFrom]),
  }
}

/** One more than a page has, so that its end is known. */
async function jobsAfter(
  reader: Reader,
  { limit, source, schedule, states, triggers, sinceMs }: RunFilter,
  key: Key,
  from: string | undefined,
): Promise<readonly Found[]> {
  const found: Found[] = []
  const page = { limit: Math.min(200, limit + 1), source, schedule, states, triggers, sinceMs }
  for (let after = from; ;) {
    const { items, next } = await reader.listJobs({ ...page, after })
    for (const job of items) {
      const own = { timeMs: job.createdAtMs, id: job.id }
      if (comesBefore(key, own)) found.push({ ...own, view: toRun(job), jobsFrom: after })
    }
    if (next === null || found.length > limit) return found.slice(0, limit + 1)
    after = next
  }
}

/** What the command line did has no schedule, and waits for nothing. */
function asksCommandLine({ schedule, states, triggers }: RunFilter): boolean {
  if (schedule !== undefined || triggers?.includes('cli') === false) return false
  return states === undefined || statusesOf(states).length > 0
}

async function cliRunsAfter(
  reader: Reader,
  { limit, source, states, sinceMs }: RunFilter,
  { timeMs, id }: Key,
): Promise<readonly Found[]> {
  const runs = await reader.listRunsWithoutJob({
    limit: limit + 1,
    before: { startedAtMs: timeMs, id },
    source,
    statuses: states === undefined ? undefined : statusesOf(states),
    sinceMs,
  })
  return runs.map((run) => ({ timeMs: run.startedAtMs, id: run.id, view: toCliRun(run), jobsFrom: undefined }))
}

function comesBefore(left: Key, right: Key): boolean {
  return left.timeMs === right.timeMs ? left.id > right.id : left.timeMs > right.timeMs
}
