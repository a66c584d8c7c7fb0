import type { AssembledGroup } from '../../assemble/assemble-chunks.ts'
import { pageEnd, type Page } from '../../pages/page.ts'
import type { LossEntry } from '../plan.ts'
import type { Assessment } from './assess-schema.ts'

/** A row group that was found and is not in the result. */
export function groupLeftOut(group: AssembledGroup): LossEntry {
  const { rows, chunks } = group
  const pages = [...chunks, ...(group.open === undefined ? [] : [group.open]), ...group.later].flatMap(
    (chunk) => chunk.pages,
  )
  const how = rows === undefined ? 'An unknown number of rows' : `${rows} ${rows === 1 ? 'row' : 'rows'}`
  const complete = chunks.length + group.later.length
  return {
    ...LEFT_OUT,
    code: group.kind === 'partial' ? 'PQ604' : 'PQ602',
    message:
      group.kind === 'partial'
        ? `${how} of a row group with ${complete} complete columns, ${group.missing.length} missing, are left out.`
        : `${how} of a row group that can be read in more than one way are left out.`,
    bytes: spanOf(pages),
    rows: rows === undefined ? undefined : [0, rows],
  }
}

const LEFT_OUT = {
  rowGroup: undefined,
  sourceRowGroup: undefined,
  column: undefined,
  wrote: 'left-out',
  cells: 0,
} as const

function spanOf(pages: readonly Page[]): LossEntry['bytes'] {
  const [first] = pages
  const last = pages.at(-1)
  return first === undefined || last === undefined
    ? undefined
    : { offset: first.offset, length: pageEnd(last) - first.offset }
}

/** The end of a page that is cut off, where no row group that is left out names it. */
export function unplacedBytes(
  { assembly }: Assessment,
  leftOut: readonly AssembledGroup[],
  sizeBytes: number,
): readonly LossEntry[] {
  const last = assembly.gaps.at(-1)
  const isCut = last !== undefined && (last.rest === 'cut-page' || last.rest === 'unknown')
  if (!isCut || leftOut.length > 0 || last.offset + last.length < sizeBytes) return []
  const message = `${last.length} bytes at the end of the file belong to a page that is not complete.`
  return [{ ...LEFT_OUT, code: 'PQ605', message, bytes: { offset: last.offset, length: last.length }, rows: undefined }]
}
