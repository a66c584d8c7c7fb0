/**
 * Jobs of the daemon and runs of the command line in one list, newest first.
 *
 *   (1) The key of an item is (time, id): when the job was made, or the run began. A cursor is the key of the last item that
 *       was given, so that what comes meanwhile shifts nothing.
 *   (2) A run of the pipeline that is an attempt of a job is not listed by itself.
 *   (3) A page looks at a bounded number of runs; where a filter leaves few of them, it is short, and `next` goes on.
 */
import type { JobState, RunRecord } from '@tidegate/core'
import type { State } from '@tidegate/state'
import { z } from 'zod'
import { readCursor, writeCursor } from './cursor.ts'
import { stateOfStatus, toCliRun, toRun, type RunView } from './run-view.ts'

export interface RunFilter {
  readonly limit: number
  readonly after?: string | undefined
  readonly source?: string | undefined
  readonly schedule?: string | undefined
  readonly states?: readonly JobState[] | undefined
  readonly sinceMs?: number | undefined
}

type Reader = Pick<State, 'listJobs' | 'attemptsOfRuns' | 'factRuns'>

interface Key {
  readonly timeMs: number
  readonly id: string
}

interface Found extends Key {
  readonly view: RunView | undefined
  /** Of the page of jobs in which it stands. */
  readonly jobsFrom: string | undefined
}

/** Time and id of the last item; where in the list of jobs to go on. */
const place = z.tuple([z.int(), z.string(), z.string().nullable()])
const MOST_LOOKED_AT = 5000
/** After all that is now or has been. */
const LATEST: Key = { timeMs: Number.MAX_SAFE_INTEGER - 1, id: '\u{10FFFF}' }

export async function listRunPage(
  reader: Reader,
  filter: RunFilter,
): Promise<{ readonly items: readonly RunView[]; readonly next: string | null }> {
  const [timeMs, id, from] =
    filter.after === undefined ? [LATEST.timeMs, LATEST.id, null] : readCursor(filter.after, place)
  const after = { timeMs, id }
  const jobs = jobsAfter(reader, filter, after, from ?? undefined)
  // A run that nobody scheduled has no schedule to be found by.
  const runs = filter.schedule === undefined ? cliRunsAfter(reader, filter, after) : nothing()
  const items: RunView[] = []
  let last: Key = after
  let jobsFrom = from ?? undefined
  let [job, run] = [await jobs.next(), await runs.next()]
  for (let looked = 0; items.length < filter.limit && looked < MOST_LOOKED_AT; looked += 1) {
    const isJob = run.done === true || (job.done !== true && comesBefore(job.value, run.value))
    const found = isJob ? job : run
    if (found.done === true) return { items, next: null }
    last = found.value
    if (found.value.view !== undefined) items.push(found.value.view)
    if (isJob) {
      jobsFrom = found.value.jobsFrom
      job = await jobs.next()
    } else run = await runs.next()
  }
  const isEnd = job.done === true && run.done === true
  return { items, next: isEnd ? null : writeCursor([last.timeMs, last.id, jobsFrom ?? null]) }
}

async function* jobsAfter(
  reader: Reader,
  { limit, source, schedule, states, sinceMs }: RunFilter,
  key: Key,
  from: string | undefined,
): AsyncGenerator<Found, undefined> {
  for (let after = from; ;) {
    const page = await reader.listJobs({ limit: pageFor(limit), after, source, schedule, states, sinceMs })
    for (const job of page.items) {
      const found = { timeMs: job.createdAtMs, id: job.id }
      if (comesBefore(key, found)) yield { ...found, view: toRun(job), jobsFrom: after }
    }
    if (page.next === null) return
    after = page.next
  }
}

async function* cliRunsAfter(
  reader: Reader,
  { limit: wanted, source, states, sinceMs = 0 }: RunFilter,
  key: Key,
): AsyncGenerator<Found, undefined> {
  const sources = source === undefined ? undefined : [source]
  let last = key
  for (let limit = pageFor(wanted); ;) {
    const { items } = await reader.factRuns({ sinceMs, untilMs: last.timeMs + 1, sources }, 0, limit)
    const fresh = items.filter((run) => comesBefore(last, { timeMs: run.startedAtMs, id: run.id }))
    const attempts = new Set((await reader.attemptsOfRuns(fresh.map(({ id }) => id))).map(({ run }) => run))
    for (const run of fresh) {
      last = { timeMs: run.startedAtMs, id: run.id }
      const isWanted = !attempts.has(run.id) && isIn(run, states)
      yield { ...last, view: isWanted ? toCliRun(run) : undefined, jobsFrom: undefined }
    }
    if (items.length < limit) return
    // So many began in the same millisecond that none was new.
    limit = fresh.length === 0 ? limit * 2 : pageFor(wanted)
  }
}

/** Not many statements where a filter leaves little, not many rows where little is asked. */
function pageFor(limit: number): number {
  return Math.min(200, Math.max(20, limit + 1))
}

function isIn(run: RunRecord, states: readonly JobState[] | undefined): boolean {
  return states?.includes(stateOfStatus(run.status)) ?? true
}

async function* nothing(): AsyncGenerator<Found, undefined> {}

function comesBefore(left: Key, right: Key): boolean {
  return left.timeMs === right.timeMs ? left.id > right.id : left.timeMs > right.timeMs
}
