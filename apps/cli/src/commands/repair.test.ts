import { execFileSync } from 'node:child_process'
import { existsSync, linkSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cutAtSixty, cutTail, GROUP_ROWS, ROWS, spoilPage, writeSound } from '../testing/damaged-files.ts'
import { runCli } from '../testing/run-cli.ts'
import { runHere, runJsonHere } from '../testing/run-here.ts'
import { plainContext } from '../testing/plain-context.ts'
import { queryIn, smallProject } from '../testing/small-project.ts'
import { isUsageCode } from '../usage-codes.ts'
import type { RepairArgs } from './repair/read-options.ts'
import { repair } from './repair.ts'

const project = smallProject()
const cwd = project.directory
const file = (name: string): string => path.join(cwd, name)

beforeAll(async () => {
  await writeSound(project, 'original/b.parquet', 10_000)
  await writeSound(project, 'original/c.parquet', 20_000)
  await writeSound(project, 'original/d.parquet', 30_000)
  await writeSound(project, 'land/a.parquet')
  for (const name of ['b', 'c', 'sub/d'])
    project.write(`land/${name}.parquet`, readFileSync(file(`original/${path.basename(name)}.parquet`)))
  cutTail(file('land/b.parquet'))
  cutAtSixty(file('land/c.parquet'))
  await spoilPage(file('land/sub/d.parquet'))
})
afterAll(() => project.remove())

/** Rows of `one` that are not in `other`, by DuckDB. */
async function difference(one: string, other: string): Promise<unknown> {
  const read = (name: string): string => `SELECT * FROM read_parquet('${file(name)}')`
  return (await queryIn(cwd, `SELECT count(*) FROM (${read(one)} EXCEPT ALL ${read(other)})`))[0]?.[0]
}

describe('a folder of four files, three of them broken', () => {
  test('--dry-run says what would come back and writes nothing', async () => {
    const before = project.fingerprint()
    const { exitCode, stdout } = await runHere(['repair', 'land', '--dry-run', '--workers', '2'], { cwd })
    expect(exitCode).toBe(4)
    expect(stdout).toContain('4 files: 1 can be repaired without loss, 2 can be repaired in part, 1 sound.')
    expect(stdout).toMatch(/repairable +land\/b\.parquet +PQ106 .* 10,000 of 10,000 +0 +proven/)
    expect(stdout).toContain('  tidegate repair land --out repaired    # does it')
    expect(project.fingerprint()).toEqual(before)
  })

  test('the copies lie below --out as the files lay below the folder; the rows are those of the originals', async () => {
    const before = project.fingerprint()
    const { exitCode, json, stderr } = await runJsonHere(['repair', 'land', '--out', 'fixed', '--workers', '2'], {
      cwd,
    })
    expect([exitCode, stderr.includes('error')]).toEqual([4, false])
    expect(json['totals']).toMatchObject({ files: 4, unchanged: 1, repaired: 1, partial: 2, refused: 0, failed: 0 })
    expect(json.items.map((item) => [item['path'], item['status'], item['out']])).toEqual([
      ['land/a.parquet', 'unchanged', null],
      ['land/b.parquet', 'repaired', file('fixed/b.parquet')],
      ['land/c.parquet', 'partial', file('fixed/c.parquet')],
      ['land/sub/d.parquet', 'partial', file('fixed/sub/d.parquet')],
    ])
    expect(await difference('fixed/b.parquet', 'original/b.parquet')).toBe(0)
    expect(await difference('original/b.parquet', 'fixed/b.parquet')).toBe(0)
    expect(await difference('fixed/c.parquet', 'original/c.parquet')).toBe(0)
    // One page of one column became NULL: all rows are there, and so many of them differ.
    expect(json.items[3]?.['totals']).toMatchObject({ cellsNulled: GROUP_ROWS })
    expect(await difference('original/d.parquet', 'fixed/sub/d.parquet')).toBe(GROUP_ROWS)
    expect(existsSync(file('fixed/sub/d.parquet.loss.json'))).toBe(true)
    const sources = Object.entries(project.fingerprint()).filter(([name]) => !name.startsWith('fixed'))
    expect(Object.fromEntries(sources)).toEqual(before)
  })

  test('once more into the same folder: nothing is replaced (2)', async () => {
    const before = project.fingerprint()
    const { exitCode, json } = await runJsonHere(['repair', 'land', '--out', 'fixed', '--workers', '1'], { cwd })
    expect(exitCode).toBe(2)
    expect(json.items.flatMap((item) => (item['error'] as { code: string } | null)?.code ?? [])).toEqual(
      Array.from({ length: 3 }, () => 'REPAIR_OUT_EXISTS'),
    )
    expect(project.fingerprint()).toEqual(before)
  })

  test('what was repaired before is not taken for a source', async () => {
    const { json } = await runJsonHere(
      ['repair', '.', '--out', 'fixed', '--dry-run', '--level', 'footer', '--workers', '1'],
      { cwd },
    )
    expect(json['totals']).toMatchObject({ earlierResults: 3 })
  })

  test('the results are sound to the last value', async () => {
    const { exitCode, json } = await runJsonHere(['validate-source', 'fixed', '--level', 'values'], { cwd })
    expect([exitCode, json['files'], json['bad']]).toEqual([0, 3, 0])
  })

  test('--map draws what is intact, came back and was lost', async () => {
    const { stdout } = await runHere(['repair', 'land/sub/d.parquet', '--dry-run', '--map'], { cwd })
    expect(stdout).toMatch(/^id +■■■■■$/m)
    expect(stdout).toMatch(/^email +■+×■+$/m)
    expect(stdout).toContain('■ intact  × NULL or left out  (4 columns × 5 row groups)')
  })

  test('as NDJSON it is one line per file, with --map the row groups, too', async () => {
    const args = ['repair', 'land', '--dry-run', '--map', '--workers', '1', '-o', 'ndjson']
    const { stdout } = await runHere(args, { cwd })
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { status: string; rowGroups: readonly unknown[] })
    expect(lines.map(({ status }) => status)).toEqual(['unchanged', 'repaired', 'partial', 'partial'])
    expect(lines[3]?.rowGroups).toHaveLength(5)
  })
})

test('sound files need nothing: 0, nothing is written, not even the folder', async () => {
  const { exitCode, stdout } = await runHere(['repair', 'land/a.parquet', 'original', '--out', 'new/deep'], { cwd })
  expect(stdout).toContain('4 files, all sound: nothing to repair, nothing was written')
  expect(exitCode).toBe(0)
  expect(existsSync(file('new'))).toBe(false)
})

test('one file may be given its name; a lossless repair is 0', async () => {
  const { exitCode, stdout } = await runHere(['repair', 'land/b.parquet', '--out', 'named/it.parquet'], { cwd })
  expect(exitCode).toBe(0)
  expect(stdout).toContain('tidegate validate-source named/it.parquet --level values')
  expect(await difference('original/b.parquet', 'named/it.parquet')).toBe(0)
})

test('an encrypted file is refused, with what would help', async () => {
  project.write(
    'secret/a.parquet',
    Buffer.concat([Buffer.from('PARE'), Buffer.alloc(40, 7), Buffer.from([20, 0, 0, 0]), Buffer.from('PARE')]),
  )
  const { exitCode, stdout } = await runHere(['repair', 'secret', '--dry-run'], { cwd })
  expect(exitCode).toBe(1)
  expect(stdout).toContain('hint: Deliver encrypted files decrypted: keys are not supported.')
  expect(stdout).toContain('tidegate explain PQ112')
})

describe('a file without footer and without neighbours', () => {
  beforeAll(() => project.write('alone/c.parquet', readFileSync(file('land/c.parquet'))))

  test('is refused (1), and the next command says what is missing', async () => {
    const { exitCode, stdout } = await runHere(['repair', 'alone', '--out', 'alone-fixed'], { cwd })
    expect(exitCode).toBe(1)
    expect(stdout).toContain('1 refused')
    expect(stdout).toContain('tidegate repair alone/c.parquet --like SIBLING --out alone-fixed')
    expect(existsSync(file('alone-fixed'))).toBe(false)
  })

  test('comes back with a sibling, not with one that is damaged itself', async () => {
    project.write('damaged-sibling.parquet', readFileSync(file('land/a.parquet')).subarray(0, 5000))
    const args = ['repair', 'alone/c.parquet', '--out', 'liked', '--like']
    const refused = await runJsonHere([...args, 'damaged-sibling.parquet'], { cwd })
    expect([refused.exitCode, refused.json.items[0]?.['status']]).toEqual([1, 'refused'])
    const { exitCode, json } = await runJsonHere([...args, 'land/a.parquet'], { cwd })
    expect([exitCode, json.items[0]]).toMatchObject([
      4,
      { status: 'partial', schemaFrom: 'sibling', confidence: 'strong' },
    ])
    expect(await difference('liked/c.parquet', 'original/c.parquet')).toBe(0)
  })
})

test.each<[RepairArgs, string, string]>([
  [{ paths: ['land/b.parquet'] }, 'USAGE_OUT', '--dry-run'],
  [{ paths: ['land/b.parquet'], out: 'land/b.parquet' }, 'REPAIR_OUT_IS_SOURCE', 'never changes its source'],
  [{ paths: ['land/b.parquet'], out: 'link.parquet' }, 'REPAIR_OUT_IS_SOURCE', 'never changes its source'],
  [{ paths: ['land/b.parquet'], out: 'hard.parquet' }, 'REPAIR_OUT_IS_SOURCE', 'never changes its source'],
  [{ paths: ['land'], out: 'land' }, 'REPAIR_OUT_IS_SOURCE', 'another folder'],
  [{ paths: ['land/*.parquet'], out: 'linked-folder' }, 'REPAIR_OUT_IS_SOURCE', 'another folder'],
  [{ paths: ['land/b.parquet'], out: 'taken.parquet' }, 'REPAIR_OUT_EXISTS', 'another'],
  [{ paths: ['land'], out: 'taken.parquet' }, 'USAGE_OUT', 'folder'],
  [{ paths: ['gone.parquet'], out: 'x' }, 'USAGE_NO_FILES', 'Quote a glob'],
  [{ paths: ['nothing*.parquet'], out: 'x' }, 'USAGE_NO_FILES', 'PAR1'],
  [{ paths: ['empty-folder'], out: 'x' }, 'USAGE_NO_FILES', 'PAR1'],
  [{ paths: ['land'], out: 'x', like: ['gone.parquet'] }, 'USAGE_SCHEMA_FILE', 'sound file'],
  [{ paths: ['land'], out: 'x', like: ['land'] }, 'USAGE_SCHEMA_FILE', 'sound file'],
  [{ paths: ['land'], out: 'x', delta: 'land' }, 'USAGE_SCHEMA_FILE', 'folder of the table'],
  [{ paths: ['land'], out: 'x', fix: ['int96,name'] }, 'USAGE_FIX', 'Did you mean names?'],
])('repair %j is refused as %s before anything is written', async (args, code, hint) => {
  if (!existsSync(file('taken.parquet'))) {
    writeFileSync(file('taken.parquet'), 'mine')
    symlinkSync(file('land/b.parquet'), file('link.parquet'))
    linkSync(file('land/b.parquet'), file('hard.parquet'))
    symlinkSync(file('land'), file('linked-folder'))
    mkdirSync(file('empty-folder'))
  }
  const before = project.fingerprint()
  const context = plainContext(cwd)
  await expect(repair(args, context)).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) as string })
  expect([context.written(), isUsageCode(code)]).toEqual(['', true])
  expect(project.fingerprint()).toEqual(before)
})

test('mistakes in the words end with 2', async () => {
  const all = [
    ['--part', '0'],
    ['--on-damaged-page', 'nul'],
    ['--out', 'land'],
  ].map(async (args) => await runCli(['repair', 'land', ...args], { cwd }))
  expect((await Promise.all(all)).map(({ exitCode }) => exitCode)).toEqual([2, 2, 2])
})

test('a pipe, a link that leads nowhere and a hostile name beside a broken file: each has its answer', async () => {
  mkdirSync(file('odd'))
  const name = `x'; rm -rf\n\u001b[31m.parquet`
  writeFileSync(file(`odd/${name}`), readFileSync(file('land/b.parquet')))
  execFileSync('mkfifo', [file('odd/pipe.parquet')])
  symlinkSync('nowhere', file('odd/dead.parquet'))
  const { exitCode, stdout } = await runHere(['repair', 'odd', '--out', 'odd-fixed'], { cwd })
  expect(exitCode).toBe(4)
  expect(stdout).not.toContain('\u001b')
  expect(stdout).toContain('1 repaired without loss, 2 failed')
  expect(readdirSync(file('odd-fixed'))).toEqual([name])
  const pipe = await runJsonHere(['repair', 'odd/pipe.parquet', '--out', 'pipe-fixed'], { cwd })
  expect([pipe.exitCode, pipe.json.items]).toMatchObject([
    1,
    [{ status: 'failed', error: { code: 'SOURCE_NOT_A_FILE' } }],
  ])
})

test('check and validate of a damaged file say what would bring it back', async () => {
  const checked = await runHere(['check', 'land/b.parquet'], { cwd })
  expect(checked.stdout).toContain('tidegate repair land/b.parquet --dry-run')
  project.write('suite.json', '{"expectations":[{"type":"expect_table_row_count_to_equal","kwargs":{"value":1}}]}')
  const validated = await runHere(['validate', '--suite', 'suite.json', '--data', 'land/*.parquet'], { cwd })
  expect(validated.stderr).toMatch(/^CHECK_DATA: land\/b\.parquet is damaged: PQ106 /)
})

test('sources of a project are repaired by name; what is no Parquet is left alone, and said', async () => {
  project.write(
    'p/tidegate.yaml',
    `version: 1
sources:
  land: { path: in/**/*.parquet, format: parquet, target: { kind: parquet, path: lake/land } }
  text: { path: text/*.csv, format: csv, target: { kind: parquet, path: lake/text } }
`,
  )
  project.write('p/in/day=1/b.parquet', readFileSync(file('land/b.parquet')))
  project.write('p/text/a.csv', 'id\n1\n')
  const { exitCode, json } = await runJsonHere(['-C', 'p', 'repair', '--out', 'fixed'], { cwd })
  expect(json['totals']).toMatchObject({ files: 1, repaired: 1, notParquet: 1 })
  expect(json.items).toMatchObject([
    { source: 'land', path: 'day=1/b.parquet', out: file('p/fixed/land/day=1/b.parquet') },
  ])
  expect(exitCode).toBe(0)
  expect(json['dryRun']).toBe(false)
  const unknown = await runHere(['-C', 'p', 'repair', 'lnd', '--out', 'x'], { cwd })
  expect(unknown.stderr).toContain('CONFIG_UNKNOWN_SOURCE')
  expect(unknown.exitCode).toBe(2)
})

test(`the ${ROWS} rows of a damaged page may be left out instead`, async () => {
  const args = ['repair', 'land/sub/d.parquet', '--out', 'dropped', '--on-damaged-page', 'drop-row-group']
  const { json } = await runJsonHere(args, { cwd })
  expect(json.items[0]?.['totals']).toEqual({ rowsRecovered: ROWS - GROUP_ROWS, rowsLost: GROUP_ROWS, cellsNulled: 0 })
  expect(await difference('dropped/d.parquet', 'original/d.parquet')).toBe(0)
})
