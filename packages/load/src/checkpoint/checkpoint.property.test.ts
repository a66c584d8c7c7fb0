/**
 * Logs of random entries, folded with checkpoints written, lost, damaged and read again anywhere, against the same entries
 * folded in memory: every question must have the same answer.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codeOf, type EntryDraft, type LedgerEntry, type LedgerPart } from '@tidegate/core'
import { array, assert, asyncProperty, constantFrom, nat, record, type Arbitrary } from 'fast-check'
import { expect, test } from 'vitest'
import { entryName } from '../layout.ts'
import { emptyLogState, foldEntry, liveTwins, type LogFacts, type LogState } from '../log-state.ts'
import { draftOf, entryOf, fileOf, partOf, rejectedOf } from '../testing/drafts.ts'
import { liveParts, type LogIndex } from './log-index.ts'
import { openCheckpoints, type Checkpoints } from './open-checkpoints.ts'

/** Ids and hashes that share digests with nothing, that are no UTF-8, that are long, and that are SHA-256. */
const IDS = ['a#1', 'a#2', 'b#1', 'ä☃#1', '\ud800#1', '\ud801#1', `${'long/'.repeat(800)}#1`, '', '__proto__']
const HASHES = ['0123456789abcdef'.repeat(4), '0123456789ABCDEF'.repeat(4), 'short', '']
const SCHEMAS = [[], [{ name: 'x', type: 'BIGINT' }], [{ name: 'y', type: 'VARCHAR' }]]

interface Step {
  readonly kind: 'load' | 'hold' | 'again' | 'rewrite' | 'replay' | 'write' | 'reopen' | 'damage' | 'cut' | 'lose'
  readonly pick: number
  readonly other: number
}

const step: Arbitrary<Step> = record({
  kind: constantFrom(
    'load',
    'load',
    'hold',
    'again',
    'rewrite',
    'replay',
    'write',
    'write',
    'reopen',
    'damage',
    'cut',
    'lose',
  ),
  pick: nat({ max: 10_000 }),
  other: nat({ max: 10_000 }),
})

function pickOf<T>(items: readonly T[], at: number): T {
  const item = items[at % items.length]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

/** An entry that may follow, or nothing if this step is impossible now. */
function draftFor({ kind, pick, other }: Step, state: LogState, seq: number): EntryDraft | undefined {
  const id = pickOf(IDS, pick)
  const hash = pickOf(HASHES, other)
  const schema = { id: `v${other % 3}`, columns: pickOf(SCHEMAS, other) }
  const base = draftOf(`b${seq}`, {
    schema,
    fence: 1 + (pick % 4),
    batch: { ...draftOf(`b${seq}`).batch, source: `s${other % 3}` },
  })
  const fate = state.files.get(id)
  const live = [...state.parts.values()]
  if (kind === 'load' || kind === 'again') {
    const both = kind === 'load' ? [id, pickOf(IDS, pick + 1 + other)] : [id]
    const ids = [...new Set(both)]
    const files = ids.map((file) => fileOf(file, 3, { hash, ...(state.files.has(file) ? { replaces: file } : {}) }))
    const remove = live.filter((part) => part.files.some((file) => ids.includes(file)))
    const add: LedgerPart = {
      ...partOf(`b${seq}`, `p${seq}`, 3 * ids.length, ids),
      ...(other % 2 === 0 ? { ranges: ids.map((file) => ({ file, rows: 3 })) } : {}),
    }
    return { ...base, files, add: [add], remove: remove.map((part) => part.visible) }
  }
  if (kind === 'hold') {
    const held = fileOf(id, 0, { hash, outcome: 'held', ...(fate === undefined ? {} : { replaces: id }) })
    return { ...base, files: [held], rejected: [rejectedOf(`b${seq}`, `q${seq}`, id)] }
  }
  if (kind === 'replay') {
    const numbers = { rowsRead: 2, rowsLoaded: 2, rowsRejected: 0, rowsDropped: 0, rowsDiscarded: 0 }
    return {
      ...base,
      consumes: [`r${seq}`, id],
      replays: [{ record: `r${seq}`, file: id, action: 'replay', ...numbers }],
    }
  }
  if (kind !== 'rewrite' || live.length === 0) return undefined
  const part = pickOf(live, pick)
  const kept = { ...part, ...partOf(`b${seq}`, `k${seq}`, part.rows, part.files) }
  return {
    ...base,
    add: other % 3 === 0 ? [] : [kept],
    remove: [part.visible],
    superseded: part.files.map((file) => ({ file, rows: 1 })),
  }
}

/** A log on disk with a reader that uses checkpoints, and the same in memory. */
interface World {
  readonly directory: string
  readonly entries: LedgerEntry[]
  expected: LogState
  index: LogIndex
  checkpoints: Checkpoints
}

async function reload(world: World): Promise<void> {
  world.index = await world.checkpoints.load()
  for (const entry of world.entries.slice(world.index.lastSeq)) world.index = foldEntry(world.index, entry)
}

/** As `openLog` does it: what turns out damaged is left out. */
async function soundly(world: World, work: () => Promise<void> | void): Promise<void> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (codeOf(error) !== 'LEDGER_CHECKPOINT' || !world.checkpoints.distrust(error)) throw error
      await soundly(world, () => reload(world))
    }
  }
}

async function take(world: World, step: Step): Promise<void> {
  const segments = segmentsOf(world.directory)
  const segment = segments.length === 0 ? undefined : pickOf(segments, step.pick)
  if (step.kind === 'write') {
    if (world.index.lastSeq > 0)
      await soundly(world, async () => void (world.index = await world.checkpoints.write(world.index)))
  } else if (step.kind === 'reopen') {
    world.checkpoints.close()
    world.checkpoints = openCheckpoints(world.directory, { keys: 1, entries: 1 })
    await soundly(world, () => reload(world))
  } else if (step.kind === 'damage') {
    if (segment !== undefined) flipByte(segment, step.other)
  } else if (step.kind === 'cut') {
    if (segment !== undefined) truncateSync(segment, step.other % readFileSync(segment).length)
  } else if (step.kind === 'lose') {
    if (segment !== undefined) rmSync(segment)
  } else {
    const draft = draftFor(step, world.expected, world.entries.length + 1)
    if (draft !== undefined) await append(world, entryOf(world.entries.length + 1, draft))
  }
}

async function append(world: World, entry: LedgerEntry): Promise<void> {
  writeFileSync(join(world.directory, '_tidegate/log', entryName(entry.seq)), JSON.stringify(entry))
  world.entries.push(entry)
  world.expected = foldEntry(world.expected, entry)
  await soundly(world, () => {
    if (world.index.lastSeq < entry.seq) world.index = foldEntry(world.index, entry)
  })
}

function segmentsOf(directory: string): readonly string[] {
  const folder = join(directory, '_tidegate/checkpoint')
  try {
    return readdirSync(folder)
      .toSorted()
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}

function flipByte(file: string, at: number): void {
  const bytes = readFileSync(file)
  if (bytes.length === 0) return
  const place = at % bytes.length
  bytes[place] = (bytes[place] ?? 0) ^ 0x10
  writeFileSync(file, bytes)
}

/** The answers to every question about every key that ever was. */
function answers(facts: LogFacts, parts: readonly LedgerPart[], entries: readonly LedgerEntry[]): unknown {
  const visibles = new Set(entries.flatMap((entry) => [...entry.add, ...entry.rejected].map((part) => part.visible)))
  const records = new Set(entries.flatMap((entry) => entry.consumes))
  const about = <T>(keys: Iterable<string>, ask: (key: string) => T) => Array.from(keys, (key) => [key, ask(key)])
  return {
    lastSeq: facts.lastSeq,
    schema: facts.schema,
    fences: new Map(facts.fences),
    files: about(IDS, (id) => [facts.files.has(id), facts.files.get(id)]),
    hashes: about(HASHES, (hash) => [facts.hashes.has(hash), [...liveTwins(facts, hash)].toSorted()]),
    parts: about(visibles, (visible) => [facts.parts.has(visible), facts.parts.get(visible)]),
    gone: about(visibles, (visible) => [facts.gone.has(visible), facts.gone.get(visible)]),
    rejected: about(visibles, (visible) => facts.rejected.has(visible)),
    consumed: about([...records, 'never'], (key) => facts.consumed.has(key)),
    batches: about([...entries.map((entry) => entry.batch), 'never'], (batch) => [
      facts.batches.has(batch),
      facts.batches.get(batch),
    ]),
    liveParts: parts.toSorted((one, other) => (one.visible < other.visible ? -1 : 1)),
  }
}

test('with checkpoints written, lost and damaged anywhere, every question has the answer that the whole log gives', async () => {
  let written = 0
  await assert(
    asyncProperty(array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const directory = mkdtempSync(join(tmpdir(), 'tidegate-'))
      mkdirSync(join(directory, '_tidegate/log'), { recursive: true })
      const checkpoints = openCheckpoints(directory, { keys: 1, entries: 1 })
      const world: World = {
        directory,
        entries: [],
        expected: emptyLogState(),
        index: await checkpoints.load(),
        checkpoints,
      }
      try {
        for (const step of steps) await take(world, step)
        written += segmentsOf(directory).length
        await soundly(world, () => {
          const own = answers(world.index, liveParts(world.index), world.entries)
          expect(own).toEqual(answers(world.expected, [...world.expected.parts.values()], world.entries))
          expect(world.index.parts.size).toBe(world.expected.parts.size)
        })
      } finally {
        world.checkpoints.close()
        rmSync(directory, { recursive: true, force: true })
      }
    }),
    { numRuns: 80, seed: 20260131 },
  )
  expect(written).toBeGreaterThan(50)
}, 120_000)
