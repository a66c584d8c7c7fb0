import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify'
import { problemDocument, problemReply, RequestProblem } from '../http/problem.ts'
import { securityHeaders } from '../http/security-headers.ts'
import { readJsonBody } from './read-json-body.ts'

export interface AppOptions {
  readonly log: FastifyBaseLogger
  readonly newId: () => string
  readonly bodyLimitBytes: number
  /** How long the headers and the whole of a request may take to arrive. @defaultValue 10 s, 30 s */
  readonly arrival?: { readonly headersMs: number; readonly requestMs: number } | undefined
}

/** Who sends a byte now and then does not hold a connection. */
const ARRIVAL = { headersMs: 10_000, requestMs: 30_000 }
const KEEP_ALIVE_MS = 65_000
const HEADER_BYTES = 16_384
const MOST_HEADERS = 100
const MOST_CONNECTIONS = 2000
const LONGEST_PARAMETER = 1024

/** A server without routes: limits of what comes in, its log, and answers to what is no HTTP. */
export function createApp({ log, newId, bodyLimitBytes, arrival = ARRIVAL }: AppOptions): FastifyInstance {
  const app = fastify({
    // One of its own: what it says of itself can be turned off without the daemon's.
    loggerInstance: log.child({}),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: newId,
    requestIdHeader: false,
    trustProxy: false,
    bodyLimit: bodyLimitBytes,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: arrival.requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: {
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: arrival.headersMs,
      requestTimeout: arrival.requestMs,
      connectionsCheckingInterval: Math.min(2000, arrival.headersMs),
      // Node would answer without a body; checkTarget says it in ours.
      requireHostHeader: false,
    },
    frameworkErrors: (_error, request, reply) => {
      reply.headers({ ...securityHeaders(), 'x-request-id': request.id })
      const at = { instance: '', request: request.id }
      problemReply(reply, 400, 'HTTP_TARGET', 'The address is not encoded as it should be, or too long.', {}, at)
    },
    clientErrorHandler(error, socket) {
      answerRaw(error.code, socket)
    },
  })
  app.server.on('checkExpectation', (_request, response: ServerResponse) => {
    const body = JSON.stringify(problemDocument(417, 'HTTP_REQUEST', 'Of `Expect` only 100-continue is known.'))
    response.writeHead(417, { 'content-type': 'application/problem+json', connection: 'close' }).end(body)
  })
  app.server.headersTimeout = arrival.headersMs
  app.server.maxHeadersCount = MOST_HEADERS
  app.server.maxConnections = MOST_CONNECTIONS
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    const charset = /;\s*charset="?([^";]+)/i.exec(request.headers['content-type'] ?? '')?.[1] ?? 'utf-8'
    if (!/^utf-?8$/i.test(charset.trim())) throw new RequestProblem(415, 'HTTP_MEDIA_TYPE', 'JSON is sent as UTF-8.')
    // Unpacked it may be a thousand times what server.body_limit allows.
    if (!/^(?:identity)?$/i.test((request.headers['content-encoding'] ?? '').trim()))
      throw new RequestProblem(415, 'HTTP_MEDIA_TYPE', 'Bodies are sent as they are, without a Content-Encoding.', {
        headers: { 'accept-encoding': 'identity' },
      })
    return readJsonBody(body)
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...securityHeaders(), 'x-request-id': request.id })
  })
  app.addHook('onResponse', async (request, reply) => {
    const { method, caller } = request
    const level = request.routeOptions.config.access?.isUnlimited === true ? 'debug' : 'info'
    const path = request.url.split('?', 1)[0]
    const ms = Math.round(reply.elapsedTime * 10) / 10
    request.log[level]({ method, path, status: reply.statusCode, ms, actor: caller?.actor.name }, 'answered')
  })
  return app
}

const RAW: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
}

/** What is no request at all is answered on the bare socket. */
function answerRaw(code: string | undefined, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, detail] = RAW[code ?? ''] ?? [400, 'This is not HTTP/1.1 as it should be.']
  const body = JSON.stringify(problemDocument(status, 'HTTP_REQUEST', detail))
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}
