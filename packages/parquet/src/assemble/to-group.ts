/** Groups of page numbers → groups of pages. */
import type { LeafColumn } from '../footer.ts'
import type { AssembledChunk, AssembledGroup } from './assemble-chunks.ts'
import type { FoundGroup, GroupChunk } from './choose-groups.ts'
import type { PlacedPage } from './page-sequence.ts'

export function toGroup(
  pages: readonly PlacedPage[],
  leaves: readonly LeafColumn[],
  group: FoundGroup,
  isCertain: boolean,
): AssembledGroup {
  const chunkOf = (chunk: GroupChunk, index: number): AssembledChunk =>
    toChunk(pages, leaves[index] as LeafColumn, chunk)
  return {
    kind: group.kind,
    rows: group.rows,
    chunks: group.chunks.map(chunkOf),
    open: group.open === undefined ? undefined : chunkOf(group.open, group.chunks.length),
    later: [],
    missing: leaves.slice(group.chunks.length),
    spanEnd: undefined,
    isCertain,
  }
}

export function toChunk(pages: readonly PlacedPage[], leaf: LeafColumn, chunk: GroupChunk): AssembledChunk {
  return {
    leaf,
    codec: chunk.codec,
    pages: pages.slice(chunk.start, chunk.next).map(({ page }) => page),
    rows: chunk.rows,
    oddPages: chunk.oddPages,
  }
}
