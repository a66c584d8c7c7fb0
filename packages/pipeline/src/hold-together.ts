/**
 * Files that a batch must not load although nothing is wrong with their rows: those whose control file counted otherwise,
 * and those of a folder that is one unit and has a file that is held.
 */
import type { FileVersionId, Reason, WriteMode } from '@tidegate/core'
import { judgeRows } from './control-file.ts'
import type { WorkItem } from './decide-treatment.ts'
import type { JudgedFile } from './judge-batch.ts'
import type { PlannedBatch } from './plan-batches.ts'

/** @param refused files that are held for another reason than their verdict; comes back with those found here */
export function holdTogether(
  { files }: Pick<PlannedBatch, 'files'>,
  work: ReadonlyMap<FileVersionId, WorkItem>,
  judged: ReadonlyMap<FileVersionId, JudgedFile>,
  refused: ReadonlyMap<FileVersionId, Reason>,
): ReadonlyMap<FileVersionId, Reason> {
  const found = new Map(refused)
  const items = files.flatMap(({ id }) => work.get(id) ?? [])
  for (const { version, expected } of items) {
    const file = judged.get(version.id)
    if (expected === undefined || file?.kind !== 'readable' || found.has(version.id)) continue
    const reason = judgeRows(expected, file.file.rowsRead)
    if (reason !== undefined) found.set(version.id, reason)
  }
  const culprits = new Map<string, string>()
  for (const item of items) {
    if (item.unit !== undefined && !culprits.has(item.unit) && isHeld(item, judged, found))
      culprits.set(item.unit, item.version.path)
  }
  for (const item of items) {
    const culprit = item.unit === undefined ? undefined : culprits.get(item.unit)
    if (culprit === undefined || item.treatment.kind !== 'judge' || isHeld(item, judged, found)) continue
    found.set(item.version.id, unitReason(culprit))
  }
  return found
}

export function unitReason(culprit: string): Reason {
  return {
    check: 'UNIT_HELD',
    severity: 'critical',
    message: `its folder is loaded as a whole or not at all, and ${JSON.stringify(culprit)} is held`,
  }
}

function isHeld(
  { version, treatment }: WorkItem,
  judged: ReadonlyMap<FileVersionId, JudgedFile>,
  refused: ReadonlyMap<FileVersionId, Reason>,
): boolean {
  if (treatment.kind !== 'judge') return treatment.kind === 'hold'
  const file = judged.get(version.id)
  return refused.has(version.id) || file?.kind === 'unreadable' || file?.verdict.kind === 'hold'
}

/**
 * A batch that failed, in two halves that do not part a unit, nor a file from the one whose bytes it has now; undefined where
 * all of it belongs together. With mode `replace` a batch is always one: the second half would take away what the first one
 * brought.
 */
export function halveBatch(
  files: PlannedBatch['files'],
  work: ReadonlyMap<FileVersionId, WorkItem>,
  mode: WriteMode,
): readonly [PlannedBatch['files'], PlannedBatch['files']] | undefined {
  if (mode === 'replace') return undefined
  const groups = groupsTogether(files, work)
  if (groups.length < 2) return undefined
  const middle = Math.ceil(groups.length / 2)
  return [groups.slice(0, middle).flat(), groups.slice(middle).flat()]
}

/** Files of a batch that cannot be committed now that some `moved`: what belongs together with them waits too. */
export function movedTogether(
  files: PlannedBatch['files'],
  moved: PlannedBatch['files'],
  work: ReadonlyMap<FileVersionId, WorkItem>,
): PlannedBatch['files'] {
  const away = new Set(moved)
  const waiting = groupsTogether(files, work).filter((group) => group.some((file) => away.has(file)))
  const all = new Set(waiting.flat())
  return files.filter((file) => all.has(file))
}

/** Files that one commit must cover: those of a unit, and a file with the one whose leaving bytes it brings. */
function groupsTogether(
  files: PlannedBatch['files'],
  work: ReadonlyMap<FileVersionId, WorkItem>,
): readonly PlannedBatch['files'][] {
  const groups = new Map(files.map((file) => [file.path, [file]]))
  const units = new Map<string, string>()
  const join = (one: string, other: string): void => {
    const to = groups.get(one)
    const from = groups.get(other)
    if (to === undefined || from === undefined || to === from) return
    to.push(...from)
    for (const { path } of from) groups.set(path, to)
  }
  for (const { id, path } of files) {
    const { unit, takesBytesOf } = work.get(id) ?? {}
    if (takesBytesOf !== undefined) join(takesBytesOf, path)
    if (unit === undefined) continue
    const first = units.get(unit)
    if (first === undefined) units.set(unit, path)
    else join(first, path)
  }
  return [...new Set(groups.values())]
}
