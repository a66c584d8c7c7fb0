import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

import { FINDING_CODES } from './finding-codes.ts'

// What we tell people to do, done.
const PACKAGE = fileURLToPath(new URL('../', import.meta.url))
const GUIDE = readFileSync(new URL('../../../docs/repair.md', import.meta.url), 'utf8')

const RUN = ['--conditions=tidegate:source', '--disable-warning=ExperimentalWarning']

interface Ended {
  readonly exitCode: number | null
  readonly output: string
}

async function runNode(args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [...RUN, ...args], { cwd: PACKAGE })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { exitCode, output }
}

test('cut and repair: the rows are those that were there, and DuckDB says so', async () => {
  const { exitCode, output } = await runNode(['examples/cut-and-repair.js'])
  expect(exitCode, output).toBe(0)
  expect(output).toContain('status: partial · confidence: strong')
  const [, rows] = /^rows: (\d+) /m.exec(output) ?? []
  // February has 458,170 rows; three quarters of its bytes are 343,627 of them, give or take a row group of 20,480.
  expect(Math.abs(Number(rows) - 343_627)).toBeLessThan(20_480)
  expect(output).toContain(`rows that the original does not have: 0 · of its first ${rows} rows missing: 0`)
}, 60_000)

test('diagnose a folder: each of its five troubles has its code', async () => {
  const { exitCode, output } = await runNode(['examples/diagnose-folder.js'])
  expect(exitCode, output).toBe(0)
  for (const code of ['PQ501', 'PQ505', 'PQ105', 'PQ107', 'PQ503']) expect(output).toContain(code)
  expect(output).toContain('5 files, 3 sound with 30000 rows')
}, 60_000)

test('each example is run by a test', () => {
  expect(readdirSync(new URL('../examples/', import.meta.url)).toSorted()).toEqual([
    'cut-and-repair.js',
    'diagnose-folder.js',
  ])
})

describe('README', () => {
  const blocks = [...readFileSync(new URL('../README.md', import.meta.url), 'utf8').matchAll(/^```js\n([^]*?)^```$/gm)]

  test.each(blocks.map(([, code = ''], index) => ({ number: index + 1, code })))(
    'block $number runs and prints what its comments say',
    async ({ code }) => {
      const { exitCode, output } = await runNode(['--input-type=module', '--eval', code])
      expect(exitCode, output).toBe(0)
      for (const promised of PROMISED.filter((text) => code.includes(text))) expect(output).toContain(promised)
    },
    60_000,
  )
})

/** Comments of the blocks that are output, word by word. */
const PROMISED: readonly string[] = [
  "repairable-lossy [ 'PQ105 TAIL_MAGIC_MISSING', 'PQ201 FOOTER_MISSING' ]",
  "partial strong { rowsRecovered: 30720, rowsLost: 'unknown', cellsNulled: 0 }",
  "repaired.parquet.loss.json [ 'own', 'duckdb' ]",
  'a.parquet ok',
  'b.parquet PQ505',
  '2 2000',
  'unchanged 1000',
]

describe('docs/repair.md', () => {
  const rows = [...GUIDE.matchAll(/^\| (PQ\d{3}) \| ([A-Z0-9_]+) \| (.+?) \|/gm)]

  test('its tables have every finding code once, with its name and meaning', () => {
    const told = rows.map(([, code, name, meaning]) => ({ code, name, meaning }))
    const known = Object.entries(FINDING_CODES).map(([code, { name, meaning }]) => ({ code, name, meaning }))
    expect(told).toEqual(known.toSorted((left, right) => (left.code < right.code ? -1 : 1)))
  })
})
