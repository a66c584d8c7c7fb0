import { fork } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { codeOf } from '@tidegate/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import {
  copyDurable,
  fsyncFile,
  fsyncFolder,
  linkExclusive,
  moveFile,
  removeEmptyFolders,
  writeDurable,
} from './index.ts'
import { writing } from './write-error.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('writeDurable', () => {
  test('creates and replaces, and leaves nothing else behind', async () => {
    await writeDurable(join(folder, 'a'), 'one')
    await writeDurable(join(folder, 'a'), new Uint8Array([50]))
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('2')
    expect(readdirSync(folder)).toEqual(['a'])
  })

  test('a name of 255 bytes leaves room for the temp name', async () => {
    await writeDurable(join(folder, 'x'.repeat(255)), 'x')
    expect(readdirSync(folder)).toEqual(['x'.repeat(255)])
  })

  test('a write that fails removes its temp file and keeps the old content', async () => {
    mkdirSync(join(folder, 'taken'))
    writeFileSync(join(folder, 'taken/inside'), 'x')
    expect(codeOf(await failure(writeDurable(join(folder, 'taken'), 'x')))).toBeDefined()
    expect(readdirSync(folder)).toEqual(['taken'])
    expect(codeOf(await failure(writeDurable(join(folder, 'no/such'), 'x')))).toBe('ENOENT')
  })

  test('a full disk is a typed error that says what happened to the data', async () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    expect(await failure(writing('/x', async () => await Promise.reject(full)))).toMatchObject({
      code: 'DISK_FULL',
      retryable: true,
      dataNow: expect.stringContaining('was not written') as string,
      hint: expect.stringContaining('Free space') as string,
    })
  })
})

describe('linkExclusive', () => {
  test('only the first writer creates the file', async () => {
    expect(await linkExclusive(join(folder, 'log'), 'first')).toBe('created')
    expect(await linkExclusive(join(folder, 'log'), 'second')).toBe('exists')
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('first')
    expect(readdirSync(folder)).toEqual(['log'])
  })

  test('of many racing writers exactly one gets through', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => await linkExclusive(join(folder, 'log'), `${index}`)),
    )
    expect(outcomes.filter((outcome) => outcome === 'created').length).toBe(1)
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe(String(outcomes.indexOf('created')))
    expect(readdirSync(folder)).toEqual(['log'])
  })

  test('a dangling link under the name counts as taken', async () => {
    symlinkSync(join(folder, 'nothing'), join(folder, 'log'))
    expect(await linkExclusive(join(folder, 'log'), 'x')).toBe('exists')
    expect(existsSync(join(folder, 'nothing'))).toBe(false)
  })

  test('a process killed at any moment leaves whole files and temp files only', async () => {
    const content = 'x'.repeat(100_000)
    const script = join(folder, 'writer.mjs')
    const module = fileURLToPath(new URL('index.ts', import.meta.url))
    const target = join(folder, 'out')
    mkdirSync(target)
    writeFileSync(
      script,
      `import { linkExclusive, writeDurable } from ${JSON.stringify(module)}
await linkExclusive(${JSON.stringify(target)} + '/' + process.pid, ${JSON.stringify(content)})
process.send('ready')
for (let n = 0; ; n++) { await linkExclusive(${JSON.stringify(target)} + '/' + n, ${JSON.stringify(content)}); await writeDurable(${JSON.stringify(target)} + '/same', ${JSON.stringify(content)}) }`,
    )
    for (const afterMs of [3, 11, 29, 47]) {
      const child = fork(script, { execArgv: ['--conditions=tidegate:source', '--no-warnings'], stdio: 'ignore' })
      await new Promise((resolve) => child.once('message', resolve))
      await new Promise((resolve) => setTimeout(resolve, afterMs))
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
    }
    const names = readdirSync(target)
    const visible = names.filter((name) => !name.startsWith('.tmp-'))
    expect(visible.length).toBeGreaterThan(0)
    expect(visible.filter((name) => statSync(join(target, name)).size !== content.length)).toEqual([])
  })
})

describe('copy and move', () => {
  test('a copy has the same bytes and replaces what was there', async () => {
    writeFileSync(join(folder, 'from'), 'bytes')
    writeFileSync(join(folder, 'to'), 'old')
    await copyDurable(join(folder, 'from'), join(folder, 'to'))
    expect(readFileSync(join(folder, 'to'), 'utf8')).toBe('bytes')
    expect(readdirSync(folder).sort()).toEqual(['from', 'to'])
    expect(codeOf(await failure(copyDurable(folder, join(folder, 'to2'))))).toBe('SOURCE_NOT_A_FILE')
  })

  test('a move renames, and a missing file is ENOENT', async () => {
    writeFileSync(join(folder, 'from'), 'bytes')
    await moveFile(join(folder, 'from'), join(folder, 'to'))
    expect(readdirSync(folder)).toEqual(['to'])
    expect(codeOf(await failure(moveFile(join(folder, 'from'), join(folder, 'to'))))).toBe('ENOENT')
  })

  test.skipIf(!isOtherFileSystem('/dev/shm'))('a move to another file system copies and deletes', async () => {
    const other = mkdtempSync('/dev/shm/tidegate-')
    try {
      writeFileSync(join(folder, 'from'), 'bytes')
      await moveFile(join(folder, 'from'), join(other, 'to'))
      expect(readFileSync(join(other, 'to'), 'utf8')).toBe('bytes')
      expect(readdirSync(folder)).toEqual([])
      expect(readdirSync(other)).toEqual(['to'])
    } finally {
      rmSync(other, { recursive: true })
    }
  })

  test('empty folders go, others and links stay', async () => {
    mkdirSync(join(folder, 'root/a/b/c'), { recursive: true })
    mkdirSync(join(folder, 'root/d/e'), { recursive: true })
    mkdirSync(join(folder, 'elsewhere'))
    writeFileSync(join(folder, 'root/d/file'), 'x')
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'root/d/link'))
    expect(await removeEmptyFolders(join(folder, 'root'))).toBe(4)
    expect(readdirSync(join(folder, 'root'))).toEqual(['d'])
    expect(existsSync(join(folder, 'elsewhere'))).toBe(true)
    expect(await removeEmptyFolders(join(folder, 'nothing'))).toBe(0)
    expect(await removeEmptyFolders(join(folder, 'elsewhere'), { keepRoot: true })).toBe(0)
  })
})

test('fsync works on files and folders and tells what is missing', async () => {
  writeFileSync(join(folder, 'a'), 'x')
  await fsyncFile(join(folder, 'a'))
  await fsyncFolder(folder)
  expect(codeOf(await failure(fsyncFile(join(folder, 'gone'))))).toBe('ENOENT')
})

function isOtherFileSystem(path: string): boolean {
  return existsSync(path) && statSync(path).dev !== statSync(tmpdir()).dev
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}
