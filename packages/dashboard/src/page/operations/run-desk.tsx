import type { JSX } from 'preact'
import { moment } from '../format/times.ts'
import { nowMs } from '../state/app.ts'
import { Name, When } from '../ui/number.tsx'
import { runHealth, Status } from '../ui/status.tsx'
import { Act } from './act.tsx'
import { callApi, hasOperations } from './api.ts'
import { DeskCard } from './desk-card.tsx'

interface Run {
  readonly id: string
  readonly command: string
  readonly source: string
  readonly state: string
  readonly createdAt: string
  readonly createdBy: string
  readonly attemptCount: number
  readonly maxAttempts: number
  readonly cancelRequestedAt: string | null
  readonly error: { readonly code: string; readonly message: string | null } | null
}

interface Schedule {
  readonly id: string
  readonly state: 'active' | 'paused' | 'gone'
  readonly timezone: string
  readonly rule: {
    readonly trigger:
      | { readonly kind: 'cron'; readonly cron: string }
      | { readonly kind: 'interval'; readonly everyMs: number }
      | { readonly kind: 'arrival'; readonly pollMs: number }
  }
  readonly next: readonly string[]
  readonly pausedBy: string | null
}

const UNDER_WAY: ReadonlySet<string> = new Set(['queued', 'running', 'retrying'])
const AGAIN: ReadonlySet<string> = new Set(['dead', 'cancelled', 'gate-failed', 'partial'])
/** Those of the command line are in the list of runs; the daemon does not drive them. */
const ASKED = new URLSearchParams([
  ...[...UNDER_WAY, ...AGAIN].map((state) => ['state', state]),
  ...['schedule', 'catch-up', 'arrival', 'api'].map((trigger) => ['trigger', trigger]),
]).toString()

/** Runs that the daemon drives, and what it starts when. */
export function RunDesk(): JSX.Element | null {
  if (!hasOperations.value) return null
  return (
    <>
      <DeskCard<Run>
        title="Under way and given up"
        path={`runs?${ASKED}`}
        summary="Runs of the daemon that wait or work, and those that ended without success. Newest first."
        none="Nothing waits, works or was given up"
        columns={[
          {
            label: 'Asked for',
            kind: 'nowrap',
            value: (row) => row.createdAt,
            cell: (row) => <When at={row.createdAt} />,
          },
          {
            label: 'Source',
            value: (row) => row.source,
            cell: (row) => <Name text={row.source} link={{ page: 'runs', params: { source: row.source } }} />,
          },
          { label: 'Command', value: (row) => row.command },
          {
            label: 'State',
            value: (row) => row.state,
            cell: (row) => <Status health={stateHealth(row.state)} word={stateWord(row)} />,
          },
          { label: 'Try', kind: 'number', value: (row) => row.attemptCount, cell: triesOf },
          { label: 'By', value: (row) => row.createdBy, cell: (row) => <Name text={row.createdBy} /> },
          {
            label: 'Said',
            kind: 'text',
            value: (row) => row.error?.code,
            cell: (row) => (row.error === null ? null : <Name text={row.error.message ?? row.error.code} />),
          },
          { label: 'Actions', kind: 'acts', value: () => null, cell: (row) => <RunActs run={row} /> },
        ]}
      />
      <DeskCard<Schedule>
        title="Schedules"
        path="schedules"
        summary="The next instants in UTC. What is resumed goes on from now: what was due meanwhile is not caught up."
        none="Nothing is scheduled"
        columns={[
          { label: 'Schedule', value: (row) => row.id, cell: (row) => <Name text={row.id} /> },
          { label: 'When', value: ruleOf, cell: (row) => <Name text={ruleOf(row)} /> },
          {
            label: 'State',
            value: (row) => row.state,
            cell: (row) => (row.pausedBy === null ? row.state : `paused by ${row.pausedBy}`),
          },
          {
            label: 'Next',
            value: (row) => row.next[0],
            cell: (row) =>
              row.next
                .slice(0, 3)
                .map((at) => moment(at, nowMs.value))
                .join(', ') || '–',
          },
          { label: 'Actions', kind: 'acts', value: () => null, cell: (row) => <ScheduleAct schedule={row} /> },
        ]}
      />
    </>
  )
}

function triesOf({ attemptCount, maxAttempts }: Run): string {
  return `${attemptCount} of ${maxAttempts}`
}

function stateHealth(state: string): 'ok' | 'unknown' | 'warn' | 'bad' {
  if (state === 'dead') return 'bad'
  return UNDER_WAY.has(state) || state === 'cancelled' ? 'unknown' : runHealth(state)
}

function stateWord({ state, cancelRequestedAt }: Run): string {
  return UNDER_WAY.has(state) && cancelRequestedAt !== null ? 'is to stop' : state
}

function RunActs({ run }: { run: Run }): JSX.Element | null {
  const id = encodeURIComponent(run.id)
  const of = `${run.command} of ${run.source}`
  if (AGAIN.has(run.state))
    return <Act label="Retry" of={of} needs="run" run={() => callApi('POST', `runs/${id}/retry`)} />
  if (!UNDER_WAY.has(run.state) || run.cancelRequestedAt !== null) return null
  return <Act label="Cancel" of={of} needs="run" isGrave run={() => callApi('POST', `runs/${id}/cancel`)} />
}

function ruleOf({ rule: { trigger }, timezone }: Schedule): string {
  if (trigger.kind === 'cron') return `${trigger.cron} (${timezone})`
  if (trigger.kind === 'interval') return `every ${secondsOf(trigger.everyMs)}`
  return `when files arrive, looked for every ${secondsOf(trigger.pollMs)}`
}

function secondsOf(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`
}

function ScheduleAct({ schedule }: { schedule: Schedule }): JSX.Element | null {
  const id = encodeURIComponent(schedule.id)
  if (schedule.state === 'gone') return null
  return schedule.state === 'paused' ? (
    <Act label="Resume" of={schedule.id} needs="run" run={() => callApi('POST', `schedules/${id}/resume`)} />
  ) : (
    <Act label="Pause" of={schedule.id} needs="run" run={() => callApi('POST', `schedules/${id}/pause`)} />
  )
}
