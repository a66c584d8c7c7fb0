/** validate-source on paths: no configuration is needed, the folder itself is judged as well. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cutAtSixty, cutTail, spoilPage, writeSound } from '../testing/damaged-files.ts'
import { plainContext } from '../testing/plain-context.ts'
import { runCli } from '../testing/run-cli.ts'
import { smallProject } from '../testing/small-project.ts'
import { validateSource, type ValidateSourceArgs } from './validate-source.ts'

const project = smallProject()
const cwd = project.directory
const file = (name: string): string => path.join(cwd, name)

beforeAll(async () => {
  for (const [index, name] of ['a', 'b', 'c', 'sub/d'].entries())
    await writeSound(project, `land/${name}.parquet`, index * 10_000)
  cutTail(file('land/b.parquet'))
  cutAtSixty(file('land/c.parquet'))
  await spoilPage(file('land/sub/d.parquet'))
  project.write('land/_SUCCESS', '')
  copyFileSync(file('land/a.parquet'), file('land/twin.parquet'))
})
afterAll(() => project.remove())

interface Answer {
  readonly exitCode: number
  readonly files: number
  readonly bad: number
  readonly items: readonly {
    readonly path: string
    readonly about: string
    readonly verdict: string | null
    readonly findings: readonly { readonly code: string }[]
    readonly layout?: unknown
  }[]
}

async function answer(args: ValidateSourceArgs, directory = cwd): Promise<Answer> {
  const context = plainContext(directory)
  const exitCode = await validateSource(args, context)
  return { exitCode, ...(JSON.parse(context.written()) as Omit<Answer, 'exitCode'>) }
}

async function text(args: ValidateSourceArgs): Promise<string> {
  const context = plainContext(cwd, 'table')
  await validateSource(args, context)
  return context.written()
}

test('a folder: each file, and what only the folder tells', async () => {
  const before = project.fingerprint()
  const { exitCode, files, bad, items } = await answer({ sources: ['land'] })
  expect([exitCode, files, bad]).toEqual([4, 5, 2])
  expect(items.map((item) => [item.path, item.about, item.verdict, item.findings[0]?.code])).toEqual([
    ['land/_SUCCESS', 'folder', null, 'PQ501'],
    ['land/a.parquet', 'file', 'ok', undefined],
    ['land/b.parquet', 'file', 'repairable-lossless', 'PQ106'],
    ['land/c.parquet', 'file', 'repairable-lossy', 'PQ105'],
    ['land/sub/d.parquet', 'file', 'ok', undefined],
    ['land/twin.parquet', 'file', 'ok', undefined],
    ['land/twin.parquet', 'folder', null, 'PQ505'],
  ])
  expect(project.fingerprint()).toEqual(before)
})

test('--level pages finds the page that the footer does not know of, with its place', async () => {
  const { exitCode, items } = await answer({ sources: ['land/sub/d.parquet'], level: 'pages', map: true })
  expect(exitCode).toBe(4)
  expect(items[0]?.findings).toMatchObject([{ where: { rowGroup: 2, column: 'email', rows: [0, 2048] } }])
  expect(items[0]?.layout).toHaveLength(5)
  expect((await answer({ sources: ['land/sub/d.parquet'], level: 'pages' })).items[0]).not.toHaveProperty('layout')
})

test('for people: the verdict, what comes back, every finding with its place, the drawing, the next command', async () => {
  const shown = await text({ sources: ['land/sub/d.parquet'], level: 'pages', map: true })
  expect(shown).toMatch(
    /^Verdict: 1 file, .*: 1 damaged or unreadable, 0 sound \(looked at: container, footer and every page\)/,
  )
  expect(shown).toContain('10,000 rows, 2,048 cells become NULL')
  expect(shown).toMatch(/ {2}PQ\d+ error {2}row group 2, column email, .*rows 0–2,047: /)
  expect(shown).toMatch(/^email +■■×■■$/m)
  expect(shown).toMatch(/^ {2}tidegate repair land\/sub\/d\.parquet --out repaired {2}/m)
  // DuckDB writes none: nobody may take "sound" for "as it was written".
  expect(shown).toMatch(/^The \d+ pages have no checksum: only damage/m)
  const sound = await text({ sources: ['land/a.parquet'] })
  expect(sound).toContain('container and footer sound')
  expect(sound).toContain('  tidegate validate-source land/a.parquet --level pages')
})

test('files, quoted globs and folders may be mixed; what is not there is refused (2)', async () => {
  const { items } = await answer({ sources: ['land/[ab].parquet', 'land/sub', 'land/c.parquet'] })
  expect(items.map((item) => item.path)).toEqual([
    'land/a.parquet',
    'land/b.parquet',
    'land/sub/d.parquet',
    'land/c.parquet',
  ])
  for (const word of ['gone.parquet', 'gone/*.parquet', 'nothing*.parquet'])
    await expect(answer({ sources: [word] })).rejects.toMatchObject({
      code: expect.stringMatching(/^(USAGE_NO_FILES|SOURCE_MISSING)$/) as string,
    })
})

test('a name of a source is that source, even beside a folder of the same name', async () => {
  project.write(
    'p/tidegate.yaml',
    'version: 1\nsources:\n  land: { path: in/*.parquet, format: parquet, target: { kind: parquet, path: lake } }\n',
  )
  project.write('p/in/x.parquet', readFileSync(file('land/a.parquet')))
  project.write('p/land/y.parquet', readFileSync(file('land/b.parquet')))
  expect((await answer({ sources: ['land'] }, file('p'))).items.map(({ path: shown }) => shown)).toEqual(['x.parquet'])
  expect((await answer({ sources: ['land/'] }, file('p'))).items.map(({ path: shown }) => shown)).toEqual([
    'land/y.parquet',
  ])
})

test('a pipe is named and not waited for; control characters of names stay names', async () => {
  mkdirSync(file('odd'))
  execFileSync('mkfifo', [file('odd/pipe.parquet')])
  project.write(`odd/x'\n\u001b[31m.parquet`, readFileSync(file('land/b.parquet')))
  const shown = await text({ sources: ['odd'] })
  expect(shown).not.toContain('\u001b')
  expect(shown).toContain(String.raw`tidegate repair $'odd/x\'\U0000000a\U0000001b[31m.parquet' --out repaired`)
  expect((await answer({ sources: ['odd/pipe.parquet'] })).items).toMatchObject([{ verdict: 'unreadable' }])
})

test('a folder of 300 broken files is counted, not scrolled; NDJSON names each', async () => {
  const bytes = readFileSync(file('land/b.parquet')).subarray(-3000)
  for (let index = 0; index < 300; index++)
    project.write(`many/${String(index).padStart(3, '0')}.parquet`, Buffer.concat([bytes, Buffer.from(String(index))]))
  const shown = await text({ sources: ['many'] })
  expect(shown.split('\n').length).toBeLessThan(70)
  expect(shown).toContain('… and 250 more files; --output ndjson names every file')
  const { exitCode, stdout } = await runCli(['validate-source', 'many', '-o', 'ndjson'], { cwd })
  expect([exitCode, stdout.trim().split('\n').length]).toEqual([4, 300])
})
