import type { ByteSource } from '@tidegate/core'

import { schemaFromCutFooter, type SchemaSource } from './schema-sources.ts'

const WINDOW_BYTES = 16 * 1024 * 1024
/** A FileMetaData begins with 15 02 19 or 15 04 19: its version, then the list of schema elements. */
const VERSIONS = new Set([2, 4])
const STRUCT = 12

/**
 * Looks through the last 16 MiB of a file for a FileMetaData of which at least the schema is complete, whatever comes
 * after it. Undefined if there is none. Throws only what the source throws.
 */
export async function findCutFooter(source: ByteSource): Promise<SchemaSource | undefined> {
  const start = Math.max(0, source.sizeBytes - WINDOW_BYTES)
  const window = Buffer.from(await source.read(start, source.sizeBytes - start))
  for (let at = window.indexOf(0x15); at >= 0; at = window.indexOf(0x15, at + 1)) {
    const isStart =
      VERSIONS.has(window[at + 1] ?? 0) && window[at + 2] === 0x19 && ((window[at + 3] ?? 0) & 15) === STRUCT
    if (!isStart) continue
    const schema = schemaFromCutFooter(window.subarray(at), start + at)
    if (schema !== undefined) return schema
  }
  return undefined
}
