import type { RowSpan } from '../../pages/row-spans.ts'
import type { ChunkState, LostRows, PlacedPage } from './chunk-state.ts'
import { joinRanges, meetsRanges, overlapWith, splitAtLimits, withoutRanges } from './row-ranges.ts'
import type { SchemaNode } from './schema-paths.ts'

/** The rows that every column of a row group loses, once the columns of each struct, list and map agree. */
export interface SettledGroup {
  readonly rowGroup: number
  readonly states: readonly ChunkState[]
  /** By leaf, in order. */
  readonly lost: ReadonlyMap<number, readonly LostRows[]>
  /** The same without reasons, joined. */
  readonly dead: ReadonlyMap<number, readonly RowSpan[]>
}

export interface SettleOptions {
  readonly paths: readonly (readonly SchemaNode[])[]
  /** Whether part of a page can be kept; otherwise a page that loses a row is lost as a whole. */
  readonly canSlice: (state: ChunkState, page: PlacedPage) => boolean
  /** Whether pages of the chunk begin with a row for certain. */
  readonly isAligned: (state: ChunkState) => boolean
}

/**
 * Spreads losses as far as they must go: a leaf that cannot be NULL inside a struct, list or map takes its siblings with
 * it, a row that goes on in a page that is lost is lost, and so is the rest of a page of which no part can be kept.
 */
export function settleRows(states: readonly ChunkState[], options: SettleOptions): SettledGroup {
  const lost = new Map(states.map((state) => [state.leafIndex, [...state.lost]]))
  const settled = { states: new Map(states.map((state) => [state.leafIndex, state])), lost }
  for (const leaves of columnsWithLosses(states, options.paths)) {
    let goesOn = true
    while (goesOn) {
      goesOn = false
      for (const leaf of leaves) {
        if (spreadToSiblings(settled, leaf, options)) goesOn = true
        if (spreadInChunk(settled, leaf, options)) goesOn = true
      }
    }
  }
  for (const entries of lost.values()) entries.sort((left, right) => left.from - right.from)
  const dead = new Map([...lost].map(([leaf, entries]) => [leaf, joinRanges(entries)]))
  return { rowGroup: states[0]?.rowGroup ?? 0, states, lost, dead }
}

interface Settling {
  readonly states: ReadonlyMap<number, ChunkState>
  readonly lost: Map<number, LostRows[]>
}

function columnsWithLosses(
  states: readonly ChunkState[],
  paths: SettleOptions['paths'],
): ReadonlySet<readonly number[]> {
  return new Set(
    states.flatMap(({ lost, pages, leafIndex }) =>
      lost.length === 0 && pages.every(({ brokenBehind }) => brokenBehind === undefined)
        ? []
        : [paths[leafIndex]?.[0]?.leaves ?? []],
    ),
  )
}

function add(
  { lost, states }: Settling,
  leaf: number,
  range: RowSpan,
  { code, message, bytes }: Omit<LostRows, 'from' | 'to'>,
): boolean {
  const entries = lost.get(leaf)
  const state = states.get(leaf)
  if (entries === undefined || state === undefined || state.status === 'unchecked') return false
  const fresh = withoutRanges(range, joinRanges(entries))
  for (const { from, to } of fresh) entries.push({ from, to, code, message, bytes })
  return fresh.length > 0
}

/** A required leaf cannot be NULL by itself: the innermost node above it that can be absent is, and all leaves below that. */
function spreadToSiblings(settling: Settling, leaf: number, { paths }: SettleOptions): boolean {
  const path = paths[leaf] ?? []
  const column = path[0]?.leaves ?? []
  if (column.length < 2 || path.every(({ repetition }) => repetition === 'required')) return false
  const others = column.flatMap((other) => (other === leaf ? [] : (settling.lost.get(other) ?? [])))
  let spread = false
  for (const entry of (settling.lost.get(leaf) ?? []).slice())
    for (const range of splitAtLimits(entry, others)) {
      const isAlive = (node: SchemaNode): boolean =>
        node.leaves.some((each) => !meetsRanges(range, settling.lost.get(each) ?? []))
      const top = path.findIndex((node) => !isAlive(node))
      if (path.slice(top).some(({ repetition }) => repetition !== 'required')) continue
      const cut = path.slice(0, top).findLast(({ repetition }) => repetition !== 'required')
      for (const sibling of cut?.leaves ?? []) if (add(settling, sibling, range, entry)) spread = true
    }
  return spread
}

function spreadInChunk(settling: Settling, leaf: number, { canSlice, isAligned }: SettleOptions): boolean {
  const state = settling.states.get(leaf)
  const entries = settling.lost.get(leaf)
  if (state === undefined || entries === undefined) return false
  let spread = false
  for (const [index, page] of state.pages.entries()) {
    const dead = joinRanges(entries)
    const [hit] = overlapWith(page.rows, dead)
    const cause = hit === undefined ? undefined : entries.find(({ from, to }) => from < hit.to && to > hit.from)
    const isWhole = hit?.from === page.rows.from && hit.to === page.rows.to
    if (cause !== undefined && !isWhole && !canSlice(state, page) && add(settling, leaf, page.rows, cause))
      spread = true
    const last = { from: Math.max(0, page.rows.to - 1), to: page.rows.to }
    if (!meetsRanges(last, dead) && losesLastRow(state, index, dead, isAligned)) {
      const next = page.brokenBehind ?? entries.find(({ from }) => from === page.rows.to) ?? entries[0]
      const range = canSlice(state, page) ? last : { from: Math.min(last.from, page.rows.from), to: last.to }
      if (next !== undefined && add(settling, leaf, range, next)) spread = true
    }
    if (hit === undefined && page.continuesRow && !canSlice(state, page)) {
      const before = entries.find(({ to }) => to === page.rows.from)
      if (before !== undefined && add(settling, leaf, page.rows, before)) spread = true
    }
  }
  return spread
}

/** Its last row may go on in what is lost behind it. */
function losesLastRow(
  state: ChunkState,
  index: number,
  dead: readonly RowSpan[],
  isAligned: SettleOptions['isAligned'],
): boolean {
  const page = state.pages[index]
  if (page === undefined || state.leaf.maxRepetitionLevel === 0) return false
  if (page.brokenBehind !== undefined) return !isAligned(state)
  if (!dead.some(({ from }) => from === page.rows.to)) return false
  const next = state.pages[index + 1]
  return next !== undefined && next.rows.from === page.rows.to ? next.continuesRow : !isAligned(state)
}
