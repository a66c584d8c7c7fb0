import type { ByteSource } from '@tidegate/core'

import type { Page } from '../pages/page.ts'
import type { PageLimits } from '../pages/page-limits.ts'
import { walkPages } from '../pages/walk-pages.ts'
import { integerIn, isStruct, itemsIn, structIn, type TypedStruct } from '../thrift/thrift-value.ts'
import { assembleChunks, type Assembly } from './assemble-chunks.ts'
import { pageFits, type PageFits } from './page-fits.ts'
import type { SchemaSource } from './schema-sources.ts'

export interface AssembleFileOptions {
  /** Pages that are known to be damaged. */
  readonly isDamaged?: (page: Page) => boolean
  /** What is known of the source's pages from other schemas, and will be. @defaultValue nothing */
  readonly fits?: PageFits
  readonly limits?: Partial<PageLimits>
  readonly maxChecks?: number
  readonly signal?: AbortSignal
}

/**
 * Walks a file and assembles the row groups that the schema source does not list itself. Reads each page once or twice;
 * holds one at a time. Throws what the source throws, and when aborted.
 */
export async function assembleFile(
  source: ByteSource,
  schema: SchemaSource,
  options: AssembleFileOptions = {},
): Promise<Assembly> {
  const head = Buffer.from(await source.read(0, Math.min(4, source.sizeBytes)))
  const start = head.toString('latin1') === 'PAR1' ? 4 : 0
  const from = Math.max(start, ...(schema.ownGroups ?? []).map(groupEnd))
  const { limits, signal } = options
  const walk = walkPages(source, { from, to: schema.footerOffset, limits, signal })
  const fits = options.fits ?? pageFits(source, { limits, signal })
  return await assembleChunks(source, walk, schema, { ...options, fits })
}

/** Exclusive end of the data of a row group in a footer. */
export function groupEnd(group: TypedStruct): number {
  return Math.max(0, ...itemsIn(group, 1).map((chunk) => (isStruct(chunk) ? chunkEnd(structIn(chunk, 3)) : 0)))
}

function chunkEnd(meta: TypedStruct | undefined): number {
  if (meta === undefined) return 0
  const data = integerIn(meta, 9) ?? 0
  const dictionary = integerIn(meta, 11) ?? 0
  // Some writers put 0 where there is no dictionary page.
  return (dictionary > 0 ? Math.min(dictionary, data) : data) + (integerIn(meta, 7) ?? 0)
}
