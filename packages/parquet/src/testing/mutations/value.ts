/** Pages in order with values that are not. Every one of them is what some writer did. */
import { editPageValues } from '../edit-page-values.ts'
import { footerTree, replaceFooter, withMatchingFooter } from '../footer-tree.ts'
import type { ChunkMap, LeafMap, PageMap } from '../layout.ts'
import { ANY_DAMAGE, expected, type Expected, type Mutation } from '../mutation.ts'
import type { SoundFile } from '../sound-file.ts'
import type { Splice } from '../splices.ts'
import { binary, changeNodes, i32, nodesAt, type ThriftPath } from '../thrift-tree.ts'

export const VALUE_MUTATIONS: readonly Mutation[] = [
  text('invalid-utf8-plain', (page) => page.kind !== 'dictionary' && page.encoding === 'PLAIN', inFirstText),
  text('invalid-utf8-dictionary', (page) => page.kind === 'dictionary', inFirstText),
  // Both end with the bytes of the last text that has any.
  text('invalid-utf8-delta-length', (page) => page.encoding === 'DELTA_LENGTH_BYTE_ARRAY', inLastByte),
  text('invalid-utf8-delta', (page) => page.encoding === 'DELTA_BYTE_ARRAY', inLastByte),
  number('timestamp-year-10000', isTimestamp, (leaf) => 253_402_300_800n * unit(leaf), seen(['PQ403'])),
  number('timestamp-year-0000', isTimestamp, (leaf) => -62_135_596_801n * unit(leaf), seen(['PQ403'])),
  number('decimal-overflow', isSmallDecimal, () => 1_999_999_999n, seen(['PQ405'])),
  int96('timestamps-as-int96', undefined, seen(['PQ402'])),
  // Julian day 2^32 − 1 is in the year 11,754,508.
  int96('int96-far-future', 2 ** 32 - 1, { ...seen(['PQ402', 'PQ403']), must: [['PQ402'], ['PQ403']] }),
  {
    family: 'value',
    kind: 'statistics-nan',
    apply: ({ file, random }) => {
      const root = footerTree(file)
      const places = chunksOf(file).filter(
        ({ rowGroup, leaf }) =>
          leafOf(file, leaf).physicalType === 'DOUBLE' &&
          nodesAt(root, [...pathOf(rowGroup, leaf), 3, 12, 5]).length > 0,
      )
      const place = random.pick(places)
      if (place === undefined) return undefined
      const nan = binary(Uint8Array.of(0, 0, 0, 0, 0, 0, 0xf8, 0x7f))
      const changed = changeNodes(root, [...pathOf(place.rowGroup, place.leaf), 3, 12, 5], () => nan)
      return {
        kind: 'splices',
        splices: replaceFooter(file, changed),
        expected: expected([['PQ214']], { level: 'footer', may: ['PQ215'], verdicts: ['ok-with-warnings'] }),
      }
    },
  },
  {
    family: 'value',
    kind: 'nulls-in-required',
    apply: ({ file, random }) => {
      const root = footerTree(file)
      const withNulls = file.layout.leaves.flatMap(({ path, maxDefinitionLevel }, leaf) => {
        const pages = chunksOf(file)
          .filter((chunk) => chunk.leaf === leaf)
          .flatMap(({ pages }) => [...pages])
        const nulls = nodesAt(root, [4, '*', 1, leaf, 3, 12, 3]).some((node) => node.kind === 'int' && node.value > 0n)
        const isReadable = pages.every(({ kind, encoding }) => kind === 'data-v2' || encoding === 'PLAIN')
        return path.length === 1 && maxDefinitionLevel === 1 && nulls && isReadable ? [path[0] as string] : []
      })
      const name = random.pick(withNulls)
      if (name === undefined) return undefined
      const element = nodesAt(root, [2, '*']).findIndex((node) =>
        nodesAt(node, [4]).some((value) => value.kind === 'binary' && Buffer.from(value.bytes).toString() === name),
      )
      return {
        kind: 'splices',
        splices: replaceFooter(
          file,
          changeNodes(root, [2, element, 3], () => i32(0)),
        ),
        expected: expected([['PQ314', 'PQ306', 'PQ310', 'PQ305']], {
          level: 'pages',
          may: ['PQ214', 'PQ309', 'PQ312'],
        }),
      }
    },
  },
]

function seen(codes: readonly `PQ${number}`[]): Expected {
  return expected([codes], {
    level: 'values',
    may: ['PQ215'],
    verdicts: ['ok-with-warnings', ...ANY_DAMAGE],
  })
}

function text(
  kind: string,
  fits: (page: PageMap) => boolean,
  edit: (values: Uint8Array) => Uint8Array | undefined,
): Mutation {
  const isText = ({ element }: LeafMap): boolean =>
    element.converted_type === 'UTF8' || element.logical_type?.type === 'STRING'
  return edited(kind, isText, fits, () => edit, seen(['PQ401']))
}

/** In PLAIN: a length of four bytes, then the text. */
function inFirstText(values: Uint8Array): Uint8Array | undefined {
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength)
  for (let at = 0; at + 4 < values.length;) {
    const length = view.getUint32(at, true)
    if (length > 0) return withByte(values, at + 4, 0xff)
    at += 4
  }
  return undefined
}

function inLastByte(values: Uint8Array): Uint8Array | undefined {
  return values.length < 64 ? undefined : withByte(values, values.length - 1, 0xff)
}

function withByte(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = byte
  return copy
}

function number(
  kind: string,
  fits: (leaf: LeafMap) => boolean,
  value: (leaf: LeafMap) => bigint,
  outcome: Expected,
): Mutation {
  const isPlain = ({ encoding }: PageMap): boolean => encoding === 'PLAIN'
  return edited(
    kind,
    fits,
    isPlain,
    (leaf) => (values) => {
      const copy = values.slice()
      const view = new DataView(copy.buffer)
      if (leaf.physicalType === 'INT64') view.setBigInt64(0, value(leaf), true)
      else view.setInt32(0, Number(value(leaf)), true)
      return copy
    },
    outcome,
  )
}

/** One page of a leaf that fits gets other values. */
function edited(
  kind: string,
  fitsLeaf: (leaf: LeafMap) => boolean,
  fitsPage: (page: PageMap) => boolean,
  edit: (leaf: LeafMap) => (values: Uint8Array) => Uint8Array | undefined,
  outcome: Expected,
): Mutation {
  return {
    family: 'value',
    kind,
    apply: ({ file, random }) => {
      const places = chunksOf(file)
        .filter(({ leaf }) => fitsLeaf(leafOf(file, leaf)))
        .flatMap((chunk) =>
          chunk.pages.filter((page) => fitsPage(page) && page.values > 0).map((page) => ({ chunk, page })),
        )
      const place = random.pick(places)
      if (place === undefined) return undefined
      const splice = editPageValues(file, place.chunk, place.page, edit(leafOf(file, place.chunk.leaf)))
      return splice && { kind: 'splices', splices: withMatchingFooter(file, [splice]), expected: outcome }
    },
  }
}

function isTimestamp({ element, physicalType }: LeafMap): boolean {
  return (
    physicalType === 'INT64' &&
    (element.converted_type?.startsWith('TIMESTAMP') ?? element.logical_type?.type === 'TIMESTAMP')
  )
}

/** Ticks per second. */
function unit({ element }: LeafMap): bigint {
  const logical = element.logical_type
  const isMillis =
    element.converted_type === 'TIMESTAMP_MILLIS' || (logical?.type === 'TIMESTAMP' && logical.unit === 'MILLIS')
  return isMillis ? 1000n : 1_000_000n
}

function isSmallDecimal({ element, physicalType }: LeafMap): boolean {
  return physicalType === 'INT32' && element.converted_type === 'DECIMAL' && (element.precision ?? 10) <= 9
}

/** A timestamp column as Impala and old Spark wrote it: nanoseconds of the day, then the Julian day; no logical type. */
function int96(kind: string, firstDay: number | undefined, outcome: Expected): Mutation {
  return {
    family: 'value',
    kind,
    apply: ({ file, random }) => {
      const usable = file.layout.leaves.flatMap((leaf, index) => {
        const pages = chunksOf(file)
          .filter((chunk) => chunk.leaf === index)
          .flatMap((chunk) => [...chunk.pages])
        return isTimestamp(leaf) && leaf.path.length === 1 && pages.every(({ encoding }) => encoding === 'PLAIN')
          ? [index]
          : []
      })
      const index = random.pick(usable)
      if (index === undefined) return undefined
      const ticks = unit(leafOf(file, index))
      const splices: Splice[] = []
      for (const chunk of chunksOf(file).filter(({ leaf }) => leaf === index))
        for (const page of chunk.pages) {
          const day = page.rowGroup === 0 && page.page === 0 ? firstDay : undefined
          const splice = editPageValues(file, chunk, page, (values) => toInt96(values, ticks, day))
          if (splice !== undefined) splices.push(splice)
        }
      const name = leafOf(file, index).path[0]
      const root = footerTree(file)
      const element = nodesAt(root, [2, '*']).findIndex((node) =>
        nodesAt(node, [4]).some((value) => value.kind === 'binary' && Buffer.from(value.bytes).toString() === name),
      )
      const gone: readonly ThriftPath[] = [
        [2, element, 6],
        [2, element, 10],
        [4, '*', 1, index, 3, 12],
      ]
      const retyped = withMatchingFooter(file, splices, (tree) =>
        gone.reduce(
          (changed, path) => changeNodes(changed, path, () => undefined),
          changeNodes(
            changeNodes(tree, [2, element, 1], () => i32(3)),
            [4, '*', 1, index, 3, 1],
            () => i32(3),
          ),
        ),
      )
      return { kind: 'splices', splices: retyped, expected: outcome }
    },
  }
}

const JULIAN_DAY_OF_1970 = 2_440_588n

function toInt96(values: Uint8Array, ticksPerSecond: bigint, firstDay: number | undefined): Uint8Array {
  const from = new DataView(values.buffer, values.byteOffset, values.byteLength)
  const count = values.length / 8
  const bytes = new Uint8Array(count * 12)
  const to = new DataView(bytes.buffer)
  const perDay = 86_400n * ticksPerSecond
  for (let index = 0; index < count; index++) {
    const ticks = from.getBigInt64(index * 8, true)
    const inDay = ((ticks % perDay) + perDay) % perDay
    to.setBigInt64(index * 12, (inDay * 1_000_000_000n) / ticksPerSecond, true)
    to.setUint32(index * 12 + 8, Number((ticks - inDay) / perDay + JULIAN_DAY_OF_1970), true)
  }
  if (firstDay !== undefined) to.setUint32(8, firstDay, true)
  return bytes
}

function chunksOf({ layout }: SoundFile): ChunkMap[] {
  return layout.rowGroups.flatMap(({ chunks }) => [...chunks])
}

function leafOf({ layout }: SoundFile, leaf: number): LeafMap {
  return layout.leaves[leaf] as LeafMap
}

function pathOf(rowGroup: number, leaf: number): ThriftPath {
  return [4, rowGroup, 1, leaf]
}
