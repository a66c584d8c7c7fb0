/** The four things that a source's health is made of. */
import type { CheckDay, CheckRecord, RunRecord } from '@tidegate/core'
import { dayOf } from '../days.ts'
import { groupBy, groupByDataset, percentOf } from '../figures.ts'
import { amount, count, listing } from '../wording.ts'
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
      return { health: 'bad', because: `the gate held ${heldOfNew(ended)} of the last run` }
    default:
      return {
        health: 'bad',
        because: `the last run failed${ended.errorCode === null ? '' : ` with ${ended.errorCode}`}`,
      }
  }
}

/** `1 of 3 new files`: those that were known before are nobody's question. */
export function heldOfNew({ filesHeld, filesLoaded, filesSkipped, filesFailed }: RunRecord): string {
  return `${count(filesHeld)} of ${amount(filesHeld + filesLoaded + filesSkipped + filesFailed, 'new file')}`
}

function isSchemaCheck({ type, dimension }: CheckDay): boolean {
  return type === 'schema' || dimension === 'schema'
}

/** What the newest files of a dataset said of a check: what was mended must not stay red. */
export interface LatestCheck {
  readonly check: string
  readonly isSchema: boolean
  readonly severity: CheckDay['severity']
  readonly state: 'passed' | 'failed' | 'error'
}

/**
 * Of one source. A failure stands while no later run judged a file of its dataset; a check that only failures know of, such as
 * that of a missing column, is gone with them.
 *
 * @param failedOf listed failures of one check, newest first
 * @param runs by id; of a failure whose run is not among them, it stands where nothing was evaluated on a later day
 */
export function latestChecks(
  checks: readonly CheckDay[],
  failedOf: (dataset: string, check: string) => readonly CheckRecord[],
  runs: ReadonlyMap<string, RunRecord>,
): readonly LatestCheck[] {
  return groupByDataset(checks).flatMap(({ dataset, items }) => {
    const judgedMs = items.reduce((latest, { lastMs }) => Math.max(latest, lastMs), Number.NEGATIVE_INFINITY)
    return Array.from(
      groupBy(items, ({ check }) => check),
      ([check, group]): LatestCheck[] => {
        // Groups are made of at least one day.
        const newest = group.reduce((latest, item) => (item.lastMs > latest.lastMs ? item : latest))
        const of = { check, isSchema: isSchemaCheck(newest), severity: newest.severity }
        const bad = failedOf(dataset, check)
        const last = bad[0]
        if (last === undefined) return [{ ...of, state: stateOf(newest) }]
        if (!isStanding(last, judgedMs, runs.get(last.run))) {
          return newest.lastMs > last.checkedAtMs ? [{ ...of, state: 'passed' }] : []
        }
        const ofRun = bad.filter(({ run }) => run === last.run)
        const worst = ofRun.find(({ result }) => result.outcome === 'failed') ?? last
        const state = worst.result.outcome === 'failed' ? 'failed' : 'error'
        return [{ ...of, severity: worst.result.severity, state }]
      },
    ).flat()
  })
}

/** Without a listed failure the day's counts are all there is. */
function stateOf({ passed, failed, errors }: CheckDay): LatestCheck['state'] {
  if (passed > 0 || failed + errors === 0) return 'passed'
  return failed > 0 ? 'failed' : 'error'
}

function isStanding(failed: CheckRecord, judgedMs: number, run: RunRecord | undefined): boolean {
  if (failed.checkedAtMs >= judgedMs) return true
  if (run === undefined) return dayOf(failed.checkedAtMs) === dayOf(judgedMs)
  return run.endedAtMs === null ? run.status === 'running' : judgedMs <= run.endedAtMs
}

export function judgeChecks(latest: readonly LatestCheck[]): Facet {
  return judgeLatest(latest, 'check')
}

function judgeLatest(latest: readonly LatestCheck[], noun: string): Facet {
  if (latest.length === 0) return { health: 'unknown', because: 'no check was evaluated in the window' }
  const of = `of ${amount(latest.length, noun)}`
  const failed = (severity: CheckDay['severity']): readonly LatestCheck[] =>
    latest.filter((check) => check.state === 'failed' && check.severity === severity)
  const told = (bad: readonly LatestCheck[], what: string): string =>
    `${count(bad.length)} ${of} ${what}: ${named(bad)}`
  const critical = failed('critical')
  if (critical.length > 0) return { health: 'bad', because: told(critical, 'failed') }
  const errors = latest.filter(({ state }) => state === 'error')
  if (errors.length > 0) return { health: 'bad', because: told(errors, 'could not run') }
  const warnings = failed('warning')
  if (warnings.length > 0) return { health: 'warn', because: told(warnings, 'failed as warnings') }
  return { health: 'ok', because: `${amount(latest.length, noun)} passed` }
}

const NAMED = 2
const NAME_LENGTH = 60

/** Ids, cut where somebody gave very long ones. */
function named(bad: readonly LatestCheck[]): string {
  const names = bad.map(({ check }) =>
    check.length > NAME_LENGTH ? `${check.slice(0, NAME_LENGTH - 1).toWellFormed()}…` : check,
  )
  return listing([...new Set(names)], NAMED)
}

export function judgeSchema(latest: readonly LatestCheck[]): Facet {
  if (latest.length === 0) return { health: 'unknown', because: 'no schema was compared in the window' }
  const judged = judgeLatest(latest, 'schema check')
  return judged.health === 'ok' ? { health: 'ok', because: 'the schema is as agreed' } : judged
}

export function judgeFreshness(fresh: Freshness | undefined): Facet {
  if (fresh === undefined || fresh.expected === null) {
    return { health: 'not-watched', because: 'nobody said when files should come' }
  }
  const health = ({ fresh: 'ok', late: 'bad', unknown: 'unknown' } as const)[fresh.status]
  return { health, because: fresh.because }
}
