import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { diagnose } from '../../diagnose/diagnose.ts'
import { bytesSource } from '../../testing/byte-source.ts'
import type { RepairPlan } from '../plan.ts'
import { planRepair } from '../plan-repair.ts'

let folder: string
let outer: Buffer
let inner: Buffer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  const session = await openDuckDB({ threads: 1 })
  try {
    // The physical types are the same, so the pages of one file fit the columns of the other.
    await session.query(
      `COPY (SELECT i AS a, i * 2 AS b, 'x' || i AS c, sin(i) AS d FROM range(5000) t(i)) TO '${folder}/inner.parquet' (ROW_GROUP_SIZE 2048, COMPRESSION uncompressed)`,
    )
    await session.query(
      `COPY (SELECT i AS id, i % 7 AS k, content AS body, sin(i) AS v FROM range(30) t(i), read_blob('${folder}/inner.parquet')) TO '${folder}/outer.parquet' (COMPRESSION uncompressed)`,
    )
  } finally {
    await session.close()
  }
  outer = readFileSync(join(folder, 'outer.parquet'))
  inner = readFileSync(join(folder, 'inner.parquet'))
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

async function planCutAt(end: number): Promise<RepairPlan> {
  return await planRepair(bytesSource(outer.subarray(0, end)), {
    schema: [{ sibling: join(folder, 'outer.parquet') }],
    minConfidence: 'weak',
  })
}

it('a file inside a value of a file that lost its footer is not taken for the file', async () => {
  const footer = outer.length - 8 - outer.readUInt32LE(outer.length - 8)
  for (const end of [footer, footer - 10]) {
    const plan = await planCutAt(end)
    expect(plan).toMatchObject({ kind: 'repair', lossless: false, schemaFrom: 'sibling', rowGroups: [{ rows: 30 }] })
    const diagnosis = await diagnose(bytesSource(outer.subarray(0, end)), { level: 'pages' })
    expect(diagnosis).toMatchObject({ verdict: 'repairable-lossy', findings: [{ code: 'PQ105' }, {}] })
  }
})

it('nothing of it is read as rows where the value itself is cut', async () => {
  const end = outer.indexOf(inner) + inner.length
  for (const cut of [end, end + 4, Math.floor(end * 0.9), Math.floor(end / 2)])
    expect(await planCutAt(cut)).toMatchObject({ kind: 'refused', rowGroups: [] })
})
