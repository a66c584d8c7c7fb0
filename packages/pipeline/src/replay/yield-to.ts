import type { FileRecord, FileVersionId, SourceConfig } from '@tidegate/core'

/**
 * File versions whose rows stay, with mode `upsert`, when rows with their keys come back from quarantine: those that were
 * decided with the file of these rows, or after it. What came back would else push out what is newer. Where an order
 * decides, it does so here, too. Pure.
 *
 * @param known all file versions of the ledger
 * @param seq number of the entry that decided over the file whose rows come back
 */
export function yieldTo(
  known: Iterable<FileRecord>,
  seq: number,
  { mode, dedup }: SourceConfig['target'],
): ReadonlySet<FileVersionId> | undefined {
  if (mode !== 'upsert' || dedup?.orderBy !== undefined) return undefined
  const later = new Set<FileVersionId>()
  for (const version of known) if (version.live && version.seq >= seq) later.add(version.id)
  return later
}

/** What may come back with one entry: rows of one age, where age decides. */
export function byAge<T>(
  items: readonly T[],
  seqOf: (item: T) => number,
  { mode, dedup }: SourceConfig['target'],
): readonly (readonly T[])[] {
  if (mode !== 'upsert' || dedup?.orderBy !== undefined) return items.length === 0 ? [] : [items]
  const groups = [...Map.groupBy(items, seqOf)].toSorted(([a], [b]) => a - b)
  return groups.map(([, group]) => group)
}
