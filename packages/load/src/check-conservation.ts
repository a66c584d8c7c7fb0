import { TidegateError, type EntryDraft, type LedgerFile } from '@tidegate/core'
import type { LogState } from './log-state.ts'

/**
 * Invariant 3, before the commit: per file read = loaded + rejected + dropped, and over the draft the rows that come
 * minus the rows that go equal the rows loaded minus those replaced. Rows of bystanders in a removed part must come back
 * in an added one. Call it only for drafts that `judgeDraft` found ok. Pure.
 *
 * @param parts false for gate-only targets, whose entries have no parts
 * @throws LEDGER_CONSERVATION
 */
export function checkConservation(state: LogState, draft: EntryDraft, parts: boolean): void {
  for (const file of draft.files) checkFile(file)
  if (!parts) {
    if (draft.add.length > 0 || draft.remove.length > 0)
      fail('a gate-only target has no parts, yet the draft names some')
    return
  }
  checkBystanders(state, draft)
  const came = sum(draft.add.map((part) => count(part.rows, `rows of part ${part.visible}`)))
  const went = sum(draft.remove.map((visible) => state.parts.get(visible)?.rows ?? 0))
  const loaded = sum(draft.files.map((file) => file.rowsLoaded))
  const replaced = sum([...replacedIds(draft)].map((id) => liveRows(state, id)))
  if (came - went !== loaded - replaced) {
    fail(
      `the parts bring ${came} rows and take ${went} away, but the files load ${loaded} and replace ${replaced}; ` +
        `${came - went} is not ${loaded - replaced}`,
    )
  }
}

function checkFile(file: LedgerFile): void {
  const { id, rowsRead, rowsLoaded, rowsRejected, rowsDropped } = file
  for (const rows of [rowsRead, rowsLoaded, rowsRejected, rowsDropped]) count(rows, `rows of ${id}`)
  if (rowsRead !== rowsLoaded + rowsRejected + rowsDropped) {
    fail(`${id}: read ${rowsRead} rows, but loaded ${rowsLoaded} + rejected ${rowsRejected} + dropped ${rowsDropped}`)
  }
  if (file.outcome !== 'loaded' && rowsLoaded > 0) fail(`${id} is ${file.outcome}, yet ${rowsLoaded} of its rows load`)
}

function checkBystanders(state: LogState, draft: EntryDraft): void {
  const replaced = replacedIds(draft)
  const brought = new Set(draft.add.flatMap((part) => part.files))
  const carried = new Set<string>()
  for (const visible of draft.remove) {
    for (const id of state.parts.get(visible)?.files ?? []) {
      if (replaced.has(id)) continue
      carried.add(id)
      if (!brought.has(id))
        fail(`part ${visible} goes with rows of ${id}, which nothing replaces and no new part holds`)
    }
  }
  const loaded = new Set(draft.files.filter((file) => file.outcome === 'loaded').map((file) => file.id))
  for (const id of brought) {
    if (!loaded.has(id) && !carried.has(id)) fail(`a new part holds rows of ${id}, which this draft does not load`)
  }
}

function replacedIds(draft: EntryDraft): ReadonlySet<string> {
  return new Set(draft.files.flatMap((file) => (file.replaces === undefined ? [] : [file.replaces])))
}

function liveRows(state: LogState, id: string): number {
  const fate = state.files.get(id)
  return fate?.live === true ? fate.rowsLoaded : 0
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
