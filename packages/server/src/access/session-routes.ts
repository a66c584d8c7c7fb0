import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import { endedCookie, sessionCookie } from './cookie.ts'
import type { Access } from './open-access.ts'

const sessionSchema = z
  .object({
    actor: z.string().meta({ description: '`token:<id>`, or `local` without tokens on this machine.' }),
    scope: z.enum(['read', 'run', 'write', 'admin']),
    csrf: z.string().nullable().meta({ description: 'For the header `x-csrf-token`. Null where no cookie is used.' }),
    expiresAt: z.iso.datetime().nullable().meta({ description: 'When the session ends.' }),
  })
  .meta({ id: 'Session', description: 'Who is signed in.' })

/** For browsers, whose EventSource cannot send a header: a token is changed for a cookie. */
export function sessionRoutes(access: Access): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/session',
      operationId: 'signIn',
      tag: 'Access',
      summary: 'Change a token for a session cookie',
      description:
        'The cookie `tg_session` is HttpOnly and SameSite=Strict. With it, whatever changes something needs the header ' +
        '`x-csrf-token`.',
      scope: 'open',
      body: z.strictObject({ token: z.string().max(200) }).meta({ id: 'SignIn' }),
      replies: { 201: { description: 'Signed in; the cookie is set.', schema: sessionSchema } },
      problems: { 401: ['HTTP_UNAUTHENTICATED'] },
      audit: 'session.create',
      example: { token: 'tg_0123456789ab_…' },
      handle: async ({ body, client, services }) => {
        const signed = await access.signIn(body.token)
        if (signed === undefined) throw new RequestProblem(401, 'HTTP_UNAUTHENTICATED', 'The token is not valid.')
        const { secret, actor, csrf, expiresAtMs } = signed
        return {
          status: 201,
          body: { actor: actor.name, scope: actor.scope, csrf, expiresAt: new Date(expiresAtMs).toISOString() },
          headers: {
            'set-cookie': sessionCookie(secret, expiresAtMs - services.nowMs(), client.isHttps),
            'cache-control': 'no-store',
          },
          subject: actor.name,
          auditDetail: { actor: actor.name },
        }
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/session',
      operationId: 'readSession',
      isPersonal: true,
      tag: 'Access',
      summary: 'Who is signed in, and the CSRF token',
      scope: 'read',
      replies: { 200: { description: 'Who asks.', schema: sessionSchema } },
      handle: async ({ actor, client: { session } }) => ({
        status: 200,
        body: {
          actor: actor.name,
          scope: actor.scope,
          csrf: session?.csrf ?? null,
          expiresAt: session === undefined ? null : new Date(session.expiresAtMs).toISOString(),
        },
        headers: { 'cache-control': 'no-store' },
      }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/session',
      operationId: 'signOut',
      tag: 'Access',
      summary: 'End the session',
      scope: 'read',
      replies: { 204: { description: 'Signed out; the cookie is gone.' } },
      audit: 'session.delete',
      handle: async ({ client, actor }) => {
        if (client.cookie !== undefined && client.session !== undefined) await access.signOut(client.cookie)
        return { status: 204, headers: { 'set-cookie': endedCookie(client.isHttps) }, subject: actor.name }
      },
    }),
  ]
}
