import type { BigIntStats } from 'node:fs'

import type { SourceFile } from '@tidegate/core'

/** Size, change times and inode in one text: what moves when a file is touched, replaced or rewritten. */
export function describeStats(stats: BigIntStats): Pick<SourceFile, 'stamp' | 'sizeBytes' | 'modifiedAtMs'> {
  return {
    stamp: `${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}:${stats.ino}`,
    sizeBytes: Number(stats.size),
    modifiedAtMs: Number(stats.mtimeMs),
  }
}
