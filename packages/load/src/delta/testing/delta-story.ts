/**
 * A small life of a Delta table, told in two batches: `b1` loads a#1 (10 of 12 rows, two rejected, in two partitions) and
 * holds c#1; `b2` loads b#1 (20 rows) with a column that the table lacks. Rows are (file, n).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cell, CommitOutcome, EntryDraft, Session } from '@tidegate/core'
import { batchOf, draftOf, fileOf } from '../../testing/drafts.ts'
import { openDeltaTable, type DeltaDestination, type DeltaTableOptions } from '../open-delta-table.ts'
import type { DeltaStaging } from '../stage-parts.ts'

export interface TempTable extends Disposable {
  readonly root: string
  readonly table: string
  readonly quarantine: string
  readonly log: string
}

/** Folders for one test, removed at the end of its block. */
export function tempTable(): TempTable {
  const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
  return { ...placesIn(root), [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) }
}

export function placesIn(root: string): Omit<TempTable, typeof Symbol.dispose> {
  const table = join(root, 'lake', 'flights')
  return { root, table, quarantine: join(root, 'quarantine'), log: join(table, '_delta_log') }
}

export function openIn(
  { table, quarantine }: Pick<TempTable, 'table' | 'quarantine'>,
  session: Session,
  more: Partial<DeltaTableOptions> = {},
): Promise<DeltaDestination> {
  return openDeltaTable({ directory: table, quarantineDirectory: quarantine, session, ...more })
}

/** Stages and seals `select` as one file version and returns the draft that loads it. */
export async function stageBatch(
  target: DeltaDestination,
  session: Session,
  batch: string,
  id: string,
  select: string,
  more: Partial<EntryDraft> = {},
): Promise<{ readonly staging: DeltaStaging; readonly draft: EntryDraft }> {
  const ref = more.batch ?? batchOf(batch)
  const staging = await target.prepare(ref)
  const [[count] = []] = (await session.query(`SELECT count(*) FROM (${select})`)).rows
  const rows = Number(count)
  await staging.stageRows(session, select, { visible: `part-${batch}.parquet`, files: [{ file: id, rows }] })
  const { add } = await staging.settle(session, { leaving: new Set() })
  await staging.seal()
  return { staging, draft: draftOf(batch, { batch: ref, files: [fileOf(id, rows)], add, ...more }) }
}

export async function loadBatch(
  target: DeltaDestination,
  session: Session,
  batch: string,
  id: string,
  select: string,
): Promise<CommitOutcome> {
  const { draft } = await stageBatch(target, session, batch, id, select)
  const outcome = await target.commit(draft)
  await target.publish()
  return outcome
}

/** All actions of all commits in order, read without our reader. */
export async function actionsIn(
  log: string,
): Promise<readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[]> {
  const names = (await readdir(log).catch(() => [])).filter((name) => /^\d{20}\.json$/.test(name)).toSorted()
  const texts = await Promise.all(names.map((name) => readFile(join(log, name), 'utf8')))
  return texts.flatMap((text) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as never),
  )
}

/** Rows of the files that the log names, without our reader: what any Delta reader sees. */
export async function rowsIn(
  { table, log }: Pick<TempTable, 'table' | 'log'>,
  session: Session,
  select: string,
): Promise<readonly (readonly Cell[])[]> {
  const actions = await actionsIn(log)
  const paths = actions.flatMap(({ add }) =>
    add === undefined ? [] : [join(table, decodeURIComponent(String(add['path'])))],
  )
  if (paths.length === 0) return []
  const list = paths.map((path) => session.dialect.literal(path.replaceAll(/[*?[]/g, '[$&]'))).join(', ')
  const from = `read_parquet([${list}], union_by_name = true, hive_partitioning = false)`
  return (await session.query(select.replace('$TABLE', from))).rows
}

/** Recovers, then runs whatever of the story has no entry yet, the way a pipeline does. */
export async function tellDeltaStory(
  places: Pick<TempTable, 'table' | 'quarantine'>,
  session: Session,
  fence: number,
  mark?: DeltaTableOptions['mark'],
): Promise<void> {
  const target = await openIn(places, session, { partitionBy: ['odd'], mark })
  await target.recover()
  for (const [batch, tell] of [
    ['b1', firstBatch],
    ['b2', secondBatch],
  ] as const) {
    // prettier-ignore
    if ((await target.lookup(batch)) !== undefined) continue
    const ref = batchOf(batch, { attempt: fence })
    const staging = await target.prepare(ref)
    const told = await tell(staging, session)
    await staging.seal()
    const outcome = await target.commit(draftOf(batch, { ...told, batch: ref, fence }))
    if (outcome.kind !== 'committed') throw new Error(`${batch}: ${outcome.kind}`)
    await target.publish()
  }
}

async function firstBatch(staging: DeltaStaging, session: Session): Promise<Partial<EntryDraft>> {
  const select = `SELECT 'a#1' AS file, range AS n, range % 2 AS odd FROM range(10)`
  const held = { file: 'c#1', kind: 'reasons', visible: 'c.json' } as const
  return {
    add: await staging.stageRows(session, select, { visible: 'part-b1.parquet', files: [{ file: 'a#1', rows: 10 }] }),
    rejected: [
      await staging.stageRejectedRows(session, `SELECT 1 AS n FROM range(2)`, {
        file: 'a#1',
        kind: 'rows',
        visible: 'a.parquet',
      }),
      await staging.stageText('{"why":"not parquet"}', held),
    ],
    files: [fileOf('a#1', 10, { rowsRead: 12, rowsRejected: 2 }), fileOf('c#1', 0, { outcome: 'held' })],
  }
}

async function secondBatch(staging: DeltaStaging, session: Session): Promise<Partial<EntryDraft>> {
  const select = `SELECT 'b#1' AS file, range AS n, 0::BIGINT AS odd, 'new' AS late FROM range(20)`
  return {
    add: await staging.stageRows(session, select, { visible: 'part-b2.parquet', files: [{ file: 'b#1', rows: 20 }] }),
    files: [fileOf('b#1', 20)],
  }
}
