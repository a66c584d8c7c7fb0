import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Destination } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import { openParquetFolder, readLedger, type FolderOptions } from '../index.ts'
import { entryName } from '../layout.ts'
import { entryOf, loadOf } from '../testing/drafts.ts'
import { collect, stageHold, tempTarget, type TempTarget } from '../testing/temp-target.ts'
import { longestChain } from './checkpoint-folder.ts'

const EACH = { keys: 1, entries: 1 }

function openIn(temp: TempTarget, more: Partial<FolderOptions> = {}): Promise<Destination> {
  return openParquetFolder({ directory: temp.target, quarantineDirectory: temp.quarantine, checkpoint: EACH, ...more })
}

async function hold(target: Destination, batch: string, id: string, visible = `${batch}.json`): Promise<string> {
  const { draft } = await stageHold(target, batch, id, visible)
  const { kind } = await target.commit(draft)
  await target.publish()
  return kind
}

async function holdAll(temp: TempTarget, ...batches: readonly string[]): Promise<void> {
  const target = await openIn(temp)
  await target.recover()
  for (const batch of batches) expect(await hold(target, batch, `${batch}#1`)).toBe('committed')
  await target.close()
}

function segmentsIn(temp: TempTarget): readonly string[] {
  return readdirSync(join(temp.target, '_tidegate/checkpoint')).toSorted()
}

function entryFile(temp: TempTarget, seq: number): string {
  return join(temp.target, '_tidegate/log', entryName(seq))
}

/** The newest segment. */
function segmentPath(temp: TempTarget): string {
  return join(temp.target, '_tidegate/checkpoint', segmentsIn(temp).at(-1) ?? '')
}

test('a start reads only what came after the checkpoint, and knows what came before', async () => {
  using temp = tempTarget()
  await holdAll(temp, 'b1', 'b2', 'b3')
  // Nobody reads this entry any more but who asks for it.
  writeFileSync(entryFile(temp, 1), 'not an entry')
  const target = await openIn(temp)
  expect((await target.recover()).lastSeq).toBe(3)
  expect(await hold(target, 'other', 'b1#1')).toBe('conflict')
  expect(await hold(target, 'b4', 'b4#1')).toBe('committed')
  await expect(target.lookup('b1')).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' })
  await expect(collect(readLedger(temp.target))).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' })
})

test('an entry that is missing below a checkpoint is noticed', async () => {
  using temp = tempTarget()
  await holdAll(temp, 'b1', 'b2', 'b3')
  rmSync(entryFile(temp, 2))
  await expect((await openIn(temp)).recover()).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' })
})

describe('the log is believed and not the checkpoint', () => {
  test('of a log that was put back to an earlier state and went on differently', async () => {
    using temp = tempTarget()
    await holdAll(temp, 'b1', 'b2', 'b3')
    const kept = temp.root + '/kept'
    mkdirSync(kept)
    for (const name of segmentsIn(temp)) copyFileSync(join(temp.target, '_tidegate/checkpoint', name), join(kept, name))
    rmSync(entryFile(temp, 3))
    await holdAll(temp, 'c3')
    for (const name of readdirSync(kept))
      copyFileSync(join(kept, name), join(temp.target, '_tidegate/checkpoint', name))
    const target = await openIn(temp)
    await target.recover()
    expect(await target.lookup('b3')).toBeUndefined()
    expect(await hold(target, 'again', 'c3#1')).toBe('conflict')
    expect(await hold(target, 'b3', 'b3#1', 'other.json')).toBe('committed')
  })

  test('that shrank under an open destination', async () => {
    using temp = tempTarget()
    const target = await openIn(temp)
    for (const batch of ['b1', 'b2', 'b3']) await hold(target, batch, `${batch}#1`)
    rmSync(entryFile(temp, 3))
    expect((await target.recover()).lastSeq).toBe(2)
    expect(await hold(target, 'b3', 'b3#1', 'other.json')).toBe('committed')
  })

  test('of another target', async () => {
    using temp = tempTarget()
    using other = tempTarget()
    await holdAll(temp, 'b1', 'b2')
    await holdAll(other, 'o1', 'o2')
    copyFileSync(segmentPath(other), segmentPath(temp))
    const target = await openIn(temp)
    await target.recover()
    expect(await hold(target, 'x', 'b2#1')).toBe('conflict')
    expect(await hold(target, 'o1', 'o1#1')).toBe('committed')
  })

  test('that is cut anywhere, empty, or a folder', async () => {
    using temp = tempTarget()
    await holdAll(temp, 'b1', 'b2')
    const whole = readFileSync(segmentPath(temp))
    for (const bytes of [0, 1, 43, 44, 100, whole.length - 1]) {
      truncateSync(segmentPath(temp), bytes)
      const target = await openIn(temp, { checkpoint: undefined })
      expect((await target.recover()).lastSeq).toBe(2)
      expect(await hold(target, 'x', 'b1#1')).toBe('conflict')
      writeFileSync(segmentPath(temp), whole)
    }
    const path = segmentPath(temp)
    rmSync(path)
    mkdirSync(path)
    expect((await (await openIn(temp)).recover()).lastSeq).toBe(2)
  })
})

test('one that is damaged while it is in use is left out, and written anew', async () => {
  using temp = tempTarget()
  await holdAll(temp, 'b1', 'b2')
  const target = await openIn(temp)
  await target.recover()
  writeFileSync(segmentPath(temp), Buffer.alloc(readFileSync(segmentPath(temp)).length))
  expect(await hold(target, 'x', 'b1#1')).toBe('conflict')
  expect(await hold(target, 'b3', 'b3#1')).toBe('committed')
  const next = await openIn(temp)
  writeFileSync(entryFile(temp, 1), 'not an entry')
  expect((await next.recover()).lastSeq).toBe(3)
})

test('where it cannot be written, commits go on without', async () => {
  using temp = tempTarget()
  mkdirSync(join(temp.target, '_tidegate'), { recursive: true })
  writeFileSync(join(temp.target, '_tidegate/checkpoint'), 'in the way')
  await holdAll(temp, 'b1', 'b2', 'b3')
  const target = await openIn(temp)
  expect((await target.recover()).lastSeq).toBe(3)
  expect(await hold(target, 'x', 'b1#1')).toBe('conflict')
})

test('two writers that take turns agree, and leave few files', async () => {
  using temp = tempTarget()
  const writers = [await openIn(temp), await openIn(temp)]
  for (let at = 0; at < 20; at += 1) {
    const turns = at % 2 === 0 ? writers : writers.toReversed()
    const ends: string[] = []
    for (const writer of turns) ends.push(await hold(writer, `b${at}-${ends.length}`, `f${at}#1`))
    expect(ends).toEqual(['committed', 'conflict'])
  }
  expect(segmentsIn(temp).length).toBeLessThan(10)
  expect((await (await openIn(temp)).recover()).lastSeq).toBe(20)
}, 60_000)

test('killed at any moment, whatever is left of a checkpoint changes no answer', async () => {
  using temp = tempTarget()
  let next = 0
  for (const afterMs of [0, 7, 23]) {
    const held = await holdUntilKilled(temp.root, next, afterMs)
    const target = await openIn(temp)
    const { lastSeq } = await target.recover()
    const entries = await collect(readLedger(temp.target))
    expect(entries).toHaveLength(lastSeq)
    expect(lastSeq).toBeGreaterThan(held)
    for (const { batch, files } of entries) {
      expect((await target.lookup(batch))?.batch).toBe(batch)
      expect(await hold(target, `again-${batch}`, files[0]?.id ?? '')).toBe('conflict')
    }
    next = lastSeq
  }
}, 120_000)

/** Runs a holder, kills it so long after its fifth entry, and returns the number of its last one. */
function holdUntilKilled(root: string, first: number, afterMs: number): Promise<number> {
  const script = fileURLToPath(new URL('../testing/holder.ts', import.meta.url))
  const args = ['--conditions=tidegate:source', script, root, String(first)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    if (out.split('\n').length > 5 && !child.killed) setTimeout(() => child.kill('SIGKILL'), afterMs)
  })
  return new Promise((resolve) => {
    child.on('close', () => resolve(Number(out.trim().split('\n').at(-1))))
  })
}

test('of a target with very many parts a recovery looks only at what is staged, unless asked to report', async () => {
  using temp = tempTarget()
  const [part] = loadOf('b1', { 'a#1': 0 }).add
  if (part === undefined) throw new Error('no part')
  const add = ['p1', 'p2', 'p3'].map((name) => ({ ...part, visible: `${name}.parquet` }))
  mkdirSync(join(temp.target, '_tidegate/log'), { recursive: true })
  writeFileSync(entryFile(temp, 1), JSON.stringify(entryOf(1, { ...loadOf('b1', { 'a#1': 0 }), add })))
  writeFileSync(join(temp.target, 'unknown.parquet'), '')
  const quick = await openIn(temp, { wholeUpToParts: 2 })
  expect(await quick.recover()).toMatchObject({ missing: [], unknown: [] })
  const thorough = await openIn(temp, { wholeUpToParts: 2, onMissing: 'report' })
  const { missing, unknown } = await thorough.recover()
  expect(missing.toSorted()).toEqual(['p1.parquet', 'p2.parquet', 'p3.parquet'])
  expect(unknown).toEqual(['unknown.parquet'])
  await expect((await openIn(temp, { wholeUpToParts: 3 })).recover()).rejects.toMatchObject({
    code: 'LEDGER_PART_MISSING',
  })
})

describe('of the segments that are there, the chain is the one', () => {
  const chain = (...names: readonly (readonly [number, number])[]) =>
    longestChain(names.map(([from, to]) => ({ name: `${from}-${to}`, from, to }))).map(({ name }) => name)

  test.each([
    [[], []],
    [[[5, 9]], []],
    [
      [
        [0, 4],
        [4, 9],
      ],
      ['0-4', '4-9'],
    ],
    [
      [
        [0, 4],
        [4, 9],
        [0, 9],
      ],
      ['0-9'],
    ],
    [
      [
        [0, 4],
        [5, 9],
      ],
      ['0-4'],
    ],
    [
      [
        [0, 9],
        [0, 4],
        [4, 11],
      ],
      ['0-4', '4-11'],
    ],
    [
      [
        [0, 4],
        [4, 4],
        [4, 2],
      ],
      ['0-4'],
    ],
  ] as const)('of %j: %j', (names, expected) => {
    expect(chain(...names)).toEqual(expected)
  })
})
