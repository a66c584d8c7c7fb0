/** Runs that failed, that the gate stopped, or that were done in part. */
import type { RunRecord } from '@tidegate/core'
import type { Facts } from '../facts.ts'
import { groupBy } from '../figures.ts'
import { shellWord } from '../shell-word.ts'
import { suggestFix } from '../suggest-fix.ts'
import { amount, count } from '../wording.ts'
import { heldOfNew, isLoading } from './facets.ts'
import type { FoundIncident } from './found-incident.ts'
import { linkTo } from './link.ts'

export function findRunIncidents(facts: Facts): readonly FoundIncident[] {
  const ended = facts.runs.items.filter(
    (run) => isLoading(run) && run.status !== 'running' && run.startedAtMs < facts.untilMs,
  )
  return Array.from(groupBy(ended, ({ source }) => source).values()).flatMap((runs) => [
    ...describe('run-failed', failedStreak(runs), facts),
    ...describe('gate-failed', gateStreak(runs, facts), facts),
  ])
}

/** Newest first; the run that ended it, if any. Open where nothing did. */
interface Streak {
  readonly runs: readonly RunRecord[]
  readonly isOpen: boolean
  readonly endedBy: RunRecord | undefined
}

/** The newest runs in a row that failed or were not done whole. The next run that came to its end is the end of it. */
function failedStreak(newestFirst: readonly RunRecord[]): Streak {
  const start = newestFirst.findIndex(isFailure)
  if (start === -1) return { runs: [], isOpen: false, endedBy: undefined }
  const rest = newestFirst.slice(start)
  const length = rest.findIndex((run) => !isFailure(run))
  const endedBy = newestFirst[start - 1]
  return { runs: length === -1 ? rest : rest.slice(0, length), isOpen: endedBy === undefined, endedBy }
}

function isFailure({ status }: RunRecord): boolean {
  return status === 'failed' || status === 'partial' || status === 'interrupted'
}

/**
 * The newest runs that the gate stopped, with none between that loaded something. A run that found nothing new ends nothing:
 * the files wait until the source loads again, or somebody decided over all of them.
 */
function gateStreak(newestFirst: readonly RunRecord[], facts: Facts): Streak {
  const newest = newestFirst.find(({ status }) => status === 'gate-failed')
  if (newest === undefined) return { runs: [], isOpen: false, endedBy: undefined }
  // Nothing held: files wait for a contract, and a run that finds none of them is the end of it.
  const isEnd = ({ status, filesLoaded }: RunRecord): boolean =>
    filesLoaded > 0 || status === 'ok' || (newest.filesHeld === 0 && status === 'nothing-new')
  const runs: RunRecord[] = []
  let endedBy: RunRecord | undefined
  for (const run of newestFirst) {
    if (run.status === 'gate-failed') runs.push(run)
    else if (isEnd(run)) {
      if (runs.length > 0) break
      endedBy = run
    }
  }
  if (endedBy !== undefined || newest.filesHeld === 0) return { runs, isOpen: endedBy === undefined, endedBy }
  const { held } = facts
  const ids = new Set(runs.map(({ id }) => id))
  const isOpen = held.items.length < held.total || held.items.some(({ run }) => ids.has(run))
  return { runs, isOpen, endedBy: isOpen ? undefined : decisionAfter(newest, facts) }
}

/** The newest run in which a person decided over what was held. */
function decisionAfter({ source, startedAtMs }: RunRecord, { runs }: Facts): RunRecord | undefined {
  return runs.items.find((run) => run.source === source && run.startedAtMs >= startedAtMs && DECISIONS.has(run.command))
}

const DECISIONS: ReadonlySet<string> = new Set(['replay', 'release', 'discard'])

function describe(kind: 'run-failed' | 'gate-failed', streak: Streak, { sinceMs }: Facts): readonly FoundIncident[] {
  const last = streak.runs[0]
  const first = streak.runs.at(-1)
  if (last === undefined || first === undefined) return []
  if (!streak.isOpen && last.startedAtMs < sinceMs) return []
  return [describeStreak(kind, streak, last, first)]
}

function describeStreak(
  kind: 'run-failed' | 'gate-failed',
  { runs, isOpen, endedBy }: Streak,
  last: RunRecord,
  first: RunRecord,
): FoundIncident {
  const { source } = last
  const code = last.errorCode ?? (last.status === 'failed' ? 'UNKNOWN' : last.status)
  const times = runs.length === 1 ? 'the last run' : `the last ${count(runs.length)} runs`
  const told =
    kind === 'gate-failed'
      ? {
          title:
            last.filesHeld === 0
              ? `${source}: files wait for a contract`
              : `${source}: the gate held ${amount(last.filesHeld, 'file')}`,
          evidence: gateEvidence(runs.length, last, isOpen),
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
          title: `${source}: ${titleOf(last, runs.length)}`,
          evidence: `${isOpen ? times : amount(runs.length, 'run')} ended ${last.status} (${code})`,
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
    until: endedBy === undefined ? null : (endedBy.endedAtMs ?? endedBy.startedAtMs),
    lastSeenAt: last.endedAtMs ?? last.startedAtMs,
    occurrences: runs.length,
    link: linkTo('runs', { source, status: last.status }),
    fields: [
      { name: 'run', value: last.id },
      ...(kind === 'run-failed' ? [{ name: 'code', value: code }] : [{ name: 'held', value: count(last.filesHeld) }]),
    ],
  }
}

function gateEvidence(times: number, last: RunRecord, isOpen: boolean): string {
  const stopped = `the gate stopped ${amount(times, 'run')}`
  const held = last.filesHeld === 0 ? '' : `; ${times === 1 ? 'it' : 'the last time it'} held ${heldOfNew(last)}`
  return `${stopped}${held}${isOpen ? '; nothing was loaded since' : ''}`
}

function titleOf({ status }: RunRecord, streak: number): string {
  const times = streak > 1 ? `, ${count(streak)} times in a row` : ''
  if (status === 'partial') return `the run was done in part${times}`
  return status === 'interrupted' ? `the run was interrupted${times}` : `the run failed${times}`
}
