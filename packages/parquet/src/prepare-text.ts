/** Makes a text file readable for the engine: unpacked, in UTF-8, without NULs. Streams; memory stays flat. */
import { isUtf8 } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'

import { codeOf, messageOf, TidegateError, type Finding } from '@tidegate/core'

import { finding } from './finding-codes.ts'

export interface PreparedText {
  readonly kind: 'ok'
  /** UTF-8, perhaps with a byte order mark. The file itself where nothing had to be done. */
  readonly path: string
  /** WHATWG name of the encoding that was read. */
  readonly encoding: string
  /** Deletes the temp file, if there is one. */
  dispose(): Promise<void>
}

export type PrepareOutcome = PreparedText | { readonly kind: 'unreadable'; readonly finding: Finding }

const CHUNK_BYTES = 1024 * 1024

/**
 * @param encoding WHATWG label; undefined: byte order mark, else UTF-8 if all of the file is valid UTF-8, else
 * windows-1252. A byte order mark wins over the label.
 */
export async function prepareText(
  uri: string,
  encoding: string | undefined,
  workFolder: string,
  signal?: AbortSignal,
): Promise<PrepareOutcome> {
  const label = encoding === undefined ? undefined : encodingName(encoding)
  const head = await readHead(uri)
  if (head.length === 0) return unreadable(finding('PQ101', 'The file is empty (0 bytes).', { severity: 'fatal' }))
  const packing = packingOf(head)
  if (packing === undefined) return await decode(uri, label, workFolder, NO_TEMP, signal)

  const unpacked = tempName(workFolder)
  try {
    await pipeline(
      createReadStream(uri, { highWaterMark: CHUNK_BYTES }),
      unpack(packing),
      createWriteStream(unpacked),
      signal === undefined ? {} : { signal },
    )
  } catch (error) {
    await rm(unpacked, { force: true })
    if (!isDamage(error)) throw ioError(uri, error)
    return unreadable(
      finding('PQ704', `The ${packing} data is cut off or damaged: ${messageOf(error)}.`, {
        severity: 'fatal',
        evidence: { packing },
      }),
    )
  }
  if ((await readHead(unpacked)).length === 0) {
    await rm(unpacked, { force: true })
    return unreadable(finding('PQ101', 'The file is empty once it is unpacked.', { severity: 'fatal' }))
  }
  return await decode(unpacked, label, workFolder, async () => await rm(unpacked, { force: true }), signal)
}

const NO_TEMP = async (): Promise<void> => {}

async function decode(
  path: string,
  label: string | undefined,
  workFolder: string,
  dispose: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<PrepareOutcome> {
  const encoding = bomOf(await readHead(path)) ?? label ?? (await scan(path, 'utf-8', signal)).valid
  const name = encoding === true ? 'utf-8' : encoding === false ? 'windows-1252' : encoding
  if (name === 'utf-8') {
    const { nulAt } = await scan(path, 'nul', signal)
    if (nulAt === undefined) return { kind: 'ok', path, encoding: name, dispose }
    await dispose()
    return unreadable(notText(nulAt))
  }
  const decoded = tempName(workFolder)
  try {
    await pipeline(
      createReadStream(path, { highWaterMark: CHUNK_BYTES }),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        const decoder = new TextDecoder(name, { fatal: true })
        for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true })
        yield decoder.decode()
      },
      createWriteStream(decoded),
      signal === undefined ? {} : { signal },
    )
  } catch (error) {
    await rm(decoded, { force: true })
    await dispose()
    if (codeOf(error) !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw ioError(path, error)
    return unreadable(
      finding('PQ702', `The text is not valid ${name}.`, { severity: 'fatal', evidence: { encoding: name } }),
    )
  }
  await dispose()
  const { nulAt } = await scan(decoded, 'nul', signal)
  const done = async (): Promise<void> => await rm(decoded, { force: true })
  if (nulAt === undefined) return { kind: 'ok', path: decoded, encoding: name, dispose: done }
  await done()
  return unreadable(notText(nulAt))
}

function unreadable(found: Finding): PrepareOutcome {
  return { kind: 'unreadable', finding: found }
}

function notText(offset: number): Finding {
  return finding('PQ701', `The text has a NUL byte at ${offset}: part of the file is binary or was never written.`, {
    severity: 'fatal',
    where: { offset },
  })
}

function encodingName(label: string): string {
  try {
    return new TextDecoder(label).encoding
  } catch (error) {
    throw new TidegateError('ENCODING_UNKNOWN', `there is no encoding called ${JSON.stringify(label)}`, {
      hint: 'Use a WHATWG label such as utf-8, windows-1252, iso-8859-15 or utf-16le.',
      cause: error,
    })
  }
}

function packingOf(head: Uint8Array): 'gzip' | 'zstd' | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd ? 'zstd' : undefined
}

function unpack(packing: 'gzip' | 'zstd'): NodeJS.ReadWriteStream {
  return packing === 'gzip'
    ? createGunzip({ chunkSize: CHUNK_BYTES })
    : createZstdDecompress({ chunkSize: CHUNK_BYTES })
}

function isDamage(error: unknown): boolean {
  const code = codeOf(error) ?? ''
  return (
    code.startsWith('Z_') ||
    code.startsWith('ZSTD_') ||
    code === 'ERR_ZSTD_DECOMPRESSION_FAILED' ||
    /zstd|gzip|zlib/i.test(messageOf(error))
  )
}

function bomOf(head: Uint8Array): string | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 'utf-8' : undefined
}

async function readHead(path: string): Promise<Uint8Array> {
  for await (const chunk of createChunks(path, 64)) return chunk
  return new Uint8Array()
}

/** One pass over the bytes: whether all is valid UTF-8, or where the first NUL is. */
async function scan(
  path: string,
  what: 'utf-8' | 'nul',
  signal: AbortSignal | undefined,
): Promise<{ readonly valid: boolean; readonly nulAt: number | undefined }> {
  let offset = 0
  let rest: Uint8Array = new Uint8Array()
  for await (const chunk of createChunks(path, CHUNK_BYTES)) {
    if (signal?.aborted === true) throw ioError(path, signal.reason)
    if (what === 'nul') {
      const at = chunk.indexOf(0)
      if (at >= 0) return { valid: false, nulAt: offset + at }
    } else {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const cut = completeLength(bytes)
      if (!isUtf8(bytes.subarray(0, cut))) return { valid: false, nulAt: undefined }
      rest = Uint8Array.from(bytes.subarray(cut))
    }
    offset += chunk.length
  }
  return { valid: rest.length === 0, nulAt: undefined }
}

/** Length without an incomplete UTF-8 sequence at the end. */
function completeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number
    if (byte < 0x80) break
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return length > back ? bytes.length - back : bytes.length
    }
  }
  return bytes.length
}

async function* createChunks(path: string, size: number): AsyncGenerator<Buffer> {
  try {
    const handle = await open(path, 'r')
    try {
      const buffer = Buffer.allocUnsafe(size)
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, size, null)
        if (bytesRead === 0) return
        yield buffer.subarray(0, bytesRead)
      }
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw ioError(path, error)
  }
}

function tempName(workFolder: string): string {
  return join(workFolder, `text-${randomBytes(8).toString('hex')}.tmp`)
}

function ioError(path: string, error: unknown): unknown {
  const code = codeOf(error)
  const cause = { cause: error }
  if (code === 'ENOENT')
    return new TidegateError('SOURCE_GONE', `${path} is gone`, {
      ...cause,
      hint: 'It was deleted after it was listed.',
      retryable: true,
    })
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new TidegateError('DISK_FULL', `no space left to unpack ${path}`, {
      ...cause,
      hint: 'Free space in the work folder and run again.',
      retryable: true,
      dataNow: 'Nothing was committed.',
    })
  if (code === 'ABORT_ERR' || code === 'CANCELLED' || (error instanceof Error && error.name === 'AbortError'))
    return new TidegateError('CANCELLED', `reading ${path} was cancelled`, { ...cause, retryable: true })
  if (code === undefined) return error
  return new TidegateError('SOURCE_UNREADABLE', `${path} cannot be read: ${messageOf(error)}`, {
    ...cause,
    hint: 'Check the permissions, the disk and the mount.',
  })
}
