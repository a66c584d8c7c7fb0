import type { AccessScope, JsonValue } from '@tidegate/core'
import type { z } from 'zod'
import type { Services } from '../services.ts'

/** Who asks. */
export interface Actor {
  /** `token:<id>`, or `local` where the daemon answers this machine without tokens. For audit and `created_by`. */
  readonly name: string
  readonly scope: AccessScope
}

export interface RouteRequest<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly actor: Actor
  readonly services: Services
  /** Version out of `If-Match`, where the caller sent one that is ours. */
  readonly ifVersion: number | undefined
  /** `Last-Event-ID` as it came: of streams. */
  readonly lastEventId?: string | undefined
  /** Aborted when the caller is gone or the server closes. */
  readonly signal?: AbortSignal | undefined
  /** `Idempotency-Key` as it came, of routes that take one: ids that follow from it make a repeated call find its first. */
  readonly idempotencyKey?: string | undefined
  /** What only the routes of access look at. */
  readonly client: Client
}

/** The connection behind a request. */
export interface Client {
  readonly address: string
  /** A browser says by its `Origin` that it came by https (through a proxy). */
  readonly isHttps: boolean
  /** The session's cookie as it came. */
  readonly cookie: string | undefined
  /** Of the session that the request was signed in by. */
  readonly session: { readonly csrf: string; readonly expiresAtMs: number } | undefined
}

/** What is answered; the body is written with core's JSON codec. */
export interface RouteReply {
  readonly status: number
  readonly body?: unknown
  /** Sent as it is instead of `body`, under the `content-type` of `headers`. */
  readonly text?: string | undefined
  /**
   * Sent piece by piece instead of `body`, under the `content-type` of `headers`, until it ends; when the caller is gone or the
   * server closes, it is ended by its `return()`.
   */
  readonly stream?: AsyncIterable<string> | undefined
  /** Becomes a strong `ETag`; what changes asks for it in `If-Match`. */
  readonly version?: number | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** Of the audit log: what was changed, where it is not the `{id}` of the path. */
  readonly subject?: string | undefined
  /** For the audit log: what was changed about it. No secrets, no values of the data. */
  readonly auditDetail?: Readonly<Record<string, JsonValue>> | undefined
}

/**
 * One operation of the API: what it takes and gives as zod schemas, from which the requests are checked and the OpenAPI
 * document is made. Handlers throw `RequestProblem` for what the caller did wrong.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `{name}` for parameters: `/api/v1/ingestions/{id}`. */
  readonly path: string
  readonly operationId: string
  readonly tag: string
  readonly summary: string
  /** `open`: without a token. */
  readonly scope: AccessScope | 'open'
  readonly params?: z.ZodObject | undefined
  readonly query?: z.ZodObject | undefined
  readonly body?: z.ZodType | undefined
  /** Answers that are no problem, by status. Without a schema: no body. */
  readonly replies: Readonly<
    Record<
      number,
      {
        readonly description: string
        readonly schema?: z.ZodType | undefined
        /** @defaultValue application/json */ readonly type?: string | undefined
        /** Another content type that the same can be asked for as; text. */ readonly textType?: string | undefined
      }
    >
  >
  /**
   * Codes of problems that only this operation has, by status. The common ones (400, 401, 403, 404, 429, 503) are added. A
   * `TidegateError` with one of these codes is answered with that status and its message; any other becomes 500 or, where it
   * may be tried again, 503.
   */
  readonly problems?: Readonly<Record<number, readonly string[]>> | undefined
  /** Takes an `Idempotency-Key`. For POST. */
  readonly idempotent?: boolean | undefined
  /** Name in the audit log, `run.cancel`; of what changes something. */
  readonly audit?: string | undefined
  /** For people: more than the summary says. Markdown. */
  readonly description?: string | undefined
  /** A body that is accepted, for the document. */
  readonly example?: JsonValue | undefined
  /** Not counted by the rate limit: probes. */
  readonly unlimited?: boolean | undefined
  /** The answer is the caller's own, or a stream: never shared with others who ask the same. @defaultValue false */
  readonly isPersonal?: boolean | undefined
  readonly handle: (request: RouteRequest<never, never, never>) => Promise<RouteReply>
}

type Shape = z.ZodObject | undefined
type Of<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

/** Ties the handler's types to the schemas. */
export function route<
  Params extends Shape = undefined,
  Query extends Shape = undefined,
  Body extends z.ZodType | undefined = undefined,
>(
  definition: Omit<Route, 'params' | 'query' | 'body' | 'handle'> & {
    readonly params?: Params
    readonly query?: Query
    readonly body?: Body
    readonly handle: (request: RouteRequest<Of<Params>, Of<Query>, Of<Body>>) => Promise<RouteReply>
  },
): Route {
  return definition as unknown as Route
}
