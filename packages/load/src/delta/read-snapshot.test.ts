import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commitName } from './list-log.ts'
import { readOn, readSnapshot } from './read-snapshot.ts'
import { tempTable, type TempTable } from './testing/delta-story.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const PROTOCOL = { minReaderVersion: 1, minWriterVersion: 2 }
const META = { id: 't', format: { provider: 'parquet', options: {} }, schemaString: '{"type":"struct","fields":[]}', partitionColumns: [], configuration: { k: 'v' } } // prettier-ignore

function add(path: string): object {
  return { add: { path, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true } }
}

/** Version 0 makes the table, each later one adds `f<version>` and moves the counter; version 2 removes `f1`. */
async function writeCommits({ log }: TempTable, from: number, to: number): Promise<void> {
  await mkdir(log, { recursive: true })
  for (let version = from; version <= to; version += 1) {
    const actions: object[] =
      version === 0
        ? [{ protocol: PROTOCOL }, { metaData: META }]
        : [add(`f${version}`), { txn: { appId: 'app', version } }]
    if (version === 2) actions.push({ remove: { path: 'f1', dataChange: true } })
    await writeFile(join(log, commitName(version)), actions.map((action) => JSON.stringify(action)).join('\n'))
  }
}

/** Checkpoint files in the shape of the protocol's appendix, written by the engine. */
async function writeCheckpoint({ log }: TempTable, name: string, rows: string): Promise<void> {
  const types = `NULL::STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[]) AS protocol,
    NULL::STRUCT(id VARCHAR, name VARCHAR, format STRUCT(provider VARCHAR, options MAP(VARCHAR, VARCHAR)), schemaString VARCHAR, partitionColumns VARCHAR[], createdTime BIGINT, configuration MAP(VARCHAR, VARCHAR)) AS metaData,
    NULL::STRUCT(appId VARCHAR, version BIGINT, lastUpdated BIGINT) AS txn,
    NULL::STRUCT(path VARCHAR, size BIGINT) AS add, NULL::STRUCT(path VARCHAR, deletionTimestamp BIGINT) AS remove`
  await session.query(
    `COPY (SELECT ${types} WHERE false UNION ALL BY NAME ${rows}) TO '${join(log, name)}' (FORMAT parquet)`,
  )
}

const HEAD = `SELECT {minReaderVersion: 1, minWriterVersion: 2, readerFeatures: NULL, writerFeatures: NULL} AS protocol
  UNION ALL BY NAME SELECT {id: 't', name: NULL, format: {provider: 'parquet', options: MAP {}}, schemaString: '{"type":"struct","fields":[]}', partitionColumns: []::VARCHAR[], createdTime: NULL, configuration: MAP {'k': 'v'}} AS metaData
  UNION ALL BY NAME SELECT {appId: 'app', version: 3, lastUpdated: NULL} AS txn`
const FILES = `SELECT {path: 'f2', size: 1} AS add UNION ALL BY NAME SELECT {path: 'f3', size: 1} AS add UNION ALL BY NAME SELECT {path: 'f1', deletionTimestamp: 1} AS remove`

async function expectVersion5(places: TempTable): Promise<void> {
  const snapshot = await readSnapshot(places.table, session, { files: true })
  expect(snapshot).toMatchObject({ version: 5, protocol: PROTOCOL, metaData: META })
  expect([...snapshot.txns]).toEqual([['app', 5]])
  expect([...(snapshot.files?.keys() ?? [])].toSorted()).toEqual(['f2', 'f3', 'f4', 'f5'])
  expect([...(snapshot.tombstones ?? [])]).toEqual(['f1'])
  const light = await readSnapshot(places.table, session)
  expect({ version: light.version, files: light.files, txns: light.txns }).toEqual({
    version: 5,
    files: undefined,
    txns: new Map([['app', 5]]),
  })
}

describe('version 5 is the same', () => {
  test('from commits alone', async () => {
    using places = tempTable()
    await writeCommits(places, 0, 5)
    await expectVersion5(places)
  })

  test('from a checkpoint and the commits after it, older ones being gone', async () => {
    using places = tempTable()
    await writeCommits(places, 4, 5)
    await writeCheckpoint(places, '00000000000000000003.checkpoint.parquet', `${HEAD} UNION ALL BY NAME ${FILES}`)
    await writeFile(join(places.log, '_last_checkpoint'), '{"version":3,"size":6}')
    await expectVersion5(places)
  })

  test('from a checkpoint in two parts, one of which lacks columns', async () => {
    using places = tempTable()
    await writeCommits(places, 4, 5)
    await writeCheckpoint(places, '00000000000000000003.checkpoint.0000000001.0000000002.parquet', HEAD)
    await session.query(
      `COPY (${FILES}) TO '${places.log}/00000000000000000003.checkpoint.0000000002.0000000002.parquet' (FORMAT parquet)`,
    )
    await expectVersion5(places)
  })

  test('with checkpoints that are unfinished or unreadable, as long as the commits are there', async () => {
    using places = tempTable()
    await writeCommits(places, 0, 5)
    await writeCheckpoint(places, '00000000000000000004.checkpoint.0000000001.0000000002.parquet', HEAD)
    await writeFile(join(places.log, '00000000000000000005.checkpoint.parquet'), 'PAR1 nonsense')
    await writeFile(join(places.log, '_last_checkpoint'), '{"version":')
    await writeFile(join(places.log, '00000000000000000000.00000000000000000005.compacted.json'), 'ignored')
    await expectVersion5(places)
  })

  test('below folders whose names look like patterns and partitions', async () => {
    using places = tempTable()
    await writeCommits(places, 4, 5)
    await writeCheckpoint(places, '00000000000000000003.checkpoint.parquet', `${HEAD} UNION ALL BY NAME ${FILES}`)
    const table = join(places.root, 'day=1 [a]*?', `it's`)
    await mkdir(join(places.root, 'day=1 [a]*?'))
    await rename(places.table, table)
    expect((await readSnapshot(table, session)).version).toBe(5)
  })
})

describe('a log that is not whole is an error:', () => {
  test('a commit is missing', async () => {
    using places = tempTable()
    await writeCommits(places, 0, 5)
    await rm(join(places.log, commitName(3)))
    await expect(readSnapshot(places.table, session)).rejects.toMatchObject({
      code: 'DELTA_LOG_CORRUPT',
      message: expect.stringContaining(commitName(3)) as string,
    })
  })

  test('the end is missing, which only the pointer to the last checkpoint tells', async () => {
    using places = tempTable()
    await writeCommits(places, 0, 2)
    await writeFile(join(places.log, '_last_checkpoint'), '{"version":3,"size":6}')
    await expect(readSnapshot(places.table, session)).rejects.toMatchObject({ code: 'DELTA_LOG_CORRUPT' })
  })

  test('no commit makes the table', async () => {
    using places = tempTable()
    await mkdir(places.log, { recursive: true })
    await writeFile(join(places.log, commitName(0)), '{"commitInfo":{}}\n')
    await expect(readSnapshot(places.table, session)).rejects.toMatchObject({ code: 'DELTA_LOG_CORRUPT' })
  })

  test('checkpoints of the second specification are all there is', async () => {
    using places = tempTable()
    await writeCommits(places, 4, 5)
    await writeFile(join(places.log, '00000000000000000003.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json'), '{}')
    await expect(readSnapshot(places.table, session)).rejects.toMatchObject({ code: 'DELTA_UNSUPPORTED' })
  })
})

test('reading on takes new commits, and refuses where those in between were cleaned up', async () => {
  using places = tempTable()
  await writeCommits(places, 0, 1)
  const snapshot = await readSnapshot(places.table, session)
  await writeCommits(places, 2, 3)
  expect(await readOn(places.table, snapshot)).toBe(true)
  expect(snapshot.version).toBe(3)
  // The next name is free, but the table is at 6: a writer that only tried the next number would write into the past.
  await writeCommits(places, 5, 6)
  expect(await readOn(places.table, snapshot)).toBe(false)
})

test('reading on refuses where another table took the place of the one that was read, however many commits it has', async () => {
  using places = tempTable()
  await writeCommits(places, 0, 2)
  const snapshot = await readSnapshot(places.table, session)
  expect(await readOn(places.table, snapshot)).toBe(true)
  await rm(places.log, { recursive: true })
  await writeCommits(places, 0, 6)
  expect(await readOn(places.table, snapshot)).toBe(false)
  // That a commit is cleaned up after a checkpoint is no other table.
  const later = await readSnapshot(places.table, session)
  await rm(join(places.log, commitName(6)))
  await writeCheckpoint(places, '00000000000000000006.checkpoint.parquet', `${HEAD} UNION ALL BY NAME ${FILES}`)
  await writeCommits(places, 7, 7)
  expect(await readOn(places.table, later)).toBe(true)
  expect(later.version).toBe(7)
})

test('a folder without a log is no table', async () => {
  using places = tempTable()
  expect((await readSnapshot(places.table, session)).version).toBe(-1)
})
