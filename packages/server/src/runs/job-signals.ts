import type { AlertSignal, AttemptRecord, JobRecord, JobState } from '@tidegate/core'

const CAME_TO_AN_END: ReadonlySet<JobState> = new Set<JobState>(['ok', 'nothing-new', 'gate-failed', 'partial'])

/**
 * What an attempt's end says to the alerts: a job that gave up is told; a later one that comes to its end takes that back.
 * What is asked of one source by hand (a replay) says nothing of its ingests: it takes back only what itself raised.
 */
export function jobSignals(
  job: Pick<JobRecord, 'id' | 'command' | 'source'>,
  attempt: Pick<AttemptRecord, 'attempt' | 'run'>,
  state: JobState,
  errorCode: string | null,
  nowMs: number,
): readonly AlertSignal[] {
  const isOwn = job.command === 'ingest' || job.source === '' || attempt.attempt > 1
  const effect = state === 'dead' ? 'raise' : CAME_TO_AN_END.has(state) && isOwn ? 'resolve' : undefined
  if (effect === undefined) return []
  return [
    {
      key: `job_dead:${job.id}:${attempt.attempt}:${effect}`,
      kind: 'job_dead',
      effect,
      // Jobs of the whole project have no source, and one of them says nothing of the others.
      source: job.source === '' ? job.command : job.source,
      dataset: null,
      severity: 'critical',
      run: attempt.run,
      atMs: nowMs,
      detail: { job: job.id, command: job.command, attempts: attempt.attempt, code: errorCode },
    },
  ]
}
