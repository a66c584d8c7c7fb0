import type { Facts } from './facts.ts'
import type { MonitorContext } from './monitored-source.ts'
import { oncePerFacts } from './once-per-facts.ts'

/** Sources of the configuration in its order, then those that only the history knows, by name. */
export function sourceNames(facts: Facts, context: MonitorContext): readonly string[] {
  const configured = context.config.map(({ name }) => name)
  const known = new Set(configured)
  return [...configured, ...knownSources(facts).filter((source) => !known.has(source))]
}

const knownSources = oncePerFacts((facts): readonly string[] => {
  const found = new Set<string>()
  const lists = [
    facts.runs.items,
    facts.fileHours,
    facts.lastLoaded,
    facts.held.items,
    facts.watermarks,
    facts.failures.items,
    facts.checkDays,
  ]
  for (const records of lists) for (const { source } of records) found.add(source)
  return [...found].toSorted()
})

/** Pairs of source and dataset that the facts know, by name. A source that could not be read at all has no dataset. */
export function datasetNames(facts: Facts): readonly { readonly source: string; readonly dataset: string }[] {
  return knownDatasets(facts)
}

const knownDatasets = oncePerFacts((facts) => {
  const found = new Map<string, Set<string>>()
  for (const records of [facts.fileHours, facts.checkDays, facts.held.items, facts.failures.items, facts.schemas]) {
    for (const { source, dataset } of records) {
      if (dataset === '') continue
      const known = found.get(source)
      if (known === undefined) found.set(source, new Set([dataset]))
      else known.add(dataset)
    }
  }
  return Array.from(found.keys())
    .toSorted()
    .flatMap((source) => [...(found.get(source) ?? [])].toSorted().map((dataset) => ({ source, dataset })))
})
