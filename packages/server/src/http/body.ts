import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** What can be sent: packed once, sent often. */
export interface Body {
  readonly type: string
  readonly bytes: Buffer
  /** Undefined where packing would not pay. */
  readonly gzip: Buffer | undefined
  /** Weak: packed and plain are the same to a reader. */
  readonly etag: string
}

/** Less fits into one packet either way. */
const PACKED_FROM_BYTES = 1400
const pack = promisify(gzip)

export async function bodyOf(type: string, content: string | Buffer): Promise<Body> {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content
  const packs = bytes.length >= PACKED_FROM_BYTES && !/^(?:image\/(?!svg)|font\/)/.test(type)
  return {
    type,
    bytes,
    gzip: packs ? await pack(bytes, { level: 5 }) : undefined,
    etag: `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
  }
}

/** @param cacheControl - `no-cache` asks again each time, with the etag. */
export function sendBody(
  request: FastifyRequest,
  reply: FastifyReply,
  body: Body,
  cacheControl = 'no-cache',
): FastifyReply {
  reply.headers({ etag: body.etag, 'cache-control': cacheControl, vary: 'accept-encoding' })
  if (knows(request.headers['if-none-match'], body.etag)) return reply.code(304).send()
  const packed = body.gzip !== undefined && takesGzip(request.headers['accept-encoding']) ? body.gzip : undefined
  const bytes = packed ?? body.bytes
  reply.headers({ 'content-type': body.type, 'content-length': bytes.length })
  if (packed !== undefined) reply.header('content-encoding', 'gzip')
  return reply.send(request.method === 'HEAD' ? null : bytes)
}

function knows(header: string | undefined, etag: string): boolean {
  return header !== undefined && header.split(',').some((one) => one.trim() === etag || one.trim() === '*')
}

function takesGzip(header: string | string[] | undefined): boolean {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '')
  return text.split(',').some((one) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$)[\d.]+\s*)?$/i.test(one))
}
