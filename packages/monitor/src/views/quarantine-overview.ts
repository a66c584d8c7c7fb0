import type { FileRecord } from '@tidegate/core'
import { groupBy, isoTime, sumOf } from '../figures.ts'
import type { HeldFile, History } from '../history.ts'
import type { MonitorContext } from '../monitored-source.ts'

export interface QuarantineView {
  /** Held files nobody dealt with, however old. */
  readonly openFiles: number
  readonly openRows: number
  readonly openBytes: number
  readonly oldestAt: string | null
  readonly oldestAgeMs: number | null
  /** Held files of which a later version was judged since. */
  readonly supersededFiles: number
  /** Rows split off files that were loaded without them, in the window. */
  readonly rejectedRows: number
  readonly rejectedFiles: number
  /** Damaged files that were loaded from a repaired copy, in the window; and those of them that lack rows or cells. */
  readonly repairedFiles: number
  readonly repairedInPart: number
  readonly datasets: readonly {
    readonly source: string
    readonly dataset: string
    readonly files: number
    readonly rows: number
    readonly oldestAt: string | null
  }[]
  /** Why the open files are held, most frequent first. A file with two reasons counts in both. */
  readonly reasons: readonly { readonly check: string; readonly files: number; readonly message: string }[]
  /** The oldest open files, at most 50 of `openFiles`. */
  readonly items: readonly QuarantinedFile[]
}

export interface QuarantinedFile {
  readonly id: string
  readonly source: string
  readonly dataset: string
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly heldAt: string | null
  readonly ageMs: number
  readonly score: number | null
  /** Checks or findings, as recorded. */
  readonly reasons: readonly string[]
  readonly quarantinePath: string | null
}

const ITEMS = 50

/** What waits in quarantine for a person. */
export function quarantineOverview(history: History, { nowMs }: MonitorContext): QuarantineView {
  const open = history.held.filter(isOpen).map(({ file }) => file)
  const oldestFirst = open.toSorted((a, b) => a.decidedAtMs - b.decidedAtMs)
  const oldest = oldestFirst[0]
  const loaded = history.files.filter((file) => file.outcome === 'loaded' && file.decidedAtMs >= history.sinceMs)
  const split = loaded.filter((file) => file.rowsRejected > 0)
  const repaired = loaded.filter((file) => file.repair !== undefined)
  return {
    openFiles: open.length,
    openRows: sumOf(open, ({ rowsRejected }) => rowsRejected),
    openBytes: sumOf(open, ({ bytes }) => bytes),
    oldestAt: isoTime(oldest?.decidedAtMs),
    oldestAgeMs: oldest === undefined ? null : nowMs - oldest.decidedAtMs,
    supersededFiles: history.held.length - open.length,
    rejectedRows: sumOf(split, ({ rowsRejected }) => rowsRejected),
    rejectedFiles: split.length,
    repairedFiles: repaired.length,
    repairedInPart: repaired.filter(({ repair }) => repair?.status === 'partial').length,
    datasets: byDataset(open),
    reasons: byReason(open),
    items: oldestFirst.slice(0, ITEMS).map((file) => quarantined(file, nowMs)),
  }
}

function isOpen({ superseded }: HeldFile): boolean {
  return !superseded
}

function byDataset(open: readonly FileRecord[]): QuarantineView['datasets'] {
  return Array.from(groupBy(open, ({ source, dataset }) => JSON.stringify([source, dataset])).values(), (files) => ({
    source: files[0]?.source ?? '',
    dataset: files[0]?.dataset ?? '',
    files: files.length,
    rows: sumOf(files, ({ rowsRejected }) => rowsRejected),
    oldestAt: isoTime(files.reduce((least, file) => Math.min(least, file.decidedAtMs), Number.POSITIVE_INFINITY)),
  })).toSorted((a, b) => b.files - a.files)
}

function byReason(open: readonly FileRecord[]): QuarantineView['reasons'] {
  const reasons = open.flatMap((file) =>
    [...new Map(file.reasons.map((reason) => [reason.check, reason])).values()].map(({ check, message }) => ({
      check,
      message,
    })),
  )
  return Array.from(
    groupBy(reasons, ({ check }) => check),
    ([check, group]) => ({ check, files: group.length, message: group[0]?.message ?? '' }),
  ).toSorted((a, b) => b.files - a.files)
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
  }
}
