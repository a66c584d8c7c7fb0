/**
 * Does anything need a person? Per source four facets are looked at, and the worst of them is the source's health.
 *
 * Green is earned: a facet without evidence is `unknown`, and unknown is worse than ok. Only freshness may be left out,
 * where nobody said when files should come; the source then says so.
 */
import { dayRange, dayText, runsIn, runsTotal, windowDays, windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { addSums, rowsBrought, rowsTurnedAway } from '../file-sums.ts'
import { bySource, groupBy, isoTime, percentOf, sumOf } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { shellWord } from '../shell-word.ts'
import { sourceNames } from '../source-names.ts'
import {
  checksByDay,
  failedOfCheck,
  runsBySource,
  sumsByDay,
  sumsBySource,
  windowChecks,
  windowRunsByDay,
  windowSums,
} from '../window-sums.ts'
import { amount } from '../wording.ts'
import { isLoading, judgeChecks, judgeFreshness, judgeRun, judgeSchema, latestChecks, successOf } from './facets.ts'
import { freshness } from './freshness.ts'
import type { Freshness } from './freshness-view.ts'
import { HEALTH_RANK, worstHealth } from './health.ts'
import { linkTo } from './link.ts'
import { overviewChanges } from './overview-changes.ts'
import { overviewGauges } from './overview-gauges.ts'
import type { Attention, DayVolume, OverviewTotals, OverviewView, SourceOverview } from './overview-view.ts'
import { countChecks } from './quality.ts'
import { waitingFailures } from './waiting-failures.ts'
import { watermarks } from './watermarks.ts'

/** The main board: what needs attention, totals, gauges, days and changes. */
export function overview(facts: Facts, context: MonitorContext): OverviewView {
  const days = windowDays(facts)
  const fresh = freshness(facts, context)
  const sources = sourcesOf(facts, context, fresh.items, days)
  const totals = totalsOf(facts, sources.length)
  const attention = attentionOf(sources, facts, context)
  // What waits in quarantine is nobody's health, and still not well.
  const health = worstHealth([...sources, ...attention].map((item) => item.health))
  const volumes = volumesOf(facts, days)
  return {
    summary: summarise(sources, attention),
    health,
    sources,
    attention,
    totals,
    gauges: overviewGauges(facts, context, { fresh, days }),
    statusShare: statusShare(facts),
    days: volumes,
    changes: overviewChanges(facts, context),
  }
}

function summarise(sources: readonly SourceOverview[], attention: readonly Attention[]): string {
  if (sources.length === 0) return 'Unknown: no source is configured and nothing was recorded.'
  const bad = attention.filter(({ health }) => health === 'bad').length
  const warn = attention.length - bad
  if (attention.length > 0) {
    const parts = [...(bad > 0 ? [amount(bad, 'problem')] : []), ...(warn > 0 ? [amount(warn, 'warning')] : [])]
    return `Something needs you: ${parts.join(' and ')}.`
  }
  const unknown = sources.filter(({ health }) => health === 'unknown').length
  if (unknown > 0) return `Nothing is known to be wrong, but ${amount(unknown, 'source')} cannot be judged.`
  return `Nothing needs you: ${sources.length === 1 ? 'the source is' : `all ${amount(sources.length, 'source')} are`} well.`
}

function sourcesOf(
  facts: Facts,
  context: MonitorContext,
  fresh: readonly Freshness[],
  days: readonly number[],
): readonly SourceOverview[] {
  const freshBy = new Map(fresh.map((item) => [item.source, item]))
  const runs = runsBySource(facts)
  const named = new Set(facts.failedChecks.items.map(({ run }) => run))
  const runById = new Map(facts.runs.items.filter(({ id }) => named.has(id)).map((run) => [run.id, run]))
  const checks = bySource(windowChecks(facts))
  const sumsOf = sumsBySource(facts)
  const openQuarantine = openBySource(facts)
  return sourceNames(facts, context).map((source) => {
    const evaluated = checks(source)
    const latest = latestChecks(evaluated, (dataset, check) => failedOfCheck(facts, source, dataset, check), runById)
    // Those that load; a profile that ended well says nothing of a load that failed.
    const loading = (runs.get(source) ?? []).filter((run) => isLoading(run))
    const facets = {
      run: judgeRun(loading),
      checks: judgeChecks(latest.filter(({ isSchema }) => !isSchema)),
      freshness: judgeFreshness(freshBy.get(source)),
      schema: judgeSchema(latest.filter(({ isSchema }) => isSchema)),
    }
    const healths = Object.values(facets).flatMap(({ health }) => (health === 'not-watched' ? [] : [health]))
    const last = loading[0]
    const sums = sumsOf.get(source) ?? NONE
    const byDay = groupBy(evaluated, ({ dayMs }) => dayMs)
    return {
      source,
      health: worstHealth(healths),
      ...facets,
      lastRunAt: isoTime(last?.startedAtMs),
      lastRunStatus: last?.status ?? null,
      workingNow: facts.leases.find((lease) => lease.source === source)?.what ?? null,
      score: countChecks(evaluated).score,
      filesLoaded: sums.loaded,
      filesHeld: sums.held,
      rowsLoaded: rowsBrought(sums),
      openQuarantine: openQuarantine(source),
      scores: days.map((dayMs) => countChecks(byDay.get(dayMs) ?? []).score),
      link: linkTo('datasets', { source }),
    }
  })
}

const NONE = addSums([])

/** Listed one by one; from the sums where the list is cut. */
function openBySource({ held, quarantine }: Facts): (source: string) => number {
  const listed = bySource(held.items)
  if (held.items.length >= held.total) return (source) => listed(source).length
  const summed = bySource(quarantine.filter(({ kind, status }) => kind === 'held' && status === 'open'))
  return (source) => sumOf(summed(source), ({ items }) => items)
}

function attentionOf(sources: readonly SourceOverview[], facts: Facts, context: MonitorContext): readonly Attention[] {
  const found: Attention[] = []
  const isHeld = new Set(
    freshness(facts, context).items.flatMap(({ source, heldInPeriod }) => ((heldInPeriod ?? 0) > 0 ? [source] : [])),
  )
  for (const item of sources) {
    const { source } = item
    const name = shellWord(source)
    const failing = `tidegate monitor failures ${name}`
    const facets = {
      run: { command: `tidegate history ${name}`, link: linkTo('runs', { source }) },
      checks: { command: failing, link: linkTo('failures', { source }) },
      freshness: {
        command: `tidegate ${isHeld.has(source) ? 'quarantine ls --source' : 'validate-source'} ${name}`,
        link: linkTo('datasets', { source }),
      },
      schema: { command: failing, link: linkTo('failures', { source }) },
    } as const
    for (const facet of ['run', 'checks', 'freshness', 'schema'] as const) {
      const { health, because } = item[facet]
      if (health !== 'bad' && health !== 'warn') continue
      found.push({ source, health, text: facet === 'freshness' ? `late: ${because}` : because, ...facets[facet] })
    }
    if (item.openQuarantine > 0) {
      const text = `${amount(item.openQuarantine, 'file waits', 'files wait')} in quarantine`
      const link = linkTo('files', { source, outcome: 'held' })
      found.push({ source, health: 'warn', text, command: `tidegate quarantine ls --source ${name}`, link })
    }
  }
  for (const { source, status, runsWithoutAdvance, link } of watermarks(facts, context).items) {
    if (status !== 'stuck') continue
    const text = `the watermark did not move in ${runsWithoutAdvance} runs that loaded files`
    found.push({ source, health: 'warn', text, command: `tidegate watermarks get ${shellWord(source)}`, link })
  }
  return found.toSorted((a, b) => HEALTH_RANK[b.health] - HEALTH_RANK[a.health])
}

function totalsOf(facts: Facts, sources: number): OverviewTotals {
  const runs = runsIn(facts)
  const sums = windowSums(facts)
  const range = windowRange(facts)
  return {
    sources,
    runs: runsTotal(facts),
    successPercent: successOf(runs),
    score: countChecks(windowChecks(facts)).score,
    filesLoaded: sums.loaded,
    filesHeld: sums.held,
    filesFailed: waitingFailures(facts).total,
    rowsLoaded: rowsBrought(sums),
    rowsRejected: rowsTurnedAway(sums),
    bytesRead: sumOf(runs, ({ bytesRead }) => bytesRead),
    openQuarantine: facts.held.total,
    links: {
      runs: linkTo('runs', range),
      filesLoaded: linkTo('files', { outcome: 'loaded', ...range }),
      filesHeld: linkTo('files', { outcome: 'held', ...range }),
      filesFailed: linkTo('failures', range),
      rowsRejected: linkTo('files', { order: 'lowest-score', ...range }),
      openQuarantine: linkTo('files', { outcome: 'held' }),
    },
  }
}

function statusShare(facts: Facts): OverviewView['statusShare'] {
  const runs = runsIn(facts)
  return Array.from(
    groupBy(runs, ({ status }) => status),
    ([status, group]) => ({
      status,
      count: group.length,
      percent: percentOf(group.length, runs.length) ?? 0,
      link: linkTo('runs', { status, ...windowRange(facts) }),
    }),
  ).toSorted((a, b) => b.count - a.count)
}

function volumesOf(facts: Facts, days: readonly number[]): readonly DayVolume[] {
  const files = sumsByDay(facts)
  const checks = checksByDay(facts)
  const runs = windowRunsByDay(facts)
  return days.map((dayMs) => {
    const sums = files.get(dayMs) ?? NONE
    const ran = runs.get(dayMs) ?? []
    return {
      day: dayText(dayMs),
      runs: ran.length,
      runsFailed: ran.filter(({ status }) => status === 'failed' || status === 'gate-failed').length,
      filesLoaded: sums.loaded,
      filesHeld: sums.held,
      filesSkipped: sums.skipped,
      rowsRead: sums.rowsRead,
      rowsLoaded: rowsBrought(sums),
      rowsRejected: rowsTurnedAway(sums),
      bytes: sums.bytes,
      score: countChecks(checks.get(dayMs) ?? []).score,
      link: linkTo('overview', dayRange(dayMs)),
    }
  })
}
