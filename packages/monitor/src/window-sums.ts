/** The lists of the facts cut to the window, grouped and summed: each once per facts, as most views read them. */
import type { CheckDay, CheckRecord, FileHour, FileSums, RunRecord } from '@tidegate/core'
import { dayOf, daysIn, hourOf, runsIn } from './days.ts'
import type { Facts } from './facts.ts'
import { addSums } from './file-sums.ts'
import { groupBy, groupByDataset, keyOf, sumOf, type DatasetGroup } from './figures.ts'
import { oncePerFacts } from './once-per-facts.ts'

/** Files by hour within the window, whose first hour counts whole. */
export function windowHours(facts: Facts): readonly FileHour[] {
  return hours(facts)
}

const hours = oncePerFacts(({ fileHours, sinceMs, untilMs }): readonly FileHour[] => {
  const from = hourOf(sinceMs)
  return fileHours.filter(({ hourMs }) => hourMs >= from && hourMs < untilMs)
})

export function windowSums(facts: Facts): FileSums {
  return sums(facts)
}

const sums = oncePerFacts((facts) => addSums([...sumsByDay(facts).values()]))

/** Files of the window by day. */
export function sumsByDay(facts: Facts): ReadonlyMap<number, FileSums> {
  return sumsOfDays(facts)
}

const sumsOfDays = oncePerFacts((facts) => addedUp(groupBy(windowHours(facts), ({ hourMs }) => dayOf(hourMs))))

/** Files of the window by source. */
export function sumsBySource(facts: Facts): ReadonlyMap<string, FileSums> {
  return sumsOfSources(facts)
}

const sumsOfSources = oncePerFacts((facts) => addedUp(groupBy(windowHours(facts), ({ source }) => source)))

function addedUp<Key>(groups: ReadonlyMap<Key, readonly FileHour[]>): ReadonlyMap<Key, FileSums> {
  return new Map(Array.from(groups, ([key, group]) => [key, addSums(group)]))
}

/** All files that the facts have, by dataset. */
export function hoursByDataset(facts: Facts): readonly DatasetGroup<FileHour>[] {
  return hoursOfDatasets(facts)
}

const hoursOfDatasets = oncePerFacts((facts) => groupByDataset(facts.fileHours))

/**
 * All checks by day that the facts have. Of a dataset of which files were judged and none ever got a score nobody said what is
 * right: that nothing failed there says nothing, and is left out.
 */
export function knownChecks(facts: Facts): readonly CheckDay[] {
  return allChecks(facts)
}

const allChecks = oncePerFacts((facts): readonly CheckDay[] => {
  const unjudged = new Set<string>()
  for (const { source, dataset, items } of hoursByDataset(facts)) {
    const judged = sumOf(items, ({ loaded, held }) => loaded + held)
    if (judged > 0 && items.every(({ scored }) => scored === 0)) unjudged.add(keyOf(source, dataset))
  }
  if (unjudged.size === 0) return facts.checkDays
  return groupByDataset(facts.checkDays).flatMap(({ source, dataset, items }) =>
    unjudged.has(keyOf(source, dataset)) && items.every(({ failed, errors }) => failed + errors === 0) ? [] : items,
  )
})

/** Those within the window, whose first day counts whole. */
export function windowChecks(facts: Facts): readonly CheckDay[] {
  return checks(facts)
}

const checks = oncePerFacts((facts) => daysIn(knownChecks(facts), facts))

/** Those of the window by day. */
export function checksByDay(facts: Facts): ReadonlyMap<number, readonly CheckDay[]> {
  return checksOfDays(facts)
}

const checksOfDays = oncePerFacts((facts) => groupBy(windowChecks(facts), ({ dayMs }) => dayMs))

/** All runs that the facts have, newest first. */
export function runsBySource(facts: Facts): ReadonlyMap<string, readonly RunRecord[]> {
  return runsOfSources(facts)
}

const runsOfSources = oncePerFacts((facts) => groupBy(facts.runs.items, ({ source }) => source))

/** All runs that the facts have, by the day on which they began. */
export function runsByDay(facts: Facts): ReadonlyMap<number, readonly RunRecord[]> {
  return runsOfDays(facts)
}

const runsOfDays = oncePerFacts((facts) => groupBy(facts.runs.items, ({ startedAtMs }) => dayOf(startedAtMs)))

/** Runs of the window by day. */
export function windowRunsByDay(facts: Facts): ReadonlyMap<number, readonly RunRecord[]> {
  return windowRunsOfDays(facts)
}

const windowRunsOfDays = oncePerFacts((facts) =>
  areAllInWindow(facts) ? runsByDay(facts) : groupBy(runsIn(facts), ({ startedAtMs }) => dayOf(startedAtMs)),
)

/** Runs of the window by source. */
export function windowRunsBySource(facts: Facts): ReadonlyMap<string, readonly RunRecord[]> {
  return windowRunsOfSources(facts)
}

const windowRunsOfSources = oncePerFacts((facts) =>
  areAllInWindow(facts) ? runsBySource(facts) : groupBy(runsIn(facts), ({ source }) => source),
)

function areAllInWindow(facts: Facts): boolean {
  return runsIn(facts).length === facts.runs.items.length
}

/** Listed failures of one check, newest first. */
export function failedOfCheck(facts: Facts, source: string, dataset: string, check: string): readonly CheckRecord[] {
  return failedOfChecks(facts).get(keyOf(source, dataset, check)) ?? []
}

const failedOfChecks = oncePerFacts((facts) =>
  groupBy(facts.failedChecks.items, ({ source, dataset, result }) => keyOf(source, dataset, result.id)),
)
