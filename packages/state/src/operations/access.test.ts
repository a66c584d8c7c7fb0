import type { IngestionRecord, TokenRecord } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import { freshPath, freshState, reopen } from '../testing/fresh-state.ts'

const token: TokenRecord = {
  id: 'abc',
  hash: 'ff',
  name: "Bob's laptop",
  scope: 'write',
  createdBy: 'cli:bob',
  createdAtMs: 10,
  expiresAtMs: null,
  lastUsedAtMs: null,
  revokedAtMs: null,
}

describe('tokens', () => {
  test('come back as they were made, oldest first, and their id is theirs', async () => {
    const state = await freshState()
    const older = { ...token, id: 'z', createdAtMs: 1, expiresAtMs: 99, scope: 'admin' } as const
    await state.createToken(token)
    await state.createToken(older)
    expect(await state.getToken('abc')).toEqual(token)
    expect(await state.getToken('nobody')).toBe(undefined)
    expect(await state.listTokens()).toEqual([older, token])
    await expect(state.createToken({ ...token, hash: 'mine' })).rejects.toMatchObject({ code: 'STATE_BAD_INPUT' })
    expect(await state.getToken('abc')).toEqual(token)
  })

  test('are revoked once, with their sessions', async () => {
    const state = await freshState()
    await state.createToken(token)
    await state.createToken({ ...token, id: 'other' })
    const session = { hash: 'h', token: 'abc', csrf: 'c', createdAtMs: 20, expiresAtMs: 90 }
    await state.createSession(session)
    await state.createSession({ ...session, hash: 'i', token: 'other' })
    expect(await state.getSession('h')).toEqual(session)
    expect(await state.revokeToken('abc', 50)).toBe(true)
    expect(await state.revokeToken('abc', 60)).toBe(false)
    expect(await state.revokeToken('nobody', 60)).toBe(false)
    expect(await state.getToken('abc')).toMatchObject({ revokedAtMs: 50 })
    expect(await state.getSession('h')).toBe(undefined)
    expect(await state.getSession('i')).toMatchObject({ token: 'other' })
  })

  test('note their use at most once a minute, also when the clock was set back', async () => {
    const state = await freshState()
    await state.createToken(token)
    const seen: (number | null | undefined)[] = []
    for (const nowMs of [100_000, 159_999, 160_000, 5]) {
      await state.touchToken('abc', nowMs)
      seen.push((await state.getToken('abc'))?.lastUsedAtMs)
    }
    expect(seen).toEqual([100_000, 100_000, 160_000, 5])
    await state.touchToken('nobody', 1)
  })
})

test('a new session takes those that are over away', async () => {
  const state = await freshState()
  const session = { hash: 'h', token: 'abc', csrf: 'c', createdAtMs: 20, expiresAtMs: 90 }
  await state.createSession(session)
  await state.createSession({ ...session, hash: 'i', createdAtMs: 90, expiresAtMs: 190 })
  expect(await state.getSession('h')).toBe(undefined)
  await state.deleteSession('i')
  expect(await state.getSession('i')).toBe(undefined)
})

describe('an idempotency key', () => {
  const record = { actor: 'token:abc', key: 'k', request: 'hash of it', createdAtMs: 1000 }

  test('is first once, then gives what is known, for a day', async () => {
    const state = await freshState()
    expect(await state.beginIdempotent(record)).toBe('first')
    expect(await state.beginIdempotent({ ...record, createdAtMs: 2000 })).toEqual({
      ...record,
      status: null,
      body: null,
    })
    expect(await state.beginIdempotent({ ...record, actor: 'token:other' })).toBe('first')
    await state.endIdempotent('token:abc', 'k', 201, '{"id":1}')
    const known = { ...record, status: 201, body: '{"id":1}' }
    expect(await state.beginIdempotent({ ...record, request: 'another', createdAtMs: 3000 })).toEqual(known)
    expect(await state.beginIdempotent({ ...record, createdAtMs: 1000 + 86_400_000 - 1 })).toEqual(known)
    expect(await state.beginIdempotent({ ...record, createdAtMs: 1000 + 86_400_000 })).toBe('first')
  })

  test('is free again where the request had no effect', async () => {
    const state = await freshState()
    await state.beginIdempotent(record)
    await state.endIdempotent('token:abc', 'k', undefined, '')
    expect(await state.beginIdempotent(record)).toBe('first')
  })

  test('that nobody answered is free after ten minutes, and not before; its answer is kept from then on', async () => {
    const state = await freshState()
    await state.beginIdempotent(record)
    const later = (ms: number): Promise<unknown> => state.beginIdempotent({ ...record, createdAtMs: 1000 + ms })
    expect(await later(600_000 - 1)).toMatchObject({ status: null })
    expect(await later(600_000)).toBe('first')
    await state.endIdempotent('token:abc', 'k', 200, '{}')
    expect(await later(600_000 + 86_400_000 - 1)).toMatchObject({ status: 200 })
  })

  test('of several requests at once, over several connections, one is first', async () => {
    const path = freshPath()
    const states = [await reopen(path), await reopen(path)]
    const answers = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => states[index % 2]?.beginIdempotent(record)),
    )
    expect(answers.filter((answer) => answer === 'first')).toHaveLength(1)
  })
})

describe('ingestions', () => {
  const record: Omit<IngestionRecord, 'version'> = {
    id: 'orders',
    entry: { path: 'landing/orders/*.csv', options: { delimiter: ';' }, list: [1, null] },
    createdBy: 'token:abc',
    createdAtMs: 10,
    updatedBy: 'token:abc',
    updatedAtMs: 10,
  }

  test('are made once, changed by version, and deleted by version', async () => {
    const state = await freshState()
    expect(await state.createIngestion(record)).toBe(true)
    expect(await state.createIngestion({ ...record, entry: {} })).toBe(false)
    expect(await state.getIngestion('orders')).toEqual({ ...record, version: 1 })
    const changed = { ...record, entry: { path: 'x' }, version: 2, updatedBy: 'bob', updatedAtMs: 20 }
    const change = { entry: { path: 'x' }, by: 'bob' }
    expect(await state.updateIngestion('orders', { ...change, ifVersion: 1 }, 20)).toEqual(changed)
    expect(await state.updateIngestion('orders', { ...change, ifVersion: 1 }, 30)).toBe('conflict')
    expect(await state.updateIngestion('nobody', change, 30)).toBe(undefined)
    expect(await state.listIngestions()).toEqual([changed])
    expect(await state.deleteIngestion('orders', 1)).toBe('conflict')
    expect(await state.deleteIngestion('orders', 2)).toBe('deleted')
    expect(await state.deleteIngestion('orders')).toBe(undefined)
    expect(await state.listIngestions()).toEqual([])
  })

  test('of two changes of one version one wins', async () => {
    const state = await freshState()
    await state.createIngestion(record)
    const answers = await Promise.all(
      ['a', 'b'].map(async (by) => state.updateIngestion('orders', { entry: {}, by, ifVersion: 1 }, 20)),
    )
    expect(answers.filter((answer) => answer === 'conflict')).toHaveLength(1)
  })
})
