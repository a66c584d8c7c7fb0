import type { FileQuery } from '@tidegate/core'
import type { Filter } from './filter.ts'

/** How many files are asked for at once. */
export const FILE_LIMIT = 500

const OUTCOMES = ['loaded', 'held', 'skipped'] as const
const ORDERS = ['newest', 'lowest-score', 'most-rows', 'most-bytes'] as const

/** The list of files that the address asks for: one query per dataset that was chosen, as a query knows one. */
export function fileQueriesOf(params: URLSearchParams, filter: Filter): readonly FileQuery[] {
  return (filter.datasets ?? [undefined]).map((dataset) => ({ ...fileQueryOf(params, filter), dataset }))
}

function fileQueryOf(params: URLSearchParams, filter: Filter): FileQuery {
  const text = (name: string): string | undefined => params.get(name) || undefined
  // Stretches of scores are looked at by the page; that they lie below 100 the state can tell.
  const isImperfect = params.has('scoreTo') && Number(params.get('scoreTo')) <= 100
  return {
    sinceMs: filter.sinceMs,
    untilMs: filter.untilMs,
    sources: filter.sources,
    folder: text('folder'),
    outcome: OUTCOMES.find((outcome) => outcome === params.get('outcome')),
    repairedOnly: params.get('repaired') === 'true' ? true : undefined,
    search: text('file') ?? text('search'),
    failedCheck: text('check'),
    run: text('run'),
    imperfectOnly: isImperfect ? true : undefined,
    order: ORDERS.find((order) => order === params.get('order')) ?? (isImperfect ? 'lowest-score' : undefined),
    limit: FILE_LIMIT,
  }
}

export function hasScores(params: URLSearchParams): boolean {
  return params.has('scoreFrom') || params.has('scoreTo')
}

/** Scores from inclusive, to exclusive. */
export function fitsScore(score: number | null, params: URLSearchParams): boolean {
  const from = params.get('scoreFrom')
  const to = params.get('scoreTo')
  if (from === null && to === null) return true
  return score !== null && score >= Number(from ?? 0) && score < Number(to ?? 105)
}

/** What narrows the list beside the global filter, in words. */
export function fileConditions(params: URLSearchParams): readonly { readonly name: string; readonly text: string }[] {
  const conditions: { name: string; text: string }[] = []
  for (const [name, label] of CONDITIONS) {
    const value = params.get(name)
    if (value !== null && value !== '') conditions.push({ name, text: `${label} ${value.slice(0, 80)}` })
  }
  return conditions
}

const CONDITIONS = [
  ['folder', 'in folder'],
  ['outcome', ''],
  ['repaired', 'repaired:'],
  ['file', 'path has'],
  ['search', 'path has'],
  ['check', 'failed'],
  ['run', 'of run'],
  ['scoreFrom', 'score from'],
  ['scoreTo', 'score below'],
] as const
