import { codeOf, isTidegateError } from '@tidegate/core'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** A request that cannot be answered as it is; becomes problem details (RFC 9457). */
export class RequestProblem extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, detail: string) {
    super(detail)
    this.status = status
    this.code = code
  }
}

/** Every failure is answered as problem details with our code; what went wrong inside is not told. */
export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof RequestProblem) problemReply(reply, error.status, error.code, error.message)
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
  404: 'Not found',
  405: 'Method not allowed',
  421: 'Misdirected request',
  500: 'Internal error',
  503: 'Not available now',
}

export function problemReply(reply: FastifyReply, status: number, code: string, detail: string): void {
  const title = TITLES[status] ?? 'Request refused'
  const body = JSON.stringify({ type: 'about:blank', title, status, code, detail })
  void reply
    .code(status)
    .header('content-type', 'application/problem+json')
    .header('cache-control', 'no-store')
    .send(reply.request.method === 'HEAD' ? '' : body)
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500
  return typeof status === 'number' && status >= 400 ? status : 500
}
