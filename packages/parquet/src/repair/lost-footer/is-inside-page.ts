import type { ByteSource } from '@tidegate/core'

import { endsWithHead } from '../../assemble/page-sequence.ts'
import { pageEnd } from '../../pages/page.ts'
import { walkPages } from '../../pages/walk-pages.ts'

const WALKED_ITEMS = 200_000

/**
 * Whether a byte lies in the body of a page of the file that begins at byte 0, cut or not. A Parquet file can be a value of
 * another one; what begins there is not the file itself.
 */
export async function isInsidePage(source: ByteSource, at: number, signal?: AbortSignal): Promise<boolean> {
  const head = Buffer.from(await source.read(0, 4))
  if (head.toString('latin1') !== 'PAR1') return false
  let items = 0
  for await (const item of walkPages(source, { signal })) {
    const page = item.kind === 'page' ? item.page : item.because === 'page-cut' ? item.claimed : undefined
    const covers = page !== undefined && page.offset + page.headerBytes <= at && pageEnd(page) > at
    // A damaged size covers pages of the file itself too; only of another file they begin behind a PAR1.
    if (covers && (item.kind === 'page' || (await endsWithHead(source, item)))) return true
    const offset = item.kind === 'page' ? item.page.offset : item.offset
    if (offset >= at || ++items > WALKED_ITEMS) return false
  }
  return false
}
