/** Which damage to pages the bytes themselves prove, and by which codes. */
import type { FindingCode } from '@tidegate/core'

import { decompressBody } from './decompress-body.ts'
import type { ChunkMap, Layout, PageMap } from './layout.ts'
import { expected, type Expected, type Level } from './mutation.ts'
import { pageRange, physicallyIntact } from './physically-intact.ts'
import type { SoundFile } from './sound-file.ts'
import { applySplices, byteMapOf, isUntouched, type Splice } from './splices.ts'
import { readThriftTree, type ThriftNode } from './thrift-tree.ts'

/** Everything that may be said of a page whose bytes are wrong. */
export const PAGE_CODES: readonly FindingCode[] = [
  'PQ114',
  'PQ301',
  'PQ302',
  'PQ303',
  'PQ304',
  'PQ305',
  'PQ306',
  'PQ307',
  'PQ308',
  'PQ309',
  'PQ310',
  'PQ311',
  'PQ312',
  'PQ313',
  'PQ314',
  'PQ315',
  'PQ316',
  'PQ401',
  'PQ403',
  'PQ405',
  'PQ212',
  'PQ215',
  'PQ216',
  'PQ217',
  'PQ903',
]
/** What a reader can say of values that happen to decode; no proof that the bytes are wrong. */
const VALUE_CODES: ReadonlySet<FindingCode> = new Set(['PQ401', 'PQ403', 'PQ405', 'PQ215', 'PQ216', 'PQ217'])
const UNPACKING: readonly FindingCode[] = ['PQ304', 'PQ305', 'PQ316', 'PQ114']
const CHECKSUM: readonly FindingCode[] = ['PQ303', 'PQ114']

export function pagesOf({ rowGroups }: Layout): PageMap[] {
  return rowGroups.flatMap(({ chunks }) => chunks.flatMap(({ pages }) => pages))
}

/** Expectations of splices that keep the length of the file and touch pages only. */
export function expectedOfPageDamage(file: SoundFile, splices: readonly Splice[]): Expected {
  const map = byteMapOf(file.bytes, splices)
  const damaged = applySplices(file.bytes, splices)
  const proofs: Proof[] = []
  let isProven = true
  for (const { chunks } of file.layout.rowGroups)
    for (const chunk of chunks)
      for (const page of chunk.pages) {
        if (isUntouched(map, pageRange(page))) continue
        const proof = isUntouched(map, page.header)
          ? bodyProof(damaged, chunk, page, file.bytes)
          : headerProof(damaged, chunk, page, file.bytes)
        if (proof === 'none') isProven = false
        else if (proof !== 'harmless') proofs.push(proof)
      }
  const must = [...new Map(proofs.map(({ codes }) => [codes.join(' '), codes])).values()]
  // Where a header is gone, the pages behind it are found at the same level, not their own.
  const level: Level = proofs.length > 0 && proofs.every((proof) => proof.level === 'headers') ? 'headers' : 'pages'
  const isNothingLeft = physicallyIntact(file.layout, map).pages.length === 0
  return expected(must, {
    level,
    detectable: isProven && must.length > 0,
    may: PAGE_CODES,
    verdicts:
      must.length > 0
        ? ['repairable-lossy', 'repairable-lossless', ...(isNothingLeft ? (['unrecoverable'] as const) : [])]
        : ['ok', 'ok-with-warnings', 'repairable-lossy', 'repairable-lossless'],
  })
}

interface Proof {
  readonly level: Level
  readonly codes: readonly FindingCode[]
}

/** `harmless`: the values are what they were. `none`: they may be others, and nothing shows it. */
type Verdict = Proof | 'none' | 'harmless'

function bodyProof(damaged: Uint8Array, { codec }: ChunkMap, page: PageMap, original: Uint8Array): Verdict {
  if (page.crc !== undefined) return { level: 'pages', codes: CHECKSUM }
  // In V2 the levels stand uncompressed before the values.
  const levelBytes = page.kind === 'data-v2' && page.levels !== undefined ? page.levels[1] - page.levels[0] : 0
  const start = page.body[0] + levelBytes
  if (start === page.body[1]) return 'none'
  const size = page.uncompressedBytes - levelBytes
  const before = decompressBody(original.subarray(start, page.body[1]), codec, size)
  const after = decompressBody(damaged.subarray(start, page.body[1]), codec, size)
  // Some writers store V2 values as they are where compression does not pay.
  if (before === undefined) return 'none'
  if (after === undefined) return { level: 'pages', codes: UNPACKING }
  const levels = [original, damaged].map((bytes) => bytes.subarray(page.body[0], start))
  const isSame =
    Buffer.compare(before, after) === 0 && Buffer.compare(levels[0] as Uint8Array, levels[1] as Uint8Array) === 0
  return isSame ? 'harmless' : 'none'
}

/** Fields of a page header that a reader must find as they were, with the structs of data, dictionary and V2 pages. */
const ESSENTIAL: readonly (readonly number[])[] = [
  [1],
  [2],
  [3],
  [5, 1],
  [5, 2],
  [7, 1],
  [7, 2],
  [8, 1],
  [8, 4],
  [8, 5],
  [8, 6],
  [8, 7],
]

function headerProof(damaged: Uint8Array, chunk: ChunkMap, page: PageMap, original: Uint8Array): Verdict {
  const before = summary(original, page.header[0])
  const after = summary(damaged, page.header[0])
  const codes = PAGE_CODES.filter((code) => !VALUE_CODES.has(code))
  if (before === undefined || after === undefined || after.end !== before.end) return { level: 'headers', codes }
  if (before.essential !== after.essential) return { level: 'pages', codes }
  if (before.crc !== undefined && after.crc !== undefined && before.crc !== after.crc)
    // The flip can also have hit a field that no writer fills so (an encoding of levels): then it is no header at all.
    return { level: 'pages', codes: ['PQ303', 'PQ301'] }
  // What is left are statistics, encodings of levels and counts that not every page proves.
  const body = [original, damaged].map((bytes) => bytes.subarray(...page.body)) as [Uint8Array, Uint8Array]
  return Buffer.compare(...body) === 0 ? 'none' : bodyProof(damaged, chunk, page, original)
}

function summary(
  bytes: Uint8Array,
  offset: number,
): { readonly end: number; readonly essential: string; readonly crc: string | undefined } | undefined {
  try {
    const { root, end } = readThriftTree(bytes, offset)
    const essential = ESSENTIAL.map((path) => {
      const text = textOf(root, path)
      // 2 and 8 are two names of one encoding.
      return path[1] === 2 || path[1] === 4 ? text?.replace(/^2$/, '8') : text
    })
    return { end, essential: JSON.stringify(essential.map((text) => text ?? null)), crc: textOf(root, [4]) }
  } catch {
    return undefined
  }
}

function textOf(node: ThriftNode, path: readonly number[]): string | undefined {
  const [step, ...rest] = path
  if (step === undefined) return node.kind === 'int' || node.kind === 'bool' ? String(node.value) : undefined
  const field = node.kind === 'struct' ? node.fields.find(({ id }) => id === step) : undefined
  return field && textOf(field.node, rest)
}
