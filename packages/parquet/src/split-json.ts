/**
 * Cuts a JSON document into one record per line, as a stream: the document is never held in memory, and the text of each
 * record stays as it was written (numbers keep all their digits). Only brackets, strings and commas are looked at; each
 * record is validated by whoever reads the lines.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

import type { Finding } from '@tidegate/core'

import { finding } from './finding-codes.ts'

const MAX_DEPTH = 1000

/**
 * Writes the records found at `recordsPath` (dotted keys; `''` for the document itself) of `from` to `to`. The document
 * itself may be an array of records, one record, or several after one another.
 */
export async function splitJson(from: string, to: string, recordsPath: string): Promise<Finding | undefined> {
  const splitter = createSplitter(recordsPath === '' ? [] : recordsPath.split('.'))
  try {
    await pipeline(
      createReadStream(from, { highWaterMark: 1024 * 1024 }),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) yield splitter.push(chunk)
        yield splitter.end()
      },
      createWriteStream(to),
    )
  } catch (error) {
    if (error instanceof SplitError) return error.finding
    throw error
  }
  return undefined
}

class SplitError extends Error {
  readonly finding: Finding

  constructor(found: Finding) {
    super(found.message)
    this.finding = found
  }
}

const BYTE = {
  quote: 34,
  comma: 44,
  colon: 58,
  openArray: 91,
  backslash: 92,
  closeArray: 93,
  openObject: 123,
  closeObject: 125,
} as const

interface Splitter {
  push(chunk: Buffer): Buffer
  end(): Buffer
}

/** The state is what follows; one byte at a time changes it. */
function createSplitter(target: readonly string[]): Splitter {
  const isArray: boolean[] = []
  /** The current key of each open object, as deep as the target. */
  const keys: (string | undefined)[] = []
  let keyBytes: number[] | undefined
  let lastKey: string | undefined
  let expectsKey = false
  let inString = false
  let escaped = false
  /** Depth of the array whose elements are the records; 0 while it is not open. */
  let recordDepth = 0
  let found = false
  let recording = false
  let recordStart = 0
  let elements = 0
  let commas = 0
  let topIsArray = false
  let offset = 0

  const bad = (message: string): never => {
    throw new SplitError(finding('PQ703', `${message} at byte ${offset}.`, { severity: 'fatal', where: { offset } }))
  }
  const onTarget = (): boolean =>
    isArray.length === target.length && target.every((key, index) => keys[index] === key && isArray[index] === false)

  const open = (array: boolean): void => {
    const opensRecords = array && recordDepth === 0 && !recording && onTarget()
    isArray.push(array)
    if (isArray.length > MAX_DEPTH) bad(`The JSON is nested deeper than ${MAX_DEPTH}`)
    expectsKey = !array
    if (!opensRecords) return
    recordDepth = isArray.length
    found = true
    elements = 0
    commas = 0
    if (target.length === 0) topIsArray = true
  }
  const close = (array: boolean): void => {
    if (isArray.at(-1) !== array) bad('The JSON has a closing bracket that does not fit')
    isArray.pop()
    keys.length = Math.min(keys.length, isArray.length)
    expectsKey = false
  }

  const push = (chunk: Buffer): Buffer => {
    const out = Buffer.allocUnsafe(chunk.length * 2 + 1)
    let length = 0
    for (let index = 0; index < chunk.length; index++, offset++) {
      const byte = chunk[index] as number
      if (inString) {
        if (recording) out[length++] = byte === 10 || byte === 13 ? 32 : byte
        keyBytes?.push(byte)
        if (escaped) escaped = false
        else if (byte === BYTE.backslash) escaped = true
        else if (byte === BYTE.quote) {
          inString = false
          if (keyBytes !== undefined) {
            lastKey = parseKey(keyBytes)
            keyBytes = undefined
          }
          if (recording && isArray.length === 0 && target.length === 0) {
            out[length++] = 10
            recording = false
          }
        }
        continue
      }
      const isSpace = byte === 32 || byte === 10 || byte === 13 || byte === 9
      const atRecords = recordDepth > 0 && isArray.length === recordDepth
      if (recording && atRecords && (byte === BYTE.comma || byte === BYTE.closeArray)) {
        recording = false
        out[length++] = 10
      }
      if (atRecords && !recording && !isSpace) {
        if (byte === BYTE.comma) {
          if (++commas !== elements) bad('The JSON has a comma without a value')
        } else if (byte === BYTE.closeArray) {
          if (elements > 0 && commas !== elements - 1) bad('The JSON has a comma without a value')
          recordDepth = 0
        } else {
          elements++
          recording = true
          recordStart = offset
        }
      } else if (target.length === 0 && isArray.length === 0 && !isSpace && !recording && byte !== BYTE.openArray) {
        if (topIsArray) bad('The JSON has text after its end')
        recording = true
        recordStart = offset
        found = true
      } else if (recording && isArray.length === 0 && isSpace && recordDepth === 0) {
        recording = false
        out[length++] = 10
        continue
      }
      if (recording) out[length++] = byte === 10 || byte === 13 ? 32 : byte
      switch (byte) {
        case BYTE.quote:
          inString = true
          if (expectsKey && isArray.length <= target.length && recordDepth === 0) keyBytes = [byte]
          break
        case BYTE.openArray:
          open(true)
          break
        case BYTE.openObject:
          open(false)
          break
        case BYTE.closeArray:
          close(true)
          break
        case BYTE.closeObject:
          close(false)
          if (recording && isArray.length === 0) {
            recording = false
            out[length++] = 10
          }
          break
        case BYTE.comma:
          expectsKey = isArray.at(-1) === false
          break
        case BYTE.colon:
          if (isArray.length <= target.length && isArray.length > 0) keys[isArray.length - 1] = lastKey
          expectsKey = false
          break
        default:
      }
    }
    return out.subarray(0, length)
  }

  const end = (): Buffer => {
    if (inString || isArray.length > 0)
      throw new SplitError(
        finding(
          'PQ703',
          `The JSON document is cut off: it ends at byte ${offset}, inside of a value that began before it.`,
          {
            severity: 'fatal',
            where: { offset: recording ? recordStart : offset },
          },
        ),
      )
    if (!found)
      throw new SplitError(
        finding(
          target.length === 0 ? 'PQ705' : 'PQ708',
          target.length === 0 ? 'The JSON document is empty.' : `There is no array at ${target.join('.')}.`,
          { severity: 'fatal', evidence: { records: target.join('.') } },
        ),
      )
    return recording ? Buffer.from('\n') : Buffer.alloc(0)
  }
  return { push, end }
}

function parseKey(bytes: readonly number[]): string | undefined {
  try {
    return String(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch {
    return undefined
  }
}
