/** Hadoop's local file system puts `.name.crc` beside a file: `crc\0`, the block size, one CRC-32 per block, big-endian. */
import { crc32 } from 'node:zlib'

import type { ByteSource, Finding, JsonValue } from '@tidegate/core'

import { finding } from '../finding-codes.ts'

const HEADER_BYTES = 8
const MIN_BLOCK = 16
const MAX_BLOCK = 16 * 1024 * 1024
const READ_BYTES = 1024 * 1024
/** Damaged runs that are named one by one; they are counted all the same. */
const MAX_NAMED = 100

/** Names the blocks of `data` that are not what they were: bytes of the file `[offset, length]`, in runs. */
export async function checkSidecar(
  data: ByteSource,
  sidecar: ByteSource,
  names: { readonly data: string; readonly sidecar: string },
  signal?: AbortSignal,
): Promise<Finding> {
  const header = Buffer.from(await sidecar.read(0, HEADER_BYTES))
  const block = header.length < HEADER_BYTES ? 0 : header.readUInt32BE(4)
  if (header.toString('latin1', 0, 4) !== 'crc\0' || block < MIN_BLOCK || block > MAX_BLOCK)
    return marker(`It has the name of checksums of ${names.data}, and is none.`)
  const blocks = Math.ceil(data.sizeBytes / block)
  const listed = Math.floor((sidecar.sizeBytes - HEADER_BYTES) / 4)
  const runs = await damagedRuns(data, sidecar, { block, blocks: Math.min(blocks, listed) }, signal)
  if (runs.count === 0 && listed === blocks)
    return marker(`Checksums of ${names.data}: all ${blocks} blocks are as they were written.`, { blocks })
  const parts = [
    ...(runs.count === 0
      ? []
      : [
          `${runs.blocks} of ${blocks} blocks are not as they were written, ${runs.named
            .slice(0, 3)
            .map(([offset, length]) => `bytes ${offset}–${offset + length - 1}`)
            .join(', ')}${runs.count > 3 ? ` and ${runs.count - 3} more places` : ''}`,
        ]),
    ...(listed === blocks ? [] : [`it has ${blocks} blocks, and checksums were written for ${listed}`]),
  ]
  const [first] = runs.named
  return finding('PQ506', `${names.data}: ${parts.join('; ')}.`, {
    ...(first === undefined ? {} : { where: { offset: first[0], length: first[1] } }),
    repairable: 'lossy',
    evidence: {
      file: names.data,
      blockBytes: block,
      blocks,
      checksums: listed,
      damagedBlocks: runs.blocks,
      damagedRuns: runs.count,
      bytes: runs.named.map(([offset, length]) => [offset, length]),
    },
  })
}

function marker(message: string, evidence: Readonly<Record<string, JsonValue>> = {}): Finding {
  return finding('PQ501', message, { severity: 'info', evidence: { marker: 'crc', ...evidence } })
}

interface DamagedRuns {
  /** The first of them, [offset, length]. */
  readonly named: readonly (readonly [number, number])[]
  readonly count: number
  readonly blocks: number
}

async function damagedRuns(
  data: ByteSource,
  sidecar: ByteSource,
  { block, blocks }: { readonly block: number; readonly blocks: number },
  signal: AbortSignal | undefined,
): Promise<DamagedRuns> {
  const named: [number, number][] = []
  const atOnce = Math.max(1, Math.floor(READ_BYTES / block))
  let count = 0
  let damaged = 0
  let runEnd = -1
  for (let from = 0; from < blocks; from += atOnce) {
    signal?.throwIfAborted()
    const some = Math.min(atOnce, blocks - from)
    const bytes = await data.read(from * block, some * block)
    const sums = Buffer.from(await sidecar.read(HEADER_BYTES + 4 * from, 4 * some))
    for (let index = 0; index < some && 4 * index + 4 <= sums.length; index++) {
      const content = bytes.subarray(index * block, (index + 1) * block)
      if (crc32(content) === sums.readUInt32BE(4 * index)) continue
      const number = from + index
      damaged++
      if (number === runEnd) {
        const last = named.at(-1)
        if (last !== undefined && count <= MAX_NAMED) last[1] += content.length
      } else {
        count++
        if (count <= MAX_NAMED) named.push([number * block, content.length])
      }
      runEnd = number + 1
    }
  }
  return { named, count, blocks: damaged }
}
