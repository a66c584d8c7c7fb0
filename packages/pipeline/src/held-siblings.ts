/** What a folder that is one unit (`ready.unit: folder`) has in quarantine already: it is judged with what is new there. */
import type { FileRecord, FileVersionId, SourceFile } from '@tidegate/core'
import { folderOf } from './dataset-of.ts'
import type { Identity } from './identify.ts'

/**
 * Files of a folder that are in quarantine: when something of the folder is new, all are judged, those to blame too. What is
 * another edition of a file waits for a person.
 */
export function heldSiblings(
  listed: readonly SourceFile[],
  fresh: readonly SourceFile[],
  settling: readonly SourceFile[],
  known: ReadonlyMap<string, readonly FileRecord[]>,
): readonly { readonly file: SourceFile; readonly id: FileVersionId }[] {
  const folders = new Set([...fresh, ...settling].map((file) => folderOf(file.path)))
  const own = new Set([...fresh, ...settling].map((file) => file.path))
  return listed.flatMap((file) => {
    if (own.has(file.path) || !folders.has(folderOf(file.path))) return []
    const newest = known.get(file.path)?.at(-1)
    return newest !== undefined && isWaitingForFolder(newest) ? [{ file, id: newest.id }] : []
  })
}

/** Files that were held as they are now, and were touched or sent again together with a new one of their folder. */
export function heldBesideNew(
  identified: ReadonlyMap<string, Identity>,
): readonly Extract<Identity, { kind: 'touched' }>[] {
  const fresh = new Set([...identified].flatMap(([path, { kind }]) => (kind === 'version' ? [folderOf(path)] : [])))
  return [...identified].flatMap(([path, identity]) =>
    identity.kind === 'touched' && fresh.has(folderOf(path)) && isWaitingForFolder(identity.record) ? [identity] : [],
  )
}

function isWaitingForFolder({ outcome, reasons }: FileRecord): boolean {
  return outcome === 'held' && reasons.every((reason) => reason.check !== 'RESEND_HELD')
}
