import type { Facts } from '../facts.ts'
import type { MonitorContext } from '../monitored-source.ts'

/** Results by facts and context, which nobody changes. They go when the facts go. */
export type ViewCache<View> = WeakMap<Facts, { readonly context: MonitorContext; readonly view: View }>

/** Some views are parts of others: of the same facts and the same context each is made once. */
export function remembered<View>(
  cache: ViewCache<View>,
  facts: Facts,
  context: MonitorContext,
  make: (facts: Facts, context: MonitorContext) => View,
): View {
  const known = cache.get(facts)
  if (known?.context === context) return known.view
  const view = make(facts, context)
  cache.set(facts, { context, view })
  return view
}
