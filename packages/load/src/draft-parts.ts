import { TidegateError, type EntryDraft, type LedgerPart, type RejectedPart } from '@tidegate/core'
import { assertVisiblePath, attemptOf, batchOf, stagedPathProblem } from './layout.ts'

export function partsOf(entry: Pick<EntryDraft, 'add' | 'rejected'>): readonly (LedgerPart | RejectedPart)[] {
  return [...entry.add, ...entry.rejected]
}

export function attemptsOf(entry: Pick<EntryDraft, 'add' | 'rejected'>): ReadonlySet<string> {
  return new Set(partsOf(entry).map((part) => attemptOf(part.staged)))
}

/** @throws LEDGER_PATH for parts that were not staged for this batch */
export function assertDraft(draft: EntryDraft): void {
  for (const part of partsOf(draft)) {
    assertVisiblePath(part.visible)
    const ofOther = batchOf(part.staged) === draft.batch.batch ? undefined : 'is of another batch'
    const problem = stagedPathProblem(part.staged) ?? ofOther
    if (problem === undefined) continue
    throw new TidegateError('LEDGER_PATH', `The staged path ${JSON.stringify(part.staged)} ${problem}.`, {
      hint: 'Commit parts just as stageRows and its siblings returned them.',
      dataNow: 'Nothing was committed.',
    })
  }
}
