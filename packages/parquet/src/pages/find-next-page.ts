import type { ByteWindow } from './byte-window.ts'
import { lookAt } from './look-at.ts'
import { pageEnd } from './page.ts'
import { isPageSignature } from './read-page-header.ts'

const SCAN_BYTES = 1024 * 1024

/**
 * Bytes that one walk may read to find out that what looked like a page is none. Damage needs next to nothing of it; bytes
 * made to look like pages would otherwise take hours.
 */
export interface DoubtBudget {
  left: number
}

/** What a look costs that reads nothing. */
const LOOK_BYTES = 256

export function openBudget(): DoubtBudget {
  return { left: 64 * 1024 * 1024 }
}

/**
 * The next place in [from, to) where a page begins: a strict header with its body inside the range,
 * and behind the body something known. Of random bytes none passes. Abortable, one MiB at a time.
 */
export async function findNextPage(
  window: ByteWindow,
  range: { readonly from: number; readonly to: number },
  budget: DoubtBudget,
  signal?: AbortSignal,
): Promise<number | undefined> {
  for await (const offset of signatures(window, range.from, range.to, signal)) {
    if (budget.left <= 0) return undefined
    const spent = window.spent()
    if (await isConfirmedPage(window, offset, range.to)) return offset
    budget.left -= window.spent() - spent + LOOK_BYTES
  }
  return undefined
}

/**
 * A page header whose size is wrong but lands inside the file hides the pages that follow it. This looks inside its body
 * for the true next page: one from which page follows on page until beyond the body's end. Pages of a Parquet file that
 * is stored as a value end inside the body and are not taken for it.
 */
export async function findHiddenPage(
  window: ByteWindow,
  body: { readonly from: number; readonly end: number; readonly to: number },
  budget: DoubtBudget,
  signal?: AbortSignal,
): Promise<number | undefined> {
  let seenUpTo = 0
  for await (const offset of signatures(window, body.from, body.end, signal)) {
    if (offset < seenUpTo) continue
    if (budget.left <= 0) return undefined
    const spent = window.spent()
    let at = offset
    for (;;) {
      const sight = await lookAt(window, at, body.to)
      const length = sight.kind === 'page' && sight.fits ? pageEnd(sight.page) - at : skippable(sight)
      if (length === undefined) break
      at += length
      if (at > body.end && (await isKnown(window, at, body.to))) return offset
      if (at >= body.to) break
    }
    seenUpTo = at
    budget.left -= window.spent() - spent + LOOK_BYTES
  }
  return undefined
}

function skippable(sight: Awaited<ReturnType<typeof lookAt>>): number | undefined {
  return sight.kind === 'zeros' || sight.kind === 'column-metadata' ? sight.length : undefined
}

async function isConfirmedPage(window: ByteWindow, offset: number, to: number): Promise<boolean> {
  const sight = await lookAt(window, offset, to)
  if (sight.kind !== 'page' || !sight.fits || sight.page.kind === 'index') return false
  return await isKnown(window, pageEnd(sight.page), to)
}

async function isKnown(window: ByteWindow, offset: number, to: number): Promise<boolean> {
  const sight = await lookAt(window, offset, to)
  return sight.kind !== 'nothing' || sight.follower
}

/** Places of the three bytes with which every page header begins. */
async function* signatures(
  window: ByteWindow,
  from: number,
  before: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<number> {
  for (let at = from; at < before; at += SCAN_BYTES) {
    signal?.throwIfAborted()
    // Two bytes more than are scanned, so that no signature is cut; copied, because who is asked in between reads on.
    const length = Math.min(SCAN_BYTES, before - at)
    const bytes = Buffer.from((await window.from(at, length + 2)).subarray(0, length + 2))
    for (let hit = bytes.indexOf(0x15); hit >= 0 && hit < length; hit = bytes.indexOf(0x15, hit + 1))
      if (isPageSignature(bytes, hit)) yield at + hit
  }
}
