import type { FileRecord, QuarantineSums, RepairSums } from '@tidegate/core'
import { dayRange, daysIn, dayText, hoursIn, windowDays, windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { addSums } from '../file-sums.ts'
import { groupBy, isoTime, keyOf, sumOf } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { amount, bytes, count, duration } from '../wording.ts'
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
  const hours = hoursIn(facts.fileHours, facts)
  const sums = addSums(hours)
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
    rejectedRows: sumOf(
      daysIn(facts.quarantine, facts).filter(({ kind }) => kind === 'rows'),
      ({ rows }) => rows,
    ),
    replayedRows: sums.rowsReplayed,
    discardedRows: sums.rowsDiscarded,
    repair: repairOutcome(daysIn(facts.repairs, facts)),
  }
  return {
    summary: summarise(view),
    ...view,
    datasets: byDataset(isWhole ? open.map((file) => openFile(file)) : openHeld),
    reasons: byReason(open, openSplit),
    byStatus: byStatus(daysIn(facts.quarantine, facts)),
    days: byDay(facts),
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

function byReason(open: readonly FileRecord[], split: readonly QuarantineSums[]): readonly QuarantineReason[] {
  const files = groupBy(
    open.flatMap((file) => [...new Map(file.reasons.map((reason) => [reason.check, reason])).values()]),
    ({ check }) => check,
  )
  const rows = groupBy(
    split.filter(({ reason }) => reason !== ''),
    ({ reason }) => reason,
  )
  return [...new Set([...files.keys(), ...rows.keys()])]
    .map((check) => ({
      check,
      files: files.get(check)?.length ?? 0,
      rows: sumOf(rows.get(check) ?? [], (item) => item.rows),
      message: files.get(check)?.[0]?.message ?? '',
      link: linkTo('files', { outcome: 'held', cause: check }),
    }))
    .toSorted((a, b) => b.files - a.files || b.rows - a.rows)
}

function byStatus(sums: readonly QuarantineSums[]): readonly QuarantineStatus[] {
  return Array.from(groupBy(sums, ({ kind, status }) => keyOf(kind, status)).values(), (group): QuarantineStatus => ({
    kind: group[0]?.kind ?? 'held',
    status: group[0]?.status ?? 'open',
    items: sumOf(group, ({ items }) => items),
    rows: sumOf(group, ({ rows }) => rows),
    bytes: sumOf(group, (item) => item.bytes),
  })).toSorted((a, b) => b.items - a.items || (keyOf(a.kind, a.status) < keyOf(b.kind, b.status) ? -1 : 1))
}

function byDay(facts: Facts): readonly QuarantineDay[] {
  const groups = groupBy(facts.quarantine, ({ dayMs }) => String(dayMs))
  return windowDays(facts).map((dayMs) => {
    const group = groups.get(String(dayMs)) ?? []
    return {
      day: dayText(dayMs),
      held: sumOf(group, ({ kind, items }) => (kind === 'held' ? items : 0)),
      rows: sumOf(group, ({ rows }) => rows),
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
    days: Array.from(groupBy(sums, ({ dayMs }) => String(dayMs)).values(), (group) => ({
      day: dayText(group[0]?.dayMs ?? 0),
      files: sumOf(group, ({ files }) => files),
      rowsLoaded: sumOf(group, ({ rowsLoaded }) => rowsLoaded),
    })).toSorted((a, b) => (a.day < b.day ? -1 : 1)),
  }
}
