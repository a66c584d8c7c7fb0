import type { JobRecord, TickRecord } from '@tidegate/core'
import type { KilledDay } from './kill-day.ts'
import { dueByHand, type KnownSchedule } from './thousand-schedules.ts'

/** Everything that is wrong with a day, in words; empty where each instant has one tick and each started tick one run. */
export function judgeDay(day: KilledDay, schedules: readonly KnownSchedule[]): readonly string[] {
  const ticks = Map.groupBy(
    day.ticks.filter(({ instantMs }) => instantMs <= day.endMs),
    ({ schedule }) => schedule,
  )
  const jobs = new Map(day.jobs.map((job) => [job.id, job]))
  const wanted = schedules.flatMap((schedule) => {
    const found = (ticks.get(schedule.id) ?? []).toSorted((a, b) => a.instantMs - b.instantMs)
    return judgeSchedule(day, schedule, found, jobs)
  })
  const started = new Set(day.ticks.flatMap(({ job }) => job ?? []))
  const strangers = day.jobs.filter(({ id }) => !started.has(id)).map(({ id }) => `${id}: a job without a tick`)
  return [...wanted, ...strangers]
}

function judgeSchedule(
  day: KilledDay,
  schedule: KnownSchedule,
  ticks: readonly TickRecord[],
  jobs: ReadonlyMap<string, JobRecord>,
): readonly string[] {
  const due = dueByHand(schedule, day.startMs, day.endMs)
  const decided = ticks.map(({ instantMs }) => instantMs)
  const wrong: string[] = []
  if (decided.join(' ') !== due.join(' ')) wrong.push(`${schedule.id}: due ${show(due)}, decided ${show(decided)}`)
  const { catchUp, overlap } = schedule.config
  for (const tick of ticks) {
    const name = `${schedule.id} ${show([tick.instantMs])}`
    if (tick.count !== 1) wrong.push(`${name}: stands for ${String(tick.count)}`)
    if (tick.state === 'started') wrong.push(...judgeJob(day, name, overlap === 'replace', jobs.get(tick.job ?? '')))
    else if (tick.job !== null) wrong.push(`${name}: a job, and it is ${tick.state}`)
    else if (catchUp === 'all') wrong.push(`${name}: ${tick.state} (${tick.reason ?? ''})`)
  }
  return wrong
}

function judgeJob(day: KilledDay, name: string, mayBeReplaced: boolean, job: JobRecord | undefined): readonly string[] {
  if (job === undefined) return [`${name}: no job`]
  const attempts = day.attempts.get(job.id) ?? []
  const ends = attempts.map(({ outcome }) => outcome)
  if (mayBeReplaced && job.state === 'cancelled' && !ends.includes('ok')) return []
  const isOnce = job.state === 'ok' && ends.filter((end) => end === 'ok').length === 1 && ends.at(-1) === 'ok'
  const isCounted = attempts.every(({ attempt }, index) => attempt === index + 1)
  const isKnown = ends.every((end) => end === 'ok' || end === 'failed' || end === 'interrupted')
  return isOnce && isCounted && isKnown ? [] : [`${name}: ${job.state} after ${ends.join(', ')}`]
}

function show(instants: readonly number[]): string {
  return instants.map((instant) => new Date(instant).toISOString()).join(' ')
}
