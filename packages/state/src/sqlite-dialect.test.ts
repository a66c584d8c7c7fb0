import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { Kysely } from 'kysely'
import { describe, expect, test } from 'vitest'
import { openState } from './index.ts'
import type { Schema } from './schema.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import { makeEntry } from './testing/entries.ts'
import { withFolder } from './testing/with-folder.ts'

const nowMs = (): number => 5_000_000

async function withTwo(work: (db: Kysely<Schema>, other: Sqlite.Database) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const file = path.join(folder, 'state.db')
    await (await openState({ path: file, nowMs })).close()
    const database = new Sqlite(file)
    const other = new Sqlite(file, { timeout: 0 })
    const dialect = sqliteDialect({ database, path: file, readOnly: false, busyTimeoutMs: 5000 })
    const db = new Kysely<Schema>({ dialect })
    try {
      await work(db, other)
    } finally {
      other.close()
      await db.destroy()
    }
  })
}

describe('transactions', () => {
  test('take the write lock when they begin, before they write', async () => {
    await withTwo(async (db, other) => {
      await db.transaction().execute(async (trx) => {
        await trx.selectFrom('run').selectAll().execute()
        expect(() => other.exec('begin immediate')).toThrow('locked')
      })
      other.exec('begin immediate; commit')
    })
  })

  test('read and then write although another connection wants to write as well', async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, 'state.db')
      const states = await Promise.all([1, 2].map(async () => openState({ path: file, nowMs })))
      // Each increment reads before it writes: with a plain begin the slower one fails or is lost.
      const updates = states.flatMap((state) =>
        Array.from({ length: 40 }, async () => state.updateWatermark('flights', 'x', { recordsProcessed: 1 })),
      )
      await Promise.all(updates)
      expect(await states[0]?.getWatermark('flights')).toMatchObject({ recordsProcessed: 80 })
      for (const state of states) await state.close()
    })
  })

  test('of one process wait for each other', async () => {
    await withTwo(async (db) => {
      const seen: string[] = []
      const one = async (name: string): Promise<void> =>
        db.transaction().execute(async () => {
          seen.push(`${name} begins`)
          await sleep(5)
          seen.push(`${name} ends`)
        })
      await Promise.all([
        one('a'),
        one('b'),
        db
          .selectFrom('run')
          .selectAll()
          .execute()
          .then(() => seen.push('query')),
      ])
      expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'query'])
    })
  })

  test('leave nothing behind when they fail, and the connection is free', async () => {
    await withTwo(async (db, other) => {
      const failing = db.transaction().execute(async (trx) => {
        await trx.insertInto('ledger').values({ location: 'x', seq: 1 }).execute()
        throw new Error('no')
      })
      await expect(failing).rejects.toThrow('no')
      expect(await db.selectFrom('ledger').selectAll().execute()).toEqual([])
      other.exec('begin immediate; commit')
    })
  })
})

test('waiting for another process does not stop the timers of this one', async () => {
  await withFolder(async (folder) => {
    const file = path.join(folder, 'state.db')
    const state = await openState({ path: file, nowMs, busyTimeoutMs: 5000 })
    const other = new Sqlite(file)
    other.exec('begin immediate')
    setTimeout(() => other.exec('commit'), 100)
    await state.startLoad('flights')
    expect(other.inTransaction).toBe(false)
    other.close()
    await state.close()
  })
})

test('a lock that lasts too long is STATE_BUSY, and a later call works', async () => {
  await withFolder(async (folder) => {
    const file = path.join(folder, 'state.db')
    const state = await openState({ path: file, nowMs, busyTimeoutMs: 50 })
    const other = new Sqlite(file)
    other.exec('begin immediate')
    await expect(state.startLoad('flights')).rejects.toMatchObject({ code: 'STATE_BUSY', retryable: true })
    expect(await state.getLoadHistory()).toEqual([])
    other.exec('commit')
    await state.startLoad('flights')
    expect(await state.getLoadHistory()).toHaveLength(1)
    other.close()
    await state.close()
  })
})

test('a full disk is STATE_FULL, nothing of the call stays, and the connection still reads', async () => {
  await withFolder(async (folder) => {
    const file = path.join(folder, 'state.db')
    const state = await openState({ path: file, nowMs })
    await state.close()
    const database = new Sqlite(file)
    database.pragma(`max_page_count = ${String(Number(database.pragma('page_count', { simple: true })) + 2)}`)
    const dialect = sqliteDialect({ database, path: file, readOnly: false, busyTimeoutMs: 0 })
    const db = new Kysely<Schema>({ dialect })
    const { indexEntry } = await import('./index-entry.ts')
    const entry = makeEntry(
      1,
      Array.from({ length: 500 }, (_, index) => `file ${String(index)}`),
    )
    await expect(indexEntry(db, '/lake', entry)).rejects.toMatchObject({ code: 'STATE_FULL', retryable: false })
    expect(await db.selectFrom('ledger').selectAll().execute()).toEqual([])
    await db.destroy()
  })
})
