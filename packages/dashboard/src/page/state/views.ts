import { monitorView, narrowContext, type Facts, type MonitorReport, type MonitorSection } from '@tidegate/monitor'
import { facts, filter, report } from './app.ts'

const computed = new WeakMap<Facts, Map<MonitorSection, unknown>>()

/** One of the fifteen views under the filter of now; computed once per filter. Undefined until there are facts. */
export function viewOf<Section extends MonitorSection>(section: Section): MonitorReport[Section] | undefined {
  const narrowed = facts.value
  const context = report.value?.context
  if (narrowed === undefined || context === undefined) return undefined
  const known = computed.get(narrowed) ?? new Map<MonitorSection, unknown>()
  computed.set(narrowed, known)
  if (!known.has(section))
    known.set(section, monitorView(section, narrowed, narrowContext(context, filter.value, narrowed)))
  return known.get(section) as MonitorReport[Section]
}

/** As {@link viewOf}, for places beside the page: where a view cannot be computed they show nothing of it. */
export function viewIfAny<Section extends MonitorSection>(section: Section): MonitorReport[Section] | undefined {
  try {
    return viewOf(section)
  } catch {
    return undefined
  }
}
