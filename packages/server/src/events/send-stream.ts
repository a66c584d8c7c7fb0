import { once } from 'node:events'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { whoOf } from '../access/guard-access.ts'
import { securityHeaders } from '../http/security-headers.ts'
import { limitStreams, type StreamLimit } from './limit-streams.ts'

/** The streams that are open, so that closing can end them. */
export interface Streams {
  /** Aborted when the server closes. */
  readonly closing: AbortSignal
  readonly open: number
  /** Those of the views are counted with them. */
  readonly limit: StreamLimit
  /** Sends pieces until they end, the caller goes or the server closes. @throws {RequestProblem} too many are open */
  send(request: FastifyRequest, reply: FastifyReply, stream: StreamReply): Promise<void>
  /** Tells each stream that the server goes, and ends it. */
  close(): void
}

export interface StreamReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly pieces: AsyncIterable<string>
  /** Aborted by {@link Streams} when the caller is gone, so that what makes the pieces wakes up. */
  readonly leave: AbortController
}

/** What a browser's EventSource hears before its stream ends. */
export const SHUTDOWN_EVENT = 'event: shutdown\ndata: {}\n\n'

export function openStreams(limit: StreamLimit = limitStreams()): Streams {
  const closing = new AbortController()
  let open = 0
  return {
    closing: closing.signal,
    limit,
    get open() {
      return open
    },
    async send(request, reply, { status, headers, pieces, leave }) {
      const giveBack = limit.take(whoOf(request))
      reply.hijack()
      const response = reply.raw
      open++
      const isEvents = headers['content-type']?.startsWith('text/event-stream') === true
      const stop = (): void => leave.abort()
      response.once('close', stop)
      closing.signal.addEventListener('abort', stop)
      const iterator = pieces[Symbol.asyncIterator]()
      const left = new Promise<undefined>((resolve) => {
        leave.signal.addEventListener('abort', () => resolve(undefined))
        if (leave.signal.aborted || request.raw.destroyed) resolve(undefined)
      })
      try {
        const sent = Object.fromEntries(
          Object.entries(reply.getHeaders()).filter(
            (entry): entry is [string, string | string[]] => entry[1] !== undefined,
          ),
        )
        response.writeHead(status, { ...securityHeaders(), ...sent, 'cache-control': 'no-store', ...headers })
        for (;;) {
          const next = await Promise.race([iterator.next(), left])
          if (next === undefined || next.done === true) break
          if (!response.write(next.value) && !response.destroyed)
            await Promise.race([once(response, 'drain', { signal: leave.signal }).catch(() => undefined), left])
        }
        if (isEvents && closing.signal.aborted && !response.destroyed) response.write(SHUTDOWN_EVENT)
      } finally {
        closing.signal.removeEventListener('abort', stop)
        leave.abort()
        response.end()
        open--
        giveBack()
        // Not waited for: a generator that is in the middle of a wait ends when that is over.
        iterator.return?.().catch(() => {})
      }
    },
    close() {
      closing.abort()
    },
  }
}
