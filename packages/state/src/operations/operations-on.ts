import type { Operations } from '@tidegate/core'
import type { Kysely } from 'kysely'
import type { IsAlive } from '../lease.ts'
import type { Schema } from '../schema.ts'
import { metricSums } from '../facts/metric-sums.ts'
import { markDelivered, markFailed, nextNoticeAtMs, sentSince, takeNotices } from '../outbox.ts'
import { getRun } from '../runs.ts'
import { alertRevision } from './alert-revision.ts'
import { acknowledgeAlert, getAlert, listAlerts, listDecisions, listGroups, openAlerts } from './alerts.ts'
import { applyAlertStep } from './apply-alert-step.ts'
import { addAudit, listAudit } from './audit.ts'
import { redriveJob, requestCancel } from './cancel-job.ts'
import { beatAttempt, claimJob } from './claim-job.ts'
import { addDelivery, listDeliveries } from './deliveries.ts'
import { adoptOrphans, endAttempt } from './end-attempt.ts'
import { beginIdempotent, endIdempotent } from './idempotency.ts'
import { createIngestion, deleteIngestion, getIngestion, listIngestions, updateIngestion } from './ingestions.ts'
import { addJobEvents, listJobEvents } from './job-events.ts'
import { attemptsOfRuns, createJob, getJob, listAttempts, listJobs, openJobs } from './jobs.ts'
import { listRunsWithoutJob } from './runs-without-job.ts'
import { listSchedules, pauseSchedule, saveSchedules } from './schedules.ts'
import { addSignals, pendingSignals } from './signals.ts'
import { setBackSchedules } from './set-back-schedules.ts'
import { createSilence, endSilence, listSilences } from './silences.ts'
import { decideTicks, listTicks, ticksAhead } from './ticks.ts'
import {
  createSession,
  createToken,
  deleteSession,
  getSession,
  getToken,
  listTokens,
  revokeToken,
  touchToken,
} from './tokens.ts'

/** What the daemon keeps, on an open database. */
export function operationsOn(db: Kysely<Schema>, nowMs: () => number, isAlive: IsAlive): Operations {
  return {
    listSchedules: async () => listSchedules(db),
    saveSchedules: async (schedules, atMs) => saveSchedules(db, schedules, atMs),
    pauseSchedule: async (id, by, atMs) => pauseSchedule(db, id, by, atMs),
    decideTicks: async (decisions, leader, atMs) => decideTicks(db, decisions, leader, atMs),
    setBackSchedules: async (range, leader, atMs) => setBackSchedules(db, range, leader, atMs),
    ticksAhead: async (limit) => ticksAhead(db, limit),
    listTicks: async (filter) => listTicks(db, filter),

    createJob: async (job) => createJob(db, job),
    getJob: async (id) => getJob(db, id),
    listJobs: async (filter) => listJobs(db, filter),
    openJobs: async (schedule) => openJobs(db, schedule),
    listAttempts: async (job) => listAttempts(db, job),
    attemptsOfRuns: async (runs) => attemptsOfRuns(db, runs),
    listRunsWithoutJob: async (filter) => listRunsWithoutJob(db, filter),
    getRun: async (id) => getRun(db, id),
    claimJob: async (claim) => claimJob(db, claim),
    beatAttempt: async (job, attempt, atMs) => beatAttempt(db, job, attempt, atMs),
    endAttempt: async (job, attempt, end, atMs) => endAttempt(db, job, attempt, end, atMs),
    adoptOrphans: async (atMs, staleMs) => adoptOrphans(db, isAlive, atMs, staleMs),
    requestCancel: async (id, by, atMs) => requestCancel(db, id, by, atMs),
    redriveJob: async (id, by, atMs) => redriveJob(db, id, by, atMs),
    addJobEvents: async (job, events) => addJobEvents(db, job, events),
    listJobEvents: async (job, afterSeq, limit) => listJobEvents(db, job, afterSeq, limit),

    listIngestions: async () => listIngestions(db),
    getIngestion: async (id) => getIngestion(db, id),
    createIngestion: async (record) => createIngestion(db, record),
    updateIngestion: async (id, change, atMs) => updateIngestion(db, id, change, atMs),
    deleteIngestion: async (id, ifVersion) => deleteIngestion(db, id, ifVersion),

    createToken: async (token) => createToken(db, token),
    getToken: async (id) => getToken(db, id),
    listTokens: async () => listTokens(db),
    revokeToken: async (id, atMs) => revokeToken(db, id, atMs),
    touchToken: async (id, atMs) => touchToken(db, id, atMs),
    createSession: async (session) => createSession(db, session),
    getSession: async (hash) => getSession(db, hash),
    deleteSession: async (hash) => deleteSession(db, hash),
    addAudit: async (record) => addAudit(db, record),
    listAudit: async (filter) => listAudit(db, filter),
    beginIdempotent: async (record) => beginIdempotent(db, record),
    endIdempotent: async (actor, key, status, body) => endIdempotent(db, actor, key, status, body),

    addSignals: async (signals) => addSignals(db, signals),
    pendingSignals: async (limit) => pendingSignals(db, limit),
    openAlerts: async () => openAlerts(db),
    getAlert: async (id) => getAlert(db, id),
    listAlerts: async (filter) => listAlerts(db, filter),
    listGroups: async () => listGroups(db),
    applyAlertStep: async (step) => applyAlertStep(db, step),
    alertRevision: async () => alertRevision(db),
    acknowledgeAlert: async (id, by, note, atMs) => acknowledgeAlert(db, id, by, note, atMs),
    listDecisions: async (alert) => listDecisions(db, alert),
    createSilence: async (silence) => createSilence(db, silence),
    listSilences: async () => listSilences(db, nowMs()),
    endSilence: async (id, atMs) => endSilence(db, id, atMs),
    addDelivery: async (record) => addDelivery(db, record),
    listDeliveries: async (filter) => listDeliveries(db, filter),

    takeNotices: async (limit, atMs, except) => takeNotices(db, limit, atMs, except),
    markDelivered: async (key, atMs) => markDelivered(db, key, atMs),
    markFailed: async (key, atMs, error, nextAtMs) => markFailed(db, key, atMs, error, nextAtMs),
    nextNoticeAtMs: async () => nextNoticeAtMs(db),
    metricSums: async () => metricSums(db),
    sentSince: async (sinceMs) => sentSince(db, sinceMs),
  }
}
