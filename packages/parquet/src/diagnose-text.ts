import { createGunzip, createZstdDecompress } from 'node:zlib'

import type { FileFormat, Finding } from '@tidegate/core'

import { describeDetected } from './diagnose/container/describe-detected.ts'
import { finding } from './finding-codes.ts'
import { isBinary, sniffFormat, type Detected } from './sniff-format.ts'

export interface TextHead {
  readonly head: Uint8Array
  readonly tail: Uint8Array
  readonly size: number
  readonly name: string
  /** Undefined: nothing was expected, the file is only named. */
  readonly expected: Exclude<FileFormat, 'parquet'> | undefined
  readonly detected: Detected
}

/** A file that should be text. Looks only at head and tail; what is wrong in between is found when it is read. */
export async function diagnoseText(
  text: TextHead,
): Promise<{ readonly detected: Detected; readonly findings: readonly Finding[] }> {
  const { head, tail, name, expected } = text
  if (text.detected !== 'gzip' && text.detected !== 'zstd')
    return { detected: text.detected, findings: judge(text.detected, expected, isUtf16(head) ? undefined : tail) }
  const inner = await decompressHead(head, text.detected)
  if (inner === undefined)
    return {
      detected: text.detected,
      findings: [
        finding('PQ704', `The file looks like ${describeDetected(text.detected)} but cannot be unpacked.`, {
          severity: 'fatal',
        }),
      ],
    }
  if (inner.length === 0)
    return {
      detected: 'empty',
      findings: [finding('PQ101', 'The file is empty once it is unpacked.', { severity: 'fatal' })],
    }
  const detected = sniffFormat(inner, NOTHING, name)
  return { detected, findings: judge(detected, expected, undefined) }
}

const NOTHING = new Uint8Array()
const TEXT: ReadonlySet<Detected> = new Set(['csv', 'json', 'ndjson', 'text', 'html', 'lfs-pointer'])

function judge(detected: Detected, expected: TextHead['expected'], tail: Uint8Array | undefined): Finding[] {
  const evidence = { detected, ...(expected === undefined ? {} : { expected }) }
  if (detected === 'binary' || (TEXT.has(detected) && tail !== undefined && isBinary(tail)))
    return [finding('PQ701', 'The file should be text but has binary content.', { severity: 'fatal', evidence })]
  const isText = detected === 'csv' || detected === 'json' || detected === 'ndjson' || detected === 'text'
  if (expected === undefined)
    return isText && detected !== 'text'
      ? []
      : [
          finding('PQ707', `The file is ${describeDetected(detected)}, which is not read.`, {
            severity: 'fatal',
            evidence,
          }),
        ]
  const fits =
    expected === 'csv' ? detected === 'csv' || detected === 'text' : detected === 'json' || detected === 'ndjson'
  return fits
    ? []
    : [
        finding('PQ707', `The source says ${expected}, but the file looks like ${describeDetected(detected)}.`, {
          severity: 'fatal',
          evidence,
        }),
      ]
}

function isUtf16(head: Uint8Array): boolean {
  return (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)
}

const MAX_INNER_BYTES = 64 * 1024

/** What the first bytes of a packed file unpack to, at most 64 KiB however far they expand; undefined when damaged. */
async function decompressHead(head: Uint8Array, kind: 'gzip' | 'zstd'): Promise<Uint8Array | undefined> {
  const stream = kind === 'gzip' ? createGunzip() : createZstdDecompress()
  const parts: Buffer[] = []
  let length = 0
  return await new Promise((resolve) => {
    const finish = (): void => resolve(Buffer.concat(parts).subarray(0, MAX_INNER_BYTES))
    stream.on('data', (part: Buffer) => {
      parts.push(part)
      length += part.length
      if (length < MAX_INNER_BYTES) return
      stream.destroy()
      finish()
    })
    stream.on('end', finish)
    // The head of a longer file always ends too early.
    stream.on('error', () => (length > 0 ? finish() : resolve(undefined)))
    stream.end(head)
  })
}
