import { describe, expect, test } from 'vitest'

import {
  header,
  join,
  OPTIONAL_INT32,
  pack,
  packed,
  REQUIRED_INT32,
  run,
  v1Fields,
  v2Fields,
  withLength,
} from '../testing/hand-built-pages.ts'
import { decodeLevelsV1, decodeLevelsV2, type PageLeaf } from './decode-levels.ts'
import type { Page } from './page.ts'
import { readPageHeader } from './read-page-header.ts'

/** A list: definition levels 0 (no list), 1 (empty), 2 (a NULL in it), 3 (a value). */
const LIST: PageLeaf = { ...REQUIRED_INT32, maxDefinitionLevel: 3, maxRepetitionLevel: 1 }

describe('V1', () => {
  test('a required column has no levels', () => {
    expect(v1([], 7, REQUIRED_INT32)).toMatchObject({ kind: 'ok', valuesAt: 0, rows: 7, nonNull: 7 })
  })

  test('runs and packed groups are counted together', () => {
    // 5 times 1, then 1 0 1 1 0 0 1 0 packed: 5 + 4 of 13 are there.
    const bytes = withLength([...run(1, 5, 1), ...packed([1, 0, 1, 1, 0, 0, 1, 0], 1)])
    expect(v1(bytes, 13, OPTIONAL_INT32)).toMatchObject({ kind: 'ok', valuesAt: 8, rows: 13, nonNull: 9 })
  })

  test('the padding of the last group is not counted', () => {
    expect(v1(withLength(packed([1, 1, 1], 1)), 3, OPTIONAL_INT32)).toMatchObject({ nonNull: 3 })
    expect(v1(withLength(packed([1, 0, 1, 1, 1, 1, 1, 1], 1)), 3, OPTIONAL_INT32)).toMatchObject({ nonNull: 2 })
  })

  test('rows of nested columns begin where the repetition level is 0', () => {
    // [1, 2], null, [], [null, 3]
    const bytes = [...withLength(packed([0, 1, 0, 0, 0, 1], 1)), ...withLength(packed([3, 3, 0, 1, 2, 3], 2))]
    expect(v1(bytes, 6, LIST)).toMatchObject({ kind: 'ok', rows: 4, nonNull: 3, continuesRow: false })
    const inside = [...withLength(packed([1, 1, 0], 1)), ...withLength(run(3, 3, 2))]
    expect(v1(inside, 3, LIST)).toMatchObject({ kind: 'ok', rows: 1, continuesRow: true })
  })

  test('BIT_PACKED levels are packed from the highest bit down, without a length', () => {
    // 3 2 0 3 1, two bits each: 11100011 01000000
    expect(v1([0b11_10_00_11, 0b01_00_00_00, 9], 5, { ...OPTIONAL_INT32, maxDefinitionLevel: 3 }, 4)).toMatchObject({
      kind: 'ok',
      valuesAt: 2,
      nonNull: 2,
    })
    expect(v1([255], 5, { ...OPTIONAL_INT32, maxDefinitionLevel: 3 }, 4)).toMatchObject({ kind: 'fault' })
  })

  test('a page of only NULLs costs one run, however many they are', () => {
    expect(v1(withLength(run(0, 2_000_000_000, 1)), 2_000_000_000, OPTIONAL_INT32)).toMatchObject({ nonNull: 0 })
  })

  const broken: readonly (readonly [string, readonly number[], number, PageLeaf])[] = [
    ['no length', [1, 0], 3, OPTIONAL_INT32],
    ['a length beyond the page', [200, 0, 0, 0, 6, 1], 3, OPTIONAL_INT32],
    ['a negative length', [255, 255, 255, 255, 6, 1], 3, OPTIONAL_INT32],
    ['too few levels', withLength(run(1, 2, 1)), 3, OPTIONAL_INT32],
    ['a run that is too long', withLength(run(1, 4, 1)), 3, OPTIONAL_INT32],
    ['an empty run', withLength([0, 1, ...run(1, 3, 1)]), 3, OPTIONAL_INT32],
    ['packed bytes that are missing', withLength([2 * 2 + 1, 255]), 16, OPTIONAL_INT32],
    ['a level above the schema’s in a run', withLength(run(3, 3, 2)), 3, { ...OPTIONAL_INT32, maxDefinitionLevel: 2 }],
    ['a level above the schema’s', withLength(packed([2, 3, 1], 2)), 3, { ...OPTIONAL_INT32, maxDefinitionLevel: 2 }],
    ['a level of more bits than there are', withLength(run(2, 3, 1)), 3, OPTIONAL_INT32],
    ['bytes after the last level', withLength([...run(1, 3, 1), 7]), 3, OPTIONAL_INT32],
    ['repetition levels that are damaged', withLength(run(2, 3, 1)), 3, LIST],
  ]
  test.each(broken)('%s is PQ306', (_, bytes, values, leaf) => {
    expect(v1(bytes, values, leaf)).toMatchObject({ kind: 'fault', finding: { code: 'PQ306', severity: 'error' } })
  })

  test('bytes after the last level pass leniently, with an info', () => {
    const bytes = Uint8Array.from(withLength([...run(1, 3, 1), 7]))
    expect(decodeLevelsV1(bytes, pageV1(3), OPTIONAL_INT32, { lenient: true })).toMatchObject({
      kind: 'ok',
      valuesAt: 7,
      findings: [{ code: 'PQ306', severity: 'info' }],
    })
  })
})

describe('V2', () => {
  test('levels have no length of their own and the header’s rows are not believed', () => {
    const repetition = packed([0, 1, 0, 0, 0, 1], 1)
    const definition = packed([3, 3, 0, 1, 2, 3], 2)
    const page = pageV2(v2Fields(6, 3, 6, 0, definition.length, repetition.length), 40)
    expect(decodeLevelsV2(join(repetition, definition, [9, 9]), page, LIST)).toMatchObject({
      kind: 'ok',
      valuesAt: repetition.length + definition.length,
      rows: 4,
      nonNull: 3,
      findings: [{ code: 'PQ312', severity: 'info', evidence: { claimed: 6, rows: 4 } }],
    })
  })

  test('a wrong count of NULLs is a finding; of a required column it is PQ314', () => {
    const definition = run(1, 5, 1)
    const page = pageV2(v2Fields(5, 2, 5, 0, definition.length, 0), 30)
    expect(decodeLevelsV2(join(definition), page, OPTIONAL_INT32)).toMatchObject({ finding: { code: 'PQ310' } })
    const required = pageV2(v2Fields(5, 2, 5, 0, 0, 0), 30)
    expect(decodeLevelsV2(join([1]), required, REQUIRED_INT32)).toMatchObject({ finding: { code: 'PQ314' } })
  })

  test('levels of a column that has none pass only leniently', () => {
    const page = pageV2(v2Fields(5, 0, 5, 0, 2, 0), 30)
    expect(decodeLevelsV2(join([10, 0]), page, REQUIRED_INT32)).toMatchObject({ finding: { code: 'PQ306' } })
    expect(decodeLevelsV2(join([10, 0]), page, REQUIRED_INT32, { lenient: true })).toMatchObject({
      kind: 'ok',
      valuesAt: 2,
    })
  })

  test('missing levels and levels beyond the page are PQ306', () => {
    expect(decodeLevelsV2(join([1]), pageV2(v2Fields(5, 0, 5, 0, 0, 0), 30), LIST)).toMatchObject({ kind: 'fault' })
    expect(decodeLevelsV2(join([1]), pageV2(v2Fields(5, 0, 5, 0, 2, 2), 30), LIST)).toMatchObject({ kind: 'fault' })
  })
})

test('packing of three bits follows the example of the format', () => {
  // The format description packs 0 to 7 in three bits as 10001000 11000110 11111010.
  expect(pack([0, 1, 2, 3, 4, 5, 6, 7], 3, 3)).toEqual([0b10001000, 0b11000110, 0b11111010])
})

function v1(bytes: readonly number[], values: number, leaf: PageLeaf, level = 3): ReturnType<typeof decodeLevelsV1> {
  return decodeLevelsV1(Uint8Array.from(bytes), pageV1(values, level), leaf)
}

function pageV1(values: number, level = 3): Page {
  return pageOf(header({ type: 0, uncompressed: 100, fields: v1Fields(values, 0, level) }))
}

function pageV2(fields: ReturnType<typeof v2Fields>, uncompressed: number): Page {
  return pageOf(header({ type: 3, uncompressed, fields }))
}

function pageOf(bytes: Uint8Array): Page {
  const outcome = readPageHeader(bytes, 0, 4)
  if (outcome.kind !== 'page') throw new Error(outcome.reason)
  return outcome.page
}
