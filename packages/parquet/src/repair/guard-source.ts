import { stat } from 'node:fs/promises'
import type { BigIntStats } from 'node:fs'

import { codeOf, type ByteSource } from '@tidegate/core'
import { localStore } from '@tidegate/storage'

import { sourceChanged } from './write-pieces.ts'

/** A source that must be the same file with the same bytes before and after. Opened for reading only. */
export interface GuardedSource {
  readonly source: ByteSource
  readonly sha256: string
  /** @throws REPAIR_SOURCE_CHANGED */
  check(): Promise<void>
  close(): Promise<void>
}

/** @throws SOURCE_NOT_A_FILE, SOURCE_GONE, SOURCE_UNREADABLE, REPAIR_SOURCE_CHANGED */
export async function guardSource(path: string, signal: AbortSignal | undefined): Promise<GuardedSource> {
  const store = localStore()
  const source = await store.open(path)
  try {
    const before = await statNow(path)
    const sha256 = await store.hash(path, signal)
    // Somebody may have grown it between the two.
    if (before.size !== BigInt(source.sizeBytes)) throw sourceChanged('its size did')
    return {
      source,
      sha256,
      async check() {
        const how = difference(before, await statNow(path))
        if (how !== undefined) throw sourceChanged(how)
        if ((await store.hash(path, signal)) !== sha256) throw sourceChanged('its bytes did')
      },
      close: async () => await source.close(),
    }
  } catch (error) {
    await source.close()
    throw error
  }
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
  if (before.size !== now.size) return `it had ${before.size} bytes and has ${now.size}`
  return before.mtimeNs === now.mtimeNs ? undefined : 'somebody wrote to it'
}
