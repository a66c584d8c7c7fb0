import { crc32 } from 'node:zlib'

import type { ByteSource } from '@tidegate/core'

import { decodeLevelsV1, decodeLevelsV2, type Levels, type PageLeaf } from './decode-levels.ts'
import { CODEC, decompressPage, releaseUnfolded, type Decompressed } from './decompress-page.ts'
import type { Page } from './page.ts'
import { fault, pageFinding, type Fault, type PageFinding } from './page-finding.ts'
import { DEFAULT_PAGE_LIMITS, type PageLimits } from './page-limits.ts'
import { validateValues } from './validate-values.ts'
import { ENCODING } from './value-spec.ts'

export interface CheckPageOptions {
  /**
   * `headers`: nothing but the header (no body is read, no CRC). `pages`: CRC, decompression, levels, values by structure.
   * `values`: and the characters of text.
   */
  readonly level: 'headers' | 'pages' | 'values'
  /** Entries of the chunk's dictionary page. */
  readonly dictionarySize?: number | undefined
  /** Lets known oddities of writers pass with an `info`. Default false. */
  readonly lenient?: boolean | undefined
  readonly limits?: Partial<PageLimits> | undefined
  /** Looks at the values of a page that is in order (level `values`); what it finds is added to the page's findings. */
  readonly inspect?: PageInspector | undefined
}

/** Must not keep `bytes`: they are overwritten by the next page. */
export type PageInspector = (content: PageContent) => readonly PageFinding[]

/** The values of a sound page, unfolded and known to be as many and as long as they should. */
export interface PageContent {
  readonly page: Page
  readonly bytes: Uint8Array
  /** Where the values begin; they take the rest of the bytes. */
  readonly from: number
  /** Of a dictionary always PLAIN. */
  readonly encoding: number
  readonly nonNull: number
}

export type CheckBodyOptions = CheckPageOptions & { readonly level: 'pages' | 'values' }

export interface PageCheck {
  /** False when the values cannot be trusted (a finding of severity `error`). */
  readonly ok: boolean
  /** Rows that begin on the page; undefined where that was not looked at or cannot be known. Dictionaries: 0. */
  readonly rows: number | undefined
  readonly nulls: number | undefined
  readonly nonNull: number | undefined
  /** Its first value belongs to a row that began on an earlier page. */
  readonly continuesRow: boolean
  readonly crc: 'ok' | 'absent' | 'mismatch' | 'not-checked'
  readonly findings: readonly PageFinding[]
}

/** Reads the body of a page and checks it. Throws only what the source throws. */
export async function checkPage(
  source: ByteSource,
  page: Page,
  leaf: PageLeaf,
  codec: number,
  options: CheckPageOptions,
): Promise<PageCheck> {
  const tooLarge = overLimit(page, options.limits)
  const { level } = options
  if (level === 'headers' || tooLarge !== undefined) return checkHeader(page, leaf, tooLarge)
  const body = await source.read(page.offset + page.headerBytes, page.compressedBytes)
  return checkPageBody(body, page, leaf, codec, { ...options, level })
}

/** A finding instead of reading a body that is larger than allowed. */
export function overLimit(page: Page, limits: Partial<PageLimits> = {}): PageFinding | undefined {
  const { maxPageBytes } = { ...DEFAULT_PAGE_LIMITS, ...limits }
  const larger = Math.max(page.compressedBytes, page.uncompressedBytes)
  if (larger <= maxPageBytes) return undefined
  return pageFinding(
    'PQ315',
    `The page has ${counted(larger)} bytes, more than the ${counted(maxPageBytes)} that are read at once; it was not looked at.`,
    {
      uncompressedBytes: page.uncompressedBytes,
      compressedBytes: page.compressedBytes,
    },
  )
}

/** For people, with separators. */
function counted(count: number): string {
  return count.toLocaleString('en-US')
}

/** What the header alone tells. */
export function checkHeader(page: Page, leaf: PageLeaf, problem?: PageFinding): PageCheck {
  const isData = page.kind === 'data-v1' || page.kind === 'data-v2'
  const isFlat = leaf.maxRepetitionLevel === 0
  const nulls = isData && leaf.maxDefinitionLevel === 0 ? 0 : page.v2?.nulls
  return {
    ok: problem === undefined,
    rows: !isData ? 0 : isFlat ? page.values : page.v2?.rows,
    nulls,
    nonNull: nulls === undefined ? undefined : page.values - nulls,
    continuesRow: false,
    crc: page.crc === undefined ? 'absent' : 'not-checked',
    findings: problem === undefined ? [] : [problem],
  }
}

/** Checks a page whose stored body is at hand. Never throws. */
export function checkPageBody(
  body: Uint8Array,
  page: Page,
  leaf: PageLeaf,
  codec: number,
  options: CheckBodyOptions,
): PageCheck {
  if (body.length !== page.compressedBytes)
    return failed('absent', fault('PQ302', `The page has ${body.length} of its ${page.compressedBytes} bytes.`).finding)
  const crc = page.crc === undefined ? 'absent' : crc32(body) === page.crc ? 'ok' : 'mismatch'
  const checked = page.kind === 'index' ? EMPTY : checkContent(body, page, leaf, codec, options)
  if (crc !== 'mismatch') {
    if (checked.kind === 'fault') return failed(crc, checked.finding)
    const { check, content } = checked
    const { inspect, level } = options
    const more = content === undefined || inspect === undefined || level !== 'values' ? [] : inspect(content)
    if (content !== undefined) releaseUnfolded(content.bytes, body)
    const isOk = check.ok && !more.some(({ severity }) => severity === 'error')
    return { crc, ...check, ok: isOk, findings: [...check.findings, ...more] }
  }
  const mismatch = pageFinding('PQ303', 'The CRC of the page is wrong: its bytes have changed since it was written.', {
    crc: page.crc ?? null,
    found: crc32(body),
  })
  // What the content says of itself stays of use to say where it is damaged, but is not to be trusted.
  return failed(crc, mismatch, ...(checked.kind === 'fault' ? [checked.finding] : []))
}

type Content = { readonly kind: 'ok'; readonly check: Omit<PageCheck, 'crc'>; readonly content?: PageContent } | Fault

const EMPTY: Content = {
  kind: 'ok',
  check: { ok: true, rows: 0, nulls: 0, nonNull: 0, continuesRow: false, findings: [] },
}

function checkContent(body: Uint8Array, page: Page, leaf: PageLeaf, codec: number, options: CheckBodyOptions): Content {
  const isV2 = page.kind === 'data-v2'
  const unfolded = isV2
    ? unfoldV2(body, page, codec, options)
    : decompressPage(body, codec, page.uncompressedBytes, options.limits)
  if (unfolded.kind === 'fault') return unfolded
  const levels = readLevels(body, unfolded.bytes, page, leaf, options)
  if (levels.kind === 'fault') return levels
  const isDictionary = page.kind === 'dictionary'
  const from = isV2 ? 0 : levels.valuesAt
  // A dictionary is plain whatever it says: old writers say PLAIN_DICTIONARY.
  const encoding = isDictionary ? ENCODING.PLAIN : page.encoding
  const values = validateValues(unfolded.bytes, leaf, {
    from,
    encoding,
    nonNull: levels.nonNull,
    dictionarySize: options.dictionarySize,
    utf8: options.level === 'values',
    lenient: options.lenient,
  })
  if (values.kind === 'fault')
    return isDictionary
      ? fault('PQ308', `The dictionary is damaged: ${values.finding.message}`, values.finding.evidence)
      : values
  const { rows, nonNull, continuesRow } = levels
  const unfolds = expansion(page, leaf, body.length, options.limits)
  if (unfolds !== undefined) return unfolds
  return {
    kind: 'ok',
    content: { page, bytes: unfolded.bytes, from, encoding, nonNull },
    check: {
      ok: true,
      rows: isDictionary ? 0 : rows,
      nulls: isDictionary ? 0 : page.values - nonNull,
      nonNull,
      continuesRow,
      findings: [...unfolded.findings, ...levels.findings, ...values.findings],
    },
  }
}

/** Runs of one value let a few bytes stand for gigabytes, whatever the codec. Readers that unroll them run out of memory. */
function expansion(
  page: Page,
  leaf: PageLeaf,
  storedBytes: number,
  limits: Partial<PageLimits> = {},
): Fault | undefined {
  const { maxPageBytes } = { ...DEFAULT_PAGE_LIMITS, ...limits }
  const rolledOut = page.values * valueBytes(leaf)
  if (rolledOut <= maxPageBytes * 4 || rolledOut <= storedBytes * 1000) return undefined
  return fault(
    'PQ315',
    `The page unrolls ${counted(storedBytes)} bytes to ${counted(page.values)} values, ${counted(rolledOut)} bytes at least.`,
    {
      values: page.values,
      unrolledBytes: rolledOut,
      compressedBytes: page.compressedBytes,
    },
  )
}

/** The least that one value takes in memory. */
function valueBytes({ physicalType, typeLength }: PageLeaf): number {
  return Math.max(1, physicalType === 7 ? (typeLength ?? 1) : ([1, 4, 8, 12, 4, 8, 4][physicalType] ?? 1))
}

function readLevels(
  body: Uint8Array,
  unfolded: Uint8Array,
  page: Page,
  leaf: PageLeaf,
  options: { readonly lenient?: boolean | undefined },
): Levels {
  switch (page.kind) {
    case 'data-v1':
      return decodeLevelsV1(unfolded, page, leaf, options)
    case 'data-v2':
      return decodeLevelsV2(body, page, leaf, options)
    case 'dictionary':
    case 'index':
      return { kind: 'ok', valuesAt: 0, rows: 0, nonNull: page.values, continuesRow: false, findings: [] }
  }
}

/** Of a V2 page only the values are compressed, and only if it says so. */
function unfoldV2(
  body: Uint8Array,
  page: Page,
  codec: number,
  options: { readonly limits?: Partial<PageLimits> | undefined },
): Decompressed {
  const levelBytes = (page.v2?.repetitionBytes ?? 0) + (page.v2?.definitionBytes ?? 0)
  const values = body.subarray(levelBytes)
  const size = page.uncompressedBytes - levelBytes
  const isStored = page.v2?.compressed === false || codec === CODEC.UNCOMPRESSED
  const unfolded = decompressPage(values, isStored ? CODEC.UNCOMPRESSED : codec, size, options.limits)
  if (unfolded.kind === 'ok' || isStored || values.length !== size) return unfolded
  const finding = pageFinding('PQ313', 'The page says it is compressed; its values are not.', undefined, 'warn')
  return { kind: 'ok', bytes: values, findings: [finding] }
}

function failed(crc: PageCheck['crc'], ...findings: readonly PageFinding[]): PageCheck {
  return { ok: false, rows: undefined, nulls: undefined, nonNull: undefined, continuesRow: false, crc, findings }
}
