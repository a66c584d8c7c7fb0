import { TidegateError, type EntryDraft, type LedgerFile, type LedgerPart, type Replay } from '@tidegate/core'
import type { LogFacts } from './log-state.ts'
import { rangesOf } from './part-ranges.ts'

/**
 * Invariant 3, before the commit: per file read = loaded + rejected + dropped, per replayed record read = loaded + rejected
 * + dropped + discarded; and the rows that come minus the rows that go equal the rows loaded and replayed minus those
 * replaced and superseded, for each file version and over the draft. Rows of bystanders in a removed part must so come back
 * in an added one. Call it only for drafts that `judgeDraft` found ok. Pure.
 *
 * @param parts false for gate-only targets, whose entries have no parts
 * @throws LEDGER_CONSERVATION
 */
export function checkConservation(state: LogFacts, draft: EntryDraft, parts: boolean): void {
  for (const file of draft.files) checkFile(file)
  checkReplays(draft)
  for (const { file, rows } of draft.superseded ?? []) count(rows, `superseded rows of ${file}`)
  if (!parts) {
    if (draft.add.length > 0 || draft.remove.length > 0)
      fail('a gate-only target has no parts, yet the draft names some')
    return
  }
  for (const part of draft.add) checkPart(part)
  checkBystanders(state, draft)
  const came = sum(draft.add.map((part) => part.rows))
  const went = sum(removedParts(state, draft).map((part) => part.rows))
  const loaded = sum(draft.files.map((file) => file.rowsLoaded))
  const replaced = sum([...replacedIds(draft)].map((id) => liveRows(state, id)))
  const superseded = sum((draft.superseded ?? []).map(({ rows }) => rows))
  const replayed = sum((draft.replays ?? []).map((replay) => replay.rowsLoaded))
  const change = loaded + replayed - replaced - superseded
  if (came - went !== change) {
    fail(
      `the parts bring ${came} rows and take ${went} away, but the files load ${loaded}, ${replayed} are replayed, ` +
        `${replaced} replaced and ${superseded} superseded; ${came - went} is not ${change}`,
    )
  }
  checkEachFile(state, draft)
}

function checkFile(file: LedgerFile): void {
  const { id, rowsRead, rowsLoaded, rowsRejected, rowsDropped } = file
  for (const rows of [rowsRead, rowsLoaded, rowsRejected, rowsDropped]) count(rows, `rows of ${id}`)
  if (rowsRead !== rowsLoaded + rowsRejected + rowsDropped) {
    fail(`${id}: read ${rowsRead} rows, but loaded ${rowsLoaded} + rejected ${rowsRejected} + dropped ${rowsDropped}`)
  }
  if (file.outcome !== 'loaded' && rowsLoaded > 0) fail(`${id} is ${file.outcome}, yet ${rowsLoaded} of its rows load`)
}

function checkReplays({ replays = [], consumes }: EntryDraft): void {
  const closed = new Set(consumes)
  const seen = new Set<string>()
  for (const replay of replays) {
    if (!closed.has(replay.record)) fail(`quarantine record ${replay.record} is replayed and not closed`)
    if (seen.has(replay.record)) fail(`quarantine record ${replay.record} is replayed twice`)
    seen.add(replay.record)
    checkReplay(replay)
  }
}

function checkReplay({ record, rowsRead, rowsLoaded, rowsRejected, rowsDropped, rowsDiscarded }: Replay): void {
  for (const rows of [rowsRead, rowsLoaded, rowsRejected, rowsDropped, rowsDiscarded]) count(rows, `rows of ${record}`)
  if (rowsRead === rowsLoaded + rowsRejected + rowsDropped + rowsDiscarded) return
  fail(
    `${record}: read ${rowsRead} rows, but loaded ${rowsLoaded} + rejected ${rowsRejected} + dropped ${rowsDropped} + ` +
      `discarded ${rowsDiscarded}`,
  )
}

function checkPart({ visible, rows, files, ranges }: LedgerPart): void {
  count(rows, `rows of part ${visible}`)
  if (ranges === undefined) return
  for (const range of ranges) count(range.rows, `rows of ${range.file} in part ${visible}`)
  const inRanges = sum(ranges.map((range) => range.rows))
  if (inRanges !== rows) fail(`part ${visible} has ${rows} rows, its ranges have ${inRanges}`)
  const named = new Set(ranges.map(({ file }) => file))
  const different = named.size !== new Set(files).size || files.some((file) => !named.has(file))
  if (different) fail(`part ${visible} and its ranges name different file versions`)
}

function checkBystanders(state: LogFacts, draft: EntryDraft): void {
  const leaving = new Set([...replacedIds(draft), ...(draft.superseded ?? []).map(({ file }) => file)])
  const brought = new Set(draft.add.flatMap((part) => part.files))
  const carried = new Set<string>()
  for (const part of removedParts(state, draft)) {
    const { visible } = part
    const empty = new Set(isVague(part) ? [] : rangesOf(part).flatMap(({ file, rows }) => (rows === 0 ? file : [])))
    for (const id of part.files) {
      carried.add(id)
      if (empty.has(id)) continue
      if (!leaving.has(id) && !brought.has(id))
        fail(`part ${visible} goes with rows of ${id}, which nothing replaces and no new part holds`)
    }
  }
  const replaced = replacedIds(draft)
  const loaded = new Set(draft.files.filter((file) => file.outcome === 'loaded').map((file) => file.id))
  for (const { file } of draft.replays ?? []) loaded.add(file)
  for (const id of brought) {
    const known = loaded.has(id) || (carried.has(id) && !replaced.has(id))
    if (!known) fail(`a new part holds rows of ${id}, which this draft does not load`)
  }
}

/** File by file; those in a part of several that does not say how many rows it has of each are in the sum only. */
function checkEachFile(state: LogFacts, draft: EntryDraft): void {
  const removed = removedParts(state, draft)
  const vague = new Set([...draft.add, ...removed].filter(isVague).flatMap((part) => part.files))
  const change = new Map<string, number>()
  const add = (file: string, rows: number): void => void change.set(file, (change.get(file) ?? 0) + rows)
  for (const part of draft.add) for (const { file, rows } of rangesOf(part)) add(file, rows)
  for (const part of removed) for (const { file, rows } of rangesOf(part)) add(file, -rows)
  for (const id of replacedIds(draft)) add(id, liveRows(state, id))
  for (const { id, rowsLoaded } of draft.files) add(id, -rowsLoaded)
  for (const { file, rows } of draft.superseded ?? []) add(file, rows)
  for (const { file, rowsLoaded } of draft.replays ?? []) add(file, -rowsLoaded)
  for (const [file, rows] of change) {
    if (rows === 0 || vague.has(file)) continue
    fail(`the parts hold ${Math.abs(rows)} rows too ${rows > 0 ? 'many' : 'few'} of ${file}`)
  }
}

function isVague({ files, ranges }: LedgerPart): boolean {
  return ranges === undefined && files.length > 1
}

function removedParts(state: LogFacts, draft: EntryDraft): readonly LedgerPart[] {
  return draft.remove.flatMap((visible) => state.parts.get(visible) ?? [])
}

function replacedIds(draft: EntryDraft): ReadonlySet<string> {
  return new Set(draft.files.flatMap((file) => (file.replaces === undefined ? [] : [file.replaces])))
}

function liveRows(state: LogFacts, id: string): number {
  return state.files.get(id)?.rows ?? 0
}

function count(rows: number, what: string): number {
  if (!Number.isSafeInteger(rows) || rows < 0) fail(`${what}: ${rows} is not a number of rows`)
  return rows
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function fail(message: string): never {
  throw new TidegateError('LEDGER_CONSERVATION', `The row counts of the batch do not add up: ${message}.`, {
    hint: 'This is a fault in the writer of the batch, not in the data; report it with the run id.',
    dataNow: 'Nothing was committed.',
  })
}
