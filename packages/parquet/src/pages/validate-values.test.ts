import { describe, expect, test } from 'vitest'

import {
  delta,
  int32,
  join,
  packed,
  plainTexts,
  REQUIRED_INT32,
  REQUIRED_TEXT,
  run,
  varint,
  withLength,
  zigzag,
} from '../testing/hand-built-pages.ts'
import { seededRandom } from '../testing/seeded-random.ts'
import { validateValues } from './validate-values.ts'
import { ENCODING, type ValueSpec, type ValuesOutcome } from './value-spec.ts'

type Extra = Partial<ValueSpec> & { readonly typeLength?: number; readonly text?: boolean; readonly padded?: true }

const {
  PLAIN,
  RLE_DICTIONARY,
  RLE,
  DELTA_BINARY_PACKED,
  DELTA_LENGTH_BYTE_ARRAY,
  DELTA_BYTE_ARRAY,
  BYTE_STREAM_SPLIT,
} = ENCODING
const LENGTHS = Array.from({ length: 300 }, (_, index) => (index * 37) % 11)
const TEXTS = LENGTHS.map((length, index) => `${index}`.repeat(length).slice(0, length))

describe('every encoding is consumed exactly', () => {
  const cases: readonly (readonly [string, number, number, readonly number[], number, Extra])[] = [
    ['PLAIN booleans', PLAIN, 0, [255, 1], 9, {}],
    ['PLAIN INT32', PLAIN, 1, [1, 2, 3].flatMap(int32), 3, {}],
    ['PLAIN INT64', PLAIN, 2, zeros(24), 3, {}],
    ['PLAIN INT96', PLAIN, 3, zeros(36), 3, {}],
    ['PLAIN FLOAT', PLAIN, 4, zeros(12), 3, {}],
    ['PLAIN DOUBLE', PLAIN, 5, zeros(24), 3, {}],
    ['PLAIN BYTE_ARRAY', PLAIN, 6, plainTexts('one', '', 'three'), 3, {}],
    ['PLAIN FIXED_LEN_BYTE_ARRAY', PLAIN, 7, zeros(15), 3, { typeLength: 5 }],
    ['PLAIN_DICTIONARY', 2, 6, [2, ...packed([0, 1, 2, 2, 1], 2)], 5, { dictionarySize: 3 }],
    [
      'RLE_DICTIONARY',
      RLE_DICTIONARY,
      1,
      [2, ...run(2, 50, 2), ...packed([0, 1, 2], 2)],
      53,
      { dictionarySize: 3, padded: true },
    ],
    ['RLE booleans', RLE, 0, withLength([...run(1, 9, 1), ...packed([1, 0, 1], 1)]), 12, {}],
    ['DELTA_BINARY_PACKED INT32', DELTA_BINARY_PACKED, 1, delta([7, 5, 3, 1, 2, 3, 4, 5]), 8, { padded: true }],
    ['DELTA_BINARY_PACKED INT64', DELTA_BINARY_PACKED, 2, delta(LENGTHS), 300, { padded: true }],
    ['DELTA_BINARY_PACKED of one value', DELTA_BINARY_PACKED, 1, delta([-4]), 1, {}],
    ['DELTA_LENGTH_BYTE_ARRAY', DELTA_LENGTH_BYTE_ARRAY, 6, [...delta(LENGTHS), ...TEXTS.flatMap(utf8)], 300, {}],
    ['DELTA_BYTE_ARRAY', DELTA_BYTE_ARRAY, 6, deltaStrings([0, 2, 1], ['axis', 'le', 'babble']), 3, {}],
    ['DELTA_BYTE_ARRAY, fixed', DELTA_BYTE_ARRAY, 7, deltaStrings([0, 2], ['axis', 'le']), 2, { typeLength: 4 }],
    ['BYTE_STREAM_SPLIT', BYTE_STREAM_SPLIT, 5, zeros(24), 3, {}],
  ]
  test.each(cases)('%s', (_, encoding, physicalType, bytes, values, extra) => {
    expect(check(bytes, encoding, physicalType, values, extra)).toEqual({ kind: 'ok', findings: [] })
    expect(check([...bytes, 0], encoding, physicalType, values, extra).kind, 'a byte too many').toBe('fault')
    // Padding of the last group may be left away.
    if (extra.padded !== true)
      expect(check(bytes.slice(0, -1), encoding, physicalType, values, extra).kind, 'a byte too few').toBe('fault')
    if (encoding !== RLE && encoding !== 2 && encoding !== RLE_DICTIONARY && physicalType !== 0) {
      expect(check(bytes, encoding, physicalType, values + 1, extra).kind, 'a value too few').toBe('fault')
      expect(check(bytes, encoding, physicalType, values - 1, extra).kind, 'a value too many').toBe('fault')
    }
    // Anywhere in a longer page, too.
    const moved = check([9, 9, 9, ...bytes], encoding, physicalType, values, { ...extra, from: 3 })
    expect(moved).toEqual({ kind: 'ok', findings: [] })
  })
})

describe('damage', () => {
  const cases: readonly (readonly [string, string, number, number, readonly number[], number, Extra])[] = [
    ['an encoding for another type', 'PQ311', DELTA_BINARY_PACKED, 6, delta([1]), 1, {}],
    ['a dictionary of flags', 'PQ311', RLE_DICTIONARY, 0, [1, ...run(0, 3, 1)], 3, { dictionarySize: 2 }],
    ['no dictionary', 'PQ307', RLE_DICTIONARY, 1, [1, ...run(0, 3, 1)], 3, {}],
    ['an index beyond the dictionary', 'PQ309', RLE_DICTIONARY, 1, [2, ...run(3, 3, 2)], 3, { dictionarySize: 3 }],
    ['a packed index beyond it', 'PQ309', RLE_DICTIONARY, 1, [2, ...packed([0, 3, 1], 2)], 3, { dictionarySize: 3 }],
    ['indices of 33 bits', 'PQ309', RLE_DICTIONARY, 1, [33, ...run(0, 3, 33)], 3, { dictionarySize: 3 }],
    ['too few indices', 'PQ310', RLE_DICTIONARY, 1, [2, ...run(1, 2, 2)], 3, { dictionarySize: 3 }],
    ['a text length beyond the page', 'PQ310', PLAIN, 6, [...plainTexts('a'), 200, 0, 0, 0, 1], 2, {}],
    ['a text length of 2³²−1', 'PQ310', PLAIN, 6, [255, 255, 255, 255, 1], 1, {}],
    ['blocks of 100', 'PQ310', DELTA_BINARY_PACKED, 1, [100, 4, 1, 0], 1, {}],
    ['no miniblocks', 'PQ310', DELTA_BINARY_PACKED, 1, [...varint(128), 0, 1, 0], 1, {}],
    ['a million miniblocks', 'PQ310', DELTA_BINARY_PACKED, 1, [...varint(2 ** 30), ...varint(2 ** 20), 9, 0, 0], 9, {}],
    ['differences of 65 bits', 'PQ310', DELTA_BINARY_PACKED, 2, [...varint(128), 4, 2, 0, 0, 65, 0, 0, 0], 2, {}],
    ['a negative length', 'PQ310', DELTA_LENGTH_BYTE_ARRAY, 6, [...delta([3, -1]), 1, 2], 2, {}],
    [
      'a shared part longer than the value before',
      'PQ310',
      DELTA_BYTE_ARRAY,
      6,
      deltaStrings([0, 5], ['axis', 'x']),
      2,
      {},
    ],
    ['a shared part of the first value', 'PQ310', DELTA_BYTE_ARRAY, 6, deltaStrings([1], ['axis']), 1, {}],
    [
      'a value of another length',
      'PQ310',
      DELTA_BYTE_ARRAY,
      7,
      deltaStrings([0, 2], ['axis', 'l']),
      2,
      { typeLength: 4 },
    ],
    ['another number of prefixes', 'PQ310', DELTA_BYTE_ARRAY, 6, [...delta([0]), ...delta([1, 1]), 1, 2], 2, {}],
  ]
  test.each(cases)('%s is %s', (_, code, encoding, physicalType, bytes, values, extra) => {
    expect(check(bytes, encoding, physicalType, values, extra)).toMatchObject({ kind: 'fault', finding: { code } })
  })

  test('a few bytes that claim two billion values are answered at once', () => {
    const claim = (encoding: number, physicalType: number): readonly number[] => {
      const header = [...varint(2 ** 30), 1, ...varint(2 ** 30), ...zigzag(0), 0, 0]
      return encoding === DELTA_BYTE_ARRAY ? [...header, ...header] : physicalType === 2 ? header : [...header, 1]
    }
    const begun = performance.now()
    for (const encoding of [DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY])
      check(claim(encoding, 6), encoding, encoding === DELTA_BINARY_PACKED ? 2 : 6, 2 ** 30)
    check([0, ...run(0, 2 ** 30, 0)], RLE_DICTIONARY, 1, 2 ** 30, { dictionarySize: 1 })
    check([], PLAIN, 6, 2 ** 31 - 1)
    expect(performance.now() - begun).toBeLessThan(5000)
  })

  test('trailing bytes pass leniently behind texts, never behind numbers', () => {
    const texts = [...plainTexts('a', 'b'), 0, 0]
    expect(check(texts, PLAIN, 6, 2, { lenient: true })).toMatchObject({
      findings: [{ code: 'PQ310', severity: 'info' }],
    })
    expect(check([...int32(1), 0, 0], PLAIN, 1, 1, { lenient: true })).toMatchObject({ kind: 'fault' })
  })

  test('random bytes never throw, in any encoding of any type', () => {
    const random = seededRandom('validate-values')
    for (let round = 0; round < 5000; round++) {
      const bytes = random.bytes(random.below(60))
      const outcome = check([...bytes], random.below(11), random.below(8), random.below(40), {
        typeLength: random.below(9),
        dictionarySize: random.below(20),
        utf8: true,
        text: true,
        lenient: random.below(2) === 1,
      })
      expect(['ok', 'fault']).toContain(outcome.kind)
    }
  })
})

describe('text', () => {
  const bad = Uint8Array.from([0x61, 0xc3])
  const text: Extra = { utf8: true, text: true }
  const long = 'ä'.repeat(40)

  test('of every encoding is valid when it is UTF-8', () => {
    const lengths = delta([2, 80, 0, 4])
    expect(check(plainTexts('ä', long, '', '😀'), PLAIN, 6, 4, text)).toEqual({ kind: 'ok', findings: [] })
    expect(check([...lengths, ...utf8(`ä${long}😀`)], DELTA_LENGTH_BYTE_ARRAY, 6, 4, text).kind).toBe('ok')
    // 'é' and 'è' share their first byte.
    const shared = [...delta([0, 2]), ...delta([3, 1]), ...utf8('aé'), 0xa8]
    expect(check(shared, DELTA_BYTE_ARRAY, 6, 2, text)).toEqual({ kind: 'ok', findings: [] })
  })

  test('that is not UTF-8 is counted and does not make the page unreadable', () => {
    expect(check(plainTexts('ok', bad, 'ä', bad), PLAIN, 6, 4, text)).toMatchObject({
      kind: 'ok',
      findings: [{ code: 'PQ401', severity: 'warn', evidence: { count: 2, firstValue: 1 } }],
    })
    // All bytes together are UTF-8, but the second value begins inside of a character.
    const cut = [...delta([1, 1, 1]), ...utf8('äb')]
    expect(check(cut, DELTA_LENGTH_BYTE_ARRAY, 6, 3, text)).toMatchObject({ findings: [{ evidence: { count: 2 } }] })
    const shared = [...delta([0, 2]), ...delta([3, 1]), ...utf8('aé'), 0x20]
    expect(check(shared, DELTA_BYTE_ARRAY, 6, 2, text)).toMatchObject({ findings: [{ code: 'PQ401' }] })
  })

  test('is not looked at when not asked for, or of a column of bytes', () => {
    expect(check(plainTexts(bad), PLAIN, 6, 1, { text: true })).toEqual({ kind: 'ok', findings: [] })
    expect(check(plainTexts(bad), PLAIN, 6, 1, { utf8: true })).toEqual({ kind: 'ok', findings: [] })
  })

  test('that shares a megabyte a hundred thousand times is checked in time', () => {
    const suffix = 1_000_000
    const prefixes = [0, ...Array.from({ length: 100_000 }, () => suffix)]
    const suffixes = [suffix, ...Array.from({ length: 100_000 }, () => 0)]
    const bytes = Buffer.concat([Buffer.from(delta(prefixes)), Buffer.from(delta(suffixes)), Buffer.alloc(suffix, 'x')])
    const begun = performance.now()
    const spec = { from: 0, encoding: DELTA_BYTE_ARRAY, nonNull: 100_001, utf8: true }
    expect(validateValues(bytes, REQUIRED_TEXT, spec)).toEqual({ kind: 'ok', findings: [] })
    expect(performance.now() - begun).toBeLessThan(5000)
  })
})

function check(
  bytes: readonly number[],
  encoding: number,
  physicalType: number,
  nonNull: number,
  { typeLength, text, ...spec }: Extra = {},
): ValuesOutcome {
  const leaf = { ...REQUIRED_INT32, physicalType, typeLength, text }
  return validateValues(join(bytes), leaf, { from: 0, encoding, nonNull, ...spec })
}

function deltaStrings(prefixes: readonly number[], suffixes: readonly string[]): number[] {
  return [...delta(prefixes), ...delta(suffixes.map((suffix) => suffix.length)), ...suffixes.flatMap(utf8)]
}

function utf8(value: string): number[] {
  return [...Buffer.from(value)]
}

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0)
}
