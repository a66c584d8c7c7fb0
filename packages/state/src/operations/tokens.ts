/** Who may come in. Of secrets only their SHA-256 is here: whoever reads the database cannot use it. */
import { TidegateError, type SessionRecord, type TokenRecord } from '@tidegate/core'
import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'
import type { TokenTable } from './tables.ts'

/** @throws `STATE_BAD_INPUT` where a token of this id is there */
export async function createToken(db: Kysely<Schema>, token: TokenRecord): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('token')
      .values({
        id: token.id,
        hash: token.hash,
        name: token.name,
        scope: token.scope,
        created_by: token.createdBy,
        created_at_ms: token.createdAtMs,
        expires_at_ms: token.expiresAtMs,
        last_used_at_ms: token.lastUsedAtMs,
        revoked_at_ms: token.revokedAtMs,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (numInsertedOrUpdatedRows === 1n) return
    throw new TidegateError('STATE_BAD_INPUT', `there is a token of this id: ${token.id}`, {
      hint: 'Make another one.',
      dataNow: 'The token that was there stays as it is.',
    })
  })
}

export async function getToken(db: Kysely<Schema>, id: string): Promise<TokenRecord | undefined> {
  const row = await db.selectFrom('token').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : toToken(row)
}

/** Oldest first, revoked and expired ones too. */
export async function listTokens(db: Kysely<Schema>): Promise<readonly TokenRecord[]> {
  const rows = await db.selectFrom('token').selectAll().orderBy('created_at_ms').orderBy('id').execute()
  return rows.map((row) => toToken(row))
}

/** Ends its sessions, too. False: there is none, or it was revoked before. */
export async function revokeToken(db: Kysely<Schema>, id: string, nowMs: number): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('token')
      .set({ revoked_at_ms: nowMs })
      .where('id', '=', id)
      .where('revoked_at_ms', 'is', null)
      .executeTakeFirst()
    await trx.deleteFrom('session').where('token', '=', id).execute()
    return numUpdatedRows === 1n
  })
}

export async function touchToken(db: Kysely<Schema>, id: string, nowMs: number): Promise<void> {
  const token = await db.selectFrom('token').select('last_used_at_ms').where('id', '=', id).executeTakeFirst()
  if (token === undefined) return
  const last = token.last_used_at_ms
  if (last !== null && nowMs - last < TOUCHED_EACH_MS && nowMs >= last) return
  await db.transaction().execute(async (trx) => {
    await trx.updateTable('token').set({ last_used_at_ms: nowMs }).where('id', '=', id).execute()
  })
}

const TOUCHED_EACH_MS = 60_000

/** Takes away those that are over: whoever signs in makes room. */
export async function createSession(db: Kysely<Schema>, session: SessionRecord): Promise<void> {
  const { hash, token, csrf, createdAtMs, expiresAtMs } = session
  await db.transaction().execute(async (trx) => {
    await trx.deleteFrom('session').where('expires_at_ms', '<=', createdAtMs).execute()
    await trx
      .insertInto('session')
      .values({ hash, token, csrf, created_at_ms: createdAtMs, expires_at_ms: expiresAtMs })
      .execute()
  })
}

/** Also one that is over: whoever asks knows what time it is. */
export async function getSession(db: Kysely<Schema>, hash: string): Promise<SessionRecord | undefined> {
  const row = await db.selectFrom('session').selectAll().where('hash', '=', hash).executeTakeFirst()
  if (row === undefined) return undefined
  const { token, csrf, created_at_ms: createdAtMs, expires_at_ms: expiresAtMs } = row
  return { hash, token, csrf, createdAtMs, expiresAtMs }
}

export async function deleteSession(db: Kysely<Schema>, hash: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.deleteFrom('session').where('hash', '=', hash).execute()
  })
}

function toToken(row: TokenTable): TokenRecord {
  return {
    id: row.id,
    hash: row.hash,
    name: row.name,
    scope: row.scope,
    createdBy: row.created_by,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
    revokedAtMs: row.revoked_at_ms,
  }
}
