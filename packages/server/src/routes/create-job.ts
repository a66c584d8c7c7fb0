import type { JobCommand, JobRecord, JsonValue } from '@tidegate/core'
import type { Services } from '../services.ts'

export interface AskedJob {
  readonly command: JobCommand
  readonly source: string
  readonly args: Readonly<Record<string, JsonValue>>
  readonly by: string
}

/** A job that somebody asked for, to be started as soon as its source is free. Retries are those of the source's schedule. */
export async function createJob(services: Services, { command, source, args, by }: AskedJob): Promise<JobRecord> {
  const nowMs = services.nowMs()
  const schedule = services.config().sources.find(({ name }) => name === source)?.schedule
  const job = {
    id: services.newId(),
    command,
    source,
    trigger: 'api' as const,
    schedule: null,
    instantMs: null,
    createdBy: by,
    createdAtMs: nowMs,
    notBeforeMs: nowMs,
    args,
    maxAttempts: schedule?.retries.maxAttempts ?? 1,
    expiryMs: schedule?.expiryMs ?? null,
  }
  await services.state.createJob(job)
  services.wake('runner')
  return {
    ...job,
    state: 'queued',
    failedAttempts: 0,
    attempts: 0,
    startedAtMs: null,
    endedAtMs: null,
    errorCode: null,
    errorMessage: null,
    cancelRequestedAtMs: null,
    cancelRequestedBy: null,
    summary: null,
  }
}
