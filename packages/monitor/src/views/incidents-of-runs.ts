/** Runs that failed, that the gate stopped, or that were done in part. */
import type { RunRecord } from '@tidegate/core'
import type { Facts } from '../facts.ts'
import { groupBy } from '../figures.ts'
import { shellWord } from '../shell-word.ts'
import { suggestFix } from '../suggest-fix.ts'
import { amount, count } from '../wording.ts'
import { isLoading } from './facets.ts'
import type { FoundIncident } from './found-incident.ts'
import { linkTo } from './link.ts'

export function findRunIncidents(facts: Facts): readonly FoundIncident[] {
  const ended = facts.runs.items.filter(
    (run) => isLoading(run) && run.status !== 'running' && run.startedAtMs < facts.untilMs,
  )
  return Array.from(groupBy(ended, ({ source }) => source).values()).flatMap((runs) => [
    ...streakOf(runs, facts, (run) => troubleOf(run) === 'run-failed', 'run-failed'),
    ...streakOf(runs, facts, (run) => troubleOf(run) === 'gate-failed', 'gate-failed'),
  ])
}

function troubleOf({ status }: RunRecord): 'run-failed' | 'gate-failed' | undefined {
  if (status === 'failed' || status === 'partial' || status === 'interrupted') return 'run-failed'
  return status === 'gate-failed' ? 'gate-failed' : undefined
}

/**
 * The newest runs in a row with this trouble. Open where nothing ran since, else resolved by the run after it.
 */
function streakOf(
  newestFirst: readonly RunRecord[],
  { sinceMs }: Facts,
  isTrouble: (run: RunRecord) => boolean,
  kind: 'run-failed' | 'gate-failed',
): readonly FoundIncident[] {
  const start = newestFirst.findIndex(isTrouble)
  if (start === -1) return []
  const after = newestFirst[start - 1]
  const rest = newestFirst.slice(start)
  const length = rest.findIndex((run) => !isTrouble(run))
  const streak = length === -1 ? rest : rest.slice(0, length)
  const last = streak[0]
  const first = streak.at(-1)
  if (last === undefined || first === undefined) return []
  const isOpen = after === undefined
  if (!isOpen && last.startedAtMs < sinceMs) return []
  return [describeStreak(kind, streak, last, first, after)]
}

function describeStreak(
  kind: 'run-failed' | 'gate-failed',
  streak: readonly RunRecord[],
  last: RunRecord,
  first: RunRecord,
  after: RunRecord | undefined,
): FoundIncident {
  const { source } = last
  const isOpen = after === undefined
  const code = last.errorCode ?? (last.status === 'failed' ? 'UNKNOWN' : last.status)
  const times = streak.length === 1 ? 'the last run' : `the last ${count(streak.length)} runs`
  const told =
    kind === 'gate-failed'
      ? {
          title:
            last.filesHeld === 0
              ? `${source}: files wait for a contract`
              : `${source}: the gate held ${amount(last.filesHeld, 'file')}`,
          evidence: `the gate stopped ${isOpen ? times : amount(streak.length, 'run')}; it held ${count(last.filesHeld)} of ${count(last.filesSeen)} files`,
          suggestion:
            last.filesHeld === 0
              ? 'Learn a contract with `tidegate profile`, then run the source again.'
              : 'Look at what was held and why; release it, or ask the sender to send it again.',
          command:
            last.filesHeld === 0
              ? `tidegate profile ${shellWord(source)}`
              : `tidegate quarantine ls --source ${shellWord(source)}`,
        }
      : {
          title: `${source}: ${titleOf(last, streak.length)}`,
          evidence: `${isOpen ? times : amount(streak.length, 'run')} ended ${last.status} (${code})`,
          suggestion: suggestFix({ kind: 'run', code, source }),
          command: `tidegate history ${shellWord(source)}`,
        }
  return {
    kind,
    about: '',
    severity: kind === 'gate-failed' || last.status === 'failed' ? 'critical' : 'warning',
    status: isOpen ? 'open' : 'resolved',
    source,
    dataset: null,
    ...told,
    since: first.endedAtMs ?? first.startedAtMs,
    until: after === undefined ? null : (after.endedAtMs ?? after.startedAtMs),
    lastSeenAt: last.endedAtMs ?? last.startedAtMs,
    occurrences: streak.length,
    link: linkTo('runs', { source, status: last.status }),
    fields: [
      { name: 'run', value: last.id },
      ...(kind === 'run-failed' ? [{ name: 'code', value: code }] : [{ name: 'held', value: count(last.filesHeld) }]),
    ],
  }
}

function titleOf({ status }: RunRecord, streak: number): string {
  const times = streak > 1 ? `, ${count(streak)} times in a row` : ''
  if (status === 'partial') return `the run was done in part${times}`
  return status === 'interrupted' ? `the run was interrupted${times}` : `the run failed${times}`
}
