import type { Destination, FileVersionId, LedgerEntry } from '@tidegate/core'

export interface LogAfterRecords {
  /** Those asked for. */
  readonly entries: ReadonlyMap<number, LedgerEntry>
  /** Entries that replaced rows of the target, in order, with the file versions that they judged. */
  readonly replacing: readonly { readonly seq: number; readonly files: readonly FileVersionId[] }[]
}

/** One pass over the log from the oldest of these entries on. */
export async function readLogAfter(destination: Destination, seqs: ReadonlySet<number>): Promise<LogAfterRecords> {
  const entries = new Map<number, LedgerEntry>()
  const replacing: { seq: number; files: readonly FileVersionId[] }[] = []
  for await (const entry of destination.tail(Math.min(...seqs) - 1)) {
    if (seqs.has(entry.seq)) entries.set(entry.seq, entry)
    if (entry.mode === 'replace') replacing.push({ seq: entry.seq, files: entry.files.map((file) => file.id) })
  }
  return { entries, replacing }
}

/**
 * What an edition of replaced data has become since this entry. `gone`: a later one took its place. `begun`: some of it is
 * in the target, so that the rest joins it. `waiting`: none of its files was good yet, and the first that is takes the
 * place of the edition before. Pure.
 */
export function editionOf(
  { seq, files, mode }: LedgerEntry,
  replacing: LogAfterRecords['replacing'],
): 'gone' | 'begun' | 'waiting' {
  const own = new Set(files.map((file) => file.id))
  const later = replacing.filter((entry) => entry.seq > seq)
  if (later.some((entry) => !entry.files.some((file) => own.has(file)))) return 'gone'
  const began = mode !== 'replace' || later.length > 0 || files.some((file) => file.outcome === 'loaded')
  return began ? 'begun' : 'waiting'
}
