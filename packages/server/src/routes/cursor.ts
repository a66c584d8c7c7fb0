import { z } from 'zod'
import { RequestProblem } from '../http/problem.ts'

/** Places in lists as callers carry them from page to page: JSON in base64url, checked when it comes back. */
export function writeCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place), 'utf8').toString('base64url')
}

/** @throws RequestProblem 400 `HTTP_PARAMETER` where it is none of ours */
export function readCursor<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    throw badCursor()
  }
  const result = schema.safeParse(value)
  if (!result.success) throw badCursor()
  return result.data
}

export function badCursor(): RequestProblem {
  return new RequestProblem(400, 'HTTP_PARAMETER', 'The parameter "after" is no `next` of a page of this list.')
}

/**
 * A page of a list that is held as a whole, in its order. The cursor names the last item that was given, so that items that
 * came or went since do not shift the page; one that is gone itself is found by its place.
 */
export function pageOfWhole<Item>(
  items: readonly Item[],
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
  keyOf: (item: Item) => string,
): { readonly items: readonly Item[]; readonly next: string | null } {
  let from = 0
  if (after !== undefined) {
    const [key, place] = readCursor(after, z.tuple([z.string(), z.int().min(0)]))
    const found = items.findIndex((item) => keyOf(item) === key)
    from = found === -1 ? place : found + 1
  }
  const page = items.slice(from, from + limit)
  const last = page.at(-1)
  const isEnd = last === undefined || from + page.length >= items.length
  return { items: page, next: isEnd ? null : writeCursor([keyOf(last), from + page.length - 1]) }
}
