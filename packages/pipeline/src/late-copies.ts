/**
 * Copies that come back late. A copy was skipped, because its bytes were loaded under another name; that original was
 * replaced, so the copy is loaded after all. Its rows are as old as the original's: with mode `upsert`, unless an order says
 * otherwise, and with `replace: partitions` they leave what came after it where it is; with `replace: all` they went with it.
 */
import type { Destination, FileRecord, FileVersionId, SourceConfig } from '@tidegate/core'
import type { WorkItem } from './decide-treatment.ts'
import type { Knowledge } from './knowledge.ts'

/** Whether rows that come late are to leave newer ones where they are (`SettleRequest.yieldTo`). */
function yieldsByAge({ mode, replace, dedup }: Meeting): boolean {
  return (mode === 'upsert' && dedup?.orderBy === undefined) || (mode === 'replace' && replace === 'partitions')
}

type Meeting = Pick<SourceConfig['target'], 'mode' | 'replace' | 'dedup'>

/** Lost copies without those whose original was loaded and left as all rows do that are replaced. */
export async function comingBack(
  lost: readonly FileRecord[],
  knowledge: Pick<Knowledge, 'versions' | 'load'>,
  { mode, replace }: Meeting,
): Promise<readonly FileRecord[]> {
  if (mode !== 'replace' || replace === 'partitions' || lost.length === 0) return lost
  const originals = await originalsOf(lost, knowledge)
  return lost.filter((copy) => originals(copy)?.outcome !== 'loaded')
}

/** @param lost versions that come back (`Ledger.lostDuplicates`) */
export async function markLate(
  work: readonly WorkItem[],
  lost: readonly FileRecord[],
  knowledge: Pick<Knowledge, 'versions' | 'load'>,
  target: Meeting,
): Promise<readonly WorkItem[]> {
  if (!yieldsByAge(target) || lost.length === 0) return work
  const copies = new Map(lost.map((record) => [`${record.hash}\0${record.path}`, record]))
  const copyOf = ({ version, treatment }: WorkItem): FileRecord | undefined =>
    treatment.kind === 'judge' ? copies.get(`${version.contentHash}\0${version.path}`) : undefined
  const back = work.flatMap((item) => copyOf(item) ?? [])
  if (back.length === 0) return work
  const originals = await originalsOf(back, knowledge)
  return work.map((item) => {
    const copy = copyOf(item)
    if (copy === undefined) return item
    // An original that was never recorded would have been decided with its copy.
    const { seq } = originals(copy) ?? copy
    return { ...item, lateSince: seq, takesBytesOf: undefined, unit: undefined }
  })
}

async function originalsOf(
  copies: readonly FileRecord[],
  knowledge: Pick<Knowledge, 'versions' | 'load'>,
): Promise<(copy: FileRecord) => FileRecord | undefined> {
  const paths = new Set(copies.flatMap(({ source, duplicateOf }) => pathOf(duplicateOf, source) ?? []))
  await knowledge.load([...paths].filter((path) => !knowledge.versions.has(path)))
  return ({ source, duplicateOf }) =>
    knowledge.versions.get(pathOf(duplicateOf, source) ?? '')?.find(({ id }) => id === duplicateOf)
}

function pathOf(id: FileVersionId | null, source: string): string | undefined {
  return id?.slice(source.length + 1, id.lastIndexOf('#'))
}

/** File versions that were decided with this entry or after it, from whatever source. */
export async function decidedSince(
  destination: Pick<Destination, 'tail'>,
  seq: number,
): Promise<ReadonlySet<FileVersionId>> {
  const versions = new Set<FileVersionId>()
  for await (const entry of destination.tail(seq - 1)) for (const { id } of entry.files) versions.add(id)
  return versions
}
