import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installTarballs, listInstalled, packPackages, readInstalled, runCommand } from './packed-project.ts'
import { makeTempProject } from './temp-project.ts'
import { firstJsBlock, listProductPackages, WORKSPACE } from './workspace-files.ts'

// What users get: the packed packages, all in one project that has nothing else.
const packages = listProductPackages()
const libraries = packages.filter(({ json }) => '.' in (json.exports ?? {}))
const temp = makeTempProject()
const user = temp.at('user')
let tarballs: ReadonlyMap<string, string> = new Map()

beforeAll(async () => {
  tarballs = await packPackages(packages, temp.at('tarballs'))
  await installTarballs(user, tarballs)
}, 300_000)

afterAll(() => temp.remove())

describe.each(packages)('$json.name, packed', ({ json }) => {
  test('has no fault that publint knows', async () => {
    const bytes = readFileSync(tarballs.get(json.name) ?? '')
    const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
    const { messages, pkg } = await publint({ pack: { tarball }, level: 'warning', strict: true })
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
  })

  test('brings licence, README and sources, and no tests', () => {
    const files = listInstalled(user, json.name)
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
    expect(files.filter((file) => /\.test\.|tsbuildinfo|test-results|^src\/testing\//.test(file))).toEqual([])
    // A map without its source is a stale build (or the sources are not packed).
    const maps = json.files?.includes('src') === true ? files.filter((file) => file.endsWith('.js.map')) : []
    expect(maps.filter((map) => lacksSource(json.name, map))).toEqual([])
  })

  test('depends on released versions only', () => {
    const ranges = Object.values(readInstalled(user, json.name).dependencies ?? {})
    expect(ranges.filter((range) => !/^\d/.test(range))).toEqual([])
  })
})

describe.each(libraries)('$json.name, installed', ({ json }) => {
  test('resolves with its types in every ESM setting', async () => {
    const attw = path.join(WORKSPACE, 'node_modules/.bin/attw')
    const result = await runCommand(user, attw, [tarballs.get(json.name) ?? '', '--profile', 'esm-only', '--no-color'])
    expect(result, result.stdout).toMatchObject({ exitCode: 0 })
  })

  test('runs the first example of its README', async () => {
    const readme = path.join(user, 'node_modules', json.name, 'README.md')
    const block = firstJsBlock(readFileSync(readme, 'utf8'))
    expect(block).toBeTruthy()
    const file = path.join(user, `${json.name.replace('@', '').replace('/', '-')}.mjs`)
    writeFileSync(file, block ?? '')
    const result = await runCommand(user, process.execPath, [file])
    expect(result, result.stderr).toMatchObject({ exitCode: 0 })
    expect(result.stdout.trim()).not.toBe('')
  }, 60_000)
})

test('the packed command line says its version and its help', async () => {
  const bin = path.join(user, 'node_modules/.bin/tidegate')
  const version = await runCommand(user, bin, ['--version'])
  expect(version).toMatchObject({ exitCode: 0, stderr: '' })
  expect(version.stdout.trim()).toBe(readInstalled(user, 'tidegate').version)
  const help = await runCommand(user, bin, ['--help'])
  expect(help.exitCode).toBe(0)
  expect(help.stdout).toContain('ingest')
})

function lacksSource(name: string, map: string): boolean {
  const file = path.join(user, 'node_modules', name, map)
  const { sources } = JSON.parse(readFileSync(file, 'utf8')) as { readonly sources: readonly string[] }
  return sources.some((source) => !existsSync(path.join(path.dirname(file), source)))
}
