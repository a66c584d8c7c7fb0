/** The global filter as the address says it. */

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export const WINDOWS = [
  { value: '24h', label: '24 hours', ms: DAY_MS },
  { value: '7d', label: '7 days', ms: 7 * DAY_MS },
  { value: '28d', label: '28 days', ms: 28 * DAY_MS },
  { value: '90d', label: '90 days', ms: 90 * DAY_MS },
] as const

export interface Filter {
  readonly sinceMs: number
  readonly untilMs: number
  /** Undefined: all. */
  readonly sources: readonly string[] | undefined
  readonly datasets: readonly string[] | undefined
  /** In words: `7 days`, `whole report`, `3 Nov – 5 Nov`. */
  readonly label: string
}

export interface Reach {
  readonly sinceMs: number
  readonly untilMs: number
}

/** `window` counts back from the end of what is known; `since` and `until` (ISO) name a stretch; without either all is seen. */
export function filterOf(params: URLSearchParams, reach: Reach): Filter {
  const sources = params.getAll('source').filter((name) => name !== '')
  const datasets = params.getAll('dataset').filter((name) => name !== '')
  return {
    ...stretchOf(params, reach),
    sources: sources.length === 0 ? undefined : sources,
    datasets: datasets.length === 0 ? undefined : datasets,
  }
}

function stretchOf(params: URLSearchParams, reach: Reach): Pick<Filter, 'sinceMs' | 'untilMs' | 'label'> {
  const from = instant(params.get('since'))
  const to = instant(params.get('until'))
  if (from !== undefined || to !== undefined) {
    const sinceMs = Math.max(from ?? reach.sinceMs, reach.sinceMs)
    const untilMs = Math.min(to ?? reach.untilMs, reach.untilMs)
    if (sinceMs < untilMs) return { sinceMs, untilMs, label: `${shortIso(sinceMs)} – ${shortIso(untilMs)}` }
  }
  const asked = WINDOWS.find(({ value }) => value === params.get('window'))
  if (asked === undefined || reach.untilMs - asked.ms <= reach.sinceMs) {
    return { sinceMs: reach.sinceMs, untilMs: reach.untilMs, label: 'everything here' }
  }
  return { sinceMs: reach.untilMs - asked.ms, untilMs: reach.untilMs, label: `last ${asked.label}` }
}

function instant(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  const ms = /^\d+$/.test(text) ? Number(text) : Date.parse(text)
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? ms : undefined
}

function shortIso(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
}
