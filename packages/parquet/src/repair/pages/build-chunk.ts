import { crc32 } from 'node:zlib'

import type { ByteSource } from '@tidegate/core'

import type { ChunkPages } from '../../assemble/footer-builder.ts'
import { buildNullPage, buildPlainPage, buildV2Header, levelRun, type NullPage } from '../../assemble/null-page.ts'
import { pageEnd, type Page } from '../../pages/page.ts'
import { ENCODING } from '../../pages/value-spec.ts'
import type { Piece } from '../../source/pieces.ts'
import type { ChunkState, PlacedPage } from './chunk-state.ts'
import { encodeLevels } from './level-runs.ts'
import { nullLevels, type LevelsContext } from './null-levels.ts'
import { openPage } from './read-levels.ts'
import { meetsRanges, withoutRanges } from './row-ranges.ts'
import { slicePage } from './slice-page.ts'

export interface NewChunk {
  readonly chunk: ChunkPages
  readonly pieces: readonly Piece[]
  readonly bytes: number
}

export interface BuildChunkOptions {
  /** Where the chunk will begin in the new file. */
  readonly at: number
  /** The column was required and is not any more: its pages get definition levels. */
  readonly becomesOptional: boolean
}

/** A page with its bytes, wherever they come from. The page's offset is 0. */
interface Part {
  readonly page: Page
  readonly pieces: readonly Piece[]
}

/**
 * The pages of a chunk anew: kept pages as they are in the source, NULL pages in between. Undefined where a page that was
 * intact cannot be read, or where no NULL page of the chunk's codec can be written.
 */
export async function buildChunk(
  context: LevelsContext,
  state: ChunkState,
  options: BuildChunkOptions,
): Promise<NewChunk | undefined> {
  const dead = context.group.dead.get(state.leafIndex) ?? []
  const parts: (Part | undefined)[] = []
  if (state.dictionary !== undefined) parts.push(asItIs(state.dictionary))
  const holes = [...dead]
  for (const placed of state.pages) {
    while (holes[0] !== undefined && holes[0].from < placed.rows.to) {
      const rest = withoutRanges(placed.rows, [holes[0]])
      // What of the page is before the hole comes first.
      if (rest[0] !== undefined && rest[0].from < holes[0].from) break
      parts.push(await nullPart(context, state, holes.shift() as (typeof holes)[number]))
    }
    const whole = !meetsRanges(placed.rows, dead)
    const startsLate = placed.continuesRow && dead.some(({ to }) => to === placed.rows.from)
    if (whole && !startsLate) {
      parts.push(await keptPart(context, state, placed, options.becomesOptional))
      continue
    }
    for (const rows of withoutRanges(placed.rows, dead)) {
      while (holes[0] !== undefined && holes[0].from < rows.from)
        parts.push(await nullPart(context, state, holes.shift() as (typeof holes)[number]))
      // The end of a row that began on an earlier page stays with it.
      const endsRow = placed.continuesRow && !startsLate && rows.from === placed.rows.from
      const wanted = endsRow ? { from: rows.from - 1, to: rows.to } : rows
      parts.push(fresh(await slicePage(context.view, state, placed, wanted, context.limits)))
    }
  }
  for (const hole of holes) parts.push(await nullPart(context, state, hole))
  return parts.includes(undefined) ? undefined : place(state, parts as Part[], options.at)
}

function place(state: ChunkState, parts: readonly Part[], at: number): NewChunk {
  const { leaf, chunk } = state
  const pages: Page[] = []
  let offset = at
  for (const { page } of parts) {
    pages.push({ ...page, offset })
    offset += page.headerBytes + page.compressedBytes
  }
  return {
    chunk: { path: leaf.path, physicalType: leaf.physicalType, codec: chunk.codec, pages },
    pieces: parts.flatMap(({ pieces }) => pieces),
    bytes: offset - at,
  }
}

async function nullPart(
  context: LevelsContext,
  state: ChunkState,
  rows: { readonly from: number; readonly to: number },
): Promise<Part | undefined> {
  const levels = await nullLevels(context, state.leafIndex, rows)
  if (levels === undefined) return undefined
  return fresh(writable(state, (version) => buildPlainPage(levels, new Uint8Array(), { ...styleOf(state), version })))
}

function styleOf(state: ChunkState): { readonly codec: number; readonly crc: boolean } {
  return { codec: state.chunk.codec, crc: state.hasChecksums }
}

/** In the version of the chunk's other pages; V2 where the codec is one that cannot be written. */
function writable(state: ChunkState, build: (version: 1 | 2) => NullPage | undefined): NullPage | undefined {
  const isV2 = state.pages.some(({ page }) => page.kind === 'data-v2') || state.leaf.maxDefinitionLevel === 0
  return (isV2 ? undefined : build(1)) ?? build(2)
}

function fresh(built: NullPage | undefined): Part | undefined {
  return built === undefined ? undefined : { page: built.page, pieces: [{ kind: 'new', bytes: built.bytes }] }
}

function asItIs(page: Page): Part {
  return { page, pieces: [{ kind: 'source', offset: page.offset, length: pageEnd(page) - page.offset }] }
}

async function keptPart(
  context: LevelsContext,
  state: ChunkState,
  placed: PlacedPage,
  becomesOptional: boolean,
): Promise<Part | undefined> {
  if (placed.orphan) return await withoutDictionary(context, state, placed)
  return becomesOptional ? await withLevels(context.view, placed.page) : asItIs(placed.page)
}

/** A page of NULLs that says it needs a dictionary: the same levels, and no values in the simplest encoding. */
async function withoutDictionary(
  { view, limits }: LevelsContext,
  state: ChunkState,
  { page, rows }: PlacedPage,
): Promise<Part | undefined> {
  const count = rows.to - rows.from
  const { leaf } = state
  if (leaf.path.length === 1)
    return fresh(writable(state, (version) => buildNullPage(leaf, count, { ...styleOf(state), version })))
  const open = await openPage(view, page, state, limits)
  if (open === undefined) return undefined
  const levels = {
    values: page.values,
    rows: count,
    nulls: page.values,
    repetition: encodeLevels(open.repetition, leaf.maxRepetitionLevel),
    definition: encodeLevels(open.definition, leaf.maxDefinitionLevel),
  }
  return fresh(writable(state, (version) => buildPlainPage(levels, new Uint8Array(), { ...styleOf(state), version })))
}

const BLOCK_BYTES = 1024 * 1024

/**
 * The page of a required column as one of an optional column. Levels of a V2 page stand before the values and are not
 * compressed, so the values stay as they are stored.
 */
async function withLevels(view: ByteSource, page: Page): Promise<Part> {
  const levels = levelRun(1, 1, page.values)
  const oldLevels = page.v2 === undefined ? 0 : page.v2.definitionBytes + page.v2.repetitionBytes
  const body = { offset: page.offset + page.headerBytes + oldLevels, length: page.compressedBytes - oldLevels }
  const { header, page: built } = buildV2Header({
    values: page.values,
    rows: page.values,
    nulls: 0,
    // What V1 pages may call PLAIN_DICTIONARY has one name in V2.
    encoding: page.encoding === ENCODING.PLAIN_DICTIONARY ? ENCODING.RLE_DICTIONARY : page.encoding,
    definitionBytes: levels.length,
    repetitionBytes: 0,
    compressed: page.v2?.compressed ?? true,
    uncompressedBytes: page.uncompressedBytes - oldLevels + levels.length,
    compressedBytes: body.length + levels.length,
    crc: page.crc === undefined ? undefined : await checksum(view, levels, body),
  })
  return {
    page: built,
    pieces: [
      { kind: 'new', bytes: Buffer.concat([header, levels]) },
      { kind: 'source', ...body },
    ],
  }
}

async function checksum(
  view: ByteSource,
  levels: Uint8Array,
  body: { readonly offset: number; readonly length: number },
): Promise<number> {
  let crc = crc32(levels)
  for (let at = 0; at < body.length; at += BLOCK_BYTES)
    crc = crc32(await view.read(body.offset + at, Math.min(BLOCK_BYTES, body.length - at)), crc)
  return crc
}
