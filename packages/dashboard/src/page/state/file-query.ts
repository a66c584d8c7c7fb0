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
  const scoreTo = scoreOf(params.get('scoreTo'))
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
    scoreFrom: scoreOf(params.get('scoreFrom')),
    scoreTo,
    // What lies below 100 is found by its score.
    order:
      ORDERS.find((order) => order === params.get('order')) ?? (isBelowWhole(scoreTo) ? 'lowest-score' : undefined),
    limit: FILE_LIMIT,
  }
}

function scoreOf(text: string | null): number | undefined {
  return text !== null && /^\d{1,3}$/.test(text) ? Math.min(Number(text), MOST_SCORE) : undefined
}

/** The last bin of scores, what is whole, is 100 to 105. */
const MOST_SCORE = 105

function isBelowWhole(scoreTo: number | undefined): boolean {
  return scoreTo !== undefined && scoreTo <= 100
}

/** What narrows the list beside the global filter, in words. */
export function fileConditions(params: URLSearchParams): readonly { readonly name: string; readonly text: string }[] {
  const conditions: { name: string; text: string }[] = []
  for (const [name, label] of CONDITIONS) {
    const value = params.get(name)
    if (value !== null && value !== '') conditions.push({ name, text: `${label} ${value.slice(0, 80)}`.trim() })
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
