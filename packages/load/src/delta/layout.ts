import { HOME } from '../layout.ts'

/** One sealed manifest per batch, written before the commit that names the batch. */
export const BATCHES: string = `${HOME}/batches`
/** Files that have no name yet. */
export const TEMP: string = `${HOME}/temp`

export function manifestPath(batch: string): string {
  return `${BATCHES}/${batch}.json`
}

/** Whose version counts the batches of a source. */
export function sourceAppId(source: string): string {
  return `tidegate/${encodeURIComponent(source)}`
}

/** Which is there if the batch was committed; its version is the number of our entry, counted over the whole table. */
export function batchAppId(source: string, batch: string): string {
  return `${sourceAppId(source)}/${batch}`
}

/** The batch that a transaction stands for; undefined for counters and for the transactions of others. */
export function batchOfAppId(appId: string): { readonly source: string; readonly batch: string } | undefined {
  const match = /^tidegate\/([^/]+)\/([^/]+)$/.exec(appId)
  const [, source, batch] = match ?? []
  if (source === undefined || batch === undefined) return undefined
  try {
    return { source: decodeURIComponent(source), batch }
  } catch {
    return undefined
  }
}
