/** What the page knows and where it is, as signals. Views are computed when a page asks for them, and once per filter. */
import { computed, signal } from '@preact/signals'
import type { Link, ReportData } from '@tidegate/monitor'
import type { DataSource } from '../source/data-source.ts'
import {
  addressOf,
  changeParams,
  formatAddress,
  parseAddress,
  type Address,
  type PageName,
  type Params,
} from './address.ts'
import { filterOf } from './filter.ts'
import { beginAnswer } from './in-turn.ts'

export const source = signal<DataSource | undefined>(undefined)
export const report = signal<ReportData | undefined>(undefined)
export const problem = signal<string | undefined>(undefined)
export const loading = signal(true)
/** The server does not know who reads. */
export const needsSignIn = signal(false)
export const connected = signal<boolean | undefined>(undefined)
export const announcement = signal('')
export const paused = signal(false)
/** Grows when the server said that the state moved, and somebody looks. */
export const moves = signal(0)

export const address = signal<Address>(parseAddress(''))

export const nowMs = computed(() => report.value?.context.nowMs ?? 0)

/** Changes only when what is meant changes: a click that opens a row must not compute every view anew. Empty without a report. */
export const filterText = computed(() => {
  const facts = report.value?.facts
  return facts === undefined ? '' : JSON.stringify(filterOf(address.value.params, facts))
})

/** Everybody's names, whatever the filter, and which sources have which datasets. */
export const names = computed(() => {
  const known = report.value
  const sources = new Set<string>()
  const datasets = new Set<string>()
  const sourcesOf = new Map<string, Set<string>>()
  for (const { name } of known?.context.config ?? []) sources.add(name)
  for (const { source } of known?.facts.runs.items ?? []) sources.add(source)
  for (const { source, dataset } of known?.facts.fileHours ?? []) {
    sources.add(source)
    datasets.add(dataset)
    const having = sourcesOf.get(dataset)
    if (having === undefined) sourcesOf.set(dataset, new Set([source]))
    else having.add(source)
  }
  return { sources: [...sources].toSorted(), datasets: [...datasets].toSorted(), sourcesOf }
})

/** Who renders links must be rendered anew when the address changes: nothing here listens to it. */
export function hrefOf(page: PageName, params?: Params): string {
  return host() + formatAddress(addressOf(address.peek(), page, params))
}

/** The window of now, as links write it. */
const window = computed(() => {
  if (filterText.value === '') return { since: '', until: '' }
  const { sinceMs, untilMs } = JSON.parse(filterText.value) as { readonly sinceMs: number; readonly untilMs: number }
  return { since: new Date(sinceMs).toISOString(), until: new Date(untilMs).toISOString() }
})

/** A link to all of the window that is seen does not pin it down: on a live page it goes on with the time. */
export function hrefOfLink({ page, params: { since, until, ...params } }: Link): string {
  const here = window.peek()
  const isHere = (since === undefined || since === here.since) && (until === undefined || until === here.until)
  return hrefOf(page, isHere ? params : { ...params, since, until })
}

/** The same page, changed. */
export function hrefWith(params: Params): string {
  return host() + formatAddress(changeParams(address.peek(), params))
}

/** Changes the address without a new step in the browser's history: for what is typed and dragged. */
export function replaceParams(params: Params): void {
  go(hrefWith(params), 'replace')
}

export function go(href: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', href)
  else history.replaceState(null, '', href)
  readLocation()
}

export function readLocation(): void {
  const text = source.value?.host === 'server' ? location.pathname + location.search : location.hash
  beginAnswer()
  address.value = parseAddress(text)
}

export function announce(text: string): void {
  announcement.value = text
}

function host(): string {
  return source.peek()?.host === 'server' ? '' : '#'
}
