import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { openState, SCHEMA_VERSION } from './index.ts'
import { APPLICATION_ID, migrate } from './migrate.ts'
import { makeEntry } from './testing/entries.ts'
import { withFolder } from './testing/with-folder.ts'

const nowMs = (): number => 5_000_000

describe('opening', () => {
  test('makes the folders and the tables, and finds them again', async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, "deep/er/it's state.db")
      const first = await openState({ path: file, nowMs })
      await first.indexEntry('/lake', makeEntry(1, ['a']))
      await first.close()
      await first.close()
      const second = await openState({ path: file, nowMs })
      expect(second.schemaVersion).toBe(SCHEMA_VERSION)
      expect(second.path).toBe(file)
      expect(await second.listFiles()).toHaveLength(1)
      await second.close()
      expect(readdirSync(path.dirname(file))).toEqual(["it's state.db"])
    })
  })

  test('uses the write-ahead log, full sync and foreign keys', async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, 'state.db')
      const state = await openState({ path: file, nowMs })
      expect(existsSync(`${file}-wal`)).toBe(true)
      await state.close()
      const database = new Sqlite(file)
      expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
      expect(database.pragma('application_id', { simple: true })).toBe(APPLICATION_ID)
      database.close()
    })
  })

  test('several at once make one database', async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, 'state.db')
      const states = await Promise.all([1, 2, 3, 4].map(async () => openState({ path: file, nowMs })))
      await Promise.all(states.map(async (state, index) => state.startLoad(`source ${String(index)}`)))
      expect(await states[0]?.getLoadHistory()).toHaveLength(4)
      for (const state of states) await state.close()
    })
  })
})

describe('what is refused stays as it is', () => {
  test.each([
    ['a text', Buffer.from('version: 1\n')],
    ['a long text', Buffer.alloc(10_000, 'x')],
    ['the beginning of a database', Buffer.from('SQLite format 3\0')],
  ])('%s', async (_name, bytes) => {
    await withFolder(async (folder) => {
      const file = path.join(folder, 'state.db')
      writeFileSync(file, bytes)
      for (const readOnly of [false, true]) {
        const error = { code: 'STATE_NOT_A_DATABASE', retryable: false }
        await expect(openState({ path: file, nowMs, readOnly })).rejects.toMatchObject(error)
      }
      expect(readFileSync(file)).toEqual(bytes)
      expect(readdirSync(folder)).toEqual(['state.db'])
    })
  })

  test('a database of a newer version', async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, 'state.db')
      await (await openState({ path: file, nowMs })).close()
      const database = new Sqlite(file)
      database.pragma(`user_version = ${String(SCHEMA_VERSION + 1)}`)
      database.close()
      const bytes = readFileSync(file)
      for (const readOnly of [false, true]) {
        const opening = openState({ path: file, nowMs, readOnly })
        await expect(opening).rejects.toMatchObject({ code: 'STATE_NEWER', hint: expect.stringContaining('upgrade') })
      }
      expect(readFileSync(file)).toEqual(bytes)
      expect(readdirSync(folder)).toEqual(['state.db'])
    })
  })

  test('a newer version that is still in the write-ahead log', async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, 'state.db')
      await (await openState({ path: file, nowMs })).close()
      const other = new Sqlite(file)
      other.pragma('wal_autocheckpoint = 0')
      other.pragma(`user_version = ${String(SCHEMA_VERSION + 7)}`)
      const bytes = readFileSync(file)
      for (const readOnly of [false, true]) {
        await expect(openState({ path: file, nowMs, readOnly })).rejects.toMatchObject({ code: 'STATE_NEWER' })
      }
      expect(readFileSync(file)).toEqual(bytes)
      other.close()
    })
  })

  test('a database of another program', async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, 'state.db')
      const database = new Sqlite(file)
      database.exec('create table song (title text)')
      database.close()
      const bytes = readFileSync(file)
      for (const readOnly of [false, true]) {
        await expect(openState({ path: file, nowMs, readOnly })).rejects.toMatchObject({ code: 'STATE_FOREIGN' })
      }
      expect(readFileSync(file)).toEqual(bytes)
    })
  })
})

describe('damage', () => {
  test('a file cut short or overwritten is reported with the way to rebuild', async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, 'state.db')
      const state = await openState({ path: file, nowMs })
      await state.indexEntry(
        '/lake',
        makeEntry(
          1,
          Array.from({ length: 500 }, (_, index) => `file ${String(index)}`),
        ),
      )
      await state.close()
      const whole = readFileSync(file)
      for (const bytes of [
        whole.subarray(0, 5000),
        Buffer.concat([whole.subarray(0, 100), Buffer.alloc(whole.length - 100, 7)]),
      ]) {
        writeFileSync(file, bytes)
        const opening = openState({ path: file, nowMs }).then(async (opened) => opened.listFiles())
        await expect(opening).rejects.toMatchObject({
          code: 'STATE_CORRUPT',
          hint: expect.stringContaining('state rebuild'),
        })
      }
    })
  })

  test('damage found later is reported by the call that meets it', async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, 'state.db')
      const first = await openState({ path: file, nowMs })
      await first.indexEntry(
        '/lake',
        makeEntry(
          1,
          Array.from({ length: 2000 }, (_, index) => `file ${String(index)}`),
        ),
      )
      await first.close()
      const bytes = readFileSync(file)
      bytes.fill(0xa5, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 200_000)
      writeFileSync(file, bytes)
      const second = await openState({ path: file, nowMs })
      await expect(second.knownFiles('flights')).rejects.toMatchObject({ code: 'STATE_CORRUPT' })
      await second.close()
    })
  })

  test('missing tables are damage', async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, 'state.db')
      await (await openState({ path: file, nowMs })).close()
      const database = new Sqlite(file)
      database.exec('drop table outbox')
      database.close()
      await expect(openState({ path: file, nowMs })).rejects.toMatchObject({ code: 'STATE_CORRUPT' })
    })
  })
})

describe('places that cannot hold a database', () => {
  test('a folder, a path through a file, a name with a zero byte', async () => {
    await withFolder(async (folder) => {
      writeFileSync(path.join(folder, 'file'), 'x')
      for (const bad of [folder, path.join(folder, 'file/state.db'), path.join(folder, 'nul\0.db')]) {
        await expect(openState({ path: bad, nowMs })).rejects.toMatchObject({ code: 'STATE_CANNOT_OPEN' })
      }
    })
  })

  test('a folder without write permission', async () => {
    await withFolder(async (folder) => {
      chmodSync(folder, 0o755)
      const locked = path.join(folder, 'locked')
      mkdirSync(locked)
      const old = path.join(folder, 'old')
      await (await openState({ path: path.join(old, 'state.db'), nowMs })).close()
      chmodSync(locked, 0o555)
      chmodSync(old, 0o555)
      chmodSync(path.join(old, 'state.db'), 0o444)
      const asker = path.join(import.meta.dirname, 'testing/open-and-tell.ts')
      // Permissions do not bind the superuser.
      const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
      const ask = (...given: string[]): string => {
        const child = spawnSync(process.execPath, ['--conditions=tidegate:source', asker, ...given], {
          encoding: 'utf8',
          ...user,
        })
        return child.stdout + child.stderr
      }
      expect(ask(path.join(locked, 'state.db'), 'write')).toBe('STATE_READ_ONLY')
      expect(ask(path.join(locked, 'sub/state.db'), 'write')).toBe('STATE_READ_ONLY')
      expect(ask(path.join(old, 'state.db'), 'write')).toBe('STATE_READ_ONLY')
      expect(ask(path.join(old, 'state.db'), 'read')).toBe('opened')
      chmodSync(old, 0o755)
    })
  })
})

describe('read only', () => {
  test('without a file there is an empty state and nothing on the disk', async () => {
    await withFolder(async (folder) => {
      const state = await openState({ path: path.join(folder, 'a/state.db'), nowMs, readOnly: true })
      expect(await state.listRuns()).toEqual([])
      expect(await state.knownFiles('flights')).toEqual(new Map())
      expect(await state.indexedSeq('/lake')).toBe(0)
      await expect(state.startLoad('flights')).rejects.toMatchObject({ code: 'STATE_READ_ONLY' })
      await state.close()
      expect(readdirSync(folder)).toEqual([])
    })
  })

  test('an existing database is read, not changed, and sees later commits', async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, 'state.db')
      const writer = await openState({ path: file, nowMs })
      await writer.indexEntry('/lake', makeEntry(1, ['a']))
      const reader = await openState({ path: file, nowMs, readOnly: true })
      expect(await reader.listFiles()).toHaveLength(1)
      await writer.indexEntry('/lake', makeEntry(2, ['b']))
      expect(await reader.listFiles()).toHaveLength(2)
      const writing = reader.indexEntry('/lake', makeEntry(3, ['c']))
      await expect(writing).rejects.toMatchObject({ code: 'STATE_READ_ONLY' })
      await reader.close()
      await writer.close()
      const bytes = readFileSync(file)
      const alone = await openState({ path: file, nowMs, readOnly: true })
      expect(await alone.listFiles()).toHaveLength(2)
      await alone.close()
      expect(readFileSync(file)).toEqual(bytes)
    })
  })

  test('tables of an older version are migrated in memory only', async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, 'state.db')
      const database = new Sqlite(file)
      database.pragma('journal_mode = wal')
      database.pragma(`application_id = ${String(APPLICATION_ID)}`)
      database.close()
      const bytes = readFileSync(file)
      const state = await openState({ path: file, nowMs, readOnly: true })
      expect(await state.listFiles()).toEqual([])
      await expect(state.startLoad('flights')).rejects.toMatchObject({ code: 'STATE_READ_ONLY' })
      await state.close()
      expect(readFileSync(file)).toEqual(bytes)
    })
  })

  test('an empty file stays empty', async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, 'state.db')
      writeFileSync(file, '')
      const state = await openState({ path: file, nowMs, readOnly: true })
      expect(await state.listFiles()).toEqual([])
      await state.close()
      expect(readFileSync(file)).toHaveLength(0)
    })
  })
})

describe('migrations', () => {
  test('a step that fails leaves the version before it', async () => {
    const database = new Sqlite(':memory:')
    const steps = ['create table a (x)', 'create table b (x); create table a (x)']
    await expect(migrate(database, 'test', 0, steps)).rejects.toThrow('already exists')
    expect(database.pragma('user_version', { simple: true })).toBe(1)
    expect(database.prepare('select name from sqlite_schema').pluck().all()).toEqual(['a'])
    await migrate(database, 'test', 0, ['create table a (x)', 'create table b (x)', 'create table c (x)'])
    expect(database.pragma('user_version', { simple: true })).toBe(3)
    expect(database.prepare('select name from sqlite_schema').pluck().all()).toEqual(['a', 'b', 'c'])
  })
})
