import { openSource, type Source } from '../source/open-source.ts'
import type { WalkItem } from './page.ts'
import type { PageLimits } from './page-limits.ts'
import { walkPages } from './walk-pages.ts'

export interface ScanPagesOptions {
  /** First byte. @defaultValue 4, behind the PAR1 at the head */
  readonly from?: number | undefined
  /** Exclusive. @defaultValue the end of the source */
  readonly to?: number | undefined
  readonly limits?: Partial<PageLimits> | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The pages of a file as their headers describe them, and the gaps between them, in order; with or without a footer. The
 * items cover [from, to). Reads headers only. Throws what the source throws and when aborted, never because of the bytes.
 */
export async function* scanPages(source: Source, options: ScanPagesOptions = {}): AsyncIterable<WalkItem> {
  const opened = await openSource(source)
  try {
    yield* walkPages(opened, options)
  } finally {
    await opened.close()
  }
}
