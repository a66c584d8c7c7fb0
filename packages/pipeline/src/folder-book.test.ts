/**
 * Against the naive listing of everything: random changes on a real file system, runs that decide over what they find or
 * over a part of it, and a clock that is turned by hand.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs' // prettier-ignore
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { comparePaths, type FileRecord, type KnownStamp, type Ledger, type SourceConfig } from '@tidegate/core'
import { localStore } from '@tidegate/storage'
import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { openBook, type FolderBook } from './folder-book.ts'
import { surveySource } from './survey-source.ts'

const top = mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
afterAll(() => rmSync(top, { recursive: true }))

const INTERVAL_MS = 100_000
const STEP_MS = 10_000
/** Longer than the kernel's clock for files stands still. */
const TICK_MS = 12

type Saved = Awaited<ReturnType<Ledger['lastListing']>>

interface World {
  readonly root: string
  readonly source: SourceConfig
  /** Path → the stamp with which it was decided over. */
  readonly known: Map<string, string>
  readonly lost: Set<string>
  nowMs: number
  saved: Saved
}

let worlds = 0

function world(more: Partial<SourceConfig> = {}): World {
  const root = path.join(top, `w${++worlds}`)
  mkdirSync(root)
  const source = {
    name: 's',
    root,
    pattern: '**/*.csv',
    ready: { settleMs: 0, marker: undefined, control: undefined, unit: 'file' },
    backfillIntervalMs: INTERVAL_MS,
    ...more,
  } as unknown as SourceConfig
  return { root, source, known: new Map(), lost: new Set(), nowMs: 1_000_000, saved: undefined }
}

interface Run {
  readonly found: readonly string[]
  readonly book: FolderBook
}

/** One run. `decides`: which of the files that it finds it comes to an end with. */
async function run(w: World, decides: (path: string, index: number) => boolean = () => true): Promise<Run> {
  w.nowMs += STEP_MS
  const lost = [...w.lost].map((name) => ({ path: name }) as FileRecord)
  const ledger = {
    lastListing: async () => w.saved,
    lostDuplicates: async () => lost,
    versionsOf: async () => new Map(),
    async *knownStamps() {
      const known = [...w.known].toSorted(([a], [b]) => comparePaths(a, b))
      yield known.map(([name, stamp]): KnownStamp => {
        const newest = { id: `s/${name}#1`, ordinal: 1, stamp, outcome: 'loaded', live: true } as const
        return { path: name, location: 'A', newest, newestLoaded: newest }
      })
    },
  }
  const book = await openBook(w.source, [], ledger, () => w.nowMs)
  if (book === undefined) throw new Error('no book')
  const effects = { store: localStore(), report: () => {}, signal: new AbortController().signal, ledger }
  const { items } = await surveySource(w.source, { exclude: [], book }, effects)
  const files = items.flatMap((item) => (item.kind === 'file' ? [item.file] : []))
  for (const [index, file] of files.entries()) {
    if (!decides(file.path, index)) continue
    w.known.set(file.path, file.stamp)
    w.lost.delete(file.path)
  }
  await book.save({
    saveListing: async (_source, { folders, gone, ...listing }) => {
      const all = new Map((w.saved?.folders ?? []).map((one) => [one.folder, one]))
      for (const folder of gone) all.delete(folder)
      for (const one of folders) all.set(one.folder, one)
      w.saved = { ...listing, folders: [...all.values()] }
    },
  })
  return { found: files.map((file) => file.path), book }
}

/** What needs a look, by looking at everything. */
async function naive(w: World): Promise<readonly string[]> {
  const found: string[] = []
  for await (const item of localStore().discover({ root: w.root, pattern: w.source.pattern }))
    if (item.kind === 'file' && (w.known.get(item.file.path) !== item.file.stamp || w.lost.has(item.file.path)))
      found.push(item.file.path)
  return found
}

function land(w: World, name: string, content = name): void {
  mkdirSync(path.dirname(path.join(w.root, name)), { recursive: true })
  writeFileSync(path.join(w.root, name), content)
}

const FOLDERS = ['', 'a', 'a/b', 'a/b/c', 'a-b', 'd', 'd/e']
const FILES = ['1.csv', '2.csv', 'x.part']
const place = fc.record({ folder: fc.constantFrom(...FOLDERS), file: fc.constantFrom(...FILES) })
const change = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), at: place }),
  fc.record({ kind: fc.constant('remove' as const), at: place }),
  fc.record({ kind: fc.constant('touch' as const), at: place }),
  fc.record({ kind: fc.constant('rename' as const), at: place, to: place }),
  fc.record({ kind: fc.constant('swap' as const), at: place }),
  fc.record({ kind: fc.constant('drop' as const), at: place }),
  fc.record({ kind: fc.constant('lose' as const), at: place }),
)
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

/** @returns paths that were changed in place, so that their folder does not show it */
function apply(w: World, one: Change, count: number): readonly string[] {
  const name = path.posix.join(one.at.folder, one.at.file)
  const file = path.join(w.root, name)
  const folder = path.join(w.root, one.at.folder)
  switch (one.kind) {
    case 'write': {
      const isThere = existsSync(file)
      land(w, name, `${count}`)
      return isThere ? [name] : []
    }
    case 'touch':
      if (!existsSync(file)) return []
      utimesSync(file, count, count)
      return [name]
    case 'remove':
      rmSync(file, { force: true })
      return []
    case 'rename': {
      const to = path.join(w.root, one.to.folder, one.to.file)
      if (existsSync(file) && existsSync(path.dirname(to))) renameSync(file, to)
      return []
    }
    case 'swap': {
      // Another folder takes the place of this one, with other files under the same names.
      if (one.at.folder === '' || !existsSync(folder)) return []
      const other = path.join(top, `other${++worlds}`)
      mkdirSync(other)
      for (const each of readdirSync(folder, { withFileTypes: true }))
        if (each.isFile()) writeFileSync(path.join(other, each.name), `${count}!`)
      rmSync(folder, { recursive: true })
      renameSync(other, folder)
      return []
    }
    case 'drop':
      if (one.at.folder !== '') rmSync(folder, { recursive: true, force: true })
      return []
    case 'lose':
      if (w.known.has(name) && existsSync(file)) w.lost.add(name)
      return []
  }
}

test('without files that are rewritten in place nothing is ever missed; with them nothing longer than the interval', async () => {
  const step = fc.record({
    changes: fc.array(change, { maxLength: 3 }),
    most: fc.constantFrom(0, 1, 2, 99, 99, 99),
    later: fc.constantFrom(0, 0, 0, INTERVAL_MS),
  })
  let passed = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 14 }), async (steps) => {
      const w = world()
      for (const name of ['1.csv', 'a/1.csv', 'a/b/1.csv', 'a-b/2.csv', 'd/e/1.csv']) land(w, name)
      let count = 1000
      /** Changed in place since everything was last listed. */
      let hidden = new Set<string>()
      for (const { changes, most, later } of steps) {
        await sleep(TICK_MS)
        w.nowMs += later
        for (const one of changes) {
          for (const name of apply(w, one, ++count)) hidden.add(name)
          if (one.kind === 'remove') hidden.delete(path.posix.join(one.at.folder, one.at.file))
        }
        await sleep(TICK_MS)
        const wanted = await naive(w)
        const { found, book } = await run(w, (_name, index) => index < most)
        passed += book.passed()
        hidden = book.isFull ? new Set() : hidden.difference(new Set(found))
        expect(book.isTrusted()).toBe(true)
        expect(found.filter((name) => !wanted.includes(name))).toEqual([])
        expect(wanted.filter((name) => !found.includes(name) && !hidden.has(name))).toEqual([])
        if (later > 0) expect(book.isFull).toBe(true)
      }
    }),
    { seed: 20261121, numRuns: 25 },
  )
  // Else it would prove nothing.
  expect(passed).toBeGreaterThan(100)
}, 60_000)

/** A world in which each folder was listed often enough to be passed over. */
async function calm(more: Partial<SourceConfig> = {}): Promise<World> {
  const w = world(more)
  for (const name of ['a/1.csv', 'a/b/1.csv', 'd/1.csv']) land(w, name)
  for (let runs = 0; runs < 3; runs++) await run(w)
  const { found, book } = await run(w)
  expect([found, book.passed()]).toEqual([[], 4])
  return w
}

test('a folder is passed over from the third run on, and a change deep inside is found alone', async () => {
  const w = world()
  for (const name of ['a/1.csv', 'a/b/1.csv', 'd/1.csv']) land(w, name)
  const passed: number[] = []
  for (let runs = 0; runs < 3; runs++) passed.push((await run(w)).book.passed())
  // In the first they are new, the second finds nothing in them.
  expect(passed).toEqual([0, 0, 4])
  await sleep(TICK_MS)
  land(w, 'a/b/2.csv')
  const { found, book } = await run(w)
  expect([found, book.passed()]).toEqual([['a/b/2.csv'], 3])
})

test('what a run did not come to an end with is found by each run after it', async () => {
  const w = world()
  land(w, 'a/1.csv')
  for (let runs = 0; runs < 5; runs++) expect((await run(w, () => false)).found).toEqual(['a/1.csv'])
})

test('a file rewritten in place is found when the interval is over, not before', async () => {
  const w = await calm()
  land(w, 'd/1.csv', 'other bytes')
  expect((await run(w)).found).toEqual([])
  w.nowMs += INTERVAL_MS
  expect((await run(w)).found).toEqual(['d/1.csv'])
})

test('a clock that was set back lists everything', async () => {
  const w = await calm()
  w.nowMs -= 10 * INTERVAL_MS
  expect((await run(w)).book.isFull).toBe(true)
})

test('another configuration lists everything', async () => {
  const w = await calm()
  const changed: World = { ...w, source: { ...w.source, maxFileAgeMs: 1 } }
  expect((await run(changed)).book.isFull).toBe(true)
})

test('folders with links are listed each time: what they lead to may change', async () => {
  const w = world()
  land(w, 'a/1.csv')
  symlinkSync('a', path.join(w.root, 'link'))
  for (let runs = 0; runs < 4; runs++) await run(w)
  const { book } = await run(w)
  // The folder `a` under its own name; the root has the link.
  expect(book.passed()).toBe(1)
})

test('two changes within one tick of the clock: a folder that changed just now is listed again', async () => {
  const w = await calm()
  const { mtimeMs } = statSync(path.join(w.root, 'd'))
  expect(mtimeMs).toBeGreaterThan(0)
  land(w, 'd/2.csv')
  await run(w)
  // Runs that follow within two seconds may not trust the stamp that they see first.
  w.nowMs += 500 - STEP_MS
  expect((await run(w)).book.passed()).toBe(3)
  w.nowMs += 500 - STEP_MS
  expect((await run(w)).book.passed()).toBe(3)
})

test('a file system that does not stamp its folders is found out, and then everything is listed', async () => {
  const w = await calm()
  land(w, 'd/2.csv')
  // As if the folder had had this stamp before: some mounts of object stores keep one for ever.
  const { mtimeNs, ctimeNs, dev, ino } = statSync(path.join(w.root, 'd'), { bigint: true })
  const stamp = `${mtimeNs}:${ctimeNs}:${dev}:${ino}`
  w.saved = w.saved && {
    ...w.saved,
    folders: w.saved.folders.map((one) => (one.folder === 'd' ? { ...one, stamp } : one)),
  }
  expect((await run(w)).found).toEqual([])
  w.nowMs += INTERVAL_MS
  const { found, book } = await run(w)
  expect([found, book.isTrusted()]).toEqual([['d/2.csv'], false])
  const next = await run(w)
  expect([next.book.isFull, next.book.passed()]).toEqual([true, 0])
})
