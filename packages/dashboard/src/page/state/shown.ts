/** What the page shows: the address, the facts under its filter, and the views of them. */
import { computed } from '@preact/signals'
import {
  monitorView,
  narrowContext,
  narrowFacts,
  type Facts,
  type MonitorContext,
  type MonitorReport,
  type MonitorSection,
  type ReportData,
} from '@tidegate/monitor'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Address } from './address.ts'
import { address, filterText, report } from './app.ts'
import type { Filter } from './filter.ts'

/** Facts under one filter. The same filter gives the same object, so that views are computed once. */
export interface Narrowed {
  readonly filter: Filter
  readonly facts: Facts
  readonly context: MonitorContext
}

/** One picture: a card never mixes the numbers of one filter with the links of another. */
export interface Shown extends Narrowed {
  readonly address: Address
}

/** How many filters are remembered: going back to one costs nothing. */
const REMEMBERED = 6
const remembered = new Map<string, Narrowed>()
let rememberedOf: ReportData | undefined

const narrowed = computed<Narrowed | undefined>(() => {
  const known = report.value
  if (known === undefined || filterText.value === '') return undefined
  if (rememberedOf !== known) remembered.clear()
  rememberedOf = known
  const found = remembered.get(filterText.value) ?? narrow(known, JSON.parse(filterText.value) as Filter)
  remembered.delete(filterText.value)
  remembered.set(filterText.value, found)
  for (const [oldest] of remembered) {
    if (remembered.size <= REMEMBERED) break
    remembered.delete(oldest)
  }
  return found
})

export const shown = computed<Shown | undefined>(() =>
  narrowed.value === undefined ? undefined : { ...narrowed.value, address: address.value },
)

function narrow({ facts, context }: ReportData, filter: Filter): Narrowed {
  const some = narrowFacts(facts, filter)
  return { filter, facts: some, context: narrowContext(context, filter, some) }
}

const views = new WeakMap<Facts, Map<MonitorSection, unknown>>()

/** One of the fifteen views; computed once per filter. */
export function viewOf<Section extends MonitorSection>(
  section: Section,
  { facts, context }: Narrowed,
): MonitorReport[Section] {
  const known = views.get(facts) ?? new Map<MonitorSection, unknown>()
  views.set(facts, known)
  if (!known.has(section)) known.set(section, monitorView(section, facts, context))
  return known.get(section) as MonitorReport[Section]
}

/** Given by a slice that waits for its turn: what it showed until now. */
export const ShownContext = createContext<Shown | undefined>(undefined)

/** Of the slice that the component stands in, or of now. Only for components that are there when the report is. */
export function useShown(): Shown {
  const given = useContext(ShownContext) ?? shown.value
  if (given === undefined) throw new Error('there is no report yet')
  return given
}

export function useView<Section extends MonitorSection>(section: Section): MonitorReport[Section] {
  return viewOf(section, useShown())
}

/** For what is looked for now, outside of the page. Where a view cannot be computed there is nothing of it. */
export function viewIfAny<Section extends MonitorSection>(section: Section): MonitorReport[Section] | undefined {
  const now = shown.peek()
  try {
    return now === undefined ? undefined : viewOf(section, now)
  } catch {
    return undefined
  }
}
