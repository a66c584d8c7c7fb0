import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'

import type { SourceFile } from '@tidegate/core'

/** Size, change times and inode in one text: what moves when a file is touched, replaced or rewritten. */
export function describeStats(stats: BigIntStats): Pick<SourceFile, 'stamp' | 'sizeBytes' | 'modifiedAtMs'> {
  return {
    stamp: `${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}:${stats.ino}`,
    sizeBytes: Number(stats.size),
    modifiedAtMs: Number(stats.mtimeMs),
  }
}

/** What is in a folder is in its two times; device and inode tell another folder of its name, or a mount. */
export async function stampOfFolder(absolute: string): Promise<string | undefined> {
  const stats = await stat(absolute, { bigint: true }).catch(() => undefined)
  return stats === undefined ? undefined : `${stats.mtimeNs}:${stats.ctimeNs}:${stats.dev}:${stats.ino}`
}
