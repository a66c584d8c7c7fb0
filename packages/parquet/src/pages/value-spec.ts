import { fault, pageFinding, type Fault, type PageFinding } from './page-finding.ts'

export const PHYSICAL = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  INT96: 3,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
} as const

export const ENCODING = {
  PLAIN: 0,
  PLAIN_DICTIONARY: 2,
  RLE: 3,
  BIT_PACKED: 4,
  DELTA_BINARY_PACKED: 5,
  DELTA_LENGTH_BYTE_ARRAY: 6,
  DELTA_BYTE_ARRAY: 7,
  RLE_DICTIONARY: 8,
  BYTE_STREAM_SPLIT: 9,
  ALP: 10,
} as const

export interface ValueSpec {
  /** Where the values begin; they take the rest of the bytes. */
  readonly from: number
  readonly encoding: number
  readonly nonNull: number
  /** Entries of the chunk's dictionary, if it has one. */
  readonly dictionarySize?: number | undefined
  /** Looks at the characters of text. */
  readonly utf8?: boolean | undefined
  /** Lets known oddities of writers pass with an `info`. */
  readonly lenient?: boolean | undefined
}

export type ValuesOutcome = { readonly kind: 'ok'; readonly findings: readonly PageFinding[] } | Fault

export const SOUND: ValuesOutcome = { kind: 'ok', findings: [] }

/** `rest`: bytes behind the last value; negative: bytes that are missing. */
export function restIs(rest: number, spec: ValueSpec): ValuesOutcome {
  if (rest === 0) return SOUND
  if (rest < 0)
    return fault('PQ310', `The page is ${-rest} bytes too short for its ${spec.nonNull} values.`, {
      values: spec.nonNull,
      missingBytes: -rest,
    })
  const message = `${rest} bytes follow the last of the page’s ${spec.nonNull} values.`
  const evidence = { values: spec.nonNull, trailingBytes: rest }
  return spec.lenient === true
    ? { kind: 'ok', findings: [pageFinding('PQ310', message, evidence, 'info')] }
    : fault('PQ310', message, evidence)
}

export function cutValue(index: number, spec: ValueSpec): Fault {
  return fault('PQ310', `Value ${index} of ${spec.nonNull} goes on after the end of the page.`, {
    values: spec.nonNull,
    value: index,
  })
}

/** The values can be read as bytes, so it does not make the page damaged. */
export function invalidText(count: number, first: number): PageFinding {
  return pageFinding(
    'PQ401',
    `${count} ${count === 1 ? 'value is' : 'values are'} not UTF-8; the first is value ${first} of the page.`,
    { count, firstValue: first },
    'warn',
  )
}

/** Runs of zero bits let a few bytes claim billions of values; genuine pages have at most some hundred per byte. */
export function isEndless(count: number, length: number): boolean {
  return count > 20_000_000 && count > length * 64
}

export function tooMany(spec: ValueSpec): Fault {
  return fault('PQ315', `The page claims ${spec.nonNull} values in a few bytes.`, { values: spec.nonNull })
}

export function damaged(reason: string): Fault {
  return fault('PQ310', `The values of the page are damaged: ${reason}.`, { reason })
}

export function wrongCount(found: number, spec: ValueSpec): Fault {
  return fault('PQ310', `The page has ${found} values; its levels say ${spec.nonNull}.`, {
    found,
    values: spec.nonNull,
  })
}
