import type { FastifyInstance } from 'fastify'
import { problemReply } from './problem.ts'

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Refuses requests that were not meant for this machine's own address, other methods than reading, and odd targets. */
export function guardHost(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { host } = request.headers
    if (!isOwnHost(host, request.socket.localPort)) {
      problemReply(reply, 421, 'HTTP_HOST', 'This server answers to localhost and 127.0.0.1 only.')
    } else if (!METHODS.has(request.method)) {
      reply.header('allow', 'GET, HEAD')
      problemReply(reply, 405, 'HTTP_METHOD', 'Nothing can be changed here: only GET and HEAD are answered.')
    } else if (request.raw.url?.startsWith('/') !== true) {
      problemReply(reply, 400, 'HTTP_TARGET', 'The target of a request begins with a slash.')
    } else done()
  })
}

/** @param host - The header as it came: name or address, and the port where it is not 80. */
export function isOwnHost(host: string | undefined, port: number | undefined): boolean {
  if (host === undefined || port === undefined) return false
  const match = /^(localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?$/i.exec(host)
  return match !== null && Number(match[2] ?? 80) === port
}
