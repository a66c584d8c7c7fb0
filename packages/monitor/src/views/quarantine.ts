import type { FileRecord, QuarantineSums, RepairSums } from '@tidegate/core'
import { dayRange, daysIn, dayText, windowDays, windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { addSums, rowsTurnedAway } from '../file-sums.ts'
import { groupBy, isoTime, keyOf, sumOf } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { sumsByDay, windowSums } from '../window-sums.ts'
import { amount, bytes, count, duration } from '../wording.ts'
import { REMARKS } from './failures-of-files.ts'
import { linkTo } from './link.ts'
import type {
  DatasetQuarantine,
  QuarantineDay,
  QuarantinedFile,
  QuarantineReason,
  QuarantineStatus,
  QuarantineView,
  RepairOutcome,
} from './quarantine-view.ts'

const ITEMS = 50

/** What waits in quarantine for a person, what became of the rest, and what repair brought back. */
export function quarantine(facts: Facts, { nowMs }: MonitorContext): QuarantineView {
  const open = facts.held.items
  const oldestFirst = open.toSorted((a, b) => a.decidedAtMs - b.decidedAtMs)
  const openHeld = facts.quarantine.filter(({ kind, status }) => kind === 'held' && status === 'open')
  const openSplit = facts.quarantine.filter(({ kind, status }) => kind === 'rows' && status === 'open')
  const sums = windowSums(facts)
  const put = rowsPut(facts)
  const range = windowRange(facts)
  const isWhole = open.length >= facts.held.total
  // The list is cut at its old end; the sums know the day.
  const oldestMs = isWhole
    ? oldestFirst[0]?.decidedAtMs
    : openHeld.map(({ dayMs }) => dayMs).toSorted((a, b) => a - b)[0]
  const view = {
    openFiles: facts.held.total,
    openRows: isWhole ? sumOf(open, ({ rowsRejected }) => rowsRejected) : sumOf(openHeld, ({ rows }) => rows),
    openBytes: isWhole ? sumOf(open, (file) => file.bytes) : sumOf(openHeld, (item) => item.bytes),
    oldestAt: isoTime(oldestMs),
    oldestAgeMs: oldestMs === undefined ? null : nowMs - oldestMs,
    openSplitRows: sumOf(openSplit, ({ rows }) => rows),
    openSplitItems: sumOf(openSplit, ({ items }) => items),
    rejectedRows: sumOf(put, ({ split }) => split),
    replayedRows: sums.rowsReplayed,
    discardedRows: sums.rowsDiscarded,
    repair: repairOutcome(daysIn(facts.repairs, facts)),
  }
  return {
    summary: summarise(view),
    ...view,
    datasets: byDataset(isWhole ? open.map((file) => openFile(file)) : openHeld),
    reasons: byReason(isWhole ? open : [], isWhole ? openSplit : [...openHeld, ...openSplit]),
    byStatus: byStatus(
      daysIn(facts.quarantine, facts),
      sumOf(put, ({ again }) => again),
    ),
    days: byDay(facts, put),
    items: oldestFirst.slice(0, ITEMS).map((file) => quarantined(file, nowMs)),
    links: {
      open: linkTo('files', { outcome: 'held' }),
      rejected: linkTo('files', { outcome: 'loaded', order: 'lowest-score', ...range }),
      repaired: linkTo('files', { repaired: 'true', ...range }),
    },
  }
}

type Counted = Pick<
  QuarantineView,
  'openFiles' | 'openRows' | 'openBytes' | 'oldestAgeMs' | 'openSplitRows' | 'replayedRows' | 'repair'
>

function summarise(view: Counted): string {
  const waits =
    view.openFiles === 0
      ? 'No file waits in quarantine'
      : `${amount(view.openFiles, 'file waits', 'files wait')} in quarantine (${amount(view.openRows, 'row')}, ` +
        `${bytes(view.openBytes)}), the oldest for ${duration(view.oldestAgeMs)}`
  const split = view.openSplitRows === 0 ? '' : `; ${amount(view.openSplitRows, 'split-off row')} of loaded files too`
  const replayed = view.replayedRows === 0 ? '' : ` ${amount(view.replayedRows, 'row')} came back by replay.`
  const { files, partial, rowsLoaded } = view.repair
  const repaired =
    files === 0
      ? ''
      : ` Repair brought back ${amount(rowsLoaded, 'row')} of ${amount(files, 'damaged file')}` +
        `${partial === 0 ? '' : `, ${count(partial)} of them in part`}.`
  return `${waits}${split}.${replayed}${repaired}`
}

/** A listed file as the sums have it, but for the time of day. */
function openFile({ source, dataset, rowsRejected, decidedAtMs }: FileRecord): OpenSum {
  return { source, dataset, items: 1, rows: rowsRejected, dayMs: decidedAtMs }
}

type OpenSum = Pick<QuarantineSums, 'source' | 'dataset' | 'items' | 'rows' | 'dayMs'>

function byDataset(open: readonly OpenSum[]): readonly DatasetQuarantine[] {
  return Array.from(
    groupBy(open, ({ source, dataset }) => keyOf(source, dataset)).values(),
    (group): DatasetQuarantine => {
      const { source = '', dataset = '' } = group[0] ?? {}
      return {
        source,
        dataset,
        files: sumOf(group, ({ items }) => items),
        rows: sumOf(group, ({ rows }) => rows),
        oldestAt: isoTime(group.reduce((least, { dayMs }) => Math.min(least, dayMs), Number.POSITIVE_INFINITY)),
        link: linkTo('files', { source, dataset, outcome: 'held' }),
      }
    },
  ).toSorted((a, b) => b.files - a.files)
}

/** A listed file counts for each of its reasons, what is only summed for its first one. */
function byReason(open: readonly FileRecord[], summed: readonly QuarantineSums[]): readonly QuarantineReason[] {
  const reasons = new Map<string, { files: number; rows: number; message: string }>()
  const of = (check: string): { files: number; rows: number; message: string } => {
    const known = reasons.get(check) ?? { files: 0, rows: 0, message: '' }
    reasons.set(check, known)
    return known
  }
  for (const file of open) {
    const seen = new Set<string>()
    for (const { check, message } of file.reasons) {
      if (seen.has(check) || REMARKS.has(check)) continue
      seen.add(check)
      const reason = of(check)
      reason.files += 1
      reason.rows += file.rowsRejected
      if (reason.message === '') reason.message = message
    }
  }
  for (const { reason: check, items, rows } of summed) {
    if (check === '') continue
    const reason = of(check)
    reason.files += items
    reason.rows += rows
  }
  return Array.from(reasons, ([check, counts]) => ({
    check,
    ...counts,
    link: linkTo('files', { outcome: 'held', cause: check }),
  })).toSorted((a, b) => b.files - a.files || b.rows - a.rows)
}

const NONE = addSums([])

interface RowsPut {
  readonly dayMs: number
  /** Split off files that were loaded without them. */
  readonly split: number
  /** Put back by a replay that loaded the others: they are in a second record now. */
  readonly again: number
}

/**
 * Rows split off, by day, each once. Records count those twice that a replay put back; the sums of files count every row on
 * the day its file was judged, but those of held files among them.
 */
function rowsPut(facts: Facts): readonly RowsPut[] {
  const judged = sumsByDay(facts)
  return Array.from(
    groupBy(daysIn(facts.quarantine, facts), ({ dayMs }) => dayMs),
    ([dayMs, group]) => {
      const recorded = sumOf(group, ({ kind, rows }) => (kind === 'rows' ? rows : 0))
      const held = sumOf(group, ({ kind, status, rows }) => (kind === 'held' && STILL_HELD.has(status) ? rows : 0))
      const split = Math.min(recorded, Math.max(0, rowsTurnedAway(judged.get(dayMs) ?? NONE) - held))
      return { dayMs, split, again: recorded - split }
    },
  )
}

/** Of a held file that was replayed or released the sums know only as what it was judged then. */
const STILL_HELD: ReadonlySet<QuarantineSums['status']> = new Set(['open', 'superseded', 'discarded'])

/** @param again rows that stand in two records: taken off those that left by replay */
function byStatus(sums: readonly QuarantineSums[], again: number): readonly QuarantineStatus[] {
  return Array.from(groupBy(sums, ({ kind, status }) => keyOf(kind, status)).values(), (group): QuarantineStatus => {
    const { kind = 'held', status = 'open' } = group[0] ?? {}
    const rows = sumOf(group, (item) => item.rows)
    return {
      kind,
      status,
      items: sumOf(group, ({ items }) => items),
      rows: kind === 'rows' && status === 'replayed' ? Math.max(0, rows - again) : rows,
      bytes: sumOf(group, (item) => item.bytes),
    }
  }).toSorted((a, b) => b.items - a.items || (`${a.kind} ${a.status}` < `${b.kind} ${b.status}` ? -1 : 1))
}

function byDay(facts: Facts, put: readonly RowsPut[]): readonly QuarantineDay[] {
  const groups = groupBy(facts.quarantine, ({ dayMs }) => dayMs)
  const split = new Map(put.map((day) => [day.dayMs, day.split]))
  return windowDays(facts).map((dayMs) => {
    const group = groups.get(dayMs) ?? []
    return {
      day: dayText(dayMs),
      held: sumOf(group, ({ kind, items }) => (kind === 'held' ? items : 0)),
      rows: sumOf(group, ({ kind, rows }) => (kind === 'held' ? rows : 0)) + (split.get(dayMs) ?? 0),
      openItems: sumOf(group, ({ status, items }) => (status === 'open' ? items : 0)),
      link: linkTo('files', { outcome: 'held', ...dayRange(dayMs) }),
    }
  })
}

function quarantined(file: FileRecord, nowMs: number): QuarantinedFile {
  return {
    id: file.id,
    source: file.source,
    dataset: file.dataset,
    path: file.path,
    rows: file.rowsRejected,
    bytes: file.bytes,
    heldAt: isoTime(file.decidedAtMs),
    ageMs: nowMs - file.decidedAtMs,
    score: file.score,
    reasons: file.reasons.map(({ check }) => check),
    quarantinePath: file.quarantinePath,
    link: linkTo('files', { source: file.source, file: file.path }),
  }
}

function repairOutcome(sums: readonly RepairSums[]): RepairOutcome {
  const partial = (group: readonly RepairSums[]): number =>
    sumOf(group, ({ status, files }) => (status === 'partial' ? files : 0))
  return {
    files: sumOf(sums, ({ files }) => files),
    partial: partial(sums),
    rowsLoaded: sumOf(sums, ({ rowsLoaded }) => rowsLoaded),
    rowsLost: sumOf(sums, ({ rowsLost }) => rowsLost),
    unknownLoss: sumOf(sums, ({ unknownLoss }) => unknownLoss),
    cellsNulled: sumOf(sums, ({ cellsNulled }) => cellsNulled),
    byCodes: Array.from(
      groupBy(sums, ({ codes }) => codes),
      ([codes, group]) => ({
        codes: codes.split(',').filter((code) => code !== ''),
        files: sumOf(group, ({ files }) => files),
        partial: partial(group),
        rowsLoaded: sumOf(group, ({ rowsLoaded }) => rowsLoaded),
        rowsLost: sumOf(group, ({ rowsLost }) => rowsLost),
        link: linkTo('files', { repaired: 'true' }),
      }),
    ).toSorted((a, b) => b.files - a.files),
    days: Array.from(groupBy(sums, ({ dayMs }) => dayMs).values(), (group) => ({
      day: dayText(group[0]?.dayMs ?? 0),
      files: sumOf(group, ({ files }) => files),
      rowsLoaded: sumOf(group, ({ rowsLoaded }) => rowsLoaded),
    })).toSorted((a, b) => (a.day < b.day ? -1 : 1)),
  }
}
