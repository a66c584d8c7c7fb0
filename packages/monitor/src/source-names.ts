import type { Facts } from './facts.ts'
import type { MonitorContext } from './monitored-source.ts'

/** Sources of the configuration in its order, then those that only the history knows, by name. */
export function sourceNames(facts: Facts, context: MonitorContext): readonly string[] {
  const configured = context.config.map(({ name }) => name)
  const known = new Set(configured)
  const others = new Set<string>()
  const lists = [
    facts.runs.items,
    facts.fileHours,
    facts.lastLoaded,
    facts.held.items,
    facts.watermarks,
    facts.failures.items,
    facts.checkDays,
  ]
  for (const records of lists) {
    for (const { source } of records) if (!known.has(source)) others.add(source)
  }
  return [...configured, ...[...others].toSorted()]
}

/** Pairs of source and dataset that the facts know, by name. */
export function datasetNames(facts: Facts): readonly { readonly source: string; readonly dataset: string }[] {
  const found = new Map<string, Set<string>>()
  for (const records of [facts.fileHours, facts.checkDays, facts.held.items, facts.failures.items, facts.schemas]) {
    for (const { source, dataset } of records) {
      const known = found.get(source)
      if (known === undefined) found.set(source, new Set([dataset]))
      else known.add(dataset)
    }
  }
  return Array.from(found.keys())
    .toSorted()
    .flatMap((source) => [...(found.get(source) ?? [])].toSorted().map((dataset) => ({ source, dataset })))
}
