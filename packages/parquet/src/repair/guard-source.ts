import { stat } from 'node:fs/promises'
import type { BigIntStats } from 'node:fs'

import { codeOf, type ByteSource } from '@tidegate/core'
import { localStore } from '@tidegate/storage'

import { followSource, type FollowedSource } from './follow-source.ts'
import { sourceChanged } from './write-pieces.ts'

/** A source that must be the same file with the same bytes before and after. Opened for reading only. */
export interface GuardedSource {
  readonly source: ByteSource
  readonly sha256: string
  /** From here on to `check`, what is read through `source` is hashed on its way: so the copy itself is proven. */
  follow(): void
  /** Compares all bytes with those of the beginning. @throws REPAIR_SOURCE_CHANGED */
  check(): Promise<void>
  close(): Promise<void>
}

/** One buffer for all reads, no larger than the file: of 10,000 small files its making is what takes time. */
const HASH_BYTES = 1024 * 1024

/** @throws SOURCE_NOT_A_FILE, SOURCE_GONE, SOURCE_UNREADABLE, REPAIR_SOURCE_CHANGED */
export async function guardSource(path: string, signal: AbortSignal | undefined): Promise<GuardedSource> {
  const source = await localStore().open(path)
  try {
    const before = await statNow(path)
    const hashChunkBytes = Math.min(Math.max(source.sizeBytes, 1), HASH_BYTES)
    const sha256 = await localStore({ hashChunkBytes }).hash(path, signal)
    // Somebody may have grown it between the two.
    if (before.size !== BigInt(source.sizeBytes)) throw sourceChanged('its size did')
    let followed: FollowedSource | undefined
    return {
      source: {
        sizeBytes: source.sizeBytes,
        read: async (offset, length) => await (followed?.source ?? source).read(offset, length),
        close: async () => await source.close(),
      },
      sha256,
      follow() {
        followed = followSource(source, signal)
      },
      async check() {
        await refuseOther(path, before)
        const now = await (followed ?? followSource(source, signal)).finish()
        followed = undefined
        if (now !== sha256) throw sourceChanged('its bytes did')
        await refuseOther(path, before)
      },
      close: async () => await source.close(),
    }
  } catch (error) {
    await source.close()
    throw error
  }
}

async function refuseOther(path: string, before: BigIntStats): Promise<void> {
  const how = difference(before, await statNow(path))
  if (how !== undefined) throw sourceChanged(how)
}

async function statNow(path: string): Promise<BigIntStats> {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw sourceChanged('it is gone')
    throw error
  }
}

function difference(before: BigIntStats, now: BigIntStats): string | undefined {
  if (before.ino !== now.ino || before.dev !== now.dev) return 'another file has its name'
  if (before.size !== now.size)
    return `it had ${before.size.toLocaleString('en-US')} bytes and has ${now.size.toLocaleString('en-US')}`
  return before.mtimeNs === now.mtimeNs ? undefined : 'somebody wrote to it'
}
