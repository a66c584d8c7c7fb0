import { codeOf, isTidegateError } from '@tidegate/core'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** One field of a request that is wrong. Never holds what stood there. */
export interface FieldError {
  /** `body.schedule.cron`, `query.limit`, `path.id`, `header.if-match`. */
  readonly path: string
  readonly message: string
}

export interface ProblemExtra {
  readonly errors?: readonly FieldError[] | undefined
  /** What to do next, one sentence. */
  readonly hint?: string | undefined
  /** The same request may succeed later. */
  readonly retryAfterSeconds?: number | undefined
  /** What this means for the data now. */
  readonly dataNow?: string | undefined
  /** Of the answer. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** A request that cannot be answered as it is; becomes problem details (RFC 9457). */
export class RequestProblem extends Error {
  override readonly name = 'RequestProblem'
  readonly status: number
  readonly code: string
  readonly extra: ProblemExtra

  constructor(status: number, code: string, detail: string, extra: ProblemExtra = {}) {
    super(detail)
    this.status = status
    this.code = code
    this.extra = extra
  }
}

/** Every failure is answered as problem details with our code; what went wrong inside is not told. */
export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof RequestProblem) problemReply(reply, error.status, error.code, error.message, error.extra)
    else if (isTidegateError(error)) problemReply(reply, error.retryable ? 503 : 500, error.code, error.message)
    else if (statusOf(error) < 500) problemReply(reply, statusOf(error), 'HTTP_REQUEST', 'The request is malformed.')
    else problemReply(reply, 500, 'INTERNAL', `The view could not be made (${codeOf(error) ?? 'a bug of ours'}).`)
  })
  app.setNotFoundHandler((_request, reply) => {
    problemReply(reply, 404, 'HTTP_NOT_FOUND', 'There is nothing at this address.')
  })
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timed out',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition failed',
  413: 'Too large',
  414: 'Address too long',
  415: 'Media type not understood',
  417: 'Expectation failed',
  421: 'Misdirected request',
  422: 'Cannot be done',
  428: 'Precondition required',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Internal error',
  503: 'Not available now',
}

export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly instance?: string | undefined
  readonly request?: string | undefined
  readonly hint?: string | undefined
  readonly dataNow?: string | undefined
  readonly retryable?: boolean | undefined
  readonly errors?: readonly FieldError[] | undefined
}

/** Where the codes of the daemon's problems are explained. */
export const PROBLEMS_ADDRESS = '/docs/problems'

/** @param at - The path that was asked, and the request's id; both are known to the daemon's server only. */
export function problemDocument(
  status: number,
  code: string,
  detail: string,
  extra: ProblemExtra = {},
  at?: { readonly instance: string; readonly request: string },
): ProblemDocument {
  return {
    type: at === undefined ? 'about:blank' : `${PROBLEMS_ADDRESS}#${code}`,
    title: TITLES[status] ?? 'Request refused',
    status,
    code,
    detail,
    instance: at?.instance,
    request: at?.request,
    hint: extra.hint,
    dataNow: extra.dataNow,
    retryable: extra.retryAfterSeconds === undefined ? undefined : true,
    errors: extra.errors,
  }
}

export function problemReply(
  reply: FastifyReply,
  status: number,
  code: string,
  detail: string,
  extra: ProblemExtra = {},
  at?: { readonly instance: string; readonly request: string },
): void {
  if (extra.headers !== undefined) reply.headers(extra.headers)
  if (extra.retryAfterSeconds !== undefined) reply.header('retry-after', extra.retryAfterSeconds)
  void reply
    .code(status)
    .header('content-type', 'application/problem+json')
    .header('cache-control', 'no-store')
    .send(reply.request.method === 'HEAD' ? '' : JSON.stringify(problemDocument(status, code, detail, extra, at)))
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500
  return typeof status === 'number' && status >= 400 ? status : 500
}
