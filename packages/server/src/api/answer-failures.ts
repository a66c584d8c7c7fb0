import { codeOf, isTidegateError } from '@tidegate/core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { problemReply, RequestProblem, type ProblemExtra } from '../http/problem.ts'

export interface FailureOptions {
  /** Paths as the routes have them, with the methods that they know. */
  readonly methodsAt: (path: string) => readonly string[]
  /** Counts a sign-in that failed in a handler. */
  readonly refuseSignIn: (request: FastifyRequest) => Promise<RequestProblem>
}

/** What the framework refuses, with our codes. */
const OF_FRAMEWORK: Readonly<Record<string, readonly [status: number, code: string, detail: string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    415,
    'HTTP_MEDIA_TYPE',
    'A body has to be sent with content-type: application/json.',
  ],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'HTTP_BODY_SIZE', 'The body is larger than server.body_limit allows.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'HTTP_REQUEST', 'The body is not as long as Content-Length says.'],
  FST_ERR_BAD_URL: [400, 'HTTP_TARGET', 'The address is not encoded as it should be.'],
  FST_ERR_MAX_PARAM_LENGTH: [414, 'HTTP_TARGET', 'A part of the address is too long.'],
  FST_ERR_ASYNC_CONSTRAINT: [400, 'HTTP_REQUEST', 'The request is malformed.'],
}

/** Every failure becomes problem details (RFC 9457); a bug tells the id under which the log has it, and nothing else. */
export function answerFailures(app: FastifyInstance, { methodsAt, refuseSignIn }: FailureOptions): void {
  app.setErrorHandler(async (error, request, reply) => {
    // Part of an answer is out already: all that can be done is to end it.
    if (reply.raw.headersSent) return reply.raw.destroy()
    if (error instanceof RequestProblem) {
      const isSignIn = error.status === 401 && request.routeOptions.config.access?.scope === 'open'
      const problem = isSignIn ? await refuseSignIn(request) : error
      return answer(reply, problem.status, problem.code, problem.message, problem.extra)
    }
    if (isTidegateError(error)) return answerCoded(error, request, reply)
    const known = OF_FRAMEWORK[codeOf(error) ?? '']
    if (known !== undefined) return answer(reply, ...known)
    const status = statusOf(error)
    if (status < 500) return answer(reply, status, 'HTTP_REQUEST', 'The request is malformed.')
    return answerBug(error, request, reply)
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const methods = methodsAt(path)
    if (methods.length === 0) return answer(reply, 404, 'HTTP_NOT_FOUND', 'There is nothing at this address.')
    const allow = [...methods, 'OPTIONS'].join(', ')
    if (request.method === 'OPTIONS') return reply.code(204).header('allow', allow).send()
    return answer(reply, 405, 'HTTP_METHOD', `This address knows ${allow} only.`, { headers: { allow } })
  })
}

type Coded = Error & {
  readonly code: string
  readonly hint: string | undefined
  readonly retryable: boolean
  readonly dataNow: string | undefined
}

/** Of failures only those are told in full that the route declares, and those that pass by themselves. */
function answerCoded(error: Coded, request: FastifyRequest, reply: FastifyReply): void {
  const { code, hint, dataNow } = error
  for (const [status, codes] of Object.entries(request.routeOptions.config.problems ?? {}))
    if (codes.includes(code)) return answer(reply, Number(status), code, error.message, { hint, dataNow })
  if (code === 'STATE_BAD_CURSOR')
    return answer(reply, 400, code, 'The page marker is none of this list.', {
      errors: [{ path: 'query.after', message: 'is none of this list' }],
    })
  request.log.error({ err: error, code }, 'a request failed')
  if (error.retryable)
    return answer(reply, 503, code, 'This cannot be answered now.', { retryAfterSeconds: 1, dataNow })
  // Nobody's bug: the daemon goes on by itself when there is room again.
  if (code === 'STATE_FULL')
    return answer(reply, 503, code, 'The disk of the state is full.', { retryAfterSeconds: 30, dataNow })
  return answer(reply, 500, code, 'The request failed; the log says more under its id.', { dataNow })
}

function answerBug(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  request.log.error({ err: error, stack: error instanceof Error ? error.stack : undefined }, 'a request met a bug')
  answer(reply, 500, 'INTERNAL', 'A bug of ours; the log says more under the id of the request.')
}

function answer(reply: FastifyReply, status: number, code: string, detail: string, extra: ProblemExtra = {}): void {
  const { request } = reply
  problemReply(reply, status, code, detail, extra, { instance: instanceOf(request), request: request.id })
}

/** Without the query: it may hold what is nobody's business. */
function instanceOf(request: FastifyRequest): string {
  return (request.url.split('?', 1)[0] ?? '').slice(0, 500)
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500
  return typeof status === 'number' && status >= 400 ? status : 500
}
