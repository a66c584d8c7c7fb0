/**
 * Damage and other reasons that are no checks: of every file the first of them. Files are listed one by one up to a cap; the
 * sums of the quarantine count all of them. The larger of both counts is the better one.
 */
import type { FileFailure, FileRecord, QuarantineSums } from '@tidegate/core'
import { dayOf, daysIn } from '../days.ts'
import type { Facts } from '../facts.ts'
import { groupBy, keyOf, sumOf } from '../figures.ts'
import { EXAMPLES, type CauseFacts } from './cause-facts.ts'

/** What a repair could do about a damaged file is no failure of its own. */
const OFFER = 'REPAIR_IS_LOSSY'
export const REMARKS: ReadonlySet<string> = new Set([OFFER, 'REPAIR_REFUSED'])

export function fileCauses(facts: Facts): readonly CauseFacts[] {
  return [...heldCauses(facts), ...unjudgedCauses(facts)]
}

interface HeldReason {
  readonly file: FileRecord
  readonly code: string
  readonly severity: string
  readonly message: string
  readonly rows: number
}

function heldCauses(facts: Facts): readonly CauseFacts[] {
  let checks: ReadonlySet<string> | undefined
  const isCheck = (source: string, dataset: string, code: string): boolean => {
    checks ??= new Set(facts.checkDays.map((day) => keyOf(day.source, day.dataset, day.check)))
    return checks.has(keyOf(source, dataset, code))
  }

  const listed = groupBy(
    heldInWindow(facts).flatMap((file): HeldReason[] => {
      // One damage shows in several findings: the first one names it.
      const first = file.reasons.find(({ check }) => !REMARKS.has(check) && !isCheck(file.source, file.dataset, check))
      if (first === undefined) return []
      const { check: code, severity, message, failedRows = 0 } = first
      return [{ file, code, severity, message, rows: failedRows }]
    }),
    ({ file, code }) => keyOf(file.source, file.dataset, code),
  )
  const summed = groupBy(
    daysIn(facts.quarantine, facts).filter(
      ({ kind, source, dataset, reason }) =>
        kind === 'held' && reason !== '' && !REMARKS.has(reason) && !isCheck(source, dataset, reason),
    ),
    ({ source, dataset, reason }) => keyOf(source, dataset, reason),
  )
  return [...new Set([...listed.keys(), ...summed.keys()])].map((key) =>
    heldCause(listed.get(key) ?? [], summed.get(key) ?? []),
  )
}

/** Listed as open or as worth a look, each once, newest first. */
function heldInWindow({ held, files, sinceMs, untilMs }: Facts): readonly FileRecord[] {
  const found = new Map<string, FileRecord>()
  for (const file of [...held.items, ...files.items]) {
    if (file.outcome !== 'held' || file.decidedAtMs < sinceMs || file.decidedAtMs >= untilMs) continue
    found.set(keyOf(file.location, file.id), file)
  }
  return [...found.values()].toSorted((a, b) => b.decidedAtMs - a.decidedAtMs)
}

function heldCause(newestFirst: readonly HeldReason[], sums: readonly QuarantineSums[]): CauseFacts {
  const last = newestFirst[0]
  const days = new Map<number, number>()
  for (const { file } of newestFirst) days.set(dayOf(file.decidedAtMs), (days.get(dayOf(file.decidedAtMs)) ?? 0) + 1)
  const summedDays = new Map<number, number>()
  for (const { dayMs, items } of sums) summedDays.set(dayMs, (summedDays.get(dayMs) ?? 0) + items)
  const count = sumOf(sums, ({ items }) => items)
  const isWhole = newestFirst.length >= count
  const files = [...new Set(newestFirst.map(({ file }) => file.id))]
  const listedTimes = newestFirst.map(({ file }) => file.decidedAtMs)
  const times = isWhole ? listedTimes : [...listedTimes, ...sums.map(({ dayMs }) => dayMs)]
  return {
    kind: 'file',
    code: last?.code ?? sums[0]?.reason ?? '',
    source: last?.file.source ?? sums[0]?.source ?? '',
    dataset: last?.file.dataset ?? sums[0]?.dataset ?? '',
    severity: last?.severity ?? 'critical',
    count: isWhole ? newestFirst.length : count,
    files: isWhole ? files.length : count,
    examples: files.slice(0, EXAMPLES),
    rows: sumOf(newestFirst, ({ rows }) => rows),
    message: last?.message ?? '',
    firstMs: times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY),
    lastMs: times.reduce((latest, time) => Math.max(latest, time), Number.NEGATIVE_INFINITY),
    countByDay: isWhole ? days : summedDays,
    offer: newestFirst.find(({ file }) => file.reasons.some(({ check }) => check === OFFER))?.file.path,
  }
}

/** Files that could not be judged: read errors, crashes. */
function unjudgedCauses({ failures, sinceMs, untilMs }: Facts): readonly CauseFacts[] {
  const inWindow = failures.items.filter(({ failedAtMs }) => failedAtMs >= sinceMs && failedAtMs < untilMs)
  const groups = groupBy(inWindow, ({ source, dataset, code }) => keyOf(source, dataset, code))
  return Array.from(groups.values(), (group) => unjudgedCause(group))
}

function unjudgedCause(newestFirst: readonly FileFailure[]): CauseFacts {
  // Groups are made of at least one failure.
  const last = newestFirst[0]!
  const files = [...new Set(newestFirst.map(({ source, path }) => `${source}/${path}`))]
  const days = new Map<number, number>()
  for (const { failedAtMs } of newestFirst) days.set(dayOf(failedAtMs), (days.get(dayOf(failedAtMs)) ?? 0) + 1)
  return {
    kind: 'file',
    code: last.code,
    source: last.source,
    // Where the source itself could not be read, there is no file and no dataset.
    dataset: last.dataset === '' ? null : last.dataset,
    severity: 'critical',
    count: newestFirst.length,
    files: files.length,
    examples: files.slice(0, EXAMPLES),
    rows: 0,
    message: last.message,
    firstMs: newestFirst.reduce((least, { failedAtMs }) => Math.min(least, failedAtMs), Number.POSITIVE_INFINITY),
    lastMs: newestFirst.reduce((latest, { failedAtMs }) => Math.max(latest, failedAtMs), Number.NEGATIVE_INFINITY),
    countByDay: days,
  }
}
