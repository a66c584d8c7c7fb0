import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { report } from '../state/app.ts'
import { callApi, changes } from './api.ts'

export interface ApiList<Item> {
  /** Undefined until the first answer. */
  readonly items: readonly Item[] | undefined
  /** There are more than these. */
  readonly hasMore: boolean
  readonly problem: string | undefined
}

/** The first page of a list, read anew when the history moved or something was changed from here. */
export function useList<Item>(path: string): ApiList<Item> {
  const found = useSignal<ApiList<Item>>({ items: undefined, hasMore: false, problem: undefined })
  useEffect(() => {
    let isWanted = true
    callApi('GET', path).then(
      (answer) => {
        const { items, next } = answer as { readonly items: readonly Item[]; readonly next: string | null }
        if (isWanted) found.value = { items, hasMore: next !== null, problem: undefined }
      },
      (error: unknown) => {
        if (isWanted) found.value = { ...found.peek(), problem: error instanceof Error ? error.message : String(error) }
      },
    )
    return () => {
      isWanted = false
    }
  }, [path, report.value, changes.value])
  return found.value
}
