import type { ByteSource } from '@tidegate/core'

import { checkPageBody, overLimit } from '../pages/check-page.ts'
import type { PageLimits } from '../pages/page-limits.ts'
import type { FitCheck } from './chunk-runs.ts'

export interface PageFitOptions {
  /** Lets known oddities of writers pass. @defaultValue true */
  readonly lenient?: boolean
  readonly limits?: Partial<PageLimits>
  readonly signal?: AbortSignal | undefined
}

/** Whether a page can belong to a column, by unfolding and checking all of it. Keeps the last body. */
export function pageFits(source: ByteSource, options: PageFitOptions = {}): FitCheck {
  const { lenient = true, limits } = options
  let held: { readonly offset: number; readonly body: Uint8Array } | undefined
  return async ({ page, leaf, codec, dictionary }) => {
    options.signal?.throwIfAborted()
    const tooLarge = overLimit(page, limits)
    if (tooLarge !== undefined) return { kind: 'no', because: tooLarge.message }
    if (held?.offset !== page.offset)
      held = { offset: page.offset, body: await source.read(page.offset + page.headerBytes, page.compressedBytes) }
    const check = checkPageBody(held.body, page, leaf, codec, {
      level: 'values',
      lenient,
      limits,
      dictionarySize: dictionary?.values,
    })
    if (!check.ok || check.rows === undefined)
      return { kind: 'no', because: check.findings[0]?.message ?? 'its rows cannot be counted' }
    return {
      kind: 'fits',
      rows: check.rows,
      continuesRow: check.continuesRow,
      isOdd: check.findings.some(({ code }) => code === 'PQ401'),
    }
  }
}
