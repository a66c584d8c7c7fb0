import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { codeOf, type DiscoveredFile, type SourceLocation } from '@tidegate/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { localStore } from './index.ts'

const store = localStore()
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidegate-'))
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

describe('discover', () => {
  test('lists matches in the order of their paths, however they were created', async () => {
    for (const path of ['b.csv', 'a/z.csv', 'a-b.csv', 'a.csv', 'ä.csv', 'a/sub/x.csv', 'Z.csv', 'a/note.txt'])
      put(path)
    // Byte order: "-" 2d, "." 2e, "/" 2f; "ä" begins with c3.
    const expected = ['Z.csv', 'a-b.csv', 'a.csv', 'a/sub/x.csv', 'a/z.csv', 'b.csv', 'ä.csv']
    expect(await paths({ root, pattern: '**/*.csv' })).toEqual(expected)
  })

  test('a listing hands out what is needed to recognise the file again', async () => {
    put('a.csv', 'hello')
    const [found] = await list({ root, pattern: '*.csv' })
    const stats = statSync(join(root, 'a.csv'), { bigint: true })
    expect(found).toEqual({
      kind: 'file',
      file: {
        path: 'a.csv',
        uri: join(root, 'a.csv'),
        stamp: `5:${stats.mtimeNs}:${stats.ctimeNs}:${stats.ino}`,
        sizeBytes: 5,
        modifiedAtMs: Number(stats.mtimeMs),
      },
    })
  })

  test('skips our own folders and unfinished files, and no other hidden or underscored names', async () => {
    const ours = ['_tidegate/log/1.csv', '.tidegate/state.csv', '.tmp-1-ab.csv', 'x/_tidegate/y.csv']
    const unfinished = ['a.csv.tmp', 'a.part', 'a.crdownload', 'a.csv.inprogress', 'B.TMP']
    const others = ['.hidden.csv', '_underscore.csv', '_folder/a.csv', '.folder/a.csv', 'tmp.csv']
    for (const path of [...ours, ...unfinished, ...others]) put(path)
    expect((await paths({ root, pattern: '**' })).sort()).toEqual(others.sort())
  })

  test('never descends into excluded paths, also through a link', async () => {
    for (const path of ['in/a.csv', 'out/b.csv', 'outer/c.csv', 'held.csv']) put(path)
    symlinkSync(join(root, 'out'), join(root, 'alias'))
    const exclude = [join(root, 'out'), join(root, 'held.csv')]
    expect(await paths({ root, pattern: '**/*.csv', exclude })).toEqual(['in/a.csv', 'outer/c.csv'])
  })

  test('follows links to files and folders inside the root, and stops at loops', async () => {
    put('real/a.csv')
    symlinkSync(join(root, 'real/a.csv'), join(root, 'link.csv'))
    symlinkSync(join(root, 'real'), join(root, 'folder'))
    symlinkSync(root, join(root, 'real/up'))
    symlinkSync('.', join(root, 'self'))
    expect(await paths({ root, pattern: '**/*.csv' })).toEqual(['folder/a.csv', 'link.csv', 'real/a.csv'])
  })

  test('folders that link to one another end the walk in bounded time', async () => {
    for (const name of ['p', 'q', 'r']) {
      put(`${name}/x.csv`)
      for (const other of ['p', 'q', 'r']) symlinkSync(join(root, other), join(root, name, `to-${other}`))
    }
    const found = await list({ root, pattern: '**/*.csv' })
    expect(found.length).toBeGreaterThan(2)
    expect(found.length).toBeLessThan(10_000)
  })

  test('a link out of the root is reported, not followed', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'tidegate-'))
    writeFileSync(join(outside, 'secret.csv'), 'x')
    symlinkSync(join(outside, 'secret.csv'), join(root, 'a.csv'))
    symlinkSync(outside, join(root, 'folder'))
    symlinkSync(join(root, 'nothing'), join(root, 'dangling.csv'))
    const found = await list({ root, pattern: '**/*.csv' })
    rmSync(outside, { recursive: true })
    expect(found.map((entry) => [entry.kind, pathOf(entry), entry.kind === 'file' ? '' : entry.code])).toEqual([
      ['unreadable', 'a.csv', 'SOURCE_OUTSIDE_ROOT'],
      ['unreadable', 'dangling.csv', 'SOURCE_GONE'],
      ['unreadable', 'folder', 'SOURCE_OUTSIDE_ROOT'],
    ])
  })

  test('names that are not UTF-8 are reported with their bytes', async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.from([0xff]), Buffer.from('.csv')]), 'x')
    const found = await list({ root, pattern: '*.csv' })
    expect(found).toMatchObject([{ kind: 'unreadable', code: 'SOURCE_NAME_INVALID' }])
    expect(found[0]?.kind === 'unreadable' && found[0].message).toContain('6261642dff2e637376')
  })

  test('names with quotes, newlines and glob characters are files like others', async () => {
    const names = ["a'; DROP TABLE x; --.csv", 'a\nb.csv', 'a[1]*.csv', 'a"b.csv', ' .csv']
    for (const name of names) put(name)
    expect((await paths({ root, pattern: '*.csv' })).sort()).toEqual(names.sort())
  })

  test('a pipe that matches is reported', async () => {
    execFileSync('mkfifo', [join(root, 'pipe.csv')])
    expect(await list({ root, pattern: '*.csv' })).toMatchObject([{ kind: 'unreadable', code: 'SOURCE_NOT_A_FILE' }])
  })

  test.skipIf(process.getuid?.() === 0)('a folder without permission is reported and the rest goes on', async () => {
    put('locked/a.csv')
    put('open/b.csv')
    chmodSync(join(root, 'locked'), 0)
    const found = await list({ root, pattern: '**/*.csv' })
    chmodSync(join(root, 'locked'), 0o755)
    expect(found).toMatchObject([{ kind: 'unreadable', code: 'SOURCE_UNREADABLE' }, { kind: 'file' }])
  })

  test('a missing root is an error with a hint, an empty one is not', async () => {
    const error = await failure(list({ root: join(root, 'nothing'), pattern: '*' }))
    expect(error).toMatchObject({ code: 'SOURCE_MISSING', hint: expect.stringContaining('source path') as string })
    put('file')
    expect(codeOf(await failure(list({ root: join(root, 'file'), pattern: '*' })))).toBe('SOURCE_MISSING')
    expect(await list({ root, pattern: 'none' })).toEqual([])
  })

  test('a thousand files are found once each', async () => {
    for (let index = 0; index < 1000; index++) put(`f${index % 10}/${index}.csv`)
    const found = await paths({ root, pattern: '**/*.csv' })
    expect(new Set(found).size).toBe(1000)
    expect(found.length).toBe(1000)
  })
})

describe('stat and hash', () => {
  test('the stamp moves when the file is touched or replaced, and not otherwise', async () => {
    const path = put('a.csv', 'same')
    const stampOf = async (): Promise<string | undefined> => (await store.stat(path))?.stamp
    const first = await stampOf()
    expect(await stampOf()).toBe(first)
    utimesSync(path, 1, 1)
    const touched = await stampOf()
    expect(touched).not.toBe(first)
    writeFileSync(`${path}2`, 'same')
    utimesSync(`${path}2`, 1, 1)
    renameSync(`${path}2`, path)
    expect(await stampOf()).not.toBe(touched)
    unlinkSync(path)
    expect(await stampOf()).toBeUndefined()
  })

  test('hashes all bytes, whatever the chunk size', async () => {
    const bytes = Buffer.from(Array.from({ length: 10_000 }, (_, index) => (index * 7) % 256))
    const path = put('a.bin', bytes)
    const expected = createHash('sha256').update(bytes).digest('hex')
    expect(await store.hash(path)).toBe(expected)
    expect(await localStore({ hashChunkBytes: 7 }).hash(path)).toBe(expected)
    expect(await store.hash(put('empty', ''))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  })

  test('shows the bytes on their way until nobody wants more; the hash is of all of them', async () => {
    const path = put('a.bin', '0123456789')
    const seen: string[] = []
    const hash = await localStore({ hashChunkBytes: 3 }).hash(path, undefined, async (bytes) => {
      seen.push(text(bytes))
      return seen.length < 2
    })
    expect(seen).toEqual(['012', '345'])
    expect(hash).toBe(await store.hash(path))
  })

  test('what cannot be hashed says why', async () => {
    expect(await failure(store.hash(join(root, 'gone')))).toMatchObject({ code: 'SOURCE_GONE', retryable: true })
    expect(codeOf(await failure(store.hash(root)))).toBe('SOURCE_NOT_A_FILE')
    expect(codeOf(await failure(store.hash('s3://bucket/key')))).toBe('SOURCE_UNSUPPORTED')
    expect(codeOf(await failure(store.hash(put('a'), AbortSignal.abort())))).toBe('CANCELLED')
  })
})

describe('open', () => {
  test('reads ranges and cuts them at the end', async () => {
    const source = await store.open(put('a.bin', '0123456789'))
    expect(source.sizeBytes).toBe(10)
    expect(text(await source.read(2, 3))).toBe('234')
    expect(text(await source.read(8, 100))).toBe('89')
    expect(text(await source.read(100, 5))).toBe('')
    expect(codeOf(await failure(source.read(-1, 5)))).toBe('SOURCE_UNREADABLE')
    expect(codeOf(await failure(source.read(0, Number.NaN)))).toBe('SOURCE_UNREADABLE')
    await source.close()
    await source.close()
  })

  test('refuses pipes, devices and folders without waiting', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    expect(codeOf(await failure(store.open(join(root, 'pipe'))))).toBe('SOURCE_NOT_A_FILE')
    expect(codeOf(await failure(store.open('/dev/null')))).toBe('SOURCE_NOT_A_FILE')
    expect(codeOf(await failure(store.open(root)))).toBe('SOURCE_NOT_A_FILE')
  })

  test('takes file addresses', async () => {
    const source = await store.open(new URL(`file://${put('a b.txt', 'x')}`).href)
    expect(source.sizeBytes).toBe(1)
    await source.close()
  })
})

function put(path: string, content: string | Uint8Array = 'x'): string {
  const absolute = join(root, path)
  mkdirSync(join(absolute, '..'), { recursive: true })
  writeFileSync(absolute, content)
  return absolute
}

async function list(location: SourceLocation): Promise<DiscoveredFile[]> {
  return await Array.fromAsync(store.discover(location))
}

async function paths(location: SourceLocation): Promise<string[]> {
  return (await list(location)).map(pathOf)
}

function pathOf(found: DiscoveredFile): string {
  return found.kind === 'file' ? found.file.path : found.path
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}
