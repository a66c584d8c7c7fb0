import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FileRecord } from '@tidegate/core'
import { rebuildState } from './rebuild-state.ts'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** Five row groups of 2,048 rows, four columns, no page checksums (DuckDB writes none). */
function rowsFrom(first: number): string {
  return `SELECT range + ${first} AS id, 'name ' || (range * 7919 + ${first}) % 1000003 AS name,
    (range + ${first}) * 0.25::DOUBLE AS amount, CASE WHEN range % 7 = 0 THEN NULL ELSE range % 90 END AS delay FROM range(10240)`
}

async function landGood(p: TempProject, name: string, first: number): Promise<Buffer> {
  const file = path.join(p.directory, 'landing', name)
  await p.landRows(name, 'SELECT 1 AS placeholder')
  await bench.witness.query(
    `COPY (${rowsFrom(first)}) TO '${file}' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 2048)`,
  )
  return readFileSync(file)
}

/** A file of the table that is well, and one that `spoil` has been at. Both have 10,240 rows, the second from id 20,000 on. */
async function twoFiles(
  source: Readonly<Record<string, unknown>>,
  spoil: (bytes: Buffer, file: string) => Uint8Array | Promise<Uint8Array>,
): Promise<TempProject> {
  const p = bench.project(source)
  await landGood(p, 'a-good.parquet', 0)
  const bytes = await landGood(p, 'b-bad.parquet', 20_000)
  p.land('b-bad.parquet', await spoil(bytes, path.join(p.directory, 'landing/b-bad.parquet')))
  return p
}

function withTail(bytes: Buffer): Uint8Array {
  return Buffer.concat([bytes, Buffer.alloc(64)])
}

/** Cut in the third of five row groups. */
function cut(bytes: Buffer): Uint8Array {
  return bytes.subarray(0, Math.floor(bytes.length * 0.5))
}

/** 48 bytes in the middle of the chunk of `name` in row group 2, which is one data page without a dictionary. */
async function spoilPage(bytes: Buffer, file: string): Promise<Uint8Array> {
  const { rows } = await bench.witness.query(
    `SELECT data_page_offset + total_compressed_size // 2, dictionary_page_offset FROM parquet_metadata('${file}')
     WHERE row_group_id = 2 AND path_in_schema = 'name'`,
  )
  expect(rows[0]?.[1]).toBeNull()
  const at = Number(rows[0]?.[0])
  const spoiled = Buffer.from(bytes)
  for (let i = at; i < at + 48; i++) spoiled[i] = (spoiled[i] ?? 0) ^ 0xff
  return spoiled
}

/** Zeros in all chunks of row group 2. */
async function zeroGroup(bytes: Buffer, file: string): Promise<Uint8Array> {
  const { rows } = await bench.witness.query(
    `SELECT min(coalesce(dictionary_page_offset, data_page_offset)),
            max(coalesce(dictionary_page_offset, data_page_offset) + total_compressed_size)
     FROM parquet_metadata('${file}') WHERE row_group_id = 2`,
  )
  return Buffer.from(bytes).fill(0, Number(rows[0]?.[0]), Number(rows[0]?.[1]))
}

async function recordOf(p: TempProject, name: string): Promise<FileRecord> {
  const project = await p.open({ readOnly: true })
  try {
    const [record] = await project.state.listFiles({ path: name })
    if (record === undefined) throw new Error(`no record of ${name}`)
    return record
  } finally {
    await project.close()
  }
}

/** Rows of the target from the spoiled file that are not, cell by cell or by NULL, those that were written. */
async function inventedRows(p: TempProject): Promise<readonly (readonly unknown[])[]> {
  const lake = `read_parquet('${p.directory}/lake/**/*.parquet')`
  const differs = ['name', 'amount', 'delay'].map((c) => `(l.${c} IS NOT NULL AND l.${c} IS DISTINCT FROM o.${c})`)
  return (
    await bench.witness.query(
      `SELECT l.* FROM ${lake} l LEFT JOIN (${rowsFrom(20_000)}) o USING (id)
       WHERE l.id >= 20000 AND (o.id IS NULL OR ${differs.join(' OR ')})`,
    )
  ).rows
}

function repairedFiles(p: TempProject): string[] {
  return Object.keys(p.tree('.tidegate/repaired'))
}

describe('without loss', () => {
  test('bytes behind the end: loaded from a repaired copy, with both hashes in the ledger, and never again', async () => {
    const p = await twoFiles({}, withTail)
    const before = p.tree('landing')
    const report = await p.ingest()
    expect(outcomes(report)).toEqual(['a-good.parquet: loaded', 'b-bad.parquet: loaded PQ107'])
    expect(report.status).toBe('ok')
    expect(p.tree('landing')).toEqual(before)
    expect(await p.rows('count(*), count(DISTINCT id)')).toEqual([[20_480, 20_480]])
    expect(await inventedRows(p)).toEqual([])

    const { repair, hash, rowsRead, rowsLoaded } = await recordOf(p, 'b-bad.parquet')
    expect([rowsRead, rowsLoaded]).toEqual([10_240, 10_240])
    expect(hash).toBe(before['b-bad.parquet'])
    expect(repair).toMatchObject({ status: 'repaired', sourceSha256: hash, rowsLost: 0, cellsNulled: 0 })
    expect(repair?.codes).toContain('PQ107')
    const copies = p.tree('.tidegate/repaired')
    expect(copies).toEqual({ [repair?.path ?? '']: repair?.repairedSha256 })
    expect(report.files[1]?.repair).toEqual(repair)
    expect((await recordOf(p, 'a-good.parquet')).repair).toBeUndefined()

    expect((await p.ingest()).status).toBe('nothing-new')
    expect(p.tree('.tidegate/repaired')).toEqual(copies)
  })

  test('a repaired file that the gate holds: the original is in quarantine, the repair in the ledger', async () => {
    const p = await twoFiles({}, withTail)
    p.contract(
      's',
      { id: { type: 'BIGINT' }, name: { type: 'VARCHAR' }, amount: { type: 'DOUBLE' }, delay: { type: 'BIGINT' } },
      {
        expectations: [{ type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: 19_999 } }],
      },
    )
    const report = await p.ingest()
    expect(report.files.map(({ status }) => status)).toEqual(['loaded', 'held'])
    expect(report.files[1]).toMatchObject({ cause: 'checks', rowsRead: 10_240, rowsQuarantined: 10_240 })
    expect(report.files[1]?.reasons.map(({ check }) => check)).toContain('PQ107')
    expect(Object.values(p.tree('quarantine'))).toContain(p.tree('landing')['b-bad.parquet'])
    const { repair } = await recordOf(p, 'b-bad.parquet')
    expect(repairedFiles(p)).toEqual([repair?.path])
  })

  test('rebuilt from the target, the state knows of the repair again', async () => {
    const p = await twoFiles({}, withTail)
    await p.ingest()
    const { repair } = await recordOf(p, 'b-bad.parquet')
    const project = await p.open()
    try {
      await project.state.clearIndex()
      expect(await project.state.listFiles()).toEqual([])
      await rebuildState(project)
    } finally {
      await project.close()
    }
    expect((await recordOf(p, 'b-bad.parquet')).repair).toEqual(repair)
  })

  test('repair: off holds it, starts no doctor and writes nothing', async () => {
    const p = await twoFiles({ repair: 'off' }, withTail)
    const report = await p.ingest({
      effects: (effects) => ({
        ...effects,
        doctor: { ...effects.doctor, plan: () => Promise.reject(new Error('the doctor was asked')) },
      }),
    })
    expect(outcomes(report)).toEqual(['a-good.parquet: loaded', 'b-bad.parquet: held PQ107'])
    expect(report.files[1]?.reasons).toHaveLength(1)
    expect(repairedFiles(p)).toEqual([])
  })
})

describe('with loss', () => {
  test('a cut file is held, with what lossy would load; lossy loads it, and lost rows count as rejected', async () => {
    const p = await twoFiles({ repair: 'lossless' }, cut)
    const held = await p.ingest()
    expect(held.files[1]).toMatchObject({ status: 'held', cause: 'unreadable', rowsLoaded: 0 })
    const offer = held.files[1]?.reasons.find(({ check }) => check === 'REPAIR_IS_LOSSY')
    // The third row group is cut: its 2,048 rows were there.
    expect(offer?.message).toBe('repair: lossy would load 4,096 rows (of 6,144 or more)')
    expect(await p.count()).toBe(10_240)
    expect(repairedFiles(p)).toEqual([])

    const lossy = await p.ingest({
      retry: new Set(['b-bad.parquet']),
      source: { repair: 'lossy' },
    })
    const [file] = lossy.files
    expect(file).toMatchObject({ path: 'b-bad.parquet', status: 'loaded', rowsLoaded: 4096 })
    expect(file).toMatchObject({ rowsRead: 6144, rowsQuarantined: 2048 })
    const lost = Object.keys(p.tree('quarantine')).filter((name) => name.endsWith('.lost.json'))
    expect(lost).toHaveLength(1)
    expect(JSON.parse(p.read(`quarantine/${lost[0]}`))).toMatchObject({
      file: 's/b-bad.parquet#1',
      repair: file?.repair,
    })
    expect(file?.repair?.status).toBe('partial')
    expect(await p.rows('count(*), max(id)', 'WHERE id >= 20000')).toEqual([[4096, 24_095]])
    expect(await inventedRows(p)).toEqual([])
    expect(new Set(repairedFiles(p))).toEqual(new Set([file?.repair?.path, `${file?.repair?.path}.loss.json`]))
  })

  test('a damaged page is held with its place; lossy loads the row with NULLs, all of them in the list', async () => {
    const p = await twoFiles({}, spoilPage)
    const held = await p.ingest()
    const [, bad] = held.files
    expect(bad).toMatchObject({ status: 'held', cause: 'unreadable' })
    expect(bad?.reasons[0]).toMatchObject({ check: 'PQ304' })
    expect(bad?.reasons[0]?.message).toMatch(/row group 2, column name, page 0, rows 0 to 2,047/)
    expect(bad?.reasons.at(-1)?.message).toMatch(/^repair: lossy would load all 10,240 rows, 2,048 cells of them NULL$/)

    const lossy = await p.ingest({ retry: new Set(['b-bad.parquet']), source: { repair: 'lossy' } })
    expect(lossy.files[0]).toMatchObject({ status: 'loaded', rowsLoaded: 10_240, rowsQuarantined: 0 })
    expect(lossy.files[0]?.repair).toMatchObject({ status: 'partial', rowsLost: 0, cellsNulled: 2048 })
    expect(await p.rows('count(*), count(name), count(amount)', 'WHERE id >= 20000')).toEqual([[10_240, 8192, 10_240]])
    expect(await inventedRows(p)).toEqual([])
    const manifest = JSON.parse(p.read(`.tidegate/repaired/${lossy.files[0]?.repair?.path}.loss.json`)) as {
      loss: { column: string; cells: number }[]
    }
    expect(manifest.loss.map(({ column, cells }) => [column, cells])).toEqual([['name', 2048]])
  })

  test('a row group of zeros: its rows are known from the footer, so they are there and NULL', async () => {
    const p = await twoFiles({ repair: 'lossy' }, zeroGroup)
    const [, bad] = (await p.ingest()).files
    expect(bad).toMatchObject({ status: 'loaded', rowsRead: 10_240, rowsLoaded: 10_240, rowsQuarantined: 0 })
    // 2,048 rows of four columns.
    expect(bad?.repair).toMatchObject({ status: 'partial', confidence: 'proven', rowsLost: 0, cellsNulled: 8192 })
    expect(await p.rows('count(*), count(id), count(DISTINCT id)', 'WHERE id IS NULL OR id >= 20000')).toEqual([
      [10_240, 8192, 8192],
    ])
    expect(await inventedRows(p)).toEqual([])
  })

  test('where it is known how many rows are lost: read = loaded + rejected, in the report and in the ledger', async () => {
    const p = await twoFiles({ repair: 'lossy' }, spoilPage)
    // No setting of a project leaves rows out where the footer counts them, so the doctor is told to.
    const dropping = { onDamagedPage: 'drop-row-group' } as const
    const report = await p.ingest({
      effects: (effects) => ({
        ...effects,
        doctor: {
          ...effects.doctor,
          plan: (file, options, how) => effects.doctor.plan(file, { ...options, ...dropping }, how),
          repair: (file, out, options, how) => effects.doctor.repair(file, out, { ...options, ...dropping }, how),
        },
      }),
    })
    expect(report.files[1]).toMatchObject({
      status: 'loaded',
      rowsRead: 10_240,
      rowsLoaded: 8192,
      rowsQuarantined: 2048,
    })
    expect(await recordOf(p, 'b-bad.parquet')).toMatchObject({
      rowsRead: 10_240,
      rowsLoaded: 8192,
      rowsRejected: 2048,
      repair: { status: 'partial', rowsLost: 2048, cellsNulled: 0 },
    })
    // Row group 2 of five had the ids from 24,096 on.
    expect(await p.rows('count(*), count(DISTINCT id)', 'WHERE id >= 20000')).toEqual([[8192, 8192]])
    expect(await p.rows('count(*)', 'WHERE id BETWEEN 24096 AND 26143')).toEqual([[0]])
    expect(await inventedRows(p)).toEqual([])
  })

  test('a cut file alone in its folder comes back by what was loaded from another', async () => {
    const p = bench.project({ repair: 'lossy' })
    await landGood(p, 'monday/good.parquet', 0)
    expect(outcomes(await p.ingest())).toEqual(['monday/good.parquet: loaded'])
    const bytes = await landGood(p, 'tuesday/bad.parquet', 20_000)
    p.land('tuesday/bad.parquet', cut(bytes))
    expect(outcomes(await p.ingest())).toEqual(['tuesday/bad.parquet: loaded PQ105'])
    expect(await p.rows('count(*), max(id)', 'WHERE id >= 20000')).toEqual([[4096, 24_095]])
    expect(await inventedRows(p)).toEqual([])
  })

  test('no contract is learned where the only file is damaged: it is held', async () => {
    const p = bench.project({ repair: 'lossy', on_missing_contract: 'profile' })
    p.land('bad.parquet', withTail(await landGood(p, 'bad.parquet', 20_000)))
    expect(outcomes(await p.ingest())).toEqual(['bad.parquet: held PQ107'])
    expect(p.tree('contracts')).toEqual({})
    expect(repairedFiles(p)).toEqual([])
    // With a good file beside it there is a contract, and a retry loads it.
    await landGood(p, 'good.parquet', 20_001)
    expect(outcomes(await p.ingest())).toEqual(['good.parquet: loaded'])
    expect(outcomes(await p.ingest({ retry: new Set(['bad.parquet']) }))).toEqual(['bad.parquet: loaded PQ107'])
    expect(await p.count()).toBe(20_480)
  })

  test('a cut file beside files of another table only is held', async () => {
    const p = bench.project({ repair: 'lossy', dataset: '{stem}' })
    await p.landRows('a-other.parquet', 'SELECT range AS a, range AS b FROM range(50000)')
    p.land('b-bad.parquet', cut(await landGood(p, 'b-bad.parquet', 20_000)))
    const report = await p.ingest()
    expect(report.files.map(({ status }) => status)).toEqual(['loaded', 'held'])
    expect(report.files[1]?.reasons.map(({ check }) => check)).toContain('REPAIR_REFUSED')
    expect(repairedFiles(p)).toEqual([])
  })
})

describe('damage that no reader reports', () => {
  /** Six BIGINTs (0, 7919, …, 39595) as one page without compression; its header has the checksum. 262 bytes, written by DuckDB. */
  const CHECKED = Buffer.from(
    'UEFSMRUAFWwVbBXl1IShBhwVDBUAFQYVBgAAAgAAAAwBAAAAAAAAAADvHgAAAAAAAN49AAAAAAAAzVwAAAAAAAC8ewAAAAAAAKuaAAAAAAAAFQIZLDUAGA1k' +
      'dWNrZGJfc2NoZW1hFQIAFQQlAhgCaWQlJAAWDBkcGRwmABwVBBkVABkYAmlkFQAWDBaOARaaASYIPBgIq5oAAAAAAAAYCAAAAAAAAAAAFgAoCKuaAAAAAAAA' +
      'GAgAAAAAAAAAABERAAAAFo4BFgwmCBaaAQAoKER1Y2tEQiB2ZXJzaW9uIHYxLjUuNiAoYnVpbGQgMDY5Y2M5ZjliNSkZHBwAAACtAAAAUEFSMQ==',
    'base64',
  )
  /** 7919 becomes 7918. */
  const CHANGED = Buffer.from(CHECKED)
  CHANGED[CHANGED.indexOf(Buffer.from([0xef, 0x1e]))] = 0xee

  test.each(['checksums', 'pages'])('verify: %s holds it, whatever `repair` says; sound files pass', async (verify) => {
    for (const repair of ['off', 'lossless']) {
      const p = bench.project({ verify, repair })
      p.land('a-sound.parquet', CHECKED)
      p.land('b-changed.parquet', CHANGED)
      const report = await p.ingest()
      expect(outcomes(report)).toEqual(['a-sound.parquet: loaded', 'b-changed.parquet: held PQ303'])
      expect(report.files[1]?.reasons[0]?.message).toMatch(/row group 0, column id, page 0/)
      expect(await p.rows('sum(id)')).toEqual([[15 * 7919]])
    }
  })

  test('a store that knows the hash without showing the bytes: they are read', async () => {
    const p = bench.project()
    p.land('b-changed.parquet', CHANGED)
    const report = await p.ingest({
      effects: (effects) => ({
        ...effects,
        store: { ...effects.store, hash: (uri, signal) => effects.store.hash(uri, signal) },
      }),
    })
    expect(outcomes(report)).toEqual(['b-changed.parquet: held PQ303'])
  })

  test('where nothing but NULLs would come back, repair: lossy holds it as well', async () => {
    const p = bench.project({ repair: 'lossy' })
    p.land('b-changed.parquet', CHANGED)
    const report = await p.ingest()
    expect(outcomes(report)).toEqual(['b-changed.parquet: held PQ303'])
    expect(report.files[0]?.reasons.map(({ check }) => check)).toEqual(['PQ303', 'REPAIR_REFUSED'])
    expect(await p.count()).toBe(0)
  })

  test('verify: off reads what is there', async () => {
    const p = bench.project({ verify: 'off' })
    p.land('b-changed.parquet', CHANGED)
    expect(outcomes(await p.ingest())).toEqual(['b-changed.parquet: loaded'])
  })
})
