import { DAY_MS, dayOf, daysIn, runsTotal, windowRange } from '../days.ts'
import { FACT_LIMITS, type Facts } from '../facts.ts'
import { filesOf, rowsBrought } from '../file-sums.ts'
import { isoTime, sumOf } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { datasetNames, sourceNames } from '../source-names.ts'
import { windowSums } from '../window-sums.ts'
import { amount, listing } from '../wording.ts'
import { linkTo } from './link.ts'
import type { ReportCount, ReportList, ReportView } from './report-view.ts'

/** What the report covers, what it leaves out, and how to make it again. */
export function report(facts: Facts, context: MonitorContext): ReportView {
  const range = windowRange(facts)
  const configured = new Set(context.config.map(({ name }) => name))
  const sources = sourceNames(facts, context).map((source) => ({
    source,
    configured: configured.has(source),
    link: linkTo('datasets', { source }),
  }))
  const lists = listsOf(facts)
  const cut = lists.filter(({ shown, total }) => shown < total)
  const days = Math.round((dayOf(Math.max(facts.sinceMs, facts.untilMs - 1)) - dayOf(facts.sinceMs)) / DAY_MS) + 1
  return {
    summary:
      `${amount(sources.length, 'source')} over ${amount(days, 'day')}; ` +
      `${cut.length === 0 ? 'every list is whole' : `shortened: ${listing(cut.map(({ name, shown, total }) => `${name} (${shown} of ${total})`))}`}.`,
    generatedAt: isoTime(context.nowMs),
    window: { ...range, days },
    reachesBackTo: isoTime(facts.reachMs),
    sources,
    datasets: datasetNames(facts).map((names) => ({ ...names, link: linkTo('datasets', names) })),
    counts: countsOf(facts),
    lists,
    truncated: cut.length > 0,
    version: context.version ?? null,
    command: context.command ?? null,
    notes: NOTES,
  }
}

const NOTES: readonly string[] = [
  'Figures by day count whole UTC days, figures by hour whole hours: from that in which the window begins.',
  'Rows loaded are those that the files brought into the target, what was replayed out of quarantine since included.',
  'Comparisons look at rows as the files were judged, on the day they were judged.',
  'The score is the share of checks that passed; a check that could not run did not pass.',
  `Of every check the newest ${FACT_LIMITS.resultsPerCheck} failures are listed one by one; all are counted.`,
]

function countsOf(facts: Facts): readonly ReportCount[] {
  const range = windowRange(facts)
  const sums = windowSums(facts)
  const checks = sumOf(daysIn(facts.checkDays, facts), ({ passed, failed, errors }) => passed + failed + errors)
  return [
    { name: 'runs', count: runsTotal(facts), link: linkTo('runs', range) },
    { name: 'files', count: filesOf(sums), link: linkTo('files', range) },
    { name: 'rows', count: rowsBrought(sums), link: linkTo('files', { outcome: 'loaded', ...range }) },
    { name: 'bytes', count: sums.bytes, link: linkTo('files', range) },
    { name: 'checks', count: checks, link: linkTo('quality', range) },
    { name: 'failures', count: facts.failures.total, link: linkTo('failures', range) },
    { name: 'open-quarantine', count: facts.held.total, link: linkTo('files', { outcome: 'held' }) },
    { name: 'schemas', count: facts.schemas.length, link: linkTo('datasets') },
  ]
}

function listsOf(facts: Facts): readonly ReportList[] {
  const range = windowRange(facts)
  return [
    { section: 'timeline', name: 'runs', ...lengthOf(facts.runs), link: linkTo('runs', range) },
    { section: 'files', name: 'folders', ...lengthOf(facts.folders), link: linkTo('files', range) },
    { section: 'files', name: 'files', ...lengthOf(facts.files), link: linkTo('files', range) },
    { section: 'failures', name: 'failed checks', ...lengthOf(facts.failedChecks), link: linkTo('failures', range) },
    { section: 'failures', name: 'files not judged', ...lengthOf(facts.failures), link: linkTo('failures', range) },
    { section: 'quarantine', name: 'held files', ...lengthOf(facts.held), link: linkTo('files', { outcome: 'held' }) },
  ]
}

function lengthOf({ items, total }: { readonly items: readonly unknown[]; readonly total: number }): {
  readonly shown: number
  readonly total: number
} {
  return { shown: items.length, total: Math.max(total, items.length) }
}
