/** What `monitor` writes: into a narrow terminal, into files, and about two of them. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { MonitorReport } from '@tidegate/monitor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { textWidth } from '../../render/text-width.ts'
import { plainContext } from '../../testing/plain-context.ts'
import { runCli } from '../../testing/run-cli.ts'
import { runHere, runJsonHere } from '../../testing/run-here.ts'
import { ORDERS_CONTRACT, ORDERS_YAML, ordersCsv, smallProject } from '../../testing/small-project.ts'
import { monitor } from '../monitor.ts'

const RETURNS = ORDERS_YAML.slice(ORDERS_YAML.indexOf('  orders:'))
  .replaceAll('orders', 'returned_orders_of_the_northern_region')
  .replace('landing/', 'returned/')
const project = smallProject({
  'tidegate.yaml': ORDERS_YAML + RETURNS,
  'contracts/orders.yaml': ORDERS_CONTRACT,
  'landing/good.csv': ordersCsv(1, 20),
  [`landing/${'a long folder/'.repeat(8)}good.csv`]: ordersCsv(100, 20),
  'returned/b.csv': 'id,amount\n1,2\n',
})
const cwd = project.directory
let before: MonitorReport
let after: MonitorReport

beforeAll(async () => {
  await runHere(['ingest'], { cwd })
  before = (await runJsonHere(['monitor'], { cwd })).json as unknown as MonitorReport
  project.write('landing/bad.csv', 'id,amount,city\n901,5000,Oslo\n')
  project.write('landing/broken.csv', 'id,amount\n"1,2\n')
  await runHere(['ingest'], { cwd })
  after = (await runJsonHere(['monitor'], { cwd })).json as unknown as MonitorReport
  project.write('before.json', JSON.stringify(before))
  project.write('after.json', JSON.stringify(after))
})
afterAll(() => project.remove())

test('in a terminal of 80 columns no line is wider, but for commands that are there to be copied', async () => {
  const plain = plainContext(cwd, 'table')
  expect(await monitor({}, { ...plain, width: 80 })).toBe(0)
  const lines = plain.written().split('\n')
  expect(lines.length).toBeGreaterThan(100)
  const wide = lines.filter((line) => textWidth(line) > 80)
  expect(wide.filter((line) => !line.trimStart().startsWith('→ tidegate '))).toEqual([])
  expect(plain.written()).not.toContain('\u001b')
})

test('an export never takes the place of a file, its own of the same second or another', async () => {
  mkdirSync(path.join(cwd, 'out'))
  writeFileSync(path.join(cwd, 'out/dq_report_20261121T080000Z_2.json'), 'mine')
  const at = async (nowMs: number): Promise<string> => {
    const plain = plainContext(cwd, 'json')
    expect(await monitor({ export: 'out' }, { ...plain, nowMs: () => nowMs })).toBe(0)
    return path.basename((JSON.parse(plain.written()) as { readonly file: string }).file)
  }
  const second = Date.UTC(2026, 10, 21, 8)
  const first = await at(second)
  expect(first).toBe('dq_report_20261121T080000Z.json')
  const text = readFileSync(path.join(cwd, 'out', first), 'utf8')
  expect(await at(second + 400)).toBe('dq_report_20261121T080000Z_3.json')
  const both = await Promise.all([at(second + 1000), at(second + 1000)])
  expect(both.toSorted()).toEqual(['dq_report_20261121T080001Z.json', 'dq_report_20261121T080001Z_2.json'])
  expect(readFileSync(path.join(cwd, 'out', first), 'utf8')).toBe(text)
  expect(readFileSync(path.join(cwd, 'out/dq_report_20261121T080000Z_2.json'), 'utf8')).toBe('mine')
  expect(readdirSync(path.join(cwd, 'out'))).toHaveLength(5)
})

test.for([
  ['what got worse ends with 3', 'before.json', 'after.json', 3, 'worse'],
  ['the same with 0', 'after.json', 'after.json', 0, 'same'],
  ['what got better with 0', 'after.json', 'before.json', 0, 'better'],
] as const)('diff: %s', async ([, first, second, exitCode, verdict]) => {
  const run = await runCli(['monitor', 'diff', first, second, '--output', 'json'], { cwd })
  expect([run.exitCode, run.stderr]).toEqual([exitCode, ''])
  expect(JSON.parse(run.stdout)).toMatchObject({ kind: 'monitor-diff', verdict })
})

test('a diff in Markdown keeps hostile names in their cells', async () => {
  const hostile = 'a|b`c*\n\n# <img src=x onerror=alert(1)> [x](javascript:1) \\| &lt; @all'
  const named = (report: MonitorReport): string =>
    JSON.stringify(report).replaceAll('"orders"', () => JSON.stringify(hostile))
  project.write('h1.json', named(before))
  project.write('h2.json', named(after))
  const { exitCode, stdout } = await runHere(['monitor', 'diff', 'h1.json', 'h2.json', '--output', 'markdown'], { cwd })
  expect(exitCode).toBe(3)
  expect(stdout).toContain('a\\|b\\`c\\*')
  const lines = stdout.split('\n')
  // What Markdown reads as markup: a sign with no backslash, or an even number of them, before it.
  const bare = (line: string, sign: string): number => line.replaceAll(/\\[^\n]/g, '').split(sign).length - 1
  for (const line of lines)
    for (const sign of ['<', '`', '[', '@']) expect([line, sign, bare(line, sign)]).toEqual([line, sign, 0])
  expect(lines.filter((line) => line.startsWith('#')).every((line) => /^##+ [A-Z][a-z :]+$/.test(line))).toBe(true)
  let cells = 0
  for (const line of lines) {
    if (!line.startsWith('|')) cells = 0
    else if (cells === 0) cells = bare(line, '|')
    else expect([line, bare(line, '|')]).toEqual([line, cells])
  }
  expect(lines.some((line) => line.startsWith('|') && line.includes('onerror'))).toBe(true)
})

test.for([
  [['monitor', 'diff', 'before.json'], 2, 'USAGE_MONITOR'],
  [['monitor', 'diff', 'before.json', 'before.json', 'after.json'], 2, 'USAGE_MONITOR'],
  [['monitor', 'diff', 'before.json', 'nobody.json'], 1, 'MONITOR_REPORT_UNREADABLE'],
  [['monitor', 'diff', 'before.json', 'tidegate.yaml'], 1, 'MONITOR_REPORT_UNREADABLE'],
  [['monitor', '--html', 'no/such/folder/report.html'], 1, 'MONITOR_FOLDER_MISSING'],
  [['monitor', '--html', 'tidegate.yaml/report.html'], 1, 'MONITOR_FOLDER_MISSING'],
  [['monitor', '--html', 'report.txt'], 2, 'USAGE_MONITOR'],
  [['monitor', '--include-samples'], 2, 'USAGE_MONITOR'],
  [['monitor', '--serve', '--watch'], 2, 'USAGE_MONITOR'],
  [['monitor', '--port', '4000'], 2, 'USAGE_MONITOR'],
  [['monitor', '--watch', '-o', 'json'], 2, 'USAGE_MONITOR'],
  [['monitor', '-o', 'markdown'], 2, 'USAGE_MONITOR'],
  [['monitor', '--since', 'yesterday'], 2, 'USAGE_SINCE'],
  [['monitor', 'qualty'], 2, 'USAGE_SECTION'],
] as const)('%j ends with %i and %s, and nothing is written', async ([args, exitCode, code]) => {
  const files = readdirSync(cwd)
  const run = await runHere(args, { cwd })
  expect([run.exitCode, run.stderr.split(':', 1)[0], run.stdout]).toEqual([exitCode, code, ''])
  expect(readdirSync(cwd)).toEqual(files)
})
