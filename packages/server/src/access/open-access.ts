/**
 * Who asks. What was looked up is believed for `freshMs`, so that reads do not ask the state each time; a revocation is in
 * force after that at the latest.
 *
 *   (1) A secret is compared in constant time, and kept nowhere but as its hash.                     [checkToken]
 *   (2) Without credentials somebody is `local` only where no token was ever made, the listener
 *       is a loopback one, and nothing says that a proxy stands between.                             [identify]
 *   (3) A session lives no longer than its token: expiry and revocation end both.                    [checkSession]
 *   (4) A state that cannot be asked admits nobody.                                                  [lookUp]
 */
import { randomBytes } from 'node:crypto'
import type { AccessStore, SessionRecord, TokenRecord } from '@tidegate/core'
import type { Actor } from '../api/route.ts'
import { hashSecret, isSameText, isUsable, parseToken } from './token.ts'

export interface AccessOptions {
  readonly store: Pick<
    AccessStore,
    'getToken' | 'listTokens' | 'touchToken' | 'createSession' | 'getSession' | 'deleteSession'
  >
  readonly nowMs: () => number
  /** The listener is reached from this machine only. */
  readonly isLocal: boolean
  /** @defaultValue 3000 */
  readonly freshMs?: number | undefined
  /** @defaultValue 12 hours */
  readonly sessionMs?: number | undefined
}

/** Somebody who may ask. */
export interface Caller {
  readonly actor: Actor
  readonly via: 'token' | 'session' | 'local'
  readonly session?: { readonly csrf: string; readonly expiresAtMs: number } | undefined
}

export interface Credentials {
  /** The header `Authorization`, as it came. */
  readonly authorization: string | undefined
  /** Value of the session's cookie. */
  readonly cookie: string | undefined
  /** Somebody passed the request on: a header says so, or it asks for another name than this machine's own. */
  readonly isForwarded: boolean
}

export type Identity =
  | { readonly kind: 'caller'; readonly caller: Caller }
  /** Nothing was shown, and without anything nobody is let in. */
  | { readonly kind: 'anonymous' }
  /** What was shown is not valid (any more). Which of it is not told. */
  | { readonly kind: 'refused' }

export interface SignedIn {
  /** For the cookie. */
  readonly secret: string
  readonly actor: Actor
  readonly csrf: string
  readonly expiresAtMs: number
}

export interface Access {
  identify(credentials: Credentials): Promise<Identity>
  /** Undefined: no valid token. */
  signIn(token: string): Promise<SignedIn | undefined>
  signOut(cookie: string): Promise<void>
  /** Whether a token that may be used now is there. */
  hasUsableToken(): Promise<boolean>
}

const HALF_DAY_MS = 12 * 3_600_000
const TOUCH_MS = 60_000

export function openAccess(options: AccessOptions): Access {
  const { store, nowMs, isLocal, sessionMs = HALF_DAY_MS, freshMs = 3000 } = options
  const tokens = lookUp(async (id) => store.getToken(id), freshMs)
  const sessions = lookUp(async (hash) => store.getSession(hash), freshMs)
  const anyToken = lookUp(async () => ((await store.listTokens()).length > 0 ? true : undefined), freshMs)
  const touchedAt = new Map<string, number>()

  const touch = (token: TokenRecord): void => {
    const now = nowMs()
    const last = touchedAt.get(token.id) ?? token.lastUsedAtMs ?? 0
    if (Math.abs(now - last) < TOUCH_MS) return
    if (touchedAt.size > 10_000) touchedAt.clear()
    touchedAt.set(token.id, now)
    // When it was last used is for people; nobody waits for it.
    store.touchToken(token.id, now).catch(() => touchedAt.delete(token.id))
  }
  const checkToken = async (text: string): Promise<TokenRecord | undefined> => {
    const parsed = parseToken(text)
    if (parsed === undefined) return undefined
    const record = await tokens.get(parsed.id)
    const isRight = isSameText(hashSecret(parsed.secret), record?.hash ?? '')
    if (record === undefined || !isRight || !isUsable(record, nowMs())) return undefined
    touch(record)
    return record
  }
  const checkSession = async (cookie: string): Promise<Caller | undefined> => {
    const session: SessionRecord | undefined = await sessions.get(hashSecret(cookie))
    if (session === undefined || session.expiresAtMs <= nowMs()) return undefined
    const token = await tokens.get(session.token)
    if (token === undefined || !isUsable(token, nowMs())) return undefined
    touch(token)
    const { csrf, expiresAtMs } = session
    return { actor: actorOf(token), via: 'session', session: { csrf, expiresAtMs } }
  }
  return {
    async identify({ authorization, cookie, isForwarded }) {
      if (authorization !== undefined) {
        const [, text = ''] = /^bearer +(\S+) *$/i.exec(authorization) ?? []
        const token = await checkToken(text)
        if (token === undefined) return { kind: 'refused' }
        return { kind: 'caller', caller: { actor: actorOf(token), via: 'token' } }
      }
      const caller = cookie === undefined ? undefined : await checkSession(cookie)
      if (caller !== undefined) return { kind: 'caller', caller }
      // A cookie may be of another program on this machine: cookies do not know ports.
      if (!isLocal || isForwarded || (await anyToken.get('')) !== undefined)
        return { kind: cookie === undefined ? 'anonymous' : 'refused' }
      return { kind: 'caller', caller: { actor: { name: 'local', scope: 'admin' }, via: 'local' } }
    },
    async signIn(text) {
      const token = await checkToken(text)
      if (token === undefined) return undefined
      const secret = randomBytes(32).toString('base64url')
      const csrf = randomBytes(24).toString('base64url')
      const createdAtMs = nowMs()
      const expiresAtMs = Math.min(createdAtMs + sessionMs, token.expiresAtMs ?? Infinity)
      const hash = hashSecret(secret)
      await store.createSession({ hash, token: token.id, csrf, createdAtMs, expiresAtMs })
      sessions.forget(hash)
      return { secret, actor: actorOf(token), csrf, expiresAtMs }
    },
    async signOut(cookie) {
      const hash = hashSecret(cookie)
      await store.deleteSession(hash)
      sessions.forget(hash)
    },
    async hasUsableToken() {
      return (await store.listTokens()).some((token) => isUsable(token, nowMs()))
    },
  }
}

function actorOf({ id, scope }: TokenRecord): Actor {
  return { name: `token:${id}`, scope }
}

interface LookUp<Item> {
  get(key: string): Promise<Item | undefined>
  forget(key: string): void
}

const MOST_KEPT = 5000

/** Asks again after `freshMs`; calls at the same time share one question. A failure is not kept. */
function lookUp<Item>(ask: (key: string) => Promise<Item | undefined>, freshMs: number): LookUp<Item> {
  const kept = new Map<string, { readonly atMs: number; readonly answer: Promise<Item | undefined> }>()
  return {
    async get(key) {
      const known = kept.get(key)
      if (known !== undefined && performance.now() - known.atMs < freshMs) return known.answer
      kept.delete(key)
      const entry = { atMs: performance.now(), answer: ask(key) }
      kept.set(key, entry)
      for (const oldest of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(oldest)
      entry.answer.catch(() => {
        if (kept.get(key) === entry) kept.delete(key)
      })
      return entry.answer
    },
    forget(key) {
      kept.delete(key)
    },
  }
}
