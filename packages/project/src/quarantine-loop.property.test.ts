/**
 * The loop of quarantine against a model that knows each row by its id: whatever is ingested, replayed, released, discarded,
 * and however the contract changes in between, every row is in exactly one place, and in the one that the model says.
 */
import * as fc from 'fast-check'
import { readLedger } from '@tidegate/load'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rebuildState } from './rebuild-state.ts'
import { SLOW } from './testing/lane.ts'
import { openDesk, type QuarantineDesk } from './testing/quarantine-desk.ts'
import { openBench, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

type Move =
  | { readonly kind: 'land'; readonly values: readonly (number | 'text')[] }
  | { readonly kind: 'limit'; readonly max: number }
  | { readonly kind: 'replay' | 'release' | 'discard'; readonly file: number }

const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 1, arbitrary: fc.constant('text' as const) },
)
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constant('land' as const), values: fc.array(value, { minLength: 1, maxLength: 6 }) }),
  fc.record({ kind: fc.constant('limit' as const), max: fc.integer({ min: 0, max: 40 }) }),
  fc.record({
    kind: fc.constantFrom('replay' as const, 'replay' as const, 'release' as const, 'discard' as const),
    file: fc.integer({ min: 0, max: 3 }),
  }),
)

interface ModelRow {
  readonly id: number
  readonly file: string
  readonly value: number | 'text'
  place: 'loaded' | 'open' | 'discarded'
}

test.each(['split', 'quarantine'] as const)(
  'with %s every row is loaded once, held or given up, as the model says, also by the rebuilt state',
  async (onFail) => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 4, maxLength: 9 }), async (moves) => {
        const p = bench.project({ gate: { on_fail: onFail }, on_missing_contract: 'hold' })
        setLimit(p, 20)
        await using desk = await openDesk(p)
        await play(moves, onFail, p, desk)
      }),
      { numRuns: SLOW ? 20 : 5, seed: 20_261_121, endOnFailure: true },
    )
  },
  120_000,
)

function setLimit(p: TempProject, max: number): void {
  p.contract(
    's',
    { id: { type: 'BIGINT' }, v: { type: 'BIGINT' } },
    {
      expectations: [
        { id: 'max', type: 'expect_column_values_to_be_between', kwargs: { column: 'v', max_value: max } },
      ],
    },
  )
}

async function play(
  moves: readonly Move[],
  onFail: 'split' | 'quarantine',
  p: TempProject,
  desk: QuarantineDesk,
): Promise<void> {
  const rows: ModelRow[] = []
  const files: string[] = []
  let max = 20
  const isGood = (row: ModelRow): boolean => row.value !== 'text' && row.value <= max
  for (const step of moves) {
    if (step.kind === 'limit') {
      ;({ max } = step)
      setLimit(p, max)
      continue
    }
    if (step.kind === 'land') {
      const file = `f${files.length}.csv`
      files.push(file)
      const landed = step.values.map((v, index): ModelRow => ({
        id: rows.length + index,
        file,
        value: v,
        place: 'open',
      }))
      p.land(file, `id,v\n${landed.map((row) => `${row.id},${row.value === 'text' ? 'x' : row.value}`).join('\n')}\n`)
      await desk.ingest()
      const whole = landed.every(isGood)
      for (const row of landed) if (whole || (onFail === 'split' && isGood(row))) row.place = 'loaded'
      rows.push(...landed)
    } else {
      const file = files[step.file]
      if (file === undefined) continue
      const open = rows.filter((row) => row.file === file && row.place === 'open')
      const wasHeld = open.length === rows.filter((row) => row.file === file).length
      await desk.settle(step.kind, { file })
      const whole = onFail === 'quarantine' && wasHeld
      // A held file goes through whole or not at all, but what is let through keeps back what does not fit its column.
      const isReady = step.kind === 'replay' ? isGood : (row: ModelRow): boolean => row.value !== 'text'
      const goes = step.kind === 'replay' && whole ? open.every(isReady) : true
      for (const row of open) {
        if (step.kind === 'discard') row.place = 'discarded'
        else if (goes && isReady(row)) row.place = 'loaded'
      }
    }
    await agree(rows, p, desk)
  }
  const before = await facts(desk)
  await rebuildState(desk.project)
  expect(await facts(desk)).toEqual(before)
}

async function agree(rows: readonly ModelRow[], p: TempProject, desk: QuarantineDesk): Promise<void> {
  const loaded = rows.filter((row) => row.place === 'loaded').map((row) => row.id)
  const inTarget = loaded.length === 0 ? [] : await p.rows('id', 'ORDER BY id')
  expect(inTarget.map(([id]) => Number(id))).toEqual(loaded)
  const open = await desk.open()
  const held = rows.filter((row) => row.place === 'open').length
  expect(open.reduce((sum, record) => sum + record.rows, 0)).toBe(held)
  // Invariant 3 over the whole log: read = loaded + rejected-open + replayed + discarded + dropped.
  const [location] = open.map((record) => record.location)
  if (location === undefined) return
  const judged = new Map<string, { read: number; loaded: number; dropped: number }>()
  const later = { loaded: 0, discarded: 0, dropped: 0 }
  for await (const entry of readLedger(location)) {
    for (const { id, rowsRead, rowsLoaded, rowsDropped } of entry.files)
      judged.set(id, { read: rowsRead, loaded: rowsLoaded, dropped: rowsDropped })
    for (const { rowsLoaded, rowsDiscarded, rowsDropped } of entry.replays ?? []) {
      later.loaded += rowsLoaded
      later.discarded += rowsDiscarded
      later.dropped += rowsDropped
    }
  }
  const sum = (key: 'read' | 'loaded' | 'dropped'): number =>
    [...judged.values()].reduce((all, file) => all + file[key], 0)
  expect(sum('read')).toBe(sum('loaded') + sum('dropped') + later.loaded + later.discarded + later.dropped + held)
}

async function facts({ project }: QuarantineDesk): Promise<unknown> {
  const files = await project.state.listFiles({ source: 's' })
  const records = await project.state.listQuarantine()
  return {
    files: files.map(({ durationMs: _measured, ...file }) => file),
    records: records.map(({ closedAtMs: _at, recordedAtMs: _also, ...record }) => record),
  }
}
