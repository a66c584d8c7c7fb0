import type { Finding } from '@tidegate/core'

import { closeFile, createdBy } from '../../assemble/footer-builder.ts'
import { mergePieces } from '../../source/pieces.ts'
import { replaceItem, setField } from '../../thrift/patch-thrift.ts'
import { i16, i64, integerIn, isList, isStruct, text, textIn, type TypedStruct } from '../../thrift/thrift-value.ts'
import type { LossEntry, RepairedRowGroup, RepairStep } from '../plan.ts'
import type { PagesPlan } from '../stages.ts'
import type { PagesInput } from './plan-pages.ts'
import { countRows } from './row-ranges.ts'
import type { SettledGroup } from './settle-rows.ts'

/** `drop-row-group`: the footer no longer lists row groups that lose anything. Their bytes stay where they are. */
export function leaveOutGroups(
  from: PagesInput,
  damaged: readonly SettledGroup[],
  rowGroups: readonly RepairedRowGroup[],
  findings: readonly Finding[],
): PagesPlan {
  const out = new Set(damaged.filter(losesRows).map(({ rowGroup }) => rowGroup))
  const kept = rowGroups.filter((_, index) => !out.has(index))
  if (kept.length === 0)
    return { kind: 'refused', findings, because: 'every row group is damaged, so none would be left' }
  const loss = damaged.filter(losesRows).map((group): LossEntry => {
    const cause = [...group.lost.values()].flat()[0]
    const rows = rowGroups[group.rowGroup]?.rows ?? 0
    return {
      code: cause?.code ?? 'PQ301',
      message: cause?.message ?? 'A page of the row group is damaged.',
      rowGroup: undefined,
      sourceRowGroup: group.rowGroup,
      column: undefined,
      bytes: cause?.bytes,
      rows: [0, rows],
      wrote: 'left-out',
      cells: 0,
    }
  })
  const lostRows = loss.reduce((sum, { rows }) => sum + (rows?.[1] ?? 0), 0)
  const step: RepairStep = {
    code: loss[0]?.code ?? 'PQ301',
    what: `${loss.length === 1 ? '1 row group with damaged pages is' : `${loss.length} row groups with damaged pages are`} left out (${lostRows.toLocaleString('en-US')} rows)`,
    lossless: false,
  }
  return {
    kind: 'patched',
    pieces: mergePieces([
      { kind: 'source', offset: 0, length: from.footer.footerOffset },
      { kind: 'new', bytes: closeFile(withoutGroups(from.tree, out)) },
    ]),
    steps: [...from.steps, step],
    rowGroups: kept,
    loss,
    dropRows: [],
    findings,
  }
}

function losesRows({ dead }: SettledGroup): boolean {
  return countRows([...dead.values()].flat()) > 0
}

function withoutGroups(tree: TypedStruct, out: ReadonlySet<number>): TypedStruct {
  const field = tree.fields.get(4)
  if (field === undefined || !isList(field.value)) return tree
  const items = field.value.items.filter((_, index) => !out.has(index))
  const rows = items.reduce<number>((sum, item) => sum + (isStruct(item) ? (integerIn(item, 3) ?? 0) : 0), 0)
  let result = setField(tree, 4, { type: field.type, value: { ...field.value, items } })
  // Row groups that say which they are get their new number.
  for (const [index, item] of items.entries())
    if (isStruct(item) && item.fields.has(7))
      result = replaceItem(result, 4, index, (group) => (isStruct(group) ? setField(group, 7, i16(index)) : group))
  return setField(setField(result, 3, i64(rows)), 6, text(createdBy(textIn(tree, 6))))
}
