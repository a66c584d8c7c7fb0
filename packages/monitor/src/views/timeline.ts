import type { RunRecord } from '@tidegate/core'
import { dayRange, daysIn, runsIn, runsTotal, windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { groupBy, isoTime, keyOf, sumOf } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { amount, count, duration } from '../wording.ts'
import { linkTo } from './link.ts'
import { durationOf } from './performance.ts'
import { schemas } from './schemas.ts'
import type { Annotation, TimelineRun, TimelineView } from './timeline-view.ts'

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
  const groups = groupBy(daysIn(facts.repairs, facts), ({ source, dataset, dayMs }) =>
    keyOf(source, dataset, String(dayMs)),
  )
  return Array.from(groups.values(), (group): Annotation => {
    // Groups are made of at least one sum.
    const { source, dataset, dayMs } = group[0]!
    const files = sumOf(group, (item) => item.files)
    const rows = sumOf(group, ({ rowsLoaded }) => rowsLoaded)
    return {
      at: isoTime(dayMs) ?? '',
      kind: 'repair',
      source,
      dataset,
      text: `${amount(files, 'damaged file')} of ${dataset} loaded repaired, ${amount(rows, 'row')}`,
      link: linkTo('files', { source, dataset, repaired: 'true', ...dayRange(dayMs) }),
    }
  })
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
