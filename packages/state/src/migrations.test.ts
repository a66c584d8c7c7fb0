import path from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { openState } from './index.ts'
import { APPLICATION_ID } from './migrate.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { makeEntry } from './testing/entries.ts'
import { withFolder } from './testing/with-folder.ts'

const HASH = 'ab'.repeat(32)

/** A ledger with a file in two parts, a held one, a copy of the first, and one with a checksum of its store. */
const OLD_ROWS = `
insert into ledger (id, location, seq) values (7, '/lake', 3);
insert into file_version (ledger_id, id, source, dataset, path, ordinal, uri, stamp, bytes, modified_at_ms, hash, outcome, live,
  rows_read, rows_loaded, rows_rejected, rows_dropped, score, verdict, reasons, duplicate_of, batch, run, seq, decided_at_ms)
values
  (7, 's/a/b#1', 's', 'd', 'a/b', 1, '/in/a/b', '1:2:3:4', 5, 6.5, '${HASH}', 'loaded', 1, 9, 8, 1, 0, 99.5, 'split', '[{"check":"c"}]', null, 'b1', 'r1', 1, 1000),
  (7, 's/h#1', 's', 'd', 'h', 1, '/in/h', '1:2:3:5', 5, 6, 'crc32c:abc', 'held', 0, 4, 0, 4, 0, null, 'hold', '[]', null, 'b2', 'r2', 2, 2000),
  (7, 's/c#1', 's', 'd', 'c', 1, '/in/c', '1:2:3:6', 5, 6, '${HASH}', 'skipped', 0, 0, 0, 0, 0, null, 'admit', '[]', 's/a/b#1', 'b3', 'r3', 3, 3000);
insert into part (ledger_id, visible, seq, live, bytes, rows, hash, files) values
  (7, 'p1', 1, 1, 10, 5, '${HASH}', '["s/a/b#1"]'), (7, 'p2', 1, 1, 10, 3, 'x', '["s/a/b#1"]');
insert into schema_version values (7, 's', 'd', 'schema-1', '[]', 1000, 1);
insert into quarantine (ledger_id, id, source, dataset, file, kind, rows, bytes, reasons, status, batch, run, seq, recorded_at_ms)
values (7, 's/h#1', 's', 'd', 's/h#1', 'held', 4, 5, '[]', 'open', 'b2', 'r2', 2, 2000);
insert into check_result (run, file, check_id, source, dataset, type, columns, failed, checked_at_ms, result) values
  ('r', 'f', 'c', 's', 'd', 't', '[]', 0, 1, '{"severity":"warning","dimension":"validity","outcome":"passed"}'),
  ('r', 'g', 'c', 's', 'd', 't', '[]', 1, 2, '{"severity":"warning","dimension":"validity","outcome":"failed","unexpectedCount":3}'),
  ('r', 'g', 'd', 's', 'd', 't', '[]', 1, 2, '{"outcome":"error"}'),
  ('r', 'g', 'e', 's', 'd', 't', '[]', 1, 2, 'no JSON');`

test.each([1, 2])('a database of version %i is brought to the newest with all that it knows', async (version) => {
  await withFolder(async (folder) => {
    const file = path.join(folder, 'state.db')
    const database = new Sqlite(file)
    for (const step of MIGRATIONS.slice(0, version)) database.exec(step)
    database.exec(OLD_ROWS)
    database.pragma(`application_id = ${String(APPLICATION_ID)}`)
    database.pragma(`user_version = ${String(version)}`)
    database.close()

    const state = await openState({ path: file, nowMs: () => 0 })
    expect(await state.listFiles()).toMatchObject([
      {
        id: 's/a/b#1',
        dataset: 'd',
        uri: '/in/a/b',
        hash: HASH,
        modifiedAtMs: 6.5,
        live: true,
        rowsLoaded: 8,
        score: 99.5,
        verdict: 'split',
        reasons: [{ check: 'c' }],
        batch: 'b1',
        run: 'r1',
        seq: 1,
        decidedAtMs: 1000,
        location: '/lake',
      },
      { id: 's/h#1', hash: 'crc32c:abc', outcome: 'held', live: false, reasons: [], rowsRejected: 4 },
      { id: 's/c#1', outcome: 'skipped', duplicateOf: 's/a/b#1', verdict: 'admit' },
    ])
    const sums = await state.sumFolders({ sinceMs: 0, untilMs: 5000 }, 10)
    expect(sums.items.map((one) => [one.folder, one.loaded, one.held, one.skipped, one.rowsRead])).toEqual([
      ['', 0, 1, 1, 4],
      ['a', 1, 0, 0, 9],
    ])
    expect(await state.sumCheckDays({ sinceMs: 0, untilMs: 5000 })).toMatchObject([
      { check: 'c', severity: 'warning', dimension: 'validity', passed: 1, failed: 1, errors: 0, unexpectedRows: 3 },
      { check: 'd', severity: 'critical', dimension: 'validity', passed: 0, failed: 0, errors: 1, unexpectedRows: 0 },
      { check: 'e', severity: 'critical', dimension: 'validity', passed: 0, failed: 1, errors: 0, unexpectedRows: 0 },
    ])
    expect(await state.checkConservation()).toEqual([])
    expect(await state.lostDuplicates('s')).toEqual([])
    expect((await state.liveByHash('s', [HASH])).map(({ id }) => id)).toEqual(['s/a/b#1'])
    // One of its two parts leaves: it is still there. Then the other: it is not.
    for (const [seq, part, live] of [
      [4, 'p1', true],
      [5, 'p2', false],
    ] as const) {
      await state.indexEntry('/lake', makeEntry(seq, [], { source: 's', remove: [part] }))
      expect((await state.versionsOf('s', ['a/b'])).get('a/b')).toMatchObject([{ live }])
    }
    expect((await state.lostDuplicates('s')).map(({ id }) => id)).toEqual(['s/c#1'])
    await state.close()
  })
})

test('notices that waited in a database of version 5 still wait, and a reader gets them without a migration', async () => {
  await withFolder(async (folder) => {
    const file = path.join(folder, 'state.db')
    const database = new Sqlite(file)
    for (const step of MIGRATIONS.slice(0, 5)) database.exec(step)
    database.exec(`insert into outbox (key, channel, event, payload, created_at_ms, attempts, next_at_ms, delivered_at_ms) values
      ('waits', 'ops', 'stale', '{}', 1, 2, 5, null), ('sent', 'ops', 'stale', '{}', 1, 0, 5, 7)`)
    database.pragma(`application_id = ${String(APPLICATION_ID)}`)
    database.pragma('user_version = 5')
    database.close()
    const reader = await openState({ path: file, nowMs: () => 0, readOnly: true })
    expect(await reader.nextNoticeAtMs()).toBe(5)
    expect(await reader.listSchedules()).toEqual([])
    await reader.close()
    const state = await openState({ path: file, nowMs: () => 0 })
    expect(await state.takeNotices(10, 10)).toMatchObject([{ key: 'waits', attempts: 2 }])
    await state.close()
  })
})

test('an older database that is too large to be migrated in memory is refused for readers, and stays as it is', async () => {
  await withFolder(async (folder) => {
    const file = path.join(folder, 'state.db')
    const database = new Sqlite(file)
    database.exec(MIGRATIONS[0] ?? '')
    database.exec('create table filler (bytes blob); insert into filler values (zeroblob(270000000))')
    database.pragma(`application_id = ${String(APPLICATION_ID)}`)
    database.pragma('user_version = 1')
    database.close()

    await expect(openState({ path: file, nowMs: () => 0, readOnly: true })).rejects.toMatchObject({
      code: 'STATE_OLDER',
    })
    const after = new Sqlite(file, { readonly: true })
    expect(after.pragma('user_version', { simple: true })).toBe(1)
    after.close()
  })
})
