/**
 * Spans of requests through the OpenTelemetry API alone: without an SDK (the user's, by `--import`) they cost nothing. A span
 * is named after the operation. It holds no address, query, header or body: ids of things are names of files sometimes.
 */
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { contextOf, tracer } from '../runs/trace-attempt.ts'
import type { Route } from './route.ts'

/** Before the first hook that may refuse. */
export function traceRequests(app: FastifyInstance, routes: readonly Route[]): void {
  const operations = new Map(
    routes.map(({ method, path, operationId }) => [`${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`, operationId]),
  )
  app.addHook('onRequest', (request, reply, done) => {
    const parent = contextOf(request.headers['traceparent']?.toString())
    const { url: route } = request.routeOptions
    const name = nameOf(request, operations)
    const span = tracer().startSpan(
      name,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': request.method,
          ...(route === undefined ? {} : { 'http.route': route }),
          'tidegate.request': request.id,
        },
      },
      parent,
    )
    // Streams are answered past the framework: their end is that of the connection's answer.
    endWith(reply, () => {
      const { statusCode } = reply.raw
      span.setAttribute('http.response.status_code', statusCode)
      const actor = request.caller?.actor.name
      if (actor !== undefined) span.setAttribute('tidegate.actor', actor)
      if (statusCode >= 500) {
        span.setAttribute('error.type', String(statusCode))
        span.setStatus({ code: SpanStatusCode.ERROR })
      }
      span.end()
    })
    context.with(trace.setSpan(parent, span), done)
  })
}

function nameOf({ method, routeOptions }: FastifyRequest, operations: ReadonlyMap<string, string>): string {
  const { url } = routeOptions
  if (url === undefined) return method
  return operations.get(`${method === 'HEAD' ? 'GET' : method} ${url}`) ?? `${method} ${url}`
}

function endWith({ raw }: FastifyReply, end: () => void): void {
  let isOver = false
  const once = (): void => {
    if (isOver) return
    isOver = true
    end()
  }
  raw.once('finish', once)
  raw.once('close', once)
}
