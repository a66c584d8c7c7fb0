/** What people and machines do to a repair: full disks, folders that may not be written, files that move, Ctrl-C. */
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cutTail, spoilPage, writeSound } from '../testing/damaged-files.ts'
import { runCli, startCli } from '../testing/run-cli.ts'
import { runHere, runJsonHere } from '../testing/run-here.ts'
import { smallProject } from '../testing/small-project.ts'

const project = smallProject()
const cwd = project.directory
const file = (name: string): string => path.join(cwd, name)

let whole: Buffer
beforeAll(async () => {
  await writeSound(project, 'land/a.parquet')
  await writeSound(project, 'land/b.parquet', 10_000)
  whole = readFileSync(file('land/b.parquet'))
  cutTail(file('land/b.parquet'))
})
afterAll(() => project.remove())

function codesOf(items: readonly Readonly<Record<string, unknown>>[]): readonly (string | undefined)[] {
  return items.map((item) => (item['error'] as { code: string } | null)?.code)
}

test('a disk that is full: DISK_FULL, and nothing is left behind, not even the folder', async () => {
  // Larger than 8 KiB a file cannot become here; the signal that comes with it is ignored, so that the write fails.
  const wrap = ['bash', '-c', `trap '' XFSZ; ulimit -f 8; exec "$@"`, 'bash']
  const { exitCode, stdout } = await runCli(['repair', 'land/b.parquet', '--out', 'full', '-o', 'json'], { cwd, wrap })
  expect(codesOf((JSON.parse(stdout) as { items: Record<string, unknown>[] }).items)).toEqual(['DISK_FULL'])
  expect(exitCode).toBe(1)
  expect(readdirSync(cwd)).not.toContain('full')
})

test('a folder that may not be made: the code says why', async () => {
  writeFileSync(file('a-file'), '')
  const under = await runHere(['repair', 'land/b.parquet', '--out', 'a-file/deep'], { cwd })
  expect([under.exitCode, under.stderr]).toEqual([2, expect.stringContaining('REPAIR_OUT_FOLDER: ')])
  if (process.getuid?.() === 0) return
  mkdirSync(file('locked'))
  chmodSync(file('locked'), 0o500)
  const { exitCode, json } = await runJsonHere(['repair', 'land/b.parquet', '--out', 'locked/deep'], { cwd })
  expect([exitCode, codesOf(json.items)]).toEqual([1, ['WRITE_DENIED']])
})

test('a file that grows while it is repaired is refused as changed, and nothing is written', async () => {
  await writeSound(project, 'growing.parquet', 20_000)
  await spoilPage(file('growing.parquet'))
  const timer = setInterval(() => appendFileSync(file('growing.parquet'), 'x'), 1)
  try {
    const { exitCode, json } = await runJsonHere(['repair', 'growing.parquet', '--out', 'grown'], { cwd })
    expect([exitCode, codesOf(json.items)]).toEqual([1, ['REPAIR_SOURCE_CHANGED']])
  } finally {
    clearInterval(timer)
  }
  expect(readdirSync(cwd)).not.toContain('grown')
})

test('Ctrl-C ends it with 130; no file is half-written', async () => {
  for (let number = 0; number < 200; number++)
    project.write(`many/${number}.parquet`, readFileSync(file('land/b.parquet')))
  const running = startCli(['repair', 'many', '--out', 'stopped', '--workers', '2'], { cwd })
  await running.said('repair: ')
  running.process.kill('SIGINT')
  const { exitCode, stderr } = await running.result
  expect([exitCode, stderr]).toEqual([130, expect.stringContaining('stopping')])
  const names = existsSync(file('stopped')) ? readdirSync(file('stopped')) : []
  expect(names.filter((name) => !/^\d+\.parquet$/.test(name))).toEqual([])
  for (const name of names) expect(readFileSync(file(`stopped/${name}`)).equals(whole)).toBe(true)
  expect(names.length).toBeLessThan(200)
})

test('two repairs into the same folder at once: one of them gives each file its name', async () => {
  const repair = async (): Promise<readonly unknown[]> => {
    const { json } = await runJsonHere(['repair', 'land', '--out', 'both', '--workers', '1'], { cwd })
    return json.items.map((item) => (item['error'] as { code: string } | null)?.code ?? item['status'])
  }
  const both = await Promise.all([repair(), repair()])
  expect(both.toSorted((one, other) => String(one).localeCompare(String(other)))).toEqual([
    ['unchanged', 'REPAIR_OUT_EXISTS'],
    ['unchanged', 'repaired'],
  ])
  expect(readdirSync(file('both'))).toEqual(['b.parquet'])
})

test('--out below the folder that is repaired: it is said, and results are no sources, now or later', async () => {
  project.write('own/b.parquet', readFileSync(file('land/b.parquet')))
  const first = await runCli(['repair', 'own', '--out', 'own/fixed'], { cwd })
  expect(first.exitCode).toBe(0)
  expect(first.stderr).toContain('warning: --out own/fixed lies in a folder that is repaired')
  const again = await runJsonHere(['repair', 'own', '--out', 'own/fixed'], { cwd })
  expect(again.json['totals']).toMatchObject({ files: 1, earlierResults: 1 })
  // Under another --out the earlier result is a file like others, and sound.
  const elsewhere = await runJsonHere(['repair', 'own', '--out', 'elsewhere'], { cwd })
  expect(elsewhere.json.items.map((item) => [item['path'], item['status']])).toEqual([
    ['own/b.parquet', 'repaired'],
    ['own/fixed/b.parquet', 'unchanged'],
  ])
})

test('a reader that goes away is no crash, and the repair of a file is whole or not there', async () => {
  const wrap = ['bash', '-c', '"$@" | head -c 1 >/dev/null; exit "${PIPESTATUS[0]}"', 'bash']
  const { exitCode, stderr } = await runCli(['repair', 'land', '--out', 'piped', '-o', 'ndjson'], { cwd, wrap })
  expect([0, 4]).toContain(exitCode)
  expect(stderr).not.toContain('EPIPE')
})
