/** Looks at the values of one chunk, page by page, and then at what is said of them. */
import type { PageContent, PageInspector } from '../../pages/check-page.ts'
import { scanHybrid } from '../../pages/hybrid.ts'
import { pageFinding, type PageFinding } from '../../pages/page-finding.ts'
import { ENCODING, PHYSICAL } from '../../pages/value-spec.ts'
import { visitHybrid } from '../../pages/visit-hybrid.ts'
import { compareScalars, laneOf, readScalar, scalarText, type Lane, type Scalar } from './bounds.ts'
import { byteValues } from './byte-values.ts'
import { openDictionary, type DictionaryTable } from './dictionary-table.ts'
import { checkInt96 } from './int96.ts'
import { plainBatches } from './plain-batches.ts'
import { JULIAN, rangeRules, YEARS, type LegacyCalendar, type RangeRule } from './range-rules.ts'
import { openTally, type Tally } from './tally.ts'
import type { LeafType } from './value-type.ts'

export interface PageSummary {
  /** Of the header. */
  readonly offset: number
  readonly nonNull: number
  readonly nulls: number
  readonly bounds: { readonly min: Scalar; readonly max: Scalar } | undefined
  readonly nans: number
  /** False: its values could not be put in order. */
  readonly isKnown: boolean
}

export interface ChunkInspection {
  readonly inspect: PageInspector
  readonly lane: Lane | undefined
  /** Data pages in order. */
  readonly pages: readonly PageSummary[]
  /** What the values were too many or too long for, so that nothing was compared with them. */
  readonly skipped: () => readonly PageFinding[]
  /** DuckDB reads BYTE_STREAM_SPLIT of FLOAT and DOUBLE only. */
  readonly hasForeignSplit: () => boolean
}

const WIDTHS: Readonly<Record<number, number>> = { 1: 4, 2: 8, 3: 12, 4: 4, 5: 8 }
/** More than this of a page at once is an attack, or needs a larger machine; see `expansion` of pages. */
const MAX_UNROLLED = 1024 * 1024 * 1024
const MAX_UNROLLED_RATIO = 1000

export function inspectChunk(leaf: LeafType, legacy: LegacyCalendar): ChunkInspection {
  const lane = laneOf(leaf)
  const width = leaf.physicalType === PHYSICAL.FIXED_LEN_BYTE_ARRAY ? leaf.typeLength : (WIDTHS[leaf.physicalType] ?? 0)
  const shape: Shape = { leaf, lane, width, legacy, rules: rangeRules(leaf.type, lane, legacy) }
  const pages: PageSummary[] = []
  let dictionary: DictionaryTable | undefined
  let hasForeignSplit = false
  const left: Left = { entries: undefined, pages: 0 }
  return {
    lane,
    pages,
    skipped: () => skippedFindings(left),
    hasForeignSplit: () => hasForeignSplit,
    inspect(content) {
      const { page, nonNull } = content
      if (page.kind === 'dictionary') {
        dictionary = openDictionary(content, { physicalType: leaf.physicalType, width })
        if (dictionary === undefined) left.entries = nonNull
        return inspectStored(content, shape).findings
      }
      const { encoding } = content
      const isSplit = encoding === ENCODING.BYTE_STREAM_SPLIT
      hasForeignSplit ||= isSplit && leaf.physicalType !== PHYSICAL.FLOAT && leaf.physicalType !== PHYSICAL.DOUBLE
      const isIndexed = encoding === ENCODING.PLAIN_DICTIONARY || encoding === ENCODING.RLE_DICTIONARY
      const seen = isIndexed ? inspectIndexed(content, shape, dictionary) : inspectStored(content, shape)
      if (seen.gaveUp === true) left.pages++
      pages.push({
        offset: page.offset,
        nonNull,
        nulls: page.values - nonNull,
        bounds: seen.tally?.bounds(),
        nans: seen.tally?.nans() ?? 0,
        isKnown: seen.tally !== undefined,
      })
      return seen.findings
    },
  }
}

interface Shape {
  readonly leaf: LeafType
  readonly lane: Lane | undefined
  readonly width: number
  readonly legacy: LegacyCalendar
  readonly rules: readonly RangeRule[]
}

interface Seen {
  /** Undefined: not known. */
  readonly tally: Tally | undefined
  readonly findings: readonly PageFinding[]
  /** The values are too long to be put together. */
  readonly gaveUp?: boolean
}

interface Left {
  /** Of a dictionary that was not kept. */
  entries: number | undefined
  pages: number
}

function skippedFindings({ entries, pages }: Left): PageFinding[] {
  const findings: PageFinding[] = []
  const add = (why: string, evidence: Readonly<Record<string, number>>): void => {
    const message = `Whether statistics and values agree was not looked at: ${why}.`
    findings.push(pageFinding('PQ903', message, evidence, 'info'))
  }
  if (entries !== undefined) add(`the dictionary is too large (${entries} entries)`, { entries })
  if (pages > 0) add(`${pages === 1 ? 'a page holds' : `${pages} pages hold`} values that are too long`, { pages })
  return findings
}

const NOTHING: Seen = { tally: undefined, findings: [] }

/** Values that stand in the page itself; of a dictionary its entries. */
function inspectStored(content: PageContent, shape: Shape): Seen {
  const { leaf, lane } = shape
  if (leaf.type.kind === 'int96') return { tally: undefined, findings: int96Findings(content, shape) }
  if (lane === undefined) return NOTHING
  const tally = openTally(lane)
  if (!tallyAll(content, shape, tally)) return { ...NOTHING, gaveUp: true }
  const bounds = tally.bounds()
  if (bounds === undefined) return { tally, findings: [] }
  const broken = shape.rules.filter((rule) => isOutside(lane, rule, bounds.min) || isOutside(lane, rule, bounds.max))
  return { tally, findings: broken.map((rule) => rangeFinding(content, shape, rule, bounds)) }
}

function tallyAll(content: PageContent, { leaf, lane, width }: Shape, tally: Tally): boolean {
  if (lane === 'bit') return tallyBits(content, tally)
  const isBytes = lane === 'bytes' || lane === 'signed-bytes'
  if (!isBytes && leaf.physicalType < PHYSICAL.BYTE_ARRAY)
    return plainBatches(content, { physicalType: leaf.physicalType, width }, tally.addPlain)
  if (leaf.physicalType === PHYSICAL.BYTE_ARRAY || content.encoding === ENCODING.DELTA_BYTE_ARRAY)
    return byteValues(content, tally.addOne)
  return plainBatches(content, { physicalType: leaf.physicalType, width }, (bytes, from, count) => {
    for (let index = 0; index < count; index++) tally.addOne(bytes, from + index * width, from + (index + 1) * width)
  })
}

function tallyBits({ bytes, from, encoding, nonNull }: PageContent, tally: Tally): boolean {
  if (encoding === ENCODING.PLAIN) tally.addPlain(bytes, from, nonNull)
  else if (nonNull > 0) {
    const scan = scanHybrid(bytes, { from: from + 4, to: bytes.length }, nonNull, 1, { top: 1 })
    if (scan.kind === 'bad') return false
    if (scan.zeros > 0) tally.addPlain(Uint8Array.of(0), 0, 1)
    if (scan.tops > 0) tally.addPlain(Uint8Array.of(1), 0, 1)
  }
  return true
}

/** Indices into the dictionary: each entry that the page uses is looked at once. */
function inspectIndexed(content: PageContent, shape: Shape, dictionary: DictionaryTable | undefined): Seen {
  const { bytes, from, nonNull, page } = content
  const { lane } = shape
  if (dictionary === undefined) return NOTHING
  const tally = lane === undefined ? undefined : openTally(lane)
  let unrolled = 0
  dictionary.nextPage()
  if (nonNull > 0)
    visitHybrid(bytes, from + 1, nonNull, bytes[from] as number, (index, times) => {
      unrolled += dictionary.lengthOf(index) * times
      if (tally !== undefined) dictionary.use(tally, index)
    })
  const isBomb = unrolled > MAX_UNROLLED && unrolled > (page.compressedBytes + dictionary.size) * MAX_UNROLLED_RATIO
  const findings = isBomb
    ? [
        pageFinding(
          'PQ315',
          `The page unrolls ${page.compressedBytes} bytes to ${unrolled} bytes of dictionary entries.`,
          {
            unrolledBytes: unrolled,
            compressedBytes: page.compressedBytes,
          },
        ),
      ]
    : []
  return { tally, findings }
}

function isOutside(lane: Lane, { lower, upper }: RangeRule, value: Scalar): boolean {
  return (
    (lower !== undefined && compareScalars(lane, value, lower) < 0) ||
    (upper !== undefined && compareScalars(lane, value, upper) > 0)
  )
}

/** Goes over the values once more to count. */
function rangeFinding(
  content: PageContent,
  shape: Shape,
  rule: RangeRule,
  bounds: { readonly min: Scalar; readonly max: Scalar },
): PageFinding {
  const lane = shape.lane as Lane
  let count = 0
  let index = 0
  let first = -1
  const look = (bytes: Uint8Array, from: number, to: number): void => {
    const value = readScalar(lane, bytes.subarray(from, to))
    if (value !== undefined && isOutside(lane, rule, value) && count++ === 0) first = index
    index++
  }
  const { width } = shape
  tallyAll(content, shape, {
    addOne: look,
    addPlain: (bytes, from, values) => {
      for (let at = 0; at < values; at++) look(bytes, from + at * width, from + (at + 1) * width)
    },
    bounds: () => undefined,
    nans: () => 0,
  })
  return outOfRange(
    rule.code,
    rule.fault,
    content,
    { count, first },
    {
      smallest: scalarText(lane, bounds.min),
      largest: scalarText(lane, bounds.max),
      ...(isBeyondEngine(rule, bounds) ? { duckdb: 'refuses the column' } : {}),
    },
  )
}

function isBeyondEngine(
  { engineLimit: limit }: RangeRule,
  { min, max }: { readonly min: Scalar; readonly max: Scalar },
): boolean {
  return limit !== undefined && typeof min === 'bigint' && typeof max === 'bigint' && (min < -limit || max > limit)
}

function outOfRange(
  code: RangeRule['code'],
  fault: string,
  { page }: PageContent,
  { count, first }: { readonly count: number; readonly first: number },
  more: Readonly<Record<string, string>>,
): PageFinding {
  const what = page.kind === 'dictionary' ? (count === 1 ? 'entry' : 'entries') : count === 1 ? 'value' : 'values'
  return pageFinding(
    code,
    `${count} ${what} ${count === 1 ? 'is' : 'are'} ${fault}; the first is number ${first} of the ${
      page.kind === 'dictionary' ? 'dictionary' : 'page'
    }.`,
    { count, firstValue: first, ...more },
    'warn',
  )
}

function int96Findings(content: PageContent, { legacy }: Shape): PageFinding[] {
  if (content.encoding !== ENCODING.PLAIN) return []
  const found = checkInt96(content.bytes, content.from, content.nonNull)
  const findings: PageFinding[] = []
  if (found.outside > 0)
    findings.push(outOfRange('PQ403', YEARS, content, { count: found.outside, first: found.firstOutside }, {}))
  if (legacy.int96 && found.julian > 0)
    findings.push(outOfRange('PQ404', JULIAN, content, { count: found.julian, first: found.firstJulian }, {}))
  return findings
}
