import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { RepairPhase } from './apply-repair.ts'
import { runRepair } from './repair.ts'
import type { LossManifest } from './report.ts'

let base: string
let folder: string
let session: Session

beforeAll(async () => {
  base = fs.mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
  session = await openDuckDB({ threads: 1 })
  await session.query(
    `COPY (SELECT i::INT AS i, md5(i::VARCHAR) AS text FROM range(6000) t(i)) TO '${path.join(base, 'sound.parquet')}' (FORMAT parquet, COMPRESSION gzip, ROW_GROUP_SIZE 2048)`,
  )
  const { rows } = await session.query(
    `SELECT data_page_offset::INT FROM parquet_metadata('${path.join(base, 'sound.parquet')}') WHERE row_group_id = 1 AND path_in_schema = 'text'`,
  )
  const damaged = fs.readFileSync(path.join(base, 'sound.parquet'))
  const page = Number(rows[0]?.[0])
  damaged.fill(0xaa, page + 200, page + 300)
  fs.writeFileSync(path.join(base, 'damaged.parquet'), damaged)
})
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(base, 'case-'))
})
afterAll(async () => {
  await session.close()
  fs.rmSync(base, { recursive: true, force: true })
})

describe('a repair that is killed', () => {
  test.each<[RepairPhase, readonly string[]]>([
    ['planned', []],
    ['written', []],
    ['manifest', ['out.parquet.loss.json']],
    ['named', ['out.parquet', 'out.parquet.loss.json']],
  ])('when it is %s leaves no file without its manifest, and no half file', async (phase, expected) => {
    const source = path.join(base, 'damaged.parquet')
    const before = fs.readFileSync(source)
    const out = path.join(folder, 'out.parquet')
    expect(await killAt(phase, source, out)).toBe('SIGKILL')
    const names = fs.readdirSync(folder).filter((name) => !name.startsWith('.tmp-'))
    expect(names.toSorted()).toEqual(expected)
    expect(fs.readFileSync(source)).toEqual(before)
    if (phase === 'named') return await expectWhole(out)
    // What was left behind is in nobody's way.
    const report = await runRepair(source, out, { engine: { place: 'here' } })
    expect(report).toMatchObject({ status: 'partial', lossFile: `${out}.loss.json` })
    await expectWhole(out)
  })
})

/** Row group 1 lost its column `text`, nothing else. */
async function expectWhole(out: string): Promise<void> {
  const manifest = JSON.parse(fs.readFileSync(`${out}.loss.json`, 'utf8')) as LossManifest
  expect(manifest.totals).toEqual({ rowsRecovered: 6000, rowsLost: 0, cellsNulled: 2048 })
  expect(manifest.loss).toMatchObject([{ rowGroup: 1, column: 'text', wrote: 'null', cells: 2048 }])
  const { rows } = await session.query(
    `SELECT count(*), count(i), count(text), sum(i), min(i) FILTER (text IS NULL), max(i) FILTER (text IS NULL) FROM '${out}'`,
  )
  expect(rows).toEqual([[6000, 6000, 3952, 17_997_000, 2048, 4095]])
}

async function killAt(phase: RepairPhase, source: string, out: string): Promise<NodeJS.Signals | null> {
  const script = `
    import { runRepair } from ${JSON.stringify(new URL('repair.ts', import.meta.url).href)}
    await runRepair(${JSON.stringify(source)}, ${JSON.stringify(out)}, {
      engine: { place: 'here' },
      onPhase: (phase) => {
        if (phase === '${phase}') process.kill(process.pid, 'SIGKILL')
        return new Promise((resolve) => setTimeout(resolve, phase === '${phase}' ? 60_000 : 0))
      },
    })`
  const child = spawn(process.execPath, ['--conditions=tidegate:source', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return await new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))
}
