import { writeFileSync } from 'node:fs'
import path from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { exportFolder, importState, isNetworkFileSystem, migrationStatus, SCHEMA_VERSION } from './index.ts'
import { freshPath, freshState, reopen } from './testing/fresh-state.ts'
import { withFolder } from './testing/with-folder.ts'

describe('import', () => {
  test('of what was exported gives the same export, and again changes nothing', async () => {
    await withFolder(async (folder) => {
      const from = await freshState()
      await from.raiseFence('flights', 9)
      const load = await from.startLoad('flights')
      await from.completeLoad(load, { recordsProcessed: 3, status: 'success' })
      await from.updateWatermark('flights', '2024-01-31', { type: 'DATE', recordsProcessed: 3, metadata: { a: [1] } })
      await exportFolder(from, folder)
      const to = await freshState()
      for (const imported of [3, 0]) {
        const files = await importState(to, folder)
        expect(files.reduce((sum, file) => sum + file.imported, 0)).toBe(imported)
      }
      expect(await Array.fromAsync(to.exportState())).toEqual(await Array.fromAsync(from.exportState()))
      expect(await to.getWatermark('flights')).toEqual(await from.getWatermark('flights'))
    })
  })

  test('of the SQLite file of the older platform, once', async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, 'old.db')
      const old = new Sqlite(file)
      old.exec(`
        create table watermarks (source_name text, watermark_value text, watermark_type text, last_updated text, records_processed integer, metadata text);
        create table load_history (id integer primary key, source_name text, load_start text, load_end text, records_processed integer, status text, error_message text, watermark_value text);
        insert into watermarks values ('flights', '2024-01-31 23:59:59', 'timestamp', '2024-02-01 03:04:05', 115384, '{"column": "date"}');
        insert into load_history values (1, 'flights', '2024-02-01 03:00:00', '2024-02-01T03:04:05+00:00', 115384, 'success', null, '2024-01-31');
        insert into load_history values (2, 'flights', '2024-02-02 03:00:00', null, 0, 'running', null, null);`)
      old.close()
      const state = await freshState()
      await importState(state, file)
      await importState(state, file)
      expect(await state.listWatermarks()).toEqual([
        {
          source: 'flights',
          value: '2024-01-31 23:59:59',
          type: 'timestamp',
          updatedAtMs: Date.UTC(2024, 1, 1, 3, 4, 5),
          recordsProcessed: 115_384,
          metadata: { column: 'date' },
        },
      ])
      expect(await state.getLoadHistory()).toMatchObject([
        { status: 'failed', startedAtMs: Date.UTC(2024, 1, 2, 3), endedAtMs: null },
        { status: 'success', recordsProcessed: 115_384, endedAtMs: Date.UTC(2024, 1, 1, 3, 4, 5) },
      ])
    })
  })

  test.each([
    ['state.ndjson', '{"table":"sqlite_schema","row":{}}'],
    ['state.ndjson', '{"table":"run","row":{"id":"r\\"; drop table run; --"}}'],
    ['state.ndjson', '{"table":"run","row":{"rows_read":"many"}}'],
    ['state.ndjson', 'no json'],
    ['watermarks.json', '[{"watermark_value":"1"}]'],
    ['dq_logs.jsonl', '{"success":true}'],
    ['old.db', 'no database'],
  ])('refuses %s with %s', async (name, text) => {
    await withFolder(async (folder) => {
      const file = path.join(folder, name)
      writeFileSync(file, text)
      const state = await freshState()
      await expect(importState(state, file)).rejects.toMatchObject({ code: 'STATE_IMPORT' })
    })
  })
})

test('renaming a target moves its ledger; a source with live files keeps its name', async () => {
  const { makeEntry } = await import('./testing/entries.ts')
  const state = await freshState()
  await state.indexEntry('/old', makeEntry(1, ['a']))
  await state.renameLocation('/old', '/new')
  expect(await state.indexedSeq('/new')).toBe(1)
  await expect(state.renameLocation('/old', '/x')).rejects.toMatchObject({ code: 'STATE_RENAME' })
  await expect(state.renameSource('flights', 'planes')).rejects.toMatchObject({ code: 'STATE_RENAME' })
  expect(await state.renameSource('flights', 'planes', { leaveFiles: true })).toMatchObject({ filesLeft: 1 })
})

test('the status of migrations is read without making anything', async () => {
  const file = freshPath()
  expect(await migrationStatus(file)).toMatchObject({ current: 0, newest: SCHEMA_VERSION })
  await (await reopen(file)).close()
  expect(await migrationStatus(file)).toMatchObject({ current: SCHEMA_VERSION, pending: [] })
})

test('a network file system is recognised by the nearest mount above', () => {
  const mounts = [
    '22 1 8:1 / / rw - ext4 /dev/sda1 rw',
    '40 22 0:50 / /mnt/my\\040share rw - nfs4 server:/x rw',
    '41 40 0:51 / /mnt/my\\040share/local rw - xfs /dev/sdb rw',
  ].join('\n')
  const kindOf = (file: string): string => isNetworkFileSystem(file, mounts).kind
  expect(['/x.db', '/mnt/my share/x.db', '/mnt/my share/local/x.db', '/mnt/my sharex/x.db'].map(kindOf)).toEqual([
    'local',
    'network',
    'local',
    'local',
  ])
})
