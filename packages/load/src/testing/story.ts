/**
 * A small life of a target, told in two batches: `b1` loads a#1 (10 of 12 rows, two rejected) and b#1 (20 rows) and holds
 * c#1; `b2` replaces a#1 by a#2 (15 rows). Rows are (file, n), so that lost and doubled ones show.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommitOutcome, EntryDraft, Session, Staging } from '@tidegate/core'
import { openParquetFolder, type FolderDestination, type Mark } from '../index.ts'
import { batchOf, draftOf, fileOf } from './drafts.ts'

export interface Folders {
  readonly target: string
  readonly quarantine: string
  readonly landing: string
}

export function foldersIn(root: string): Folders {
  return { target: join(root, 'lake'), quarantine: join(root, 'quarantine'), landing: join(root, 'landing') }
}

/** With a checkpoint after every entry, so that whoever dies dies with and among them. */
export async function openTarget({ target, quarantine }: Folders, mark?: Mark): Promise<FolderDestination> {
  const checkpoint = { keys: 1, entries: 1 }
  return openParquetFolder({ directory: target, quarantineDirectory: quarantine, checkpoint, mark })
}

export function selectOf(id: string, rows: number): string {
  return `SELECT '${id}' AS file, range AS n FROM range(${rows})`
}

type Tell = (staging: Staging, session: Session, folders: Folders) => Promise<Partial<EntryDraft>>

const STORY: readonly (readonly [string, Tell])[] = [
  ['b1', firstBatch],
  ['b2', secondBatch],
]

/** Recovers, then runs whatever of the story has no entry yet, the way a pipeline does. */
export async function tellStory(folders: Folders, session: Session, fence: number, mark?: Mark): Promise<void> {
  await mkdir(folders.landing, { recursive: true })
  await writeFile(join(folders.landing, 'c.csv'), 'not;a;good;file\n')
  const target = await openTarget(folders, mark)
  await target.recover()
  for (const [batch, tell] of STORY) {
    if ((await target.lookup(batch)) !== undefined) continue
    const ref = batchOf(batch, { attempt: fence })
    const staging = await target.prepare(ref)
    const told = await tell(staging, session, folders)
    await staging.seal()
    const outcome: CommitOutcome = await target.commit(draftOf(batch, { ...told, batch: ref, fence }))
    if (outcome.kind !== 'committed') throw new Error(`${batch}: ${outcome.kind}`)
    await target.publish()
  }
}

async function firstBatch(staging: Staging, session: Session, folders: Folders): Promise<Partial<EntryDraft>> {
  const held = { file: 'c#1', kind: 'original', visible: 'c.csv' } as const
  return {
    ...(await settled(staging, session, [
      ['a#1', 10, 'part-b1-a.parquet'],
      ['b#1', 20, 'day=1/part-b1-b.parquet'],
    ])),
    rejected: [
      await staging.stageRejectedRows(session, selectOf('a#1', 2), { file: 'a#1', kind: 'rows', visible: 'a.parquet' }),
      await staging.stageOriginal(join(folders.landing, 'c.csv'), held),
      await staging.stageText('{"why":"not parquet"}', { file: 'c#1', kind: 'reasons', visible: 'c.json' }),
    ],
    files: [
      fileOf('a#1', 10, { rowsRead: 12, rowsRejected: 2 }),
      fileOf('b#1', 20),
      fileOf('c#1', 0, { outcome: 'held', quarantinePath: 'c.csv' }),
    ],
  }
}

async function secondBatch(staging: Staging, session: Session): Promise<Partial<EntryDraft>> {
  return {
    ...(await settled(staging, session, [['a#2', 15, 'part-b2-a.parquet']], ['a#1'])),
    files: [fileOf('a#2', 15, { replaces: 'a#1', ordinal: 2 })],
  }
}

/** Stages these files (id, rows, visible path), each as a part, and settles what takes their place. */
async function settled(
  staging: Staging,
  session: Session,
  files: readonly (readonly [string, number, string])[],
  leaving: readonly string[] = [],
): Promise<Pick<EntryDraft, 'add' | 'remove'>> {
  for (const [file, rows, visible] of files) {
    await staging.stageRows(session, selectOf(file, rows), { visible, files: [{ file, rows }] })
  }
  const { add, remove } = await staging.settle(session, { leaving: new Set(leaving) })
  return { add, remove }
}
