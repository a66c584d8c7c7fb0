/** Verdicts on real files that were wrong once, on the smallest files of the same kind. */
import { describe, expect, test } from 'vitest'

import type { Diagnosis } from '@tidegate/core'

import { readFooter } from '../read-footer.ts'
import { planRepair } from '../repair/plan-repair.ts'
import type { RepairPlan } from '../repair/plan.ts'
import { viewOf } from '../source/pieces.ts'
import { bytesSource } from '../testing/byte-source.ts'
import { handBuiltFile, type HandBuiltColumn } from '../testing/hand-built-file.ts'
import {
  dataPage,
  delta,
  dictionaryPage,
  header,
  int32,
  join,
  packed,
  plainTexts,
  run,
  v1Fields,
} from '../testing/hand-built-pages.ts'
import { i32, TYPE, type TypedField } from '../thrift/thrift-value.ts'
import { diagnose } from './diagnose.ts'

const [INT32, INT64, FLOAT, DOUBLE, BYTE_ARRAY] = [1, 2, 4, 5, 6] as const
const [RLE_DICTIONARY, DELTA_BYTE_ARRAY, ALP] = [8, 7, 10] as const

interface Seen {
  readonly diagnosis: Diagnosis
  readonly codes: readonly string[]
  readonly plan: RepairPlan
  readonly bytes: Uint8Array
}

async function see(column: HandBuiltColumn): Promise<Seen> {
  const bytes = handBuiltFile(column)
  const diagnosis = await diagnose(bytesSource(bytes), { level: 'values' })
  const plan = await planRepair(bytesSource(bytes))
  return { diagnosis, codes: diagnosis.findings.map(({ code }) => code), plan, bytes }
}

function doubleField(value: number): TypedField {
  return { type: TYPE.BINARY, value: new Uint8Array(Float64Array.of(value).buffer) }
}

describe('NaN as a bound', () => {
  const values = new Uint8Array(Float64Array.of(1, Number.NaN).buffer)
  const column = {
    pages: [dataPage(values, 2)],
    values: 2,
    physicalType: DOUBLE,
    statistics: { 5: doubleField(Number.NaN), 6: doubleField(1) },
  }

  test('is a warning in the order of the type, whose readers must ignore it', async () => {
    const { diagnosis, codes, plan } = await see(column)
    expect([diagnosis.verdict, codes, plan.kind]).toEqual(['ok-with-warnings', ['PQ214'], 'unchanged'])
  })

  test('is legal in the IEEE 754 order', async () => {
    const { diagnosis, codes } = await see({ ...column, order: 2 })
    expect([diagnosis.verdict, codes]).toEqual(['ok', []])
  })
})

test('a page above the limits is not read, which does not make the file unrecoverable', async () => {
  const size = 2 ** 30
  const head = header({ type: 0, uncompressed: size, compressed: 16, fields: v1Fields(size / 4) })
  const { diagnosis, plan } = await see({
    pages: [join(head, new Uint8Array(16))],
    values: size / 4,
    physicalType: INT32,
    codec: 4,
  })
  expect(diagnosis).toMatchObject({ kind: 'unreadable', verdict: 'unsupported', findings: [{ code: 'PQ315' }] })
  expect(plan.kind).toBe('unchanged')
})

test('an encoding that is newer than this reader is not damage, and no repair makes NULLs of it', async () => {
  const { diagnosis, plan } = await see({
    pages: [dataPage(Uint8Array.of(1, 2, 3, 4), 2, ALP)],
    values: 2,
    physicalType: FLOAT,
  })
  expect(diagnosis).toMatchObject({ kind: 'unreadable', verdict: 'unsupported', findings: [{ code: 'PQ213' }] })
  expect(plan.loss).toEqual([])
})

describe('a chunk whose size leaves the header of its dictionary out', () => {
  const dictionary = dictionaryPage(join(plainTexts('sea', 'tide')), 2)
  const headerBytes = dictionary.length - 15
  const indices = dataPage(join([1], packed([0, 1, 1], 1)), 3, RLE_DICTIONARY)
  const column = { pages: [dictionary, indices], values: 3, physicalType: BYTE_ARRAY }
  const whole = dictionary.length + indices.length

  test('is read, with a warning, and no repair takes the last page for damaged', async () => {
    const { diagnosis, codes, plan } = await see({ ...column, chunkBytes: whole - headerBytes })
    expect([diagnosis.verdict, codes, plan.kind]).toEqual(['ok-with-warnings', ['PQ302'], 'unchanged'])
    expect(diagnosis.findings[0]).toMatchObject({ severity: 'warn', evidence: { beyond: headerBytes } })
  })

  test('is damaged where another number of bytes is missing', async () => {
    const { diagnosis } = await see({ ...column, chunkBytes: whole - headerBytes + 1 })
    expect(diagnosis.kind).toBe('unreadable')
  })
})

describe('a type and an annotation that exclude each other', () => {
  const answer = new Uint8Array(BigInt64Array.of(42n).buffer)

  test('where the pages are what the annotation asks for, the type is corrected without loss', async () => {
    const column = { pages: [dataPage(answer, 1)], values: 1, physicalType: INT32, element: { 6: i32(18) } }
    const { diagnosis, codes, plan, bytes } = await see(column)
    expect([diagnosis.verdict, codes]).toEqual(['repairable-lossless', ['PQ206']])
    expect(plan).toMatchObject({ kind: 'repair', lossless: true, loss: [] })
    expect(await leafOf(bytes, plan)).toMatchObject({ physicalType: INT64, illegalType: undefined })
  })

  test('where they are not, the annotation goes and the stored values stay', async () => {
    const column = { pages: [dataPage(answer, 1)], values: 1, physicalType: INT64, element: { 6: i32(11) } }
    const { diagnosis, codes, plan, bytes } = await see(column)
    expect([diagnosis.verdict, codes]).toEqual(['repairable-lossy', ['PQ206']])
    expect(plan).toMatchObject({ kind: 'repair', lossless: false, loss: [] })
    expect(await leafOf(bytes, plan)).toMatchObject({ physicalType: INT64, illegalType: undefined })
  })

  async function leafOf(bytes: Uint8Array, { pieces }: RepairPlan): Promise<unknown> {
    const outcome = await readFooter(viewOf(bytesSource(bytes), pieces))
    return outcome.kind === 'ok' ? outcome.footer.leaves[0] : outcome
  }
})

test('a file of which nothing can be trusted is unrecoverable, and a repair does not offer rows of NULLs', async () => {
  const body = join(int32(7), int32(8))
  const head = header({ type: 0, uncompressed: body.length, crc: 1, fields: v1Fields(2) })
  const { diagnosis, codes, plan } = await see({ pages: [join(head, body)], values: 2, physicalType: INT32 })
  expect([diagnosis.verdict, codes, plan.kind]).toEqual(['unrecoverable', ['PQ303'], 'refused'])
})

describe('what was not compared with the statistics is said', () => {
  test('a dictionary of more than four million entries', async () => {
    const count = 4_000_001
    const body = Buffer.alloc(count * 4)
    const fields = [
      [1, count],
      [2, 0],
    ] as const
    const dictionary = Buffer.concat([header({ type: 2, uncompressed: body.length, fields }), body])
    const indices = dataPage(join([1], run(1, 2, 1)), 2, RLE_DICTIONARY)
    const bytes = handBuiltFile({ pages: [dictionary, indices], values: 2, physicalType: INT32 })
    const { verdict, findings } = await diagnose(bytesSource(bytes), { level: 'values' })
    expect(verdict).toBe('ok')
    expect(findings).toMatchObject([
      { code: 'PQ903', severity: 'info', where: { column: 'x' }, evidence: { entries: count } },
    ])
  })

  test('texts that share their beginnings so often that they are 256 times as long as their page', async () => {
    const [length, count] = [4000, 2000]
    const rest = (value: number): number[] => Array.from({ length: count - 1 }, () => value)
    const text = new Uint8Array(length).fill(0x61)
    const body = join(delta([0, ...rest(length)]), delta([length, ...rest(0)]), text)
    const page = dataPage(body, count, DELTA_BYTE_ARRAY)
    const { diagnosis } = await see({ pages: [page], values: count, physicalType: BYTE_ARRAY })
    expect(diagnosis.verdict).toBe('ok')
    expect(diagnosis.findings).toMatchObject([{ code: 'PQ903', severity: 'info', evidence: { pages: 1 } }])
  })
})
