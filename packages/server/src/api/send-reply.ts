import { stringifyJson } from '@tidegate/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Streams } from '../events/send-stream.ts'
import { STREAM_HEADERS } from '../events/stream-headers.ts'
import { etagOf, isKnown } from './etag.ts'
import type { RouteReply } from './route.ts'

/** The same answer with its body written, so that it can be sent often. */
export function written(answer: RouteReply): RouteReply {
  if (answer.body === undefined || answer.text !== undefined) return answer
  const { body, ...rest } = answer
  const headers = { 'content-type': 'application/json; charset=utf-8', ...answer.headers }
  return { ...rest, headers, text: stringifyJson(body) }
}

/** @param leave - Ends what makes the pieces of a stream. */
export async function sendReply(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: RouteReply,
  streams: Streams,
  leave: AbortController,
): Promise<FastifyReply> {
  const isHead = request.method === 'HEAD'
  reply.code(answer.status).headers(cleanHeaders(answer.headers))
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-cache')
  if (answer.version !== undefined) {
    const etag = etagOf(answer.version)
    reply.header('etag', etag)
    const reads = request.method === 'GET' || isHead
    if (reads && answer.status === 200 && isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
  }
  if (answer.stream !== undefined) {
    const headers = { ...STREAM_HEADERS, ...answer.headers }
    if (isHead) return reply.headers(headers).send()
    await streams.send(request, reply, { status: answer.status, headers, pieces: answer.stream, leave })
    return reply
  }
  const text = answer.text ?? (answer.body === undefined ? undefined : stringifyJson(answer.body))
  if (text === undefined) return reply.send()
  if (!reply.hasHeader('content-type'))
    reply.header(
      'content-type',
      answer.text === undefined ? 'application/json; charset=utf-8' : 'text/plain; charset=utf-8',
    )
  const bytes = Buffer.from(text, 'utf8')
  reply.header('content-length', bytes.length)
  return reply.send(isHead ? null : bytes)
}

/** Names out of data stand in headers, too (`Location`): nothing of them may begin a new line. */
function cleanHeaders(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const clean: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers ?? {}))
    clean[name.toLowerCase()] = value.replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, (one) =>
      encodeURIComponent(one.toWellFormed()),
    )
  return clean
}
