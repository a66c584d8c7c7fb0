import { ACCESS_SCOPES, type AccessScope, type TokenRecord } from '@tidegate/core'
import { z } from 'zod'
import { makeToken } from '../access/token.ts'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import { pageOfWhole } from './cursor.ts'
import { instant, isoOf, isoOrNull, maybe, PAGE_PARAMETERS, pageSchema } from './fields.ts'

const scope = z.enum(ACCESS_SCOPES as [AccessScope, ...AccessScope[]])

const token = z
  .object({
    id: z.string().meta({ description: 'The public part; safe in logs.' }),
    name: z.string(),
    scope: scope.meta({ description: 'Each includes those before it.' }),
    state: z.enum(['active', 'expired', 'revoked']),
    createdBy: z.string(),
    createdAt: instant('When it was made.'),
    expiresAt: maybe(instant('Null: it does not expire.')),
    lastUsedAt: maybe(instant('To the minute.')),
    revokedAt: maybe(instant('When it was taken back.')),
  })
  .meta({ id: 'Token', description: 'A key to the API. Its secret is kept nowhere.' })

const made = token
  .extend({ token: z.string().meta({ description: 'What is sent as `Authorization: Bearer …`. Shown this once.' }) })
  .meta({ id: 'NewToken', description: 'A token with its secret.' })

const LONGEST_MS = 10 * 366 * 86_400_000

const creation = z
  .object({
    name: z.string().trim().min(1).max(200).meta({ description: 'What it is for.' }),
    scope,
    expiresInMs: z.int().min(60_000).max(LONGEST_MS).optional().meta({ description: 'Not given: it does not expire.' }),
  })
  .strict()
  .meta({ id: 'TokenCreation', description: 'What it is for, what it may, how long.' })

export function tokenRoutes(): Route[] {
  return [listTokens(), createToken(), revokeToken()]
}

function listTokens(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/tokens',
    operationId: 'listTokens',
    tag: 'Access',
    summary: 'Tokens, without their secrets',
    scope: 'admin',
    query: z.object(PAGE_PARAMETERS),
    replies: { 200: { description: 'Newest first.', schema: pageSchema('TokenPage', token) } },
    async handle({ query, services }) {
      const all = (await services.state.listTokens()).toSorted(
        (a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? -1 : 1),
      )
      const page = pageOfWhole(all, query, ({ id }) => id)
      const nowMs = services.nowMs()
      return { status: 200, body: { items: page.items.map((one) => toToken(one, nowMs)), next: page.next } }
    },
  })
}

/** Not idempotent by key: the answer with the secret would have to be kept for that. */
function createToken(): Route {
  return route({
    method: 'POST',
    path: '/api/v1/tokens',
    operationId: 'createToken',
    tag: 'Access',
    summary: 'Makes a token; its secret is in this answer and nowhere else',
    scope: 'admin',
    audit: 'token.create',
    body: creation,
    replies: { 201: { description: 'The token.', schema: made } },
    async handle({ body, actor, services }) {
      const nowMs = services.nowMs()
      const { text, record } = makeToken(
        {
          name: body.name,
          scope: body.scope,
          createdBy: actor.name,
          expiresAtMs: body.expiresInMs === undefined ? null : nowMs + body.expiresInMs,
        },
        nowMs,
      )
      await services.state.createToken(record)
      return {
        status: 201,
        // Names repeat; and by this id it is revoked.
        subject: record.id,
        auditDetail: { name: record.name, scope: record.scope },
        headers: { location: `/api/v1/tokens/${record.id}`, 'cache-control': 'no-store' },
        body: { ...toToken(record, nowMs), token: text },
      }
    },
  })
}

function revokeToken(): Route {
  return route({
    method: 'DELETE',
    path: '/api/v1/tokens/{id}',
    operationId: 'revokeToken',
    tag: 'Access',
    summary: 'Takes a token back: it opens nothing from now on',
    scope: 'admin',
    audit: 'token.revoke',
    params: z.object({ id: z.string().min(1).max(100) }),
    replies: { 204: { description: 'It opens nothing any more.' } },
    problems: { 404: ['TOKEN_UNKNOWN'] },
    async handle({ params: { id }, services }) {
      if (!(await services.state.revokeToken(id, services.nowMs())))
        throw new RequestProblem(404, 'TOKEN_UNKNOWN', 'There is no token of this id that could be revoked.')
      return { status: 204 }
    },
  })
}

function toToken(one: TokenRecord, nowMs: number): z.output<typeof token> {
  const hasExpired = one.expiresAtMs !== null && one.expiresAtMs <= nowMs
  return {
    id: one.id,
    name: one.name,
    scope: one.scope,
    state: one.revokedAtMs !== null ? 'revoked' : hasExpired ? 'expired' : 'active',
    createdBy: one.createdBy,
    createdAt: isoOf(one.createdAtMs),
    expiresAt: isoOrNull(one.expiresAtMs),
    lastUsedAt: isoOrNull(one.lastUsedAtMs),
    revokedAt: isoOrNull(one.revokedAtMs),
  }
}
