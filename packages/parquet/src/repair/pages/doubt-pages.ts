import type { ByteSource } from '@tidegate/core'

import type { ColumnChunk } from '../../footer.ts'
import type { ChunkScan } from '../../pages/scan-chunk.ts'
import { agreesWithFooter, contradictsFooter } from './agrees-with-footer.ts'
import { distrustPages } from './distrust-pages.ts'
import { judgePages } from './judge-pages.ts'
import type { LocatedChunks } from './locate-chunks.ts'

/** A scan without the pages that a second look does not trust. `starts`: where the chunks of the file begin. */
export async function doubtPages(
  view: ByteSource,
  scan: ChunkScan,
  { located, starts }: { readonly located: LocatedChunks; readonly starts: ReadonlySet<number> },
): Promise<ChunkScan> {
  const judged = await judgePages(view, scan, { isFollowed: starts.has(scan.end) })
  const chunk = located.footer.rowGroups[scan.rowGroup]?.chunks[scan.column]
  const trust = located.trustOf(scan.rowGroup, scan.column)
  if (chunk === undefined) return distrustPages(judged, trust, 0)
  const trusted = distrustPages(judged, trust, chunk.codec)
  return isOfAnother(trusted, chunk, located) ? distrustPages(judged, 'nothing', chunk.codec) : trusted
}

/** Pages that cannot be the chunk's: of one with holes, or of one in a file in which bytes are missing or too many. */
function isOfAnother(scan: ChunkScan, chunk: ColumnChunk, { delta }: LocatedChunks): boolean {
  if (scan.status === 'unchecked' || scan.items.length === 0) return false
  const hasHole = scan.items.some((item) => item.kind === 'gap' && !item.harmless)
  if (delta === 0 && !hasHole) return false
  return contradictsFooter(scan, chunk) || (scan.status === 'intact' && !agreesWithFooter(scan, chunk))
}
