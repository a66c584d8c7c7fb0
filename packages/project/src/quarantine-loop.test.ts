import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { filesOfRecord, listRecords } from './quarantine-loop.ts'
import { openDesk, results, type QuarantineDesk } from './testing/quarantine-desk.ts'
import { openBench, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

function limit(p: TempProject, max: number, type = 'BIGINT', mostly?: number): void {
  const kwargs = { column: 'v', max_value: max, ...(mostly === undefined ? {} : { mostly }) }
  const expectations = type === 'VARCHAR' ? [] : [{ id: 'max', type: 'expect_column_values_to_be_between', kwargs }]
  p.contract('s', { id: { type: 'BIGINT' }, v: { type } }, { expectations })
}

function split(): TempProject {
  const p = bench.project({ gate: { on_fail: 'split' }, on_missing_contract: 'hold' })
  limit(p, 20)
  return p
}

async function ids(p: TempProject): Promise<unknown[]> {
  return (await p.rows('id', 'ORDER BY id')).map(([id]) => Number(id))
}

async function firstFile(desk: QuarantineDesk): Promise<string> {
  const [record] = await desk.open()
  return record?.place ?? ''
}

describe('rejected rows', () => {
  test('that are good by the contract as it is now are loaded once; the rest is a new record', async () => {
    const p = split()
    p.land('a.csv', 'id,v\n1,5\n2,30\n3,99\n')
    await using desk = await openDesk(p)
    await desk.ingest()
    limit(p, 50)
    expect(results(await desk.settle('replay'))).toEqual(['a.csv#1: partly 1+1+0'])
    expect(results(await desk.settle('replay'))).toEqual(['a.csv#1: stays 0+1+0'])
    expect(await ids(p)).toEqual([1, 2])
    const [rest] = await desk.open()
    expect(rest).toMatchObject({ rows: 1, content: 'rows', reasons: [{ check: 'max' }] })
    expect((await desk.ingest()).status).toBe('nothing-new')
  })

  test('that were given up are closed for ever, with the note of who did it', async () => {
    const p = split()
    p.land('a.csv', 'id,v\n1,5\n2,30\n')
    await using desk = await openDesk(p)
    await desk.ingest()
    const [record] = await desk.open()
    await desk.settle('discard', { note: 'test data' })
    const [closed] = await listRecords(desk.project)
    expect(closed).toMatchObject({ id: record?.id, status: 'discarded' })
    expect((await desk.settle('release')).items).toEqual([])
    expect(await ids(p)).toEqual([1])
  })

  test('that a person corrected are taken only when that is said; those taken out count as given up', async () => {
    const p = split()
    p.land('a.csv', 'id,v\n1,5\n2,30\n3,99\n4,98\n')
    await using desk = await openDesk(p)
    await desk.ingest()
    const file = await firstFile(desk)
    await bench.witness.query(
      `COPY (SELECT * REPLACE (7 AS v) FROM read_parquet('${file}') WHERE id <> 4) TO '${file}.new' (FORMAT parquet)`,
    )
    rmSync(file)
    await bench.witness.query(`COPY (SELECT * FROM read_parquet('${file}.new')) TO '${file}' (FORMAT parquet)`)
    expect(results(await desk.settle('replay'))).toEqual(['a.csv#1: refused 0+3+0 QUARANTINE_EDITED'])
    expect(results(await desk.settle('replay', { acceptEdits: true }))).toEqual(['a.csv#1: loaded 2+0+1'])
    expect(await p.rows('id, v', 'ORDER BY id')).toEqual([
      [1, 5],
      [2, 7],
      [3, 7],
    ])
  })

  test('cannot become more by an edit', async () => {
    const p = split()
    p.land('a.csv', 'id,v\n1,5\n2,30\n')
    await using desk = await openDesk(p)
    await desk.ingest()
    const file = await firstFile(desk)
    await bench.witness.query(
      `CREATE OR REPLACE TEMP TABLE more AS SELECT * FROM read_parquet('${file}') UNION ALL SELECT * FROM read_parquet('${file}')`,
    )
    await bench.witness.query(`COPY more TO '${file}' (FORMAT parquet)`)
    const report = await desk.settle('release', { acceptEdits: true })
    expect(results(report)).toEqual(['a.csv#1: refused 0+1+0 QUARANTINE_MORE_ROWS'])
  })

  test('whose text did not fit come back from the file itself once the contract has another type', async () => {
    const p = split()
    p.land('a.csv', 'id,v\n1,5\n2,n/a\n')
    await using desk = await openDesk(p)
    await desk.ingest()
    expect(results(await desk.settle('release'))).toEqual(['a.csv#1: stays 0+1+0'])
    const fresh = bench.project({ gate: { on_fail: 'split' }, on_missing_contract: 'hold' })
    limit(fresh, 20)
    fresh.land('a.csv', 'id,v\n2,n/a\n3,x\n')
    await using other = await openDesk(fresh)
    await other.ingest()
    limit(fresh, 20, 'VARCHAR')
    expect(results(await other.settle('replay'))).toEqual(['a.csv#1: loaded 2+0+0'])
    expect(await fresh.rows('id, v', 'ORDER BY id')).toEqual([
      [2, 'n/a'],
      [3, 'x'],
    ])
  })

  test('are measured by the share of the whole file that a rule tolerates, not by a share of themselves', async () => {
    const p = split()
    const rows = Array.from({ length: 10 }, (_, index) => `${index},${index < 2 ? 99 : 1}`)
    p.land('a.csv', `id,v\n${rows.join('\n')}\n`)
    await using desk = await openDesk(p)
    await desk.ingest()
    limit(p, 20, 'BIGINT', 0.85)
    expect(results(await desk.settle('replay', { dryRun: true }))).toEqual(['a.csv#1: stays 0+2+0'])
    limit(p, 20, 'BIGINT', 0.8)
    expect(results(await desk.settle('replay'))).toEqual(['a.csv#1: loaded 2+0+0'])
  })

  test('that are gone from the disk are said, and can only be given up', async () => {
    const p = split()
    p.land('a.csv', 'id,v\n1,5\n2,30\n')
    await using desk = await openDesk(p)
    await desk.ingest()
    rmSync(await firstFile(desk))
    expect(results(await desk.settle('release'))).toEqual(['a.csv#1: refused 0+1+0 QUARANTINE_GONE'])
    expect(results(await desk.settle('discard'))).toEqual(['a.csv#1: discarded 0+0+1'])
  })
})

describe('held files', () => {
  function held(settings: Readonly<Record<string, unknown>> = {}): TempProject {
    const p = bench.project({ on_missing_contract: 'hold', ...settings })
    limit(p, 20)
    return p
  }

  test('go in as a whole when they are good now, and stay without a trace when they are not', async () => {
    const p = held()
    p.land('a.csv', 'id,v\n1,5\n2,30\n')
    p.land('b.csv', 'id,v\n3,5\n4,99\n')
    await using desk = await openDesk(p)
    await desk.ingest()
    limit(p, 50)
    const before = p.tree('quarantine')
    expect(results(await desk.settle('replay'))).toEqual(['a.csv#1: loaded 2+0+0', 'b.csv#1: stays 0+2+0'])
    expect(await ids(p)).toEqual([1, 2])
    expect(p.tree('quarantine')).toEqual(before)
    expect((await desk.open()).map((record) => record.filePath)).toEqual(['b.csv'])
    expect((await desk.ingest()).status).toBe('nothing-new')
  })

  test('are read from quarantine also when the source has lost them', async () => {
    const p = held()
    const landed = p.land('a.csv', 'id,v\n1,30\n')
    await using desk = await openDesk(p)
    await desk.ingest()
    rmSync(landed)
    expect(results(await desk.settle('release', { note: 'agreed' }))).toEqual(['a.csv#1: loaded 1+0+0'])
    expect(await ids(p)).toEqual([1])
  })

  test('that were corrected in quarantine are refused: what was held is what came', async () => {
    const p = held()
    p.land('a.csv', 'id,v\n1,30\n')
    await using desk = await openDesk(p)
    await desk.ingest()
    const [record] = await desk.open()
    const copy = (await filesOfRecord(desk.project, record as never)).find(({ file }) => file.endsWith('.csv'))
    writeFileSync(copy?.file ?? '', 'id,v\n1,3\n')
    expect(results(await desk.settle('replay'))).toEqual(['a.csv#1: refused 0+1+0 QUARANTINE_EDITED'])
  })

  test('of a path whose older version is live take its place; an older one than the newest is closed', async () => {
    const p = held()
    p.land('a.csv', 'id,v\n1,5\n')
    await using desk = await openDesk(p)
    await desk.ingest()
    p.land('a.csv', 'id,v\n2,30\n')
    await desk.ingest()
    p.land('a.csv', 'id,v\n3,40\n')
    await desk.ingest()
    expect(await ids(p)).toEqual([1])
    expect(results(await desk.settle('release'))).toEqual(['a.csv#3: loaded 1+0+0'])
    expect(await ids(p)).toEqual([3])
  })

  test.each([
    ['replace', ['superseded']],
    ['append', ['open']],
  ] as const)('are over once a corrected file came in their place (overwrites: %s)', async (overwrites, states) => {
    const p = bench.project({ gate: { on_fail: 'quarantine' }, on_missing_contract: 'hold', overwrites })
    limit(p, 20)
    p.land('a.csv', 'id,v\n1,30\n')
    await using desk = await openDesk(p)
    await desk.ingest()
    p.land('a.csv', 'id,v\n1,3\n')
    await desk.ingest()
    expect(await ids(p)).toEqual([1])
    const statuses = async (): Promise<string[]> => (await listRecords(desk.project)).map(({ status }) => status)
    expect(await statuses()).toEqual(states)
  })

  test('are only looked at by a dry run', async () => {
    const p = held()
    p.land('a.csv', 'id,v\n1,30\n')
    await using desk = await openDesk(p)
    await desk.ingest()
    const before = [p.tree('lake'), p.tree('quarantine')]
    expect(results(await desk.settle('release', { dryRun: true }))).toEqual(['a.csv#1: loaded 1+0+0'])
    expect([p.tree('lake'), p.tree('quarantine')]).toEqual(before)
    expect(await desk.open()).toHaveLength(1)
    expect(readdirSync(path.join(p.directory, 'lake', 's'))).toEqual(['_tidegate'])
  })
})
