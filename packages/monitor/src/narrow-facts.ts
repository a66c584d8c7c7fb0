/**
 * Facts of a part: a shorter time, some sources, some datasets. Narrowed by sources they are what a reader would have given
 * for these sources alone, as far as no list was cut; narrowed by time they are so to the hour and the day, in which sums are
 * kept. What comparisons need of the days before stays.
 *
 * Runs, watermarks and leases belong to a source and not to a dataset: with datasets, those of the sources that have them.
 */
import type { Capped, FileRecord, FolderSums } from '@tidegate/core'
import { dayOf, hourOf } from './days.ts'
import type { Facts } from './facts.ts'
import { addSums, parentOf, sumsOfFile } from './file-sums.ts'
import { groupBy, groupByDataset } from './figures.ts'
import type { MonitorContext } from './monitored-source.ts'
import { datasetNames } from './source-names.ts'

/** What a page shows of the facts that it has. What is undefined does not narrow. */
export interface ViewFilter {
  /** Unix milliseconds: from inclusive, to exclusive. Not beyond the facts' own window. */
  readonly sinceMs?: number | undefined
  readonly untilMs?: number | undefined
  readonly sources?: readonly string[] | undefined
  readonly datasets?: readonly string[] | undefined
}

export function narrowFacts(facts: Facts, filter: ViewFilter): Facts {
  const sinceMs = Math.max(facts.sinceMs, filter.sinceMs ?? facts.sinceMs)
  const untilMs = Math.max(sinceMs, Math.min(facts.untilMs, filter.untilMs ?? facts.untilMs))
  const isShorter = sinceMs > facts.sinceMs || untilMs < facts.untilMs
  const isPart = filter.sources !== undefined || filter.datasets !== undefined
  // The same object: what was worked out of it stays known.
  if (!isShorter && !isPart) return facts
  const ofSource = sourceTest(facts, filter)
  const ofDataset = datasetTest(filter)
  const isOurs = (item: { readonly source: string; readonly dataset: string }): boolean =>
    !isPart || (ofSource(item) && ofDataset(item))
  const within = (ms: number): boolean => !isShorter || (ms >= sinceMs && ms < untilMs)
  const before = (ms: number): boolean => ms < untilMs
  const onDay = (dayMs: number): boolean => !isShorter || (dayMs >= dayOf(sinceMs) && dayMs < untilMs)
  const inHour = (hourMs: number): boolean => !isShorter || (hourMs >= hourOf(sinceMs) && hourMs < untilMs)
  const isEarlier = untilMs < facts.untilMs
  /** Of lists of which only the end is cut. */
  const upTo = <Item extends { readonly source: string; readonly dataset: string }>(
    items: readonly Item[],
    timeMs: (item: Item) => number,
  ): readonly Item[] =>
    isPart || isEarlier ? items.filter((item) => isOurs(item) && (!isEarlier || before(timeMs(item)))) : items

  const files = narrowList(facts.files, (file) => isOurs(file) && within(file.decidedAtMs))
  return {
    factsVersion: 1,
    sinceMs,
    untilMs,
    reachMs: facts.reachMs,
    runs:
      isPart || isEarlier
        ? narrowList(facts.runs, (run) => ofSource(run) && (!isEarlier || before(run.startedAtMs)))
        : facts.runs,
    fileHours: upTo(facts.fileHours, ({ hourMs }) => hourMs),
    folders: isShorter
      ? foldersWithin(facts, files, isOurs, sinceMs, untilMs)
      : narrowList(facts.folders, (item) => isOurs(item)),
    scores: upTo(facts.scores, ({ dayMs }) => dayMs),
    checkDays: upTo(facts.checkDays, ({ dayMs }) => dayMs),
    checkFailures: facts.checkFailures.filter((item) => isOurs(item) && inHour(item.hourMs)),
    failedChecks: narrowList(facts.failedChecks, (item) => isOurs(item) && within(item.checkedAtMs)),
    files,
    lastLoaded: isPart ? lastLoaded(facts, filter, isOurs) : facts.lastLoaded,
    held: narrowList(facts.held, (file) => isOurs(file) && (!isEarlier || before(file.decidedAtMs))),
    failures: narrowList(facts.failures, (item) => isOurs(item) && within(item.failedAtMs)),
    quarantine: facts.quarantine.filter(
      (item) => isOurs(item) && (onDay(item.dayMs) || (item.status === 'open' && (!isEarlier || before(item.dayMs)))),
    ),
    repairs: facts.repairs.filter((item) => isOurs(item) && onDay(item.dayMs)),
    schemas: upTo(facts.schemas, ({ firstSeenMs }) => firstSeenMs),
    contracts: upTo(facts.contracts, ({ firstUsedMs }) => firstUsedMs),
    watermarks: isPart ? facts.watermarks.filter((item) => ofSource(item)) : facts.watermarks,
    leases: isPart ? facts.leases.filter((item) => ofSource(item)) : facts.leases,
  }
}

/** The configuration of the sources that the filter leaves. With datasets: of those that the facts know to have one of them. */
export function narrowContext(context: MonitorContext, filter: ViewFilter, facts: Facts): MonitorContext {
  const { sources, datasets } = filter
  if (sources === undefined && datasets === undefined) return context
  const key = JSON.stringify([sources, datasets])
  const known = narrowedContexts.get(facts)
  // The same object for the same question: views remember what they made of it.
  if (known?.context === context && known.key === key) return known.narrowed
  const ofSource = sourceTest(facts, filter)
  const narrowed = { ...context, config: context.config.filter(({ name }) => ofSource({ source: name })) }
  narrowedContexts.set(facts, { context, key, narrowed })
  return narrowed
}

const narrowedContexts = new WeakMap<
  Facts,
  { readonly context: MonitorContext; readonly key: string; readonly narrowed: MonitorContext }
>()

type SourceTest = (item: { readonly source: string }) => boolean

function sourceTest(facts: Facts, { sources, datasets }: ViewFilter): SourceTest {
  const wanted = sources === undefined ? undefined : new Set(sources)
  const inDatasets = datasets === undefined ? undefined : new Set(datasets)
  const having =
    inDatasets === undefined
      ? undefined
      : new Set(datasetNames(facts).flatMap(({ source, dataset }) => (inDatasets.has(dataset) ? [source] : [])))
  return ({ source }) => (wanted?.has(source) ?? true) && (having?.has(source) ?? true)
}

function datasetTest({ datasets }: ViewFilter): (item: { readonly dataset: string }) => boolean {
  const wanted = datasets === undefined ? undefined : new Set(datasets)
  return ({ dataset }) => wanted?.has(dataset) ?? true
}

/** Of a list that was cut nobody knows how many of the rest are meant: at most all of them. */
function narrowList<Item>({ items, total }: Capped<Item>, isWanted: (item: Item) => boolean): Capped<Item> {
  const kept = items.filter(isWanted)
  const isAll = kept.length === items.length
  return { items: kept, total: isAll ? total : kept.length + Math.max(0, total - items.length) }
}

/** Summed anew where every file of the window is listed; else those that have files in it, with all that they have. */
function foldersWithin(
  facts: Facts,
  files: Capped<FileRecord>,
  isOurs: (item: FolderSums) => boolean,
  sinceMs: number,
  untilMs: number,
): Capped<FolderSums> {
  if (facts.files.items.length < facts.files.total) {
    return narrowList(facts.folders, (item) => isOurs(item) && item.lastMs >= sinceMs && item.firstMs < untilMs)
  }
  const items = groupByDataset(files.items)
    .flatMap(({ items: ofDataset }) => [...groupBy(ofDataset, ({ path }) => parentOf(path)).values()])
    .map((group): FolderSums => {
      const times = group.map(({ decidedAtMs }) => decidedAtMs)
      const { source = '', dataset = '', path = '' } = group[0] ?? {}
      return {
        source,
        dataset,
        folder: parentOf(path),
        firstMs: times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY),
        lastMs: times.reduce((latest, time) => Math.max(latest, time), Number.NEGATIVE_INFINITY),
        ...addSums(group.map((file) => sumsOfFile(file))),
      }
    })
    .toSorted((a, b) => compare(a.source, b.source) || compare(a.dataset, b.dataset) || compare(a.folder, b.folder))
  return { items, total: items.length }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/** Of a source with several datasets the newest file may be of another one: then the newest that is listed. */
function lastLoaded(
  facts: Facts,
  { datasets }: ViewFilter,
  isOurs: (file: FileRecord) => boolean,
): readonly FileRecord[] {
  const kept = facts.lastLoaded.filter(isOurs)
  if (datasets === undefined) return kept
  const known = new Set(kept.map(({ source }) => source))
  const others = new Map<string, FileRecord>()
  for (const file of facts.files.items) {
    if (file.outcome !== 'loaded' || known.has(file.source) || !isOurs(file)) continue
    const newest = others.get(file.source)
    if (newest === undefined || file.decidedAtMs > newest.decidedAtMs) others.set(file.source, file)
  }
  return [...kept, ...others.values()]
}
