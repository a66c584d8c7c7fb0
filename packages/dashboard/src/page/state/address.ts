/**
 * Everything that decides what is seen is in the address, so that a link shows to others what one sees oneself. In the file
 * it lies behind the `#`, on the server it is the path: `/quality?window=7d&source=flights`.
 */

export const PAGES = [
  'overview',
  'datasets',
  'quality',
  'failures',
  'files',
  'runs',
  'performance',
  'alerts',
  'reports',
] as const

export type PageName = (typeof PAGES)[number]

export interface Address {
  readonly page: PageName
  /** Order is kept; a name may come more than once (`source=a&source=b`). */
  readonly params: URLSearchParams
}

/** Params that stay when the page changes. */
const GLOBAL_PARAMS: ReadonlySet<string> = new Set(['window', 'since', 'until', 'source', 'dataset'])

const TIME_PARAMS: ReadonlySet<string> = new Set(['window', 'since', 'until'])

/** An unknown page is the overview. */
export function parseAddress(text: string): Address {
  const [path, query] = splitOnce(text.replace(/^#/, ''), '?')
  const name = path.replace(/^\/+|\/+$/g, '')
  return { page: PAGES.find((page) => page === name) ?? 'overview', params: new URLSearchParams(query) }
}

export function formatAddress({ page, params }: Address): string {
  const query = params.toString()
  return `/${page === 'overview' ? '' : page}${query === '' ? '' : `?${query}`}`
}

/** The address of another page: the global filter stays, the rest is as given. `null` takes a param away. */
export function addressOf(from: Address, page: PageName, params: Params = {}): Address {
  // A stretch of time that the link names takes the place of the window, not a part of it.
  const stretch = 'since' in params || 'until' in params || 'window' in params
  const kept = [...from.params].filter(([name]) => GLOBAL_PARAMS.has(name) && !(stretch && TIME_PARAMS.has(name)))
  const next = new URLSearchParams(kept)
  return { page, params: withParams(next, params) }
}

/** The same page with some params changed. */
export function changeParams(from: Address, params: Params): Address {
  return { page: from.page, params: withParams(new URLSearchParams(from.params), params) }
}

export type Params = Readonly<Record<string, string | readonly string[] | null | undefined>>

function withParams(next: URLSearchParams, params: Params): URLSearchParams {
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue
    next.delete(name)
    for (const one of value === null ? [] : typeof value === 'string' ? [value] : value) next.append(name, one)
  }
  return next
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}
