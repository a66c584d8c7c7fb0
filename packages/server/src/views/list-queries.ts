import type { FactWindow, FailedChecksOf, FileQuery } from '@tidegate/core'
import { readQuery } from '../http/read-query.ts'

const OUTCOMES = ['loaded', 'held', 'skipped'] as const
const ORDERS = ['newest', 'lowest-score', 'most-rows', 'most-bytes'] as const
const MOST_ITEMS = 1000
/** The last bin of scores is 100 to 105: what is whole. */
const MOST_SCORE = 105
const MOST_SKIPPED = 10_000_000

/** Whether a page of the list of files is meant, and not the view of that name. */
export function asksForList(url: string): boolean {
  return /[?&]limit=/.test(url)
}

/** The parameters of `/views/files`, as the page writes them. */
export function readFileQuery(url: string): FileQuery {
  const query = readQuery(url)
  const sinceMs = query.instant('since')
  const untilMs = query.instant('until')
  const found: FileQuery = {
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
    sources: query.texts('source'),
    dataset: query.text('dataset'),
    folder: query.text('folder'),
    outcome: query.oneOf('outcome', OUTCOMES),
    repairedOnly: query.flag('repaired'),
    imperfectOnly: query.flag('imperfect'),
    scoreFrom: query.whole('scoreFrom', 0, MOST_SCORE),
    scoreTo: query.whole('scoreTo', 0, MOST_SCORE),
    search: query.text('search'),
    failedCheck: query.text('check'),
    run: query.text('run'),
    order: query.oneOf('order', ORDERS),
    limit: query.whole('limit', 1, MOST_ITEMS) ?? 100,
    offset: query.whole('offset', 0, MOST_SKIPPED),
  }
  query.finish()
  return found
}

export interface CheckQuery {
  readonly window: FactWindow
  readonly perCheck: number
  readonly only: FailedChecksOf
}

const WEEK_MS = 7 * 86_400_000

/** The parameters of `/views/checks`: results that failed, of each check `perCheck` of them, the newest first. */
export function readCheckQuery(url: string, nowMs: number): CheckQuery {
  const query = readQuery(url)
  const window = {
    sinceMs: query.instant('since') ?? nowMs - WEEK_MS,
    untilMs: query.instant('until') ?? nowMs,
    sources: query.texts('source'),
  }
  const perCheck = query.whole('perCheck', 1, 100) ?? 20
  const only = {
    check: query.text('check'),
    dataset: query.text('dataset'),
    offset: query.whole('offset', 0, MOST_SKIPPED),
  }
  query.finish()
  return { window, perCheck, only }
}
