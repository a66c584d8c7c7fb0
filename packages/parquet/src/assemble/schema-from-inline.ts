import type { ByteSource } from '@tidegate/core'

import type { Page, WalkItem } from '../pages/page.ts'
import type { InlineMetadata } from '../pages/read-inline-metadata.ts'
import { i32, struct, text, type TypedStruct } from '../thrift/thrift-value.ts'
import type { PageFits } from './page-fits.ts'
import { sequencePages, type PlacedPage } from './page-sequence.ts'
import { leavesOf, type SchemaSource } from './schema-sources.ts'

const REQUIRED = 0
const OPTIONAL = 1
const FIXED_LEN_BYTE_ARRAY = 7

/**
 * Schema of a file whose writer put metadata after each chunk: names, physical types and codecs, but no logical types (a
 * date is an integer, a text is bytes). Whether a column may be NULL is seen from its first page. Undefined if the file has no
 * such metadata, or has nested or fixed-length columns, which it does not describe well enough.
 */
export async function schemaFromInline(
  source: Pick<ByteSource, 'read' | 'sizeBytes'>,
  walk: AsyncIterable<WalkItem> | Iterable<WalkItem>,
  fits: PageFits,
): Promise<SchemaSource | undefined> {
  const { segments } = await sequencePages(source, walk)
  const [first] = segments
  if (first === undefined || first.afterDamage) return undefined
  const chunks = firstGroup(first.pages)
  const elements: TypedStruct[] = []
  for (const { metadata, pages } of chunks) {
    const repetition = await repetitionOf(metadata, pages, fits)
    const [name] = metadata.path
    if (repetition === undefined || name === undefined || metadata.path.length !== 1) return undefined
    elements.push(struct({ 1: i32(metadata.physicalType), 3: i32(repetition), 4: text(name) }))
  }
  const all = [struct({ 4: text('schema'), 5: i32(elements.length) }), ...elements]
  const leaves = leavesOf(all)
  return leaves === undefined
    ? undefined
    : { from: 'inline-metadata', elements: all, leaves, codecs: chunks.map(({ metadata }) => metadata.codec) }
}

interface NamedChunk {
  readonly metadata: InlineMetadata
  readonly pages: readonly Page[]
}

/** Chunks until a name comes back: the next row group. */
function firstGroup(placed: readonly PlacedPage[]): readonly NamedChunk[] {
  const chunks: NamedChunk[] = []
  const names = new Set<string>()
  let pages: Page[] = []
  for (const { page, closes } of placed) {
    pages.push(page)
    if (closes === undefined) continue
    const name = closes.path.join('\0')
    if (names.has(name)) break
    names.add(name)
    chunks.push({ metadata: closes, pages })
    pages = []
  }
  return chunks
}

async function repetitionOf(
  metadata: InlineMetadata,
  pages: readonly Page[],
  fits: PageFits,
): Promise<number | undefined> {
  const { path, physicalType, codec } = metadata
  if (physicalType === FIXED_LEN_BYTE_ARRAY) return undefined
  const dictionary = pages.find(({ kind }) => kind === 'dictionary')
  const page = pages.find(({ kind }) => kind !== 'dictionary')
  if (page === undefined) return undefined
  for (const repetition of [OPTIONAL, REQUIRED]) {
    const leaf = {
      path,
      physicalType,
      typeLength: undefined,
      maxDefinitionLevel: repetition,
      maxRepetitionLevel: 0,
      illegalType: undefined,
    }
    if ((await fits.check({ page, leaf, codec, dictionary })).kind === 'fits') return repetition
  }
  return undefined
}
