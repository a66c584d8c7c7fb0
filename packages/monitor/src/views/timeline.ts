import type { FileRecord, RunRecord } from '@tidegate/core'
import { DAY_MS, dayOf, dayRange, daysIn, HOUR_MS, hourOf, runsIn, runsTotal, windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { groupBy, groupByDataset, isoTime, quantileOfSorted, sortNumbers, sumOf } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { windowRunsByDay } from '../window-sums.ts'
import { amount, count, duration } from '../wording.ts'
import { linkTo } from './link.ts'
import { durationOf } from './performance.ts'
import { schemas } from './schemas.ts'
import type { Annotation, TimelineBin, TimelineRun, TimelineView } from './timeline-view.ts'

const RUNS = 2000
const ANNOTATIONS = 500

/** What ran when, for how long and how it ended, and what else happened meanwhile. */
export function timeline(facts: Facts, context: MonitorContext): TimelineView {
  const newestFirst = runsIn(facts)
  const total = runsTotal(facts)
  const annotations = annotationsOf(facts, context)
  const byStatus = Array.from(
    groupBy(newestFirst, ({ status }) => status),
    ([status, group]) => ({ status, count: group.length, link: linkTo('runs', { status, ...windowRange(facts) }) }),
  ).toSorted((a, b) => b.count - a.count)
  return {
    summary: summarise(newestFirst, total, byStatus, annotations.length),
    runs: newestFirst
      .slice(0, RUNS)
      .toReversed()
      .map((run) => timelineRun(run)),
    runsTotal: total,
    ...binsOf(facts, newestFirst),
    byStatus,
    annotations: annotations.slice(-ANNOTATIONS),
    annotationsTotal: annotations.length,
  }
}

function summarise(
  runs: readonly RunRecord[],
  total: number,
  byStatus: TimelineView['byStatus'],
  annotations: number,
): string {
  if (runs.length === 0) return 'Nothing ran in the window.'
  const parts = byStatus.map((item) => `${count(item.count)} ${item.status}`).join(', ')
  const longest = runs.reduce((most, run) => Math.max(most, durationOf(run) ?? 0), 0)
  const events = annotations === 0 ? '' : `; ${amount(annotations, 'other event')}`
  return `${amount(total, 'run')} (${parts}), the longest took ${duration(longest)}${events}.`
}

function timelineRun(run: RunRecord): TimelineRun {
  return {
    run: run.id,
    source: run.source,
    command: run.command,
    status: run.status,
    startedAt: isoTime(run.startedAtMs) ?? '',
    endedAt: isoTime(run.endedAtMs),
    durationMs: durationOf(run),
    rowsRead: run.rowsRead,
    rowsLoaded: run.rowsLoaded,
    rowsRejected: run.rowsRejected,
    bytesRead: run.bytesRead,
    filesLoaded: run.filesLoaded,
    filesHeld: run.filesHeld,
    filesSkipped: run.filesSkipped,
    filesFailed: run.filesFailed,
    errorCode: run.errorCode,
    link: linkTo('runs', { run: run.id }),
  }
}

const HOURS_UP_TO_MS = 15 * DAY_MS

/** All runs in steps of time, as many as there are: what draws them all draws these. */
function binsOf(facts: Facts, runs: readonly RunRecord[]): Pick<TimelineView, 'binStep' | 'bins'> {
  const isHours = facts.untilMs - facts.sinceMs <= HOURS_UP_TO_MS
  const [begin, sizeMs] = isHours ? [hourOf, HOUR_MS] : [dayOf, DAY_MS]
  const steps = groupBy(runs, ({ startedAtMs }) => begin(startedAtMs))
  const bins = Array.from(steps.keys())
    .toSorted((a, b) => a - b)
    .flatMap((fromMs) =>
      Array.from(
        groupBy(steps.get(fromMs) ?? [], ({ status }) => status),
        ([status, group]): TimelineBin => {
          const took = sortNumbers(group.flatMap((run) => durationOf(run) ?? []))
          const since = isoTime(fromMs) ?? ''
          return {
            at: since,
            status,
            runs: group.length,
            durationMsP50: quantileOfSorted(took, 0.5),
            durationMsMax: took.at(-1) ?? null,
            rowsRead: sumOf(group, ({ rowsRead }) => rowsRead),
            link: linkTo('runs', { status, since, until: isoTime(fromMs + sizeMs) }),
          }
        },
      ),
    )
  return { binStep: isHours ? 'hour' : 'day', bins }
}

function annotationsOf(facts: Facts, context: MonitorContext): readonly Annotation[] {
  const changes = schemas(facts, context).changes.map(({ kind, at, source, dataset, text, link }): Annotation => ({
    at,
    kind: kind === 'schema' ? 'schema-change' : 'contract-change',
    source,
    dataset,
    text,
    link,
  }))
  return [...changes, ...repairsOf(facts), ...replaysOf(facts)].toSorted((a, b) =>
    a.at < b.at ? -1 : Number(a.at > b.at),
  )
}

function repairsOf(facts: Facts): readonly Annotation[] {
  const repaired = facts.files.items.filter(({ repair, outcome }) => repair !== undefined && outcome === 'loaded')
  const filesOn = groupBy(repaired, ({ decidedAtMs }) => dayOf(decidedAtMs))
  const runsOn = windowRunsByDay(facts)
  return groupByDataset(daysIn(facts.repairs, facts)).flatMap(({ source, dataset, items }) => {
    return Array.from(
      groupBy(items, ({ dayMs }) => dayMs),
      ([dayMs, group]): Annotation => {
        const files = (filesOn.get(dayMs) ?? []).filter((file) => file.source === source && file.dataset === dataset)
        const runs = (runsOn.get(dayMs) ?? []).filter((run) => run.source === source)
        const atMs = repairedAt(files, runs) ?? dayMs
        const amountOfFiles = sumOf(group, (item) => item.files)
        const rows = sumOf(group, ({ rowsLoaded }) => rowsLoaded)
        return {
          at: isoTime(atMs) ?? '',
          kind: 'repair',
          source,
          dataset,
          text: `${amount(amountOfFiles, 'damaged file')} of ${dataset} loaded repaired, ${amount(rows, 'row')}`,
          link: linkTo('files', { source, dataset, repaired: 'true', ...dayRange(dayMs) }),
        }
      },
    )
  })
}

/** The day's first listed repaired file; else the end of its first run that loaded something. */
function repairedAt(files: readonly FileRecord[], newestFirst: readonly RunRecord[]): number | undefined {
  if (files.length > 0)
    return files.reduce((least, { decidedAtMs }) => Math.min(least, decidedAtMs), Number.POSITIVE_INFINITY)
  const run = newestFirst.findLast(({ filesLoaded }) => filesLoaded > 0)
  return run?.endedAtMs ?? run?.startedAtMs
}

/** Runs that brought rows back out of quarantine or gave them up. */
function replaysOf(facts: Facts): readonly Annotation[] {
  return runsIn(facts)
    .filter(({ command }) => command === 'replay' || command === 'release' || command === 'discard')
    .map((run) => ({
      at: isoTime(run.startedAtMs) ?? '',
      kind: 'replay' as const,
      source: run.source,
      dataset: null,
      text: `${run.command} of ${run.source}: ${amount(run.rowsLoaded, 'row')} loaded`,
      link: linkTo('runs', { run: run.id }),
    }))
}
