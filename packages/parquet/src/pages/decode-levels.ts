import type { LeafColumn } from '../footer.ts'
import { bitWidthOf, scanHybrid, type HybridScan } from './hybrid.ts'
import type { Page } from './page.ts'
import { fault, pageFinding, type Fault, type PageFinding } from './page-finding.ts'

/** What of a column's schema pages are checked against. */
export type PageLeaf = Pick<LeafColumn, 'physicalType' | 'typeLength' | 'maxDefinitionLevel' | 'maxRepetitionLevel'> & {
  /** Its values are text: UTF-8. */
  readonly text?: boolean | undefined
}

export type Levels =
  | {
      readonly kind: 'ok'
      /** Where the values begin. */
      readonly valuesAt: number
      /** Values that begin a row. */
      readonly rows: number
      readonly nonNull: number
      /** Its first value belongs to a row that began on an earlier page. */
      readonly continuesRow: boolean
      readonly findings: readonly PageFinding[]
    }
  | Fault

export interface LevelOptions {
  /** Lets known oddities of writers pass with an `info`. */
  readonly lenient?: boolean | undefined
}

const BIT_PACKED = 4

/** The levels of a V1 page stand before its values: `bytes` is the unfolded body. Never throws. */
export function decodeLevelsV1(bytes: Uint8Array, page: Page, leaf: PageLeaf, options: LevelOptions = {}): Levels {
  const findings: PageFinding[] = []
  let at = 0
  let rows = page.values
  let continuesRow = false
  if (page.values === 0) return { kind: 'ok', valuesAt: at, rows, nonNull: 0, continuesRow, findings }
  if (leaf.maxRepetitionLevel > 0) {
    const scan = levelsV1(bytes, at, page.values, leaf.maxRepetitionLevel, page.repetitionEncoding)
    if (scan.kind === 'bad') return invalid('repetition', scan.reason)
    if (scan.largest > leaf.maxRepetitionLevel) return invalid('repetition', TOO_LARGE)
    ;({ end: at, zeros: rows } = scan)
    continuesRow = scan.first !== 0
    if (scan.rest > 0 && !addRest(findings, 'repetition', scan.rest, options)) return invalid('repetition', TOO_LONG)
  }
  if (leaf.maxDefinitionLevel === 0)
    return { kind: 'ok', valuesAt: at, rows, nonNull: page.values, continuesRow, findings }
  const scan = levelsV1(bytes, at, page.values, leaf.maxDefinitionLevel, page.definitionEncoding)
  if (scan.kind === 'bad') return invalid('definition', scan.reason)
  if (scan.largest > leaf.maxDefinitionLevel) return invalid('definition', TOO_LARGE)
  if (scan.rest > 0 && !addRest(findings, 'definition', scan.rest, options)) return invalid('definition', TOO_LONG)
  return { kind: 'ok', valuesAt: scan.end, rows, nonNull: scan.tops, continuesRow, findings }
}

type LevelScan = (Extract<HybridScan, { kind: 'ok' }> & { readonly rest: number }) | { kind: 'bad'; reason: string }

function levelsV1(
  bytes: Uint8Array,
  from: number,
  count: number,
  max: number,
  encoding: number | undefined,
): LevelScan {
  const bitWidth = bitWidthOf(max)
  if (encoding === BIT_PACKED) return scanBitPacked(bytes, from, count, bitWidth, max)
  if (from + 4 > bytes.length) return { kind: 'bad', reason: 'their length is missing' }
  const length = new DataView(bytes.buffer, bytes.byteOffset + from, 4).getUint32(0, true)
  const to = from + 4 + length
  if (to > bytes.length) return { kind: 'bad', reason: 'they are longer than the page' }
  const scan = scanHybrid(bytes, { from: from + 4, to }, count, bitWidth, { top: max })
  return scan.kind === 'bad' ? scan : { ...scan, end: to, rest: to - scan.end }
}

/** The deprecated BIT_PACKED encoding: no length, values packed from the highest bit down. */
function scanBitPacked(bytes: Uint8Array, from: number, count: number, bitWidth: number, max: number): LevelScan {
  const length = Math.ceil((count * bitWidth) / 8)
  if (length > bytes.length - from) return { kind: 'bad', reason: 'they are longer than the page' }
  const tally = { largest: 0, zeros: 0, tops: 0, first: -1 }
  let at = from
  let held = 0
  let bits = 0
  for (let index = 0; index < count; index++) {
    while (bits < bitWidth) {
      held = ((held << 8) | (bytes[at++] as number)) & 0xff_ff_ff
      bits += 8
    }
    bits -= bitWidth
    const value = (held >> bits) & ((1 << bitWidth) - 1)
    if (index === 0) tally.first = value
    if (value > tally.largest) tally.largest = value
    if (value === max) tally.tops++
    if (value === 0) tally.zeros++
  }
  return { kind: 'ok', end: from + length, rest: 0, ...tally }
}

/** The levels of a V2 page are never compressed: `stored` is the body as it is in the file. Never throws. */
export function decodeLevelsV2(stored: Uint8Array, page: Page, leaf: PageLeaf, options: LevelOptions = {}): Levels {
  const { v2 } = page
  if (v2 === undefined) return invalid('V2', 'the header does not describe them')
  const findings: PageFinding[] = []
  const definitionAt = v2.repetitionBytes
  const valuesAt = definitionAt + v2.definitionBytes
  if (valuesAt > stored.length) return invalid('V2', 'they are longer than the page')
  let rows = page.values
  let continuesRow = false
  let nonNull = page.values
  if (leaf.maxRepetitionLevel > 0 && page.values > 0) {
    const scan = levelsV2(stored, 0, definitionAt, page.values, leaf.maxRepetitionLevel)
    if (scan.kind === 'bad') return invalid('repetition', scan.reason)
    if (scan.rest > 0 && !addRest(findings, 'repetition', scan.rest, options)) return invalid('repetition', TOO_LONG)
    rows = scan.zeros
    continuesRow = scan.first !== 0
  } else if (definitionAt > 0 && !addRest(findings, 'repetition', definitionAt, options))
    return invalid('repetition', 'the column has none')
  if (leaf.maxDefinitionLevel > 0 && page.values > 0) {
    const scan = levelsV2(stored, definitionAt, valuesAt, page.values, leaf.maxDefinitionLevel)
    if (scan.kind === 'bad') return invalid('definition', scan.reason)
    if (scan.rest > 0 && !addRest(findings, 'definition', scan.rest, options)) return invalid('definition', TOO_LONG)
    nonNull = scan.tops
  } else if (v2.definitionBytes > 0 && !addRest(findings, 'definition', v2.definitionBytes, options))
    return invalid('definition', 'the column has none')
  if (leaf.maxDefinitionLevel === 0 && v2.nulls > 0)
    return fault('PQ314', `The page of a required column claims ${v2.nulls} NULLs.`, { nulls: v2.nulls })
  if (v2.rows !== rows)
    findings.push(
      pageFinding(
        'PQ312',
        `The page header says ${v2.rows} rows; there are ${rows}.`,
        { claimed: v2.rows, rows },
        'info',
      ),
    )
  if (v2.nulls !== page.values - nonNull) {
    const nulls = page.values - nonNull
    const message = `The page header says ${v2.nulls} NULLs; there are ${nulls}.`
    if (options.lenient !== true) return fault('PQ310', message, { claimed: v2.nulls, nulls })
    findings.push(pageFinding('PQ310', message, { claimed: v2.nulls, nulls }, 'info'))
  }
  return { kind: 'ok', valuesAt, rows, nonNull, continuesRow, findings }
}

function levelsV2(bytes: Uint8Array, from: number, to: number, count: number, max: number): LevelScan {
  const scan = scanHybrid(bytes, { from, to }, count, bitWidthOf(max), { top: max })
  if (scan.kind === 'bad') return scan
  return scan.largest > max ? { kind: 'bad', reason: TOO_LARGE } : { ...scan, rest: to - scan.end }
}

const TOO_LARGE = 'one is larger than the schema allows'
const TOO_LONG = 'bytes follow the last one'

function addRest(findings: PageFinding[], kind: string, rest: number, options: LevelOptions): boolean {
  if (options.lenient !== true) return false
  findings.push(
    pageFinding('PQ306', `${rest} bytes follow the ${kind} levels of the page.`, { kind, trailingBytes: rest }, 'info'),
  )
  return true
}

function invalid(kind: string, reason: string): Fault {
  return fault('PQ306', `The ${kind} levels of the page are damaged: ${reason}.`, { kind, reason })
}
