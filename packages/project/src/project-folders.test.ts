import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openProject, selectSources } from './open-project.ts'
import { fixedPart } from './project-folders.ts'
import { listLeftovers, openWorkFolder } from './work-folder.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test.each([
  ['/lake/raw/{dataset}', '/lake/raw'],
  ['/lake/raw-{source}/x', '/lake'],
  ['/lake/{source}/{dataset}', '/lake'],
  ['/lake/raw', '/lake/raw'],
])('the fixed part of %s is %s', (template, folder) => {
  expect(fixedPart(template)).toBe(folder)
})

test('a project without configuration is a value, and nothing is made', async () => {
  expect(await openProject({ directory, env: {} })).toMatchObject({ kind: 'missing' })
  expect(readdirSync(directory)).toEqual([])
})

test('all problems of a configuration come at once, and nothing is made', async () => {
  writeFileSync(path.join(directory, 'tidegate.yaml'), 'version: 1\nsorces: {}\nstate: 7\n')
  const opened = await openProject({ directory, env: {} })
  expect(opened.kind === 'problems' ? opened.problems.length : 0).toBeGreaterThanOrEqual(2)
  expect(readdirSync(directory)).toEqual(['tidegate.yaml'])
})

test('an unknown source is an error that names the known ones', async () => {
  mkdirSync(path.join(directory, 'in'))
  writeFileSync(path.join(directory, 'tidegate.yaml'), 'version: 1\nsources: { flights: { path: in/*.csv } }\n')
  const opened = await openProject({ directory, env: {}, readOnly: true })
  if (opened.kind !== 'ok') throw new Error(opened.kind)
  const { config } = opened.project
  expect(selectSources(config, []).map((source) => source.name)).toEqual(['flights'])
  expect(() => selectSources(config, ["x'; --"])).toThrow(
    expect.objectContaining({ code: 'CONFIG_UNKNOWN_SOURCE', hint: 'Its sources are: flights.' }),
  )
  await opened.project.close()
  expect(readdirSync(directory).toSorted()).toEqual(['in', 'tidegate.yaml'])
})

test('folders of dead processes are leftovers, those of living ones are not', async () => {
  await using own = await openWorkFolder(path.join(directory, 'work'), 'b1')
  // Process ids end at 2^22 on Linux and far below on macOS.
  mkdirSync(path.join(directory, 'work/999999999-b2'))
  mkdirSync(path.join(directory, 'engine-999999998'))
  mkdirSync(path.join(directory, 'engine-1'))
  mkdirSync(path.join(directory, 'something-else'))
  expect(path.basename(own.path)).toBe(`${process.pid}-b1`)
  expect((await listLeftovers(directory)).map((folder) => path.relative(directory, folder))).toEqual([
    'work/999999999-b2',
    'engine-999999998',
  ])
})
