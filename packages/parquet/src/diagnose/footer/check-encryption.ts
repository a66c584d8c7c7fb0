import type { Finding } from '@tidegate/core'

import { finding } from '../../finding-codes.ts'
import type { ParquetFooter } from '../../footer.ts'

/** Names the columns of a file that cannot be read without keys; undefined if there are none. */
export function encryptedColumns(footer: ParquetFooter): Finding | undefined {
  const names = new Set<string>()
  for (const { chunks } of footer.rowGroups)
    for (const [index, chunk] of chunks.entries())
      if (chunk.encrypted)
        names.add((chunk.path.length > 0 ? chunk.path : (footer.leaves[index]?.path ?? ['?'])).join('.'))
  if (names.size === 0 && !footer.encrypted) return undefined
  const columns = [...names].sort()
  const list = columns.slice(0, 5).join(', ')
  return finding(
    'PQ113',
    columns.length === 0
      ? 'The file is encrypted.'
      : `${columns.length} columns are encrypted: ${list}${columns.length > 5 ? ', …' : ''}.`,
    {
      severity: 'fatal',
      evidence: { columns },
    },
  )
}
