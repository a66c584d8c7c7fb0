import { fileVersionId, type FileOutcome, type LedgerEntry, type LedgerFile } from '@tidegate/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { State } from './index.ts'
import { makeEntry, makeFile, makePart } from './testing/entries.ts'
import { freshState, onPostgres } from './testing/fresh-state.ts'

const PATHS = ['a', 'b', 'dir/c', "d'"]

/** What an entry does, before it is put into an entry: later steps refer to what earlier ones left. */
interface Step {
  readonly files: readonly { readonly path: string; readonly outcome: FileOutcome; readonly again: boolean }[]
  readonly onePart: boolean
  readonly number: bigint | undefined
}

const step: fc.Arbitrary<Step> = fc.record({
  files: fc.uniqueArray(
    fc.record({
      path: fc.constantFrom(...PATHS),
      outcome: fc.constantFrom<FileOutcome>('loaded', 'loaded', 'held', 'skipped'),
      again: fc.boolean(),
    }),
    { selector: (file) => file.path, maxLength: 4 },
  ),
  onePart: fc.boolean(),
  number: fc.option(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), { nil: undefined }),
})

/** The simplest thing that is right: everything is worked out from the whole list of entries, with sets. */
function model(entries: readonly LedgerEntry[]): unknown {
  const files = new Map<string, { file: LedgerFile; seq: number; live: boolean }>()
  let highest: bigint | undefined
  let records = 0
  for (const entry of entries) {
    const replaced = new Set(entry.files.map((file) => file.replaces))
    const removed = new Set(entry.remove)
    const parts = entries.filter((one) => one.seq < entry.seq).flatMap((one) => one.add)
    const removedBefore = new Set(entries.filter((one) => one.seq < entry.seq).flatMap((one) => one.remove))
    const live = parts.filter((part) => !removedBefore.has(part.visible))
    const after = new Set(
      [...live.filter((part) => !removed.has(part.visible)), ...entry.add].flatMap((part) => part.files),
    )
    const left = new Set(live.filter((part) => removed.has(part.visible)).flatMap((part) => part.files))
    for (const [id, known] of files) {
      if (replaced.has(id) || (left.has(id) && !after.has(id))) known.live = false
    }
    for (const file of entry.files) {
      const wasLive = files.get(file.id)?.live === true
      files.set(file.id, { file, seq: entry.seq, live: file.outcome === 'loaded' || wasLive })
    }
    if (entry.watermark !== undefined) {
      const value = BigInt(entry.watermark.value)
      if (highest === undefined || value > highest) highest = value
      for (const file of entry.files) records += file.rowsLoaded
    }
  }
  return {
    files: [...files.values()]
      .map(({ file, seq, live }) => [file.path, file.ordinal, file.outcome, seq, live])
      .sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)),
    watermark: highest === undefined ? undefined : [String(highest), records],
  }
}

async function look(state: State): Promise<unknown> {
  const watermark = await state.getWatermark('flights')
  return {
    files: (await state.listFiles())
      .map((file) => [file.path, file.ordinal, file.outcome, file.seq, file.live])
      .sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)),
    watermark: watermark === undefined ? undefined : [watermark.value, watermark.recordsProcessed],
  }
}

test('any prefix, indexed in any split and again, gives what a naive model says', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 8 }),
      fc.array(fc.nat({ max: 8 }), { maxLength: 4 }),
      fc.nat({ max: 8 }),
      async (steps, starts, length) => {
        const entries = makeEntries(steps)
        const state = await freshState()
        let done = 0
        // Each start goes back to some entry before the next new one and comes one further, as a resumed run does.
        for (const start of starts) {
          const end = Math.min(done + 1, length, entries.length)
          for (const entry of entries.slice(Math.min(start, end), end)) {
            if (entry.seq <= done + 1) await state.indexEntry('/lake', entry)
          }
          done = await state.indexedSeq('/lake')
          expect(await look(state)).toEqual(model(entries.slice(0, done)))
        }
        const prefix = entries.slice(0, length)
        for (const entry of prefix) await state.indexEntry('/lake', entry)
        expect(await state.indexedSeq('/lake')).toBe(prefix.length)
        expect(await look(state)).toEqual(model(prefix))
        await state.clearIndex('/lake')
        expect(await look(state)).toEqual(model([]))
        for (const entry of prefix) await state.indexEntry('/lake', entry)
        expect(await look(state)).toEqual(model(prefix))
        await state.close()
      },
    ),
    // A server answers a statement in a millisecond, a database in this process in some microseconds.
    { numRuns: onPostgres() ? 20 : 60, seed: 20_260 },
  )
}, 120_000)

/** Gives versions their ordinals, replaces live ones and removes and rewrites their parts, as a destination would. */
function makeEntries(steps: readonly Step[]): readonly LedgerEntry[] {
  const ordinals = new Map<string, number>()
  const liveIds = new Map<string, string>()
  let parts: { visible: string; files: readonly string[] }[] = []
  return steps.map((step, index) => {
    const seq = index + 1
    const files = step.files.map(({ path, outcome, again }) => {
      const known = ordinals.get(path) ?? 0
      const ordinal = again && known > 0 ? known : known + 1
      ordinals.set(path, ordinal)
      const replaces = outcome === 'loaded' ? liveIds.get(path) : undefined
      if (outcome === 'loaded') liveIds.set(path, fileVersionId('flights', path, ordinal))
      const rows = { rowsLoaded: outcome === 'loaded' ? ordinal * 3 : 0 }
      return makeFile({ path, ordinal, outcome, ...rows, ...(replaces === undefined ? {} : { replaces }) })
    })
    const replaced = new Set(files.flatMap((file) => file.replaces ?? []))
    const leaving = parts.filter((part) => part.files.some((id) => replaced.has(id)))
    const rewritten = leaving.flatMap((part) => part.files.filter((id) => !replaced.has(id)))
    const loaded = files.filter((file) => file.outcome === 'loaded').map((file) => file.id)
    const groups = step.onePart ? [[...loaded, ...rewritten]] : [...loaded, ...rewritten].map((id) => [id])
    const add = groups
      .filter((ids) => ids.length > 0)
      .map((ids, part) => makePart(`part-${String(seq)}-${String(part)}`, ids))
    parts = [...parts.filter((part) => !leaving.includes(part)), ...add]
    const watermark = { column: 'n', type: 'HUGEINT', value: String(step.number) }
    return makeEntry(seq, [], {
      files,
      add,
      remove: leaving.map((part) => part.visible),
      ...(step.number === undefined ? {} : { watermark }),
    })
  })
}
