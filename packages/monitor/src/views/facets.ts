/** The four things that a source's health is made of. */
import type { CheckDay, CheckRecord, RunRecord } from '@tidegate/core'
import { dayOf } from '../days.ts'
import { groupBy, keyOf, percentOf } from '../figures.ts'
import { amount, count } from '../wording.ts'
import type { Freshness } from './freshness-view.ts'
import type { Facet } from './overview-view.ts'

export function isLoading({ command }: RunRecord): boolean {
  return command === 'ingest' || command === 'load'
}

/** Runs that ended `ok` or `nothing-new` in percent of those that ended. */
export function successOf(runs: readonly RunRecord[]): number | null {
  const ended = runs.filter(({ status }) => status !== 'running')
  return percentOf(ended.filter(({ status }) => status === 'ok' || status === 'nothing-new').length, ended.length)
}

export function judgeRun(newestFirst: readonly RunRecord[]): Facet {
  const ended = newestFirst.find(({ status }) => status !== 'running')
  if (ended === undefined) {
    return { health: 'unknown', because: newestFirst.length === 0 ? 'it never ran' : 'its first run has not ended' }
  }
  switch (ended.status) {
    case 'ok':
      return { health: 'ok', because: 'the last run ended well' }
    case 'nothing-new':
      return { health: 'ok', because: 'the last run found nothing new' }
    case 'partial':
      return { health: 'warn', because: 'the last run was done in part' }
    case 'interrupted':
      return { health: 'warn', because: 'the last run was interrupted and not continued' }
    case 'gate-failed':
      // Nothing held: the files wait at the gate, because there is no contract to judge them by.
      if (ended.filesHeld === 0) return { health: 'bad', because: 'files wait for a contract: tidegate profile' }
      return { health: 'bad', because: `the gate held ${ended.filesHeld} of ${ended.filesSeen} files of the last run` }
    default:
      return {
        health: 'bad',
        because: `the last run failed${ended.errorCode === null ? '' : ` with ${ended.errorCode}`}`,
      }
  }
}

export function isSchemaCheck({ type, dimension }: CheckDay): boolean {
  return type === 'schema' || dimension === 'schema'
}

/** What the newest run that evaluated a check found: what was mended must not stay red. */
interface LatestCheck {
  readonly severity: CheckDay['severity']
  readonly state: 'passed' | 'failed' | 'error'
}

/**
 * Of one source.
 *
 * @param failed newest first
 * @param runs by id; of a failure whose run is not among them, it stands where nothing later was evaluated on its day
 */
export function latestChecks(
  checks: readonly CheckDay[],
  failed: readonly CheckRecord[],
  runs: ReadonlyMap<string, RunRecord>,
): readonly LatestCheck[] {
  const failures = groupBy(failed, ({ dataset, result }) => keyOf(dataset, result.id))
  return Array.from(
    groupBy(checks, ({ dataset, check }) => keyOf(dataset, check)),
    ([key, group]): LatestCheck => {
      // Groups are made of at least one day.
      const newest = group.reduce((latest, item) => (item.lastMs > latest.lastMs ? item : latest))
      const bad = failures.get(key) ?? []
      const last = bad[0]
      if (last === undefined) return { severity: newest.severity, state: stateOf(newest) }
      if (!isStanding(last, newest, runs.get(last.run))) return { severity: newest.severity, state: 'passed' }
      const ofRun = bad.filter(({ run }) => run === last.run)
      const worst = ofRun.find(({ result }) => result.outcome === 'failed') ?? last
      return { severity: worst.result.severity, state: worst.result.outcome === 'failed' ? 'failed' : 'error' }
    },
  )
}

/** Without a listed failure the day's counts are all there is. */
function stateOf({ passed, failed, errors }: CheckDay): LatestCheck['state'] {
  if (passed > 0 || failed + errors === 0) return 'passed'
  return failed > 0 ? 'failed' : 'error'
}

function isStanding(failed: CheckRecord, newest: CheckDay, run: RunRecord | undefined): boolean {
  if (failed.checkedAtMs >= newest.lastMs) return true
  if (run === undefined) return dayOf(failed.checkedAtMs) === newest.dayMs
  return run.endedAtMs === null ? run.status === 'running' : newest.lastMs <= run.endedAtMs
}

export function judgeChecks(latest: readonly LatestCheck[]): Facet {
  if (latest.length === 0) return { health: 'unknown', because: 'no check was evaluated in the window' }
  const failed = (severity: CheckDay['severity']): number =>
    latest.filter((check) => check.state === 'failed' && check.severity === severity).length
  const errors = latest.filter(({ state }) => state === 'error').length
  const of = `of ${amount(latest.length, 'check')}`
  if (failed('critical') > 0) return { health: 'bad', because: `${count(failed('critical'))} ${of} failed` }
  if (errors > 0) return { health: 'bad', because: `${count(errors)} ${of} could not run` }
  if (failed('warning') > 0) return { health: 'warn', because: `${count(failed('warning'))} ${of} failed as warnings` }
  return { health: 'ok', because: `${amount(latest.length, 'check')} passed` }
}

export function judgeSchema(latest: readonly LatestCheck[]): Facet {
  if (latest.length === 0) return { health: 'unknown', because: 'no schema was compared in the window' }
  const judged = judgeChecks(latest)
  return judged.health === 'ok' ? { health: 'ok', because: 'the schema is as agreed' } : judged
}

export function judgeFreshness(fresh: Freshness | undefined): Facet {
  if (fresh === undefined || fresh.expected === null) {
    return { health: 'not-watched', because: 'nobody said when files should come' }
  }
  const health = ({ fresh: 'ok', late: 'bad', unknown: 'unknown' } as const)[fresh.status]
  return { health, because: fresh.because }
}
