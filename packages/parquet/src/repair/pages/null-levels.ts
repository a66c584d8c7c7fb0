import type { ByteSource } from '@tidegate/core'

import { levelRun, type EncodedLevels } from '../../assemble/null-page.ts'
import type { PageLimits } from '../../pages/page-limits.ts'
import type { RowSpan } from '../../pages/row-spans.ts'
import { encodeLevels } from './level-runs.ts'
import { openPage } from './read-levels.ts'
import { meetsRanges, splitAtLimits } from './row-ranges.ts'
import type { SchemaNode } from './schema-paths.ts'
import type { SettledGroup } from './settle-rows.ts'

export interface LevelsContext {
  readonly view: ByteSource
  readonly group: SettledGroup
  readonly paths: readonly (readonly SchemaNode[])[]
  readonly limits: Partial<PageLimits> | undefined
}

/**
 * The levels of a leaf that has no value in `range`. Its ancestors stay as another leaf below them says: a reader may take
 * the validity of a struct, or the length of a list, from any of its leaves. Where no leaf below an ancestor is left, the
 * outermost such ancestor is NULL (an empty list if it cannot be). Undefined where that cannot be read.
 */
export async function nullLevels(
  context: LevelsContext,
  leaf: number,
  range: RowSpan,
): Promise<EncodedLevels | undefined> {
  const path = context.paths[leaf] ?? []
  const { maxDefinition, maxRepetition } = maxima(path)
  const rows = range.to - range.from
  const segments = segmentsOf(context, leaf, range)
  if (segments.every(({ parent }) => isPlain(parent)))
    return {
      values: rows,
      rows,
      nulls: rows,
      repetition: maxRepetition === 0 ? new Uint8Array() : levelRun(0, maxRepetition, rows),
      definition: levelRun(0, maxDefinition, rows),
    }
  const repetition: number[][] = []
  const definition: number[][] = []
  for (const { rows: part, parent } of segments) {
    if (isPlain(parent) || parent === undefined) {
      repetition.push(Array.from({ length: part.to - part.from }, () => 0))
      definition.push(Array.from({ length: part.to - part.from }, () => 0))
      continue
    }
    const structure = await structureOf(context, parent, part)
    if (structure === undefined) return undefined
    repetition.push(structure.repetition)
    definition.push(structure.definition)
  }
  const all = { repetition: repetition.flat(), definition: definition.flat() }
  return {
    values: all.definition.length,
    rows,
    nulls: all.definition.length,
    repetition: encodeLevels(all.repetition, maxRepetition),
    definition: encodeLevels(all.definition, maxDefinition),
  }
}

/** What stands in the place of the values: `empty-list` where the node that is absent is repeated. */
export function writtenInstead(
  context: Pick<LevelsContext, 'group' | 'paths'>,
  leaf: number,
  range: RowSpan,
): 'null' | 'empty-list' {
  const [segment] = segmentsOf(context, leaf, range)
  const path = context.paths[leaf] ?? []
  const below = path.slice(segment?.depth ?? 0).find(({ repetition }) => repetition !== 'required')
  return below?.repetition === 'repeated' ? 'empty-list' : 'null'
}

/** A column whose nodes are all required has become optional to hold NULLs. */
function maxima(path: readonly SchemaNode[]): { readonly maxDefinition: number; readonly maxRepetition: number } {
  const last = path.at(-1)
  return { maxDefinition: Math.max(1, last?.definitionLevel ?? 1), maxRepetition: last?.repetitionLevel ?? 0 }
}

interface Segment {
  readonly rows: RowSpan
  /** The innermost node above the leaf that still has a leaf with values; undefined: the row itself. */
  readonly parent: SchemaNode | undefined
  /** How many nodes of the path are above what is lost. */
  readonly depth: number
}

function segmentsOf({ group, paths }: Pick<LevelsContext, 'group' | 'paths'>, leaf: number, range: RowSpan): Segment[] {
  const path = paths[leaf] ?? []
  const column = path[0]?.leaves ?? []
  const others = column.flatMap((other) => (other === leaf ? [] : (group.dead.get(other) ?? [])))
  return splitAtLimits(range, others).map((rows) => {
    const isAlive = (node: SchemaNode): boolean =>
      node.leaves.some((each) => !meetsRanges(rows, group.dead.get(each) ?? []))
    const found = path.findIndex((node) => !isAlive(node))
    const depth = found < 0 ? path.length - 1 : found
    return { rows, parent: path[depth - 1], depth }
  })
}

/** Nothing above the leaf can be NULL or repeated, so every row has one entry of level 0. */
function isPlain(parent: SchemaNode | undefined): boolean {
  return parent === undefined || (parent.definitionLevel === 0 && parent.repetitionLevel === 0)
}

interface Structure {
  readonly repetition: number[]
  readonly definition: number[]
}

/** Levels down to `parent`, taken from a leaf below it that has values in all of `rows`. */
async function structureOf(
  { view, group, limits }: LevelsContext,
  parent: SchemaNode,
  rows: RowSpan,
): Promise<Structure | undefined> {
  const sources = group.states.filter(
    (state) =>
      parent.leaves.includes(state.leafIndex) &&
      state.status !== 'unchecked' &&
      !meetsRanges(rows, group.dead.get(state.leafIndex) ?? []),
  )
  const source = sources.toSorted((left, right) => left.chunk.compressedBytes - right.chunk.compressedBytes)[0]
  if (source === undefined) return undefined
  const repetition: number[] = []
  const definition: number[] = []
  for (const { page, rows: span } of source.pages) {
    // A row that began on an earlier page may end on this one.
    if (span.to < rows.from || span.from > rows.to) continue
    const open = await openPage(view, page, source, limits)
    if (open === undefined) return undefined
    let row = open.repetition.length === 0 ? span.from - 1 : span.from - 1
    for (let entry = 0; entry < page.values; entry++) {
      const repeated = open.repetition[entry] ?? 0
      if (repeated === 0) row++
      if (row < rows.from || row >= rows.to || repeated > parent.repetitionLevel) continue
      repetition.push(repeated)
      definition.push(Math.min(open.definition[entry] ?? parent.definitionLevel, parent.definitionLevel))
    }
  }
  return repetition.filter((level) => level === 0).length === rows.to - rows.from
    ? { repetition, definition }
    : undefined
}
