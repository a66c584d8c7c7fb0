import type { Capped, FileQuery, FileRecord } from '@tidegate/core'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { report, source } from '../state/app.ts'
import type { DataSource } from '../source/data-source.ts'
import { FILE_ORDERS } from '../source/select-files.ts'

export interface FoundFiles extends Capped<FileRecord> {
  /** Asked for already, so that the next page begins here: per query. */
  readonly offset: number
}

export interface FileSearch {
  /** Undefined until the first answer. */
  readonly found: FoundFiles | undefined
  /** Why there is none, in words. */
  readonly problem: string | undefined
  readonly more: () => void
}

/** What is typed on a live page is asked for when the typing rests. */
const REST_MS = 150

/**
 * The files that any of the queries finds, in their order, page by page. When the state moved, as many as were asked for are
 * read anew: nothing that somebody got falls away under the eyes.
 */
export function useFiles(queries: readonly FileQuery[]): FileSearch {
  const found = useSignal<FoundFiles | undefined>(undefined)
  const problem = useSignal<string | undefined>(undefined)
  const turn = useRef(0)
  const isReading = useRef(false)
  const key = JSON.stringify(questionsOf(queries))
  const asked = useRef('')
  const wanted = useRef(0)
  /** The one that was begun last stands. */
  const ask = async (before?: FoundFiles): Promise<void> => {
    const { value: opened } = source
    if (opened === undefined) return
    turn.current += 1
    const mine = turn.current
    isReading.current = true
    try {
      const next = await readFiles(opened, queries, () => wanted.current, before)
      if (turn.current !== mine) return
      found.value = next
      problem.value = undefined
    } catch (error) {
      if (turn.current === mine) problem.value = error instanceof Error ? error.message : String(error)
    }
    if (turn.current === mine) isReading.current = false
  }
  const pageFiles = queries[0]?.limit ?? 0
  useEffect(() => {
    const isFirst = found.peek() === undefined
    if (asked.current !== key) wanted.current = pageFiles
    asked.current = key
    const timer = setTimeout(() => void ask(), isFirst || source.peek()?.host === 'file' ? 0 : REST_MS)
    return () => {
      clearTimeout(timer)
      turn.current += 1
      isReading.current = false
    }
  }, [JSON.stringify(queries), report.value])
  const more = (): void => {
    wanted.current = (found.peek()?.offset ?? 0) + pageFiles
    // What is being read goes on until then.
    if (!isReading.current) void ask(found.peek())
  }
  return { found: found.value, problem: problem.value, more }
}

/** What is looked for. A window that ends now goes on with the clock, and is the same question. */
function questionsOf(queries: readonly FileQuery[]): readonly FileQuery[] {
  return queries.map(({ sinceMs: _since, untilMs: _until, ...question }) => question)
}

/** Until so many of each query were asked for, or there are no more. */
async function readFiles(
  opened: DataSource,
  queries: readonly FileQuery[],
  wanted: () => number,
  before: FoundFiles = { items: [], total: 0, offset: 0 },
): Promise<FoundFiles> {
  let found = before
  do found = await nextPage(opened, queries, found)
  while (found.offset < wanted() && found.items.length < found.total)
  return found
}

async function nextPage(
  opened: DataSource,
  queries: readonly FileQuery[],
  { offset, items: known }: FoundFiles,
): Promise<FoundFiles> {
  const pages = await Promise.all(queries.map((query) => opened.files({ ...query, offset })))
  // What was decided between two pages moves all others on: the last of one comes again with the next.
  const items = [
    ...new Map([...known, ...pages.flatMap((page) => page.items)].map((file) => [fileKey(file), file])).values(),
  ]
  const order = FILE_ORDERS[queries[0]?.order ?? 'newest']
  return {
    // One query has its order from who answered; several are put in order here.
    items: queries.length === 1 ? items : items.toSorted(order),
    total: pages.reduce((sum, { total }) => sum + total, 0),
    offset: offset + (queries[0]?.limit ?? 0),
  }
}

/** A file that goes to two targets was decided twice. */
export function fileKey({ location, id }: FileRecord): string {
  return `${location}\n${id}`
}
