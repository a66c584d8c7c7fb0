import type { ByteSource } from '@tidegate/core'

import { openWindow, type ByteWindow } from './byte-window.ts'
import { findHiddenPage, findNextPage, openBudget, type DoubtBudget } from './find-next-page.ts'
import { lookAt, type Sight } from './look-at.ts'
import { pageEnd, type Gap, type GapReason, type Page, type WalkItem } from './page.ts'
import { DEFAULT_PAGE_LIMITS, type PageLimits } from './page-limits.ts'

export interface WalkOptions {
  /** First byte. Default 4: behind the PAR1 at the head. */
  readonly from?: number | undefined
  /** Exclusive. Default: the end of the source. */
  readonly to?: number | undefined
  readonly limits?: Partial<PageLimits> | undefined
  readonly signal?: AbortSignal | undefined
  /** Shared with other readers of the same source; default an own one of 16 KiB. */
  readonly window?: ByteWindow | undefined
}

const READ_AHEAD = 16 * 1024

/**
 * Goes from page to page and reads their headers only. Where there is no page, it says for how long and goes on at the
 * next page for sure. The items cover [from, to) in order. Throws what the source throws and when aborted, never because
 * of the bytes.
 */
export async function* walkPages(source: ByteSource, options: WalkOptions = {}): AsyncGenerator<WalkItem> {
  const to = Math.min(options.to ?? source.sizeBytes, source.sizeBytes)
  const { signal, window = openWindow(source, READ_AHEAD) } = options
  const { maxPages } = { ...DEFAULT_PAGE_LIMITS, ...options.limits }
  let at = Math.max(0, options.from ?? 4)
  const place: Place = { window, to, signal, budget: openBudget() }
  let pages = 0
  let sight: Sight = await lookAt(window, at, to)
  while (at < to) {
    signal?.throwIfAborted()
    if (pages >= maxPages) return yield gap(at, to, 'limit')
    const { item, behind }: Step = await step(place, at, sight)
    if (item.kind === 'page') pages++
    yield item
    at = item.kind === 'page' ? pageEnd(item.page) : item.offset + item.length
    sight = behind ?? (await lookAt(window, at, to))
  }
}

interface Step {
  readonly item: WalkItem
  /** What is behind a page; it was looked at to confirm the page's size. */
  readonly behind?: Sight
}

interface Place {
  readonly window: ByteWindow
  readonly to: number
  readonly signal: AbortSignal | undefined
  readonly budget: DoubtBudget
}

async function step(place: Place, at: number, sight: Sight): Promise<Step> {
  const { window, to, signal, budget } = place
  switch (sight.kind) {
    case 'zeros':
      return await zerosFrom(place, at, sight.length)
    case 'column-metadata':
      return { item: gap(at, at + sight.length, 'column-metadata') }
    case 'page': {
      const { page } = sight
      if (!sight.fits) return { item: await gapToNext(place, at, 'page-cut', page) }
      const end = pageEnd(page)
      const behind = await lookAt(window, end, to)
      if (behind.kind !== 'nothing' || behind.follower) return { item: { kind: 'page', page }, behind }
      const body = { from: page.offset + page.headerBytes, end, to }
      const hidden = await findHiddenPage(window, body, budget, signal)
      return { item: hidden === undefined ? { kind: 'page', page } : gap(at, hidden, 'page-size', page) }
    }
    case 'nothing':
    case 'end':
      return { item: await gapToNext(place, at, 'no-header') }
  }
}

async function zerosFrom({ window, to, signal }: Place, at: number, length: number): Promise<Step> {
  let end = at + length
  for (;;) {
    signal?.throwIfAborted()
    const behind = await lookAt(window, end, to)
    if (behind.kind !== 'zeros') return { item: gap(at, end, 'zeros'), behind }
    end += behind.length
  }
}

async function gapToNext(place: Place, at: number, because: GapReason, claimed?: Page): Promise<Gap> {
  const { window, to, budget, signal } = place
  const next = await findNextPage(window, { from: at + 1, to }, budget, signal)
  return gap(at, next ?? to, because, claimed)
}

function gap(offset: number, end: number, because: GapReason, claimed?: Page): Gap {
  const base: Gap = { kind: 'gap', offset, length: end - offset, because }
  return claimed === undefined ? base : { ...base, claimed }
}
