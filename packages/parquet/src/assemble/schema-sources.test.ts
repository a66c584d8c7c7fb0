import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { WalkItem } from '../pages/page.ts'
import { walkPages } from '../pages/walk-pages.ts'
import { planLostFooter } from '../repair/lost-footer/plan-lost-footer.ts'
import { viewOf } from '../source/pieces.ts'
import { bytesSource } from '../testing/byte-source.ts'
import { parseThrift } from '../thrift/parse-thrift.ts'
import { isStruct, itemsIn, structIn, type TypedStruct } from '../thrift/thrift-value.ts'
import { writeThrift } from '../thrift/write-thrift.ts'
import { buildFooter, closeFile } from './footer-builder.ts'
import { findCutFooter } from './find-cut-footer.ts'
import { pageFits } from './page-fits.ts'
import { schemaFromInline } from './schema-from-inline.ts'
import { schemaFromDelta, schemaFromFile, schemaFromFooter } from './schema-sources.ts'

let folder: string
let session: Session

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  session = await openDuckDB()
})

afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a Delta schema', () => {
  const field = (name: string, type: unknown, nullable = true): object => ({ name, type, nullable, metadata: {} })
  const json = (...fields: readonly object[]): string => JSON.stringify({ type: 'struct', fields })

  it('becomes the columns that Spark writes, as DuckDB understands them', async () => {
    const schema = schemaFromDelta(
      json(
        field('id', 'long', false),
        field('n', 'integer'),
        field('s', 'short'),
        field('y', 'byte'),
        field('f', 'float'),
        field('ok', 'boolean'),
        field('name', 'string'),
        field('raw', 'binary'),
        field('day', 'date'),
        field('at', 'timestamp'),
        field('local', 'timestamp_ntz'),
        field('small', 'decimal(9,2)'),
        field('mid', 'decimal(18,4)'),
        field('big', 'decimal(38,10)'),
        field('tags', { type: 'array', elementType: 'string', containsNull: true }),
        field('m', { type: 'map', keyType: 'string', valueType: 'double', valueContainsNull: false }),
        field('o', { type: 'struct', fields: [field('x', 'double'), field('z', 'string', false)] }),
        field('region', 'string'),
      ),
      { partitionColumns: ['region'] },
    )
    if (schema === undefined) throw new Error('no schema')
    const path = join(folder, 'empty.parquet')
    const footer = buildFooter({ schema: schema.elements, rowGroups: [] })
    writeFileSync(path, Buffer.concat([Buffer.from('PAR1'), closeFile(footer)]))
    const { rows } = await session.query(`DESCRIBE FROM read_parquet('${path}')`)
    expect(rows.map(([name, type]) => `${String(name)} ${String(type)}`)).toEqual([
      'id BIGINT',
      'n INTEGER',
      's SMALLINT',
      'y TINYINT',
      'f FLOAT',
      'ok BOOLEAN',
      'name VARCHAR',
      'raw BLOB',
      'day DATE',
      'at TIMESTAMP WITH TIME ZONE',
      'local TIMESTAMP',
      'small DECIMAL(9,2)',
      'mid DECIMAL(18,4)',
      'big DECIMAL(38,10)',
      'tags VARCHAR[]',
      'm MAP(VARCHAR, DOUBLE)',
      'o STRUCT(x DOUBLE, z VARCHAR)',
    ])
    const levels = schema.leaves.map((leaf) => [leaf.path.join('.'), leaf.maxDefinitionLevel, leaf.maxRepetitionLevel])
    expect(levels).toContainEqual(['id', 0, 0])
    expect(levels).toContainEqual(['tags.list.element', 3, 1])
    expect(levels).toContainEqual(['m.key_value.key', 2, 1])
    expect(levels).toContainEqual(['m.key_value.value', 2, 1])
    expect(levels).toContainEqual(['o.z', 1, 0])
    // 38 digits need 16 bytes.
    expect(schema.leaves.find(({ path: [name] }) => name === 'big')?.typeLength).toBe(16)
  })

  it('uses the physical names of mapped columns', () => {
    const mapped = { ...field('a', 'long'), metadata: { 'delta.columnMapping.physicalName': 'col-1' } }
    expect(schemaFromDelta(json(mapped))?.leaves[0]?.path).toEqual(['col-1'])
  })

  it.each([
    ['no JSON', '{'],
    ['no struct', '"long"'],
    ['no fields', '{"type":"struct","fields":[]}'],
    ['an unknown type', '{"type":"struct","fields":[{"name":"a","type":"__proto__"}]}'],
    ['a void', '{"type":"struct","fields":[{"name":"a","type":"void"}]}'],
    ['an impossible decimal', '{"type":"struct","fields":[{"name":"a","type":"decimal(39,0)"}]}'],
    ['a field without a name', '{"type":"struct","fields":[{"type":"long"}]}'],
    [
      'endless nesting',
      `{"type":"struct","fields":[{"name":"a","type":${'{"type":"array","elementType":'.repeat(80)}"long"${'}'.repeat(80)}}]}`,
    ],
  ])('is refused for %s', (_, text) => {
    expect(schemaFromDelta(text)).toBeUndefined()
  })
})

describe('another file', () => {
  it('gives schema, codecs, use of dictionaries and the size of full row groups', async () => {
    const path = join(folder, 'sibling.parquet')
    await session.query(
      `COPY (SELECT i AS n, 'k' || (i % 3) AS k FROM range(5000) t(i)) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048, CODEC 'zstd')`,
    )
    expect(await schemaFromFile(bytesSource(readFileSync(path)), 'sibling')).toMatchObject({
      from: 'sibling',
      codecs: [6, 6],
      dictionaries: [false, true],
      groupRows: [2048],
      createdBy: expect.stringContaining('DuckDB'),
    })
  })

  it('that is damaged itself is no source', async () => {
    expect(await schemaFromFile(bytesSource(Buffer.from('PAR1')), 'sibling')).toBeUndefined()
    expect(await schemaFromFile(bytesSource(Buffer.alloc(100, 'PAR1')), 'sibling')).toBeUndefined()
    expect(schemaFromFooter(Buffer.from('15021900', 'hex'), 'sibling')).toBeUndefined()
    expect(await findCutFooter(bytesSource(Buffer.alloc(5000, 0x15)))).toBeUndefined()
  })
})

describe('metadata between the chunks', () => {
  it('gives names and types back where there is no other source, and proves the boundaries', async () => {
    const path = join(folder, 'inline.parquet')
    const select = "SELECT i AS n, CASE WHEN i % 5 > 0 THEN i / 4 END AS d, 'k' || (i % 9) AS k FROM range(6000) t(i)"
    await session.query(`COPY (${select}) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`)
    const bytes = withInlineMetadata(readFileSync(path))
    const source = bytesSource(bytes)
    const items: WalkItem[] = []
    for await (const item of walkPages(source)) items.push(item)
    const schema = await schemaFromInline(source, items, pageFits(source))
    if (schema === undefined) throw new Error('no schema')
    expect(schema.leaves.map(({ path: names, physicalType }) => [names[0], physicalType])).toEqual([
      ['n', 2],
      ['d', 5],
      ['k', 6],
    ])
    const plan = await planLostFooter(source, { schema: [] })
    expect(plan).toMatchObject({ kind: 'salvaged', schemaFrom: 'inline-metadata', confidence: 'proven' })
    expect(plan.rowGroups.map(({ rows }) => rows)).toEqual([2048, 2048, 1904])
    const out = join(folder, 'inline-out.parquet')
    const view = viewOf(source, plan.pieces)
    writeFileSync(out, await view.read(0, view.sizeBytes))
    const differing = `SELECT count(*)::INT FROM ((SELECT n, d, k::VARCHAR FROM '${out}') EXCEPT ALL FROM '${path}')`
    expect((await session.query(differing)).rows).toEqual([[0]])
  })
})

/** The data of a file as older writers stored it: the ColumnMetaData follows each chunk; without a footer. */
function withInlineMetadata(bytes: Buffer): Buffer {
  const footer = parseThrift(bytes.subarray(bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8), -8)).struct
  const parts: Uint8Array[] = [Buffer.from('PAR1')]
  for (const group of itemsIn(footer, 4).filter((item): item is TypedStruct => isStruct(item)))
    for (const chunk of itemsIn(group, 1)) {
      const meta = isStruct(chunk) ? structIn(chunk, 3) : undefined
      if (meta === undefined) continue
      const at = (id: number): number => Number(meta.fields.get(id)?.value ?? 0)
      const start = at(11) > 0 ? Math.min(at(11), at(9)) : at(9)
      parts.push(bytes.subarray(start, start + at(7)), writeThrift(meta))
    }
  return Buffer.concat(parts)
}
