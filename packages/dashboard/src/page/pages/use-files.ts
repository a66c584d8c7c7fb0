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

/** The files that any of the queries finds, in their order, page by page. */
export function useFiles(queries: readonly FileQuery[]): FileSearch {
  const found = useSignal<FoundFiles | undefined>(undefined)
  const problem = useSignal<string | undefined>(undefined)
  const round = useRef(0)
  const key = JSON.stringify(queries)
  const ask = async (before: FoundFiles | undefined, mine: number): Promise<void> => {
    const { value: opened } = source
    if (opened === undefined) return
    try {
      const next = await nextPage(opened, queries, before)
      if (round.current !== mine) return
      found.value = next
      problem.value = undefined
    } catch (error) {
      if (round.current === mine) problem.value = error instanceof Error ? error.message : String(error)
    }
  }
  useEffect(() => {
    round.current += 1
    const mine = round.current
    const isFirst = found.peek() === undefined
    const timer = setTimeout(() => void ask(undefined, mine), isFirst || source.peek()?.host === 'file' ? 0 : REST_MS)
    return () => clearTimeout(timer)
  }, [key, report.value])
  return { found: found.value, problem: problem.value, more: () => void ask(found.peek(), round.current) }
}

async function nextPage(
  opened: DataSource,
  queries: readonly FileQuery[],
  before: FoundFiles = { items: [], total: 0, offset: 0 },
): Promise<FoundFiles> {
  const { offset } = before
  const pages = await Promise.all(queries.map((query) => opened.files({ ...query, offset })))
  const items = [...before.items, ...pages.flatMap((page) => page.items)]
  const order = FILE_ORDERS[queries[0]?.order ?? 'newest']
  return {
    // One query has its order from who answered; several are put in order here.
    items: queries.length === 1 ? items : items.toSorted(order),
    total: pages.reduce((sum, { total }) => sum + total, 0),
    offset: offset + (queries[0]?.limit ?? 0),
  }
}
