/** Damage to pages under a sound footer. */
import { changeHeaderNumber, withMatchingFooter } from '../footer-tree.ts'
import { ANY_DAMAGE, expected, flipBits, type Change, type Mutation, type MutationInput } from '../mutation.ts'
import type { ChunkMap, PageMap } from '../layout.ts'
import { expectedOfPageDamage, PAGE_CODES, pagesOf } from '../page-damage.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { SoundFile } from '../sound-file.ts'
import type { ByteRange, Splice } from '../splices.ts'
import { type ThriftPath } from '../thrift-tree.ts'

export const PAGE_MUTATIONS: readonly Mutation[] = [
  flip('page-header-flip', ({ header }) => header),
  flip('page-levels-flip', ({ levels }) => levels),
  flip('page-payload-flip', ({ kind, payload, body }) => (kind === 'dictionary' ? undefined : (payload ?? body))),
  flip('dictionary-flip', ({ kind, body }) => (kind === 'dictionary' ? body : undefined)),
  overwritten('page-overwritten', ({ file, random }) => [random.pick(pagesOf(file.layout))]),
  page('crc-flip', ({ file, random }) => {
    const chosen = random.pick(pagesOf(file.layout).filter(({ crc }) => crc !== undefined))
    if (chosen === undefined) return undefined
    const splice = changeHeaderNumber(file.bytes, chosen.header, [4], (crc) => crc ^ (1 << random.below(32)))
    return {
      kind: 'splices',
      splices: withMatchingFooter(file, [splice]),
      expected: expected([['PQ303']], { level: 'pages', verdicts: ['repairable-lossless', 'repairable-lossy'] }),
    }
  }),
  page('uncompressed-size-bomb', (input) =>
    headerNumber(
      input,
      () => [2],
      () => 2 ** 31 - 1,
      'bomb',
    ),
  ),
  page('page-values-more', (input) => headerNumber(input, valuesField, (values) => values + 1, 'count')),
  page('page-values-less', (input) => headerNumber(input, valuesField, (values) => values - 1, 'count')),
  ...[512, 4096, 65_536].map((bytes) =>
    damaged(`zeros-${bytes}`, ({ file, random }) => {
      const range = stretch(file, bytes, random)
      return [{ offset: range[0], length: range[1] - range[0], bytes: new Uint8Array(range[1] - range[0]) }]
    }),
  ),
  page('bytes-deleted', ({ file, random }) => {
    const [start, end] = stretch(file, 4096, random)
    return shifted([{ offset: start, length: end - start, bytes: new Uint8Array() }])
  }),
  page('bytes-doubled', ({ file, random }) => {
    const [start, end] = stretch(file, 4096, random)
    return shifted([{ offset: end, length: 0, bytes: file.bytes.slice(start, end) }])
  }),
  overwritten('two-pages-of-chunk', ({ file, random }) => {
    const chunks = chunksOf(file).filter(({ pages }) => dataPages(pages).length >= 2)
    const pages = dataPages(random.pick(chunks)?.pages ?? [])
    const first = random.pick(pages)
    const second = random.pick(pages.filter((other) => other !== first))
    return [first, second]
  }),
  overwritten('page-of-every-row-group', ({ file, random }) =>
    file.layout.rowGroups.map(({ chunks }) => random.pick(dataPages(random.pick(chunks)?.pages ?? []))),
  ),
  overwritten('all-columns-of-row-group', ({ file, random }) =>
    (random.pick(file.layout.rowGroups)?.chunks ?? []).map(({ pages }) => random.pick(dataPages(pages))),
  ),
  page('page-damage-without-footer', ({ file, random }) => {
    const splice = overwrite(file, random.pick(pagesOf(file.layout)), random)
    const [start] = file.layout.footer
    const gone = { offset: start, length: file.bytes.length - start, bytes: new Uint8Array() }
    return {
      kind: 'splices',
      splices: [...splice, gone],
      expected: expected([['PQ201']], {
        // That the footer is gone can be seen in any case; of the page that is damaged as well, only where it shows.
        detectable: expectedOfPageDamage(file, splice).detectable,
        may: ['PQ105', ...PAGE_CODES],
        verdicts: ['repairable-lossy', 'repairable-lossless'],
      }),
    }
  }),
]

function page(kind: string, apply: Mutation['apply']): Mutation {
  return { family: 'page', kind, apply }
}

/** Bytes are changed in place. Nothing happens where they turn out as they were. */
function damaged(kind: string, make: (input: MutationInput) => readonly Splice[]): Mutation {
  return page(kind, (input) => {
    const splices = make(input).filter(
      ({ offset, length, bytes }) => Buffer.compare(input.file.bytes.subarray(offset, offset + length), bytes) !== 0,
    )
    if (splices.length === 0) return undefined
    return { kind: 'splices', splices, expected: expectedOfPageDamage(input.file, splices) }
  })
}

function flip(kind: string, part: (page: PageMap) => ByteRange | undefined): Mutation {
  return damaged(kind, ({ file, random }) => {
    const ranges = pagesOf(file.layout).flatMap((each) => {
      const range = part(each)
      return range === undefined || range[1] === range[0] ? [] : [range]
    })
    const range = random.pick(ranges)
    return range === undefined ? [] : [flipBits(file.bytes, range, random)]
  })
}

/** None where one of the pages is missing: the file has too few of them. */
function overwritten(kind: string, choose: (input: MutationInput) => readonly (PageMap | undefined)[]): Mutation {
  return damaged(kind, (input) => {
    const chosen = choose(input)
    return chosen.includes(undefined) ? [] : chosen.flatMap((each) => overwrite(input.file, each, input.random))
  })
}

/** Up to 64 bytes of the body XORed, as a bad disk block leaves them. */
function overwrite({ bytes }: SoundFile, chosen: PageMap | undefined, random: SeededRandom): Splice[] {
  if (chosen === undefined) return []
  const [start, end] = chosen.body
  const length = Math.min(64, end - start)
  const offset = start + random.below(end - start - length + 1)
  return [{ offset, length, bytes: bytes.slice(offset, offset + length).map((byte) => byte ^ (1 + random.below(255))) }]
}

function valuesField({ kind }: PageMap): ThriftPath {
  return kind === 'data-v2' ? [8, 1] : [5, 1]
}

/** The header says something else; offsets and sizes in the footer are those of a writer that meant it so. */
function headerNumber(
  { file, random }: MutationInput,
  field: (page: PageMap) => ThriftPath,
  change: (value: number) => number,
  what: 'bomb' | 'count',
): Change | undefined {
  const chosen = random.pick(dataPages(pagesOf(file.layout)))
  if (chosen === undefined) return undefined
  const splice = changeHeaderNumber(file.bytes, chosen.header, field(chosen), change)
  const outcome =
    what === 'bomb'
      ? expected([['PQ315', 'PQ305', 'PQ903']], { level: 'headers', may: ['PQ304'] })
      : // PQ301: in V2 a page with fewer values than rows or NULLs has no header that can be.
        expected([['PQ310', 'PQ212', 'PQ312', 'PQ301']], { level: 'headers', may: PAGE_CODES })
  return { kind: 'splices', splices: withMatchingFooter(file, [splice]), expected: outcome }
}

/** The footer's offsets no longer fit what lies behind the place. */
function shifted(splices: readonly Splice[]): Change {
  return {
    kind: 'splices',
    splices,
    expected: expected([['PQ115', 'PQ208', 'PQ209', 'PQ301', 'PQ302']], {
      level: 'headers',
      may: PAGE_CODES,
      verdicts: ANY_DAMAGE,
    }),
  }
}

/** Part of the data of this many bytes, at most half of it. */
function stretch({ layout }: SoundFile, bytes: number, random: SeededRandom): ByteRange {
  const [start, end] = layout.data
  const length = Math.min(bytes, Math.floor((end - start) / 2))
  const offset = start + random.below(end - start - length + 1)
  return [offset, offset + length]
}

function chunksOf({ layout }: SoundFile): ChunkMap[] {
  return layout.rowGroups.flatMap(({ chunks }) => [...chunks])
}

function dataPages(pages: readonly PageMap[]): PageMap[] {
  return pages.filter(({ kind }) => kind !== 'dictionary')
}
