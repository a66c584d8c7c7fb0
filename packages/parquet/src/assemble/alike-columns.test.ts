import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { planLostFooter } from '../repair/lost-footer/plan-lost-footer.ts'
import { bytesSource } from '../testing/byte-source.ts'

let session: Session
let folder: string

beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
  folder = mkdtempSync(join(tmpdir(), 'tidegate-alike-'))
})

afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Plans for a file of the columns of `list` whose footer is gone, with a sibling of the columns of `siblingList`. */
async function planWith(list: string, siblingList = list): Promise<Awaited<ReturnType<typeof planLostFooter>>> {
  const [path, sibling] = [join(folder, 'file.parquet'), join(folder, 'sibling.parquet')]
  await session.query(`COPY (SELECT ${list} FROM range(3000) AS rows(i)) TO '${path}' (ROW_GROUP_SIZE 2048)`)
  await session.query(`COPY (SELECT ${siblingList} FROM range(2500) AS rows(i)) TO '${sibling}' (ROW_GROUP_SIZE 2048)`)
  const bytes = await readFile(path)
  const withoutFooter = bytes.subarray(0, bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8))
  return await planLostFooter(bytesSource(withoutFooter), { schema: [{ sibling }] })
}

const NUMBERS = 'i * 7 % 1000 AS net, i * 11 % 1000 AS gross'
const EXCHANGED = 'i * 11 % 1000 AS gross, i * 7 % 1000 AS net'
const OTHERS = "i::INTEGER AS day, 'name ' || i AS name, i % 2 = 0 AS paid"

it('columns that only the order of the sibling tells apart are a doubt, at strong all the same', async () => {
  for (const siblingList of [`${NUMBERS}, ${OTHERS}`, `${EXCHANGED}, ${OTHERS}`]) {
    const plan = await planWith(`${NUMBERS}, ${OTHERS}`, siblingList)
    expect(plan).toMatchObject({ kind: 'salvaged', confidence: 'strong' })
    const names = siblingList.startsWith(NUMBERS) ? 'net and gross' : 'gross and net'
    expect(plan.doubts).toEqual([
      `columns ${names} are stored alike: that they are not exchanged is the sibling's word`,
    ])
  }
})

it('columns of different types are no doubt', async () => {
  const plan = await planWith(`i AS id, ${OTHERS}`)
  expect(plan).toMatchObject({ kind: 'salvaged', confidence: 'strong', doubts: [] })
})

it('names three of many', async () => {
  const many = ['a', 'b', 'c', 'd', 'e'].map((name, index) => `i * ${index + 3} % 100 AS ${name}`)
  const pairs = ['INTEGER', 'DOUBLE', 'VARCHAR', 'DATE'].flatMap((type) =>
    [1, 2].map((nth) => {
      const value = type === 'DATE' ? "DATE '2024-01-01' + (i % 90)::INTEGER" : `(i * ${nth} % 97)::${type}`
      return `${value} AS ${type.toLowerCase()}_${nth}`
    }),
  )
  const { doubts } = await planWith([...many, ...pairs].join(', '))
  expect(doubts).toEqual([
    "columns a, b and 3 more; integer_1 and integer_2; double_1 and double_2; and 2 more such groups are stored alike: that they are not exchanged is the sibling's word",
  ])
})
