import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { AccessScope, TokenRecord } from '@tidegate/core'
import { ACCESS_SCOPES } from '@tidegate/core'

export interface TokenSpec {
  readonly name: string
  readonly scope: AccessScope
  readonly createdBy: string
  /** Unix milliseconds. Null: it does not expire. */
  readonly expiresAtMs: number | null
}

export interface MadeToken {
  /** What its owner sends: `tg_<id>_<secret>`. Shown once; it cannot be had from the record. */
  readonly text: string
  readonly record: TokenRecord
}

const FORM = /^tg_([0-9a-f]{12})_([\w-]{43})$/

/** A new token with 256 random bits. */
export function makeToken(spec: TokenSpec, nowMs: number, random: (bytes: number) => Buffer = randomBytes): MadeToken {
  const id = random(6).toString('hex')
  const secret = random(32).toString('base64url')
  const { name, scope, createdBy, expiresAtMs } = spec
  return {
    text: `tg_${id}_${secret}`,
    record: {
      id,
      hash: hashSecret(secret),
      name,
      scope,
      createdBy,
      createdAtMs: nowMs,
      expiresAtMs,
      lastUsedAtMs: null,
      revokedAtMs: null,
    },
  }
}

/** Undefined: it cannot be a token of ours. */
export function parseToken(text: string): { readonly id: string; readonly secret: string } | undefined {
  const [, id, secret] = FORM.exec(text) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

/** SHA-256, lower-case hex. No salt and no stretching: what is hashed is random already. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Takes the same time wherever they differ. */
export function isSameText(left: string, right: string): boolean {
  const [one, other] = [createHash('sha256').update(left).digest(), createHash('sha256').update(right).digest()]
  return timingSafeEqual(one, other)
}

/** Whether it may be used now. */
export function isUsable(token: TokenRecord, nowMs: number): boolean {
  return token.revokedAtMs === null && (token.expiresAtMs === null || token.expiresAtMs > nowMs)
}

/** Each scope includes those before it. */
export function includesScope(has: AccessScope, needed: AccessScope): boolean {
  return ACCESS_SCOPES.indexOf(has) >= ACCESS_SCOPES.indexOf(needed)
}
