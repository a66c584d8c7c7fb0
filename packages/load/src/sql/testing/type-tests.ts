import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ColumnSchema, Destination, Session } from '@tidegate/core'
import { batchOf, draftOf, fileOf } from '../../testing/drafts.ts'
import { EDGES, HOSTILE_NAMES } from './one-row-types.ts'

export interface TypeTarget {
  readonly open: () => Destination
  /** A folder of the test. */
  readonly root: string
}

/** Every cell that goes in comes out again, compared with the staged Parquet as the engine reads it. */
export function typeTests(kind: string, session: () => Session, fresh: () => TypeTarget): void {
  test(`${kind}: each value of each type comes back as the engine reads it from Parquet`, async () => {
    const columns = Object.keys(EDGES).map((type, at) => ({ name: `c${at}`, type }))
    const longest = Math.max(...Object.values(EDGES).map((values) => values.length))
    const rows = Array.from({ length: longest + 1 }, (_, row) =>
      Object.entries(EDGES)
        .map(([type, values], at) => `CAST(${values[row] ?? 'NULL'} AS ${type}) AS c${at}`)
        .join(', '),
    )
    await roundTrip(
      session(),
      fresh(),
      columns,
      rows.map((cells) => `SELECT ${cells}`).join(' UNION ALL '),
      rows.length,
    )
  }, 30_000)

  test(`${kind}: names are names, whatever is in them`, async () => {
    const columns = HOSTILE_NAMES.map((name) => ({ name, type: 'VARCHAR' }))
    const { dialect } = session()
    const select = `SELECT ${HOSTILE_NAMES.map((name) => `${dialect.literal(`<${name}>`)} AS ${dialect.identifier(name)}`).join(', ')}`
    await roundTrip(session(), fresh(), columns, `${select} UNION ALL ${select}`, 2)
  }, 30_000)

  test(`${kind}: a column of our own name is refused`, async () => {
    const target = fresh().open()
    const columns = [{ name: '_TIDEGATE_PART'.toLowerCase(), type: 'BIGINT' }]
    await expect(load(target, session(), 'b1', columns, 'SELECT 1::BIGINT AS _tidegate_part', 1)).rejects.toMatchObject(
      {
        code: 'TARGET_COLUMN',
      },
    )
    expect(await target.lookup('b1')).toBeUndefined()
    await target.close()
  })

  test(`${kind}: columns are added and types widened, and what was there stays`, async () => {
    const { open, root } = fresh()
    const target = open()
    await load(target, session(), 'b1', [{ name: 'n', type: 'INTEGER' }], 'SELECT 1::INTEGER AS n', 1)
    const grown = [{ name: 'n', type: 'BIGINT' }, { name: 's', type: 'VARCHAR' }] // prettier-ignore
    await load(target, session(), 'b2', grown, `SELECT 5000000000::BIGINT AS n, 'x' AS s`, 1)
    // A part that lacks a column, and has the narrower type.
    await load(target, session(), 'b3', grown, 'SELECT 2::INTEGER AS n', 1)
    expect(await rowsOf(target, session(), root)).toEqual([[1, null], [2, null], [5_000_000_000, 'x']]) // prettier-ignore
    await target.close()
  })

  test(`${kind}: a batch that was planned before a column was widened does not round what is there`, async () => {
    const { open, root } = fresh()
    const target = open()
    const [whole, real] = ['INTEGER', 'DOUBLE'].map((type) => [{ name: 'n', type }]) as [ColumnSchema[], ColumnSchema[]]
    await load(target, session(), 'b1', whole, 'SELECT 1::INTEGER AS n', 1)
    await load(target, session(), 'b2', real, 'SELECT 1.5::DOUBLE AS n', 1)
    const late = load(target, session(), 'b3', whole, 'SELECT 7::INTEGER AS n', 1)
    await expect(late).rejects.toMatchObject({ code: 'TARGET_COLUMN', retryable: true })
    expect(await rowsOf(target, session(), root)).toEqual([[1], [1.5]])
    await target.close()
  })
}

async function roundTrip(
  session: Session,
  { open, root }: TypeTarget,
  columns: readonly ColumnSchema[],
  select: string,
  rows: number,
): Promise<void> {
  mkdirSync(root, { recursive: true })
  const file = join(root, 'wanted.parquet')
  await session.query(`COPY (${select}) TO ${session.dialect.literal(file)} (FORMAT parquet)`)
  const target = open()
  await load(target, session, 'b1', columns, `SELECT * FROM read_parquet(${session.dialect.literal(file)})`, rows)
  const names = columns.map(({ name }) => `CAST(${session.dialect.identifier(name)} AS VARCHAR)`).join(', ')
  const from = await target.liveRows(session, { without: new Set(), scratch: root })
  const sorted = async (source: string): Promise<readonly string[]> =>
    (await session.query(`SELECT ${names} FROM ${source}`)).rows.map((row) => JSON.stringify(row)).toSorted()
  const wanted = await sorted(
    `(SELECT ${columns.map(({ name, type }) => `CAST(${session.dialect.identifier(name)} AS ${type}) AS ${session.dialect.identifier(name)}`).join(', ')} FROM read_parquet(${session.dialect.literal(file)}))`,
  )
  expect(await sorted(from ?? '')).toEqual(wanted)
  await target.close()
}

export async function load(
  target: Destination,
  session: Session,
  batch: string,
  columns: readonly ColumnSchema[],
  select: string,
  rows: number,
): Promise<void> {
  const ref = batchOf(batch)
  const staging = await target.prepare(ref)
  await staging.stageRows(session, select, { visible: `part-${batch}.parquet`, files: [{ file: `${batch}#1`, rows }] })
  const { add, remove } = await staging.settle(session, { leaving: new Set() })
  await staging.seal()
  const draft = draftOf(batch, {
    batch: ref,
    files: [fileOf(`${batch}#1`, rows)],
    add,
    remove,
    schema: { id: batch, columns },
  })
  expect((await target.commit(draft)).kind).toBe('committed')
  await target.publish()
}

async function rowsOf(target: Destination, session: Session, root: string): Promise<readonly unknown[]> {
  mkdirSync(root, { recursive: true })
  const from = await target.liveRows(session, { without: new Set(), scratch: root })
  return (await session.query(`SELECT * FROM ${from ?? ''} ORDER BY 1`)).rows
}
