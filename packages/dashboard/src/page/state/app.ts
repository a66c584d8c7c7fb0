/** What the page knows and where it is, as signals. Views are computed when a page asks for them, and once per filter. */
import { computed, signal } from '@preact/signals'
import { narrowFacts, type Facts, type Link, type ReportData } from '@tidegate/monitor'
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
import { filterOf, type Filter } from './filter.ts'

export const source = signal<DataSource | undefined>(undefined)
export const report = signal<ReportData | undefined>(undefined)
export const problem = signal<string | undefined>(undefined)
export const loading = signal(true)
export const connected = signal<boolean | undefined>(undefined)
export const announcement = signal('')
export const paused = signal(false)

export const address = signal<Address>(parseAddress(''))

export const nowMs = computed(() => report.value?.context.nowMs ?? 0)

const EVERYTHING: Filter = { sinceMs: 0, untilMs: 0, sources: undefined, datasets: undefined, label: '' }

/** Changes only when what is meant changes: a click that opens a row must not compute every view anew. */
const filterText = computed(() => {
  const facts = report.value?.facts
  return facts === undefined ? '' : JSON.stringify(filterOf(address.value.params, facts))
})
export const filter = computed<Filter>(() =>
  filterText.value === '' ? EVERYTHING : (JSON.parse(filterText.value) as Filter),
)

export const facts = computed<Facts | undefined>(() => {
  const all = report.value?.facts
  return all === undefined ? undefined : narrowFacts(all, filter.value)
})

/** Everybody's names, whatever the filter. */
export const names = computed(() => {
  const known = report.value
  const sources = new Set<string>()
  const datasets = new Set<string>()
  for (const { name } of known?.context.config ?? []) sources.add(name)
  for (const { source } of known?.facts.runs.items ?? []) sources.add(source)
  for (const { source, dataset } of known?.facts.fileHours ?? []) {
    sources.add(source)
    datasets.add(dataset)
  }
  return { sources: [...sources].toSorted(), datasets: [...datasets].toSorted() }
})

export function hrefOf(page: PageName, params?: Params): string {
  return host() + formatAddress(addressOf(address.value, page, params))
}

export function hrefOfLink({ page, params }: Link): string {
  return hrefOf(page, params)
}

/** The same page, changed. */
export function hrefWith(params: Params): string {
  return host() + formatAddress(changeParams(address.value, params))
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
  address.value = parseAddress(text)
}

export function announce(text: string): void {
  announcement.value = text
}

function host(): string {
  return source.value?.host === 'server' ? '' : '#'
}
