import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { moves } from '../state/app.ts'
import { atMostEvery } from '../state/at-most-every.ts'
import { callApi, changes } from './api.ts'

export interface ApiList<Item> {
  /** Undefined until the first answer. */
  readonly items: readonly Item[] | undefined
  /** The server has more than these. */
  readonly hasMore: boolean
  readonly problem: string | undefined
  readonly more: () => void
}

type Found<Item> = Omit<ApiList<Item>, 'more'>

const PAGE_ITEMS = 100
const REST_MS = 1500
const SHARE = 0.2

/**
 * A list of the API, page by page. All that is shown of it is read anew when something was changed from here, and when the
 * state moved: at most every one and a half seconds, and for a fifth of the time.
 *
 * @param path - Below `/api/v1/`, with its filter, without `limit` and `after`.
 */
export function useList<Item>(path: string): ApiList<Item> {
  const found = useSignal<Found<Item>>({ items: undefined, hasMore: false, problem: undefined })
  const wanted = useRef(PAGE_ITEMS)
  const round = useRef(0)
  const read = async (): Promise<void> => {
    round.current += 1
    const mine = round.current
    const answer = await readList<Item>(path, wanted.current).catch((error: unknown) => ({
      ...found.peek(),
      problem: error instanceof Error ? error.message : String(error),
    }))
    if (round.current === mine) found.value = answer
  }
  const follow = useMemo(() => atMostEvery((tookMs) => Math.max(REST_MS, tookMs / SHARE), read), [path])
  useEffect(follow, [follow, moves.value])
  useEffect(() => {
    // What was done from here is seen at once.
    if (found.peek().items !== undefined) void read()
  }, [changes.value])
  useEffect(
    () => () => {
      round.current += 1
    },
    [],
  )
  const more = (): void => {
    wanted.current += PAGE_ITEMS
    void read()
  }
  return { ...found.value, more }
}

async function readList<Item>(path: string, wanted: number): Promise<Found<Item>> {
  const items: Item[] = []
  let next: string | null = null
  while (items.length < wanted) {
    const after: string = next === null ? '' : `&after=${encodeURIComponent(next)}`
    const page = (await callApi('GET', `${path}${path.includes('?') ? '&' : '?'}limit=${PAGE_ITEMS}${after}`)) as {
      readonly items: readonly Item[]
      readonly next: string | null
    }
    items.push(...page.items)
    next = page.next
    if (next === null || page.items.length === 0) break
  }
  return { items, hasMore: next !== null, problem: undefined }
}
