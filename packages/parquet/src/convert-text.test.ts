import { gzipSync, zstdCompressSync } from 'node:zlib'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { codeOf, type Cell, type ColumnSchema, type ReadOptions, type Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { convertedRelation, convertText, type ConvertOutcome } from './index.ts'

let folder: string
let work: string
let session: Session

beforeAll(async () => {
  session = await openDuckDB()
})

afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  work = join(folder, 'work')
  mkdirSync(work)
})

describe('CSV', () => {
  test('values are typed, rows keep their order and number, and nothing is left in the work folder', async () => {
    const { rows, outcome } = await convert(
      'id,name,price,day\n2,b,1.5,2024-01-31\n1,"a, ""x""\nline 2",-2,2024-02-01\n',
      CSV,
      [
        { name: 'id', type: 'BIGINT' },
        { name: 'name', type: 'VARCHAR' },
        { name: 'price', type: 'DOUBLE' },
        { name: 'day', type: 'DATE' },
      ],
    )
    expect(outcome).toMatchObject({ kind: 'ok', rows: 2, rejectedCount: 0, missingColumns: [], extraColumns: [] })
    expect(rows).toEqual([
      [2, 'b', 1.5, '2024-01-31', 0, []],
      [1, 'a, "x"\nline 2', -2, '2024-02-01', 1, []],
    ])
    expect(readdirSync(work)).toEqual([])
  })

  test('a text that does not fit is NULL and named, and does not touch its neighbours', async () => {
    const { rows } = await convert('a,b,c\n1,x,2024-01-01\nno,y,2024-13-01\n,z,\n', CSV, [
      { name: 'a', type: 'INTEGER' },
      { name: 'b', type: 'VARCHAR' },
      { name: 'c', type: 'DATE' },
    ])
    expect(rows).toEqual([
      [1, 'x', '2024-01-01', 0, []],
      [null, 'y', null, 1, ['a', 'c']],
      [null, 'z', null, 2, []],
    ])
  })

  test('a cast never changes a value: what it would round or cut is a misfit', async () => {
    const misfits: readonly (readonly [type: string, text: string])[] = [
      ['BIGINT', '1.5'],
      ['BIGINT', '1e3'],
      ['BIGINT', '1_000'],
      ['BIGINT', '9223372036854775808'],
      ['TINYINT', '128'],
      ['DECIMAL(5,2)', '1.239'],
      ['DECIMAL(5,2)', '1000.00'],
      ['DOUBLE', '1_000.5'],
      ['DOUBLE', '1,5'],
      ['DOUBLE', '12abc'],
      ['DATE', '2024-01-31 13:00:00'],
      ['DATE', '2024-02-30'],
      ['BOOLEAN', 'maybe'],
      ['TIMESTAMP', 'yesterday'],
    ]
    for (const [type, text] of misfits) {
      const { rows } = await convert(`v;w\n${text};x\n`, { ...CSV, delimiter: ';' }, [
        { name: 'v', type },
        { name: 'w', type: 'VARCHAR' },
      ])
      expect([type, text, ...(rows[0] ?? [])]).toEqual([type, text, null, 'x', 0, ['v']])
    }
  })

  test('values that keep their meaning fit', async () => {
    const fitting: readonly (readonly [type: string, text: string, value: Cell])[] = [
      ['BIGINT', '12.0', 12],
      ['BIGINT', ' 7 ', 7],
      ['BIGINT', '-9223372036854775808', -9_223_372_036_854_775_808n],
      ['DECIMAL(5,2)', '1.2300', '1.23'],
      ['DOUBLE', '1e3', 1000],
      ['DATE', '2024-01-31 00:00:00', '2024-01-31'],
      ['BOOLEAN', 'TRUE', true],
      ['TIMESTAMP', '2024-01-31T13:00:00', '2024-01-31 13:00:00'],
      ['TIMESTAMP WITH TIME ZONE', '2024-01-31T13:00:00+02:00', '2024-01-31 11:00:00+00'],
    ]
    for (const [type, text, value] of fitting) {
      const { rows } = await convert(`v;w\n${text};x\n`, { ...CSV, delimiter: ';' }, [
        { name: 'v', type },
        { name: 'w', type: 'VARCHAR' },
      ])
      expect([type, text, ...(rows[0] ?? [])]).toEqual([type, text, value, 'x', 0, []])
    }
  })

  test('decimal comma, date formats and zones are those of the contract', async () => {
    const { rows } = await convert(
      'n;d;t\n1,5;31.12.2023;2024-07-01 12:00:00\n1.5;12/31/2023;2024-01-01 12:00:00Z\n',
      { ...CSV, delimiter: ';', decimal: ',', date_format: '%d.%m.%Y', timezone: 'Europe/Berlin' },
      [
        { name: 'n', type: 'DOUBLE' },
        { name: 'd', type: 'DATE' },
        { name: 't', type: 'TIMESTAMP WITH TIME ZONE' },
      ],
    )
    // Berlin is two hours ahead of UTC in July.
    expect(rows).toEqual([
      [1.5, '2023-12-31', '2024-07-01 10:00:00+00', 0, []],
      [null, null, '2024-01-01 12:00:00+00', 1, ['n', 'd']],
    ])
  })

  test('records that cannot be split are counted exactly and the others are kept', async () => {
    const { outcome, rows } = await convert('a,b\n1,x\n2\n3,y,z\n"q"r,5\n4,w\n', CSV, AB)
    expect(rows.map(([a]) => a)).toEqual([1, 4])
    expect(outcome).toMatchObject({
      rows: 2,
      rejectedCount: 3,
      rejectedLines: [
        { row: 1, text: '2' },
        { row: 2, text: '3,y,z' },
        { row: 3, text: '"q"r,5' },
      ],
    })
  })

  test('the list of rejected lines ends at 1,000, the count does not', async () => {
    const bad = Array.from({ length: 2500 }, (_, index) => `${index}`).join('\n')
    const { outcome } = await convert(`a,b\n1,x\n${bad}\n`, CSV, AB)
    expect(outcome.kind === 'ok' && [outcome.rows, outcome.rejectedCount, outcome.rejectedLines.length]).toEqual([
      1, 2500, 1000,
    ])
  })

  test('bytes that are not UTF-8 reject their line only', async () => {
    const bytes = Buffer.from('a,b\n1,x\n2,\xff\n3,y\n', 'latin1')
    const { outcome, rows } = await convert(bytes, { ...CSV, encoding: 'utf-8' }, AB)
    expect(rows.map(([a]) => a)).toEqual([1, 3])
    expect(outcome).toMatchObject({ rejectedCount: 1, rejectedLines: [{ row: 1 }] })
  })

  test('missing columns are NULL, extra ones come behind with a type of their own, order does not matter', async () => {
    const { outcome, rows } = await convert('extra,B,code\n7,x,007\n', CSV, [
      { name: 'a', type: 'BIGINT' },
      { name: 'b', type: 'VARCHAR' },
    ])
    expect(outcome).toMatchObject({
      missingColumns: ['a'],
      extraColumns: ['extra', 'code'],
      columns: [
        { name: 'a', type: 'BIGINT' },
        { name: 'b', type: 'VARCHAR' },
        { name: 'extra', type: 'BIGINT' },
        { name: 'code', type: 'VARCHAR' },
      ],
    })
    expect(rows).toEqual([[null, 'x', 7, '007', 0, []]])
  })

  test('a file without any of the columns is unreadable, not a table of NULLs', async () => {
    expect((await convert('1,x\n2,y\n', CSV, AB)).outcome).toMatchObject({
      kind: 'unreadable',
      findings: [{ code: 'PQ706' }],
    })
  })

  test('duplicate, empty and hostile names work', async () => {
    const header = 'a,A,,"say ""hi""","x\ny","\'; DROP TABLE t; --"'
    const { outcome, rows } = await convert(`${header}\n1,2,3,4,5,6\n`, CSV, undefined)
    expect(outcome.kind === 'ok' && outcome.columns.map(({ name }) => name)).toEqual([
      'a',
      'A_1',
      'column_2',
      'say "hi"',
      'x\ny',
      "'; DROP TABLE t; --",
    ])
    expect(rows).toEqual([[1, 2, 3, 4, 5, 6, 0, []]])
  })

  test('a column with a reserved name makes the file unreadable', async () => {
    expect((await convert('a,__tg_row\n1,2\n', CSV, undefined)).outcome).toMatchObject({
      kind: 'unreadable',
      findings: [{ code: 'PQ220' }],
    })
  })

  test('encodings, compressions and line ends do not change what is read', async () => {
    const text = 'a,b\n1,Zoë\n2,Ångström\n'
    const expected = [
      [1, 'Zoë', 0, []],
      [2, 'Ångström', 1, []],
    ]
    const files: readonly (readonly [what: string, bytes: Uint8Array, read: ReadOptions])[] = [
      ['utf-8', Buffer.from(text), CSV],
      ['utf-8 with a mark', Buffer.from(`\ufeff${text}`), CSV],
      ['windows-1252', Buffer.from(text, 'latin1'), CSV],
      ['utf-16le', Buffer.from(`\ufeff${text}`, 'utf16le'), CSV],
      ['utf-16be', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), CSV],
      ['gzip', gzipSync(text), CSV],
      ['gzip in two members', Buffer.concat([gzipSync(text.slice(0, 9)), gzipSync(text.slice(9))]), CSV],
      ['zstd', zstdCompressSync(text), CSV],
      ['gzip of windows-1252', gzipSync(Buffer.from(text, 'latin1')), CSV],
      ['CRLF', Buffer.from(text.replaceAll('\n', '\r\n')), CSV],
      ['CR', Buffer.from(text.replaceAll('\n', '\r')), CSV],
      ['mixed line ends', Buffer.from(text.replace('\n', '\r\n')), CSV],
      ['no line end at the end', Buffer.from(text.trimEnd()), CSV],
      ['lines before the header', Buffer.from(`made by x\n\n${text}`), { ...CSV, skip_rows: 2 }],
    ]
    for (const [what, bytes, read] of files)
      expect([what, (await convert(bytes, read, AB)).rows]).toEqual([what, expected])
    expect(readdirSync(work)).toEqual([])
  })

  test('without a header the columns go by position', async () => {
    expect((await convert('1,x\n2,y\n', { ...CSV, header: false }, AB)).rows).toEqual([
      [1, 'x', 0, []],
      [2, 'y', 1, []],
    ])
  })

  test('null texts are NULL and no misfits', async () => {
    expect((await convert('a,b\nNA,NA\n,\n', { ...CSV, null_values: ['', 'NA'] }, AB)).rows).toEqual([
      [null, null, 0, []],
      [null, null, 1, []],
    ])
  })

  test('a header alone is a file of no rows', async () => {
    expect((await convert('a,b\n', CSV, AB)).outcome).toMatchObject({ kind: 'ok', rows: 0, rejectedCount: 0 })
  })
})

describe('what cannot be read', () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `${index * 7919},row ${index * 31}\n`).join('')
  const gz = gzipSync(lines)
  const zst = zstdCompressSync(lines)
  const cases: readonly (readonly [what: string, bytes: Uint8Array | string, read: ReadOptions, code: string])[] = [
    ['an empty file', '', { format: 'csv' }, 'PQ101'],
    ['a cut-off gzip', gz.subarray(0, gz.length - 20), { format: 'csv' }, 'PQ704'],
    [
      'a damaged gzip',
      Buffer.concat([gz.subarray(0, 500), Buffer.alloc(100, 0xff), gz.subarray(600)]),
      { format: 'csv' },
      'PQ704',
    ],
    ['a cut-off zstd', zst.subarray(0, zst.length - 20), { format: 'csv' }, 'PQ704'],
    ['a NUL in the middle', `a,b\n${'1,x\n'.repeat(100_000)}2,\0\n`, { format: 'csv' }, 'PQ701'],
    ['half a UTF-16 character', Buffer.from([0xff, 0xfe, 0x61, 0x00, 0x62]), { format: 'csv' }, 'PQ702'],
    ['a cut-off JSON array', '[{"a":1},{"a":2', { format: 'json' }, 'PQ703'],
    ['a JSON array with text behind', '[{"a":1}] oops', { format: 'json' }, 'PQ703'],
    ['brackets that do not fit', '[{"a":1]}', { format: 'json' }, 'PQ703'],
    ['a missing records path', '{"a":[]}', { format: 'json', records: 'features' }, 'PQ708'],
    ['an empty JSON array', '[]', { format: 'json' }, 'PQ705'],
  ]
  for (const [what, bytes, read, code] of cases)
    test(`${what} is ${code}`, async () => {
      const { outcome } = await convert(bytes, read, undefined)
      expect(outcome).toMatchObject({ kind: 'unreadable', findings: [{ code }] })
      expect(readdirSync(work)).toEqual([])
    })

  test('a file that is gone and an unknown encoding are errors', async () => {
    const out = { path: join(folder, 'out.parquet'), workFolder: work }
    const gone = convertText(session, { uri: join(folder, 'gone.csv') }, CSV, AB, out)
    expect(codeOf(await gone.catch((error: unknown) => error))).toBe('SOURCE_GONE')
    writeFileSync(join(folder, 'a.csv'), 'a,b\n')
    const unknown = convertText(session, { uri: join(folder, 'a.csv') }, { ...CSV, encoding: 'klingon' }, AB, out)
    expect(codeOf(await unknown.catch((error: unknown) => error))).toBe('ENCODING_UNKNOWN')
  })
})

describe('JSON', () => {
  test('arrays, lines, documents and single records give the same rows', async () => {
    const records = ['{"a":1,"b":"x"}', '{"b":"y, \\"z\\"","a":2}']
    const expected = [
      [1, 'x', 0, []],
      [2, 'y, "z"', 1, []],
    ]
    const files: readonly (readonly [what: string, text: string, read: ReadOptions])[] = [
      ['array', `[${records.join(',\n')}]`, { format: 'json' }],
      ['spread array', `\n [ ${records.join(' , ')} ] \n`, { format: 'json' }],
      ['lines', records.join('\n'), { format: 'ndjson' }],
      ['lines with blanks', `\n${records.join('\r\n \r\n')}\r\n\r\n`, { format: 'ndjson' }],
      ['document', `{"meta":{"rows":[0]},"rows":[${records.join(',')}],"end":1}`, { format: 'json', records: 'rows' }],
      [
        'deep document',
        `{"x":{"rows":[${records.join(',')}]},"rows":[{"a":9}]}`,
        { format: 'json', records: 'x.rows' },
      ],
      ['values after one another', records.join('\n\n'), { format: 'json' }],
    ]
    for (const [what, text, read] of files)
      expect([what, (await convert(text, read, AB)).rows]).toEqual([what, expected])
  })

  test('lines that are not objects are rejected with their text, the others stay', async () => {
    const { outcome, rows } = await convert(
      '{"a":1,"b":"x"}\n{"a":2\n[1]\n\n{"a":3} x\n{"a":4}',
      { format: 'ndjson' },
      AB,
    )
    expect(rows.map((row) => row[0])).toEqual([1, 4])
    expect(outcome).toMatchObject({
      rows: 2,
      rejectedCount: 3,
      rejectedLines: [
        { row: 1, text: '{"a":2', message: 'not valid JSON' },
        { row: 2, text: '[1]', message: 'not an object' },
        { row: 3, text: '{"a":3} x', message: 'not valid JSON' },
      ],
    })
  })

  test('misfits and missing keys are told apart', async () => {
    expect((await convert('[{"a":"no","b":"x"},{"b":"y"},{"a":null,"b":5}]', { format: 'json' }, AB)).rows).toEqual([
      [null, 'x', 0, ['a']],
      [null, 'y', 1, []],
      [null, '5', 2, []],
    ])
  })

  test('what does not fit inside of a nested value makes the whole value a misfit; absent keys do not', async () => {
    const type = 'STRUCT("a" BIGINT, "b" DOUBLE[], "c" STRUCT("d" VARCHAR))'
    const values = [
      '{"a":1,"b":[1,2,3,2.5],"c":{"d":"x"}}',
      '{"b":[1, 2, 3]}',
      '{"a":null,"c":{}}',
      '{"a":"x"}',
      '{"b":[1,"y"]}',
      '{"a":1,"unknown":2}',
      '5',
    ]
    const { rows } = await convert(values.map((value) => `{"v":${value}}`).join('\n'), { format: 'ndjson' }, [
      { name: 'v', type },
    ])
    expect(rows.map(([value, , misfits]) => [value !== null, misfits])).toEqual([
      [true, []],
      [true, []],
      [true, []],
      [false, ['v']],
      [false, ['v']],
      [false, ['v']],
      [false, ['v']],
    ])
    expect(rows[1]?.[0]).toEqual({ a: null, b: [1, 2, 3], c: null })
  })

  test('keys with any character are columns, and large integers keep their digits', async () => {
    const { rows, outcome } = await convert(
      '[{"a/b":1,"c~d":2,"":3,"e\\"f":4,"A/B":5,"big":12345678901234567890}]',
      { format: 'json' },
      undefined,
    )
    expect(outcome.kind === 'ok' && outcome.columns.map(({ name }) => name)).toEqual([
      'a/b',
      'c~d',
      'column_2',
      'e"f',
      'A/B_1',
      'big',
    ])
    expect(rows).toEqual([[1, 2, 3, 4, 5, '12345678901234567890', 0, []]])
  })
})

const CSV: ReadOptions = { format: 'csv' }
const AB = ['a BIGINT', 'b VARCHAR'].map((text): ColumnSchema => ({ name: text[0] ?? '', type: text.slice(2) }))

async function convert(
  content: Uint8Array | string,
  read: ReadOptions,
  columns: readonly ColumnSchema[] | undefined,
): Promise<{ readonly outcome: ConvertOutcome; readonly rows: readonly (readonly Cell[])[] }> {
  const uri = join(folder, "in [1]*'?.txt")
  const path = join(folder, 'out.parquet')
  writeFileSync(uri, content)
  const outcome = await convertText(session, { uri }, read, columns, { path, workFolder: work })
  if (outcome.kind !== 'ok') return { outcome, rows: [] }
  const relation = convertedRelation(session.dialect, [{ uri: path, path: 'out' }], outcome.columns)
  const names = outcome.columns.map(({ name }) => session.dialect.identifier(name)).join(', ')
  const { rows } = await session.query(`SELECT ${names}, __tg_row, __tg_misfit FROM ${relation.sql} ORDER BY __tg_row`)
  return { outcome, rows }
}
