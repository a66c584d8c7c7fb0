import { createHash } from 'node:crypto'
import type { JobTrigger, NewJob, ScheduleRecord } from '@tidegate/core'

/** The job that a tick becomes. All of it but `createdAtMs` follows from schedule and instant. */
export function jobOf(schedule: ScheduleRecord, instantMs: number, trigger: JobTrigger, nowMs: number): NewJob {
  const { config, command, subject } = schedule
  return {
    id: jobIdOf(schedule.id, instantMs),
    command,
    source: command === 'ingest' ? subject : '',
    trigger,
    schedule: schedule.id,
    instantMs,
    createdBy: 'schedule',
    createdAtMs: nowMs,
    notBeforeMs: instantMs + jitterOf(schedule.id, instantMs, config.jitterMs),
    args: command === 'digest' ? { channel: subject } : {},
    maxAttempts: config.retries.maxAttempts,
    expiryMs: config.expiryMs ?? null,
  }
}

/**
 * `20261121T081500-5d41402abc4b`: sorts by time, and the same tick can only make the same job.
 *
 * Twelve digits of the hash: with eight, a thousand schedules of the same hour would have two of one name once a year.
 */
export function jobIdOf(schedule: string, instantMs: number): string {
  const time = new Date(instantMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')
  return `${time}-${hashOf(schedule, instantMs).slice(0, 12)}`
}

/** The share of `jitterMs` by which this instant starts later, in whole milliseconds. */
export function jitterOf(schedule: string, instantMs: number, jitterMs: number): number {
  const share = Number.parseInt(hashOf(schedule, instantMs).slice(12, 24), 16) / 2 ** 48
  return Math.floor(share * jitterMs)
}

function hashOf(schedule: string, instantMs: number): string {
  return createHash('sha256')
    .update(`${schedule}|${String(instantMs)}`)
    .digest('hex')
}
