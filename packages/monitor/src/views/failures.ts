import type { CheckDay, CheckFailures, CheckRecord } from '@tidegate/core'
import { dayOf, dayRange, daysIn, dayText, hourOf, windowDays, windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { groupBy, groupByDataset, idOf, isoTime, keyOf, percentOf, sumOf } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { oncePerFacts } from '../once-per-facts.ts'
import { suggestFix } from '../suggest-fix.ts'
import { failedOfCheck } from '../window-sums.ts'
import { amount, count, percent } from '../wording.ts'
import { EXAMPLES, type CauseFacts } from './cause-facts.ts'
import { fileCauses } from './failures-of-files.ts'
import { runCauses } from './failures-of-runs.ts'
import type { FailureCause, FailuresView } from './failures-view.ts'
import { linkTo } from './link.ts'

const CAUSES = 200

/** Groups what failed by cause. */
export function failures(facts: Facts, _context: MonitorContext): FailuresView {
  return known(facts)
}

const known = oncePerFacts((facts) => findCauses(facts))

function findCauses(facts: Facts): FailuresView {
  const found = [...checkCauses(facts), ...fileCauses(facts), ...runCauses(facts)].toSorted(
    (a, b) => b.count - a.count || b.lastMs - a.lastMs,
  )
  const total = sumOf(found, (cause) => cause.count)
  const days = windowDays(facts)
  let seen = 0
  const causes = found.map((cause) => {
    seen += cause.count
    return describeCause(cause, total, seen, days, facts)
  })
  const vitalFew = causes.findIndex(({ cumulativePercent }) => cumulativePercent >= 80) + 1
  return {
    summary: summarise(total, causes, vitalFew),
    total,
    causes: causes.slice(0, CAUSES),
    causesTotal: causes.length,
    vitalFew,
    days: days.map((dayMs) => ({
      day: dayText(dayMs),
      count: sumOf(found, ({ countByDay }) => countByDay.get(dayMs) ?? 0),
      link: linkTo('failures', dayRange(dayMs)),
    })),
  }
}

function summarise(total: number, causes: readonly FailureCause[], vitalFew: number): string {
  const first = causes[0]
  if (first === undefined) return 'Nothing failed in the window.'
  const where = first.dataset ?? first.source
  return (
    `${amount(total, 'failure')} of ${amount(causes.length, 'cause')}; ${amount(vitalFew, 'cause makes', 'causes make')} up ` +
    `80 % or more, the first being ${first.code} of ${where} with ${count(first.count)} (${percent(first.sharePercent)}).`
  )
}

function describeCause(
  cause: CauseFacts,
  total: number,
  seen: number,
  days: readonly number[],
  facts: Facts,
): FailureCause {
  const { firstMs, lastMs, countByDay, type, outcome, rowLevel, offer, ...told } = cause
  const { kind, code, source, dataset, severity } = cause
  return {
    fingerprint: idOf(kind, source, dataset, code),
    ...told,
    sharePercent: percentOf(cause.count, total) ?? 0,
    cumulativePercent: percentOf(seen, total) ?? 0,
    firstSeenAt: isoTime(firstMs),
    lastSeenAt: isoTime(lastMs),
    suggestion: suggestFix({ kind, code, type, outcome, severity, rowLevel, source, offer }),
    byDay: days.map((dayMs) => countByDay.get(dayMs) ?? 0),
    link:
      kind === 'run'
        ? linkTo('runs', { source, status: 'failed', ...windowRange(facts) })
        : linkTo('files', {
            source,
            dataset,
            ...(kind === 'check' ? { check: code } : { cause: code }),
            ...windowRange(facts),
          }),
  }
}

function checkCauses(facts: Facts): readonly CauseFacts[] {
  const ofDataset = groupByDataset(daysIn(facts.checkDays, facts))
  const days = new Map(ofDataset.map(({ source, dataset, items }) => [keyOf(source, dataset), byCheck(items)]))
  return groupByDataset(facts.checkFailures).flatMap(({ source, dataset, items }) =>
    Array.from(byCheck(items), ([check, group]) =>
      checkCause(
        group,
        failedOfCheck(facts, source, dataset, check),
        days.get(keyOf(source, dataset))?.get(check) ?? [],
      ),
    ),
  )
}

function byCheck<Item extends { readonly check: string }>(
  items: readonly Item[],
): ReadonlyMap<string, readonly Item[]> {
  return groupBy(items, ({ check }) => check)
}

function checkCause(
  hours: readonly CheckFailures[],
  newestFirst: readonly CheckRecord[],
  days: readonly CheckDay[],
): CauseFacts {
  // Groups are made of at least one hour.
  const { source, dataset, check } = hours[0]!
  const last = newestFirst[0]
  const lastDay = days.reduce<CheckDay | undefined>(
    (latest, day) => (latest === undefined || day.lastMs > latest.lastMs ? day : latest),
    undefined,
  )
  const files = [...new Set(newestFirst.map(({ file }) => file))]
  const firstHour = hours.reduce((first, hour) => (hour.hourMs < first.hourMs ? hour : first))
  const lastHour = hours.reduce((latest, { hourMs }) => Math.max(latest, hourMs), Number.NEGATIVE_INFINITY)
  const countByDay = new Map<number, number>()
  for (const { hourMs, failed, errors } of hours) {
    countByDay.set(dayOf(hourMs), (countByDay.get(dayOf(hourMs)) ?? 0) + failed + errors)
  }
  return {
    kind: 'check',
    code: check,
    source,
    dataset,
    severity: last?.result.severity ?? lastDay?.severity ?? 'critical',
    count: sumOf(hours, ({ failed, errors }) => failed + errors),
    files:
      newestFirst.length === sumOf(hours, (hour) => hour.failed + hour.errors)
        ? files.length
        : sumOf(hours, (hour) => hour.files),
    examples: files.slice(0, EXAMPLES),
    rows: sumOf(days, ({ unexpectedRows }) => unexpectedRows),
    message: last?.result.error?.message ?? last?.result.message ?? '',
    firstMs: firstOf(firstHour, newestFirst),
    lastMs: last?.checkedAtMs ?? lastHour,
    countByDay,
    type: last?.result.type ?? lastDay?.type,
    outcome: last?.result.outcome === 'error' ? 'error' : 'failed',
    rowLevel: last?.result.rowLevel,
  }
}

/** To the millisecond where all failures of the first hour are listed, else its begin. */
function firstOf({ hourMs, failed, errors }: CheckFailures, newestFirst: readonly CheckRecord[]): number {
  const listed = newestFirst.filter(({ checkedAtMs }) => hourOf(checkedAtMs) === hourMs).map((item) => item.checkedAtMs)
  return listed.length === failed + errors && listed.length > 0 ? Math.min(...listed) : hourMs
}
