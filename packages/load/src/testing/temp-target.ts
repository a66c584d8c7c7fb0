import { mkdtempSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EntryDraft, LedgerPart, RejectedPart, Session, Staging } from '@tidegate/core'
import type { FolderDestination } from '../index.ts'
import { batchOf, draftOf, fileOf } from './drafts.ts'
import { foldersIn, selectOf, type Folders } from './story.ts'

export interface TempTarget extends Folders, Disposable {
  readonly root: string
}

/** Folders for one test, removed at the end of its block. */
export function tempTarget(): TempTarget {
  const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
  return { root, ...foldersIn(root), [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) }
}

/** Every path below a folder, sorted; none if it does not exist. */
export async function tree(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder, { recursive: true })).toSorted()
  } catch {
    return []
  }
}

/** Stages `rows` rows of one file as one part. */
export async function stagePart(
  staging: Staging,
  session: Session,
  id: string,
  rows: number,
  visible: string,
): Promise<LedgerPart> {
  const request = { visible, files: [{ file: id, rows }] }
  const [part, ...others] = await staging.stageRows(session, selectOf(id, rows), request)
  if (part === undefined || others.length > 0) throw new Error(`${others.length} parts too many`)
  return part
}

/** Stages and seals one file of `rows` rows and returns the draft that loads it. */
export async function stageLoad(
  target: FolderDestination,
  session: Session,
  batch: string,
  id: string,
  rows: number,
  more: Partial<EntryDraft> = {},
): Promise<{ readonly staging: Staging; readonly draft: EntryDraft }> {
  const ref = batchOf(batch)
  const staging = await target.prepare(ref)
  await stagePart(staging, session, id, rows, `part-${batch}.parquet`)
  const { add, remove } = await staging.settle(session, { leaving: new Set() })
  await staging.seal()
  return { staging, draft: draftOf(batch, { batch: ref, files: [fileOf(id, rows)], add, remove, ...more }) }
}

/** Stages and seals a text for the quarantine and returns the draft that holds the file. */
export async function stageHold(
  target: FolderDestination,
  batch: string,
  id: string,
  visible = `${batch}.json`,
): Promise<{ readonly staging: Staging; readonly draft: EntryDraft; readonly part: RejectedPart }> {
  const ref = batchOf(batch)
  const staging = await target.prepare(ref)
  const part = await staging.stageText(`why ${id}`, { visible, file: id, kind: 'reasons' })
  await staging.seal()
  const files = [fileOf(id, 0, { outcome: 'held' })]
  return { staging, part, draft: draftOf(batch, { batch: ref, files, rejected: [part] }) }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
