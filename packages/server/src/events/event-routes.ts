import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { whoOf } from '../access/guard-access.ts'
import { readQuery } from '../http/read-query.ts'
import { securityHeaders } from '../http/security-headers.ts'
import { limitStreams, type StreamLimit } from './limit-streams.ts'
import { STREAM_HEADERS } from './stream-headers.ts'
import type { ChangeWatch } from './watch-changes.ts'

/** How long a page waits before it connects again. */
const RETRY_MS = 2000

export interface EventStreams {
  /** @param farewell - Sent on each stream before it ends. */
  close(farewell?: string): void
}

/**
 * `GET /views/events`: a stream that says `changed` when the state moved. Its ids name states: who comes back with the id of
 * an older one hears at once that it moved.
 */
export function eventRoutes(
  app: FastifyInstance,
  changes: ChangeWatch,
  heartbeatMs: number,
  limit: StreamLimit = limitStreams(),
): EventStreams {
  const streams = new Set<(farewell?: string) => void>()
  app.route({
    method: ['GET', 'HEAD'],
    url: '/views/events',
    handler: async (request, reply) => {
      readQuery(request.url).finish()
      const id = await changes.current()
      const headers = { ...securityHeaders(), ...STREAM_HEADERS }
      if (request.method === 'HEAD') return reply.headers(headers).send()
      const giveBack = limit.take(whoOf(request))
      reply.hijack()
      const response = reply.raw
      response.writeHead(200, headers)
      const last = request.headers['last-event-id']
      response.write(`retry: ${RETRY_MS}\n`)
      if (last !== undefined && last !== id) sendChange(response, id)
      else response.write(`id: ${id}\n\n`)
      const unsubscribe = changes.subscribe((moved) => sendChange(response, moved))
      const heartbeat = setInterval(() => response.write(': still here\n\n'), heartbeatMs)
      const end = (farewell?: string): void => {
        clearInterval(heartbeat)
        unsubscribe()
        giveBack()
        streams.delete(end)
        response.end(farewell)
      }
      streams.add(end)
      response.on('close', () => end())
      // It may have gone while the state was asked.
      if (request.raw.destroyed) end()
      return reply
    },
  })
  return {
    close(farewell) {
      for (const end of streams) end(farewell)
    },
  }
}

function sendChange(response: ServerResponse, id: string): void {
  response.write(`id: ${id}\nevent: changed\ndata: {}\n\n`)
}
