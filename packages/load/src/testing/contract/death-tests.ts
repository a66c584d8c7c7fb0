import { describe, expect } from 'vitest'
import type { Destination, Session } from '@tidegate/core'
import type { Mark } from '../../index.ts'
import { collect, liveRows, loadBatch, promise, type BatchSpec } from './contract-batch.ts'
import type { ContractContext, ContractTarget } from './destination-contract.ts'

/** Dies at every point that the destination marks, and is mended by whoever comes next. */
export function deathTests(context: ContractContext): void {
  describe('death at any mark', () => {
    promise(context, ['rows', 'marks'], 'loses nothing, doubles nothing, and the next run ends the work', async (_, session) => {
      const specs = storyOf(context)
      const marks = await marksOf(context, session, specs)
      expect(marks).toBeGreaterThan(5)
      for (const hit of spread(marks, context.deaths)) {
        const target = await context.fresh()
        try {
          await dieAndMend(target, session, specs, hit)
        } finally {
          await target.dispose()
        }
      }
    }, 120_000) // prettier-ignore
  })
}

/** `1 … marks`, or as many of them as wanted, evenly, with the first and the last. */
function spread(marks: number, wanted: number): readonly number[] {
  const count = Math.min(marks, wanted)
  return Array.from({ length: count }, (_, at) => 1 + Math.round((at * (marks - 1)) / Math.max(1, count - 1)))
}

function storyOf(context: ContractContext): readonly BatchSpec[] {
  const leaving = context.cannot('leaving') === undefined
  const upsert = context.cannot('upsert') === undefined
  const replays = context.cannot('replays') === undefined
  return [
    { batch: 'b1', together: true, files: { 'a#1': [[1, 'a'], [2, 'a']], 'b#1': [[3, 'b'], [4, 'b']] } }, // prettier-ignore
    ...(leaving ? [{ batch: 'b2', files: { 'a#2': [[1, 'A']] }, replaces: { 'a#2': 'a#1' } } as const] : []),
    ...(upsert ? [{ batch: 'b3', files: { 'c#1': [[3, 'c']] }, plan: { mode: 'upsert', keys: ['k'] } } as const] : []),
    ...(replays ? [{ batch: 'b4', replays: { r1: ['b#1', [[7, 'good']]] } } as const] : []),
  ]
}

/** The rows after each number of batches of the story; by hand. */
const AFTER: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  ['b1', ['1 a - a#1 0', '2 a - a#1 1', '3 b - b#1 0', '4 b - b#1 1']],
  ['b2', ['1 A - a#2 0', '3 b - b#1 0', '4 b - b#1 1']],
  ['b3', ['1 A - a#2 0', '3 c - c#1 0', '4 b - b#1 1']],
  ['b4', ['1 A - a#2 0', '3 c - c#1 0', '4 b - b#1 1', '7 good - b#1 0']],
]

/** Recovers, then loads what has no entry yet. */
async function tell(target: Destination, session: Session, specs: readonly BatchSpec[]): Promise<void> {
  await target.recover()
  for (const spec of specs) {
    if ((await target.lookup(spec.batch)) !== undefined) continue
    const { kind } = await loadBatch(target, session, spec)
    if (kind !== 'committed') throw new Error(`${spec.batch}: ${kind}`)
  }
}

async function marksOf(context: ContractContext, session: Session, specs: readonly BatchSpec[]): Promise<number> {
  const target = await context.fresh()
  let count = 0
  const destination = await target.open({ mark: () => void (count += 1) })
  await tell(destination, session, specs)
  await destination.close()
  await target.dispose()
  return count
}

async function dieAndMend(
  target: ContractTarget,
  session: Session,
  specs: readonly BatchSpec[],
  hit: number,
): Promise<void> {
  let count = 0
  // Once dead, dead: nothing that comes after the mark may still be done.
  const mark: Mark = (phase) => {
    count += 1
    if (count >= hit) throw new Error(`died at ${phase}`)
  }
  const dying = await target.open({ mark })
  await expect(tell(dying, session, specs)).rejects.toThrow('died at')
  await dying.close()

  const next = await target.open()
  await next.recover()
  const entries = (await collect(next.tail(0))).map((entry) => entry.batch)
  expect(entries).toEqual(specs.slice(0, entries.length).map((spec) => spec.batch))
  const so = AFTER.find(([batch]) => batch === (entries.at(-1) ?? ''))
  if (specs.length === 4) expect(await liveRows(next, session)).toEqual(so?.[1])
  await tell(next, session, specs)
  const last = await target.open()
  await tell(last, session, specs)
  expect((await collect(last.tail(0))).map((entry) => entry.batch)).toEqual(specs.map((spec) => spec.batch))
  if (specs.length === 4) expect(await liveRows(last, session)).toEqual(AFTER[4]?.[1])
  await next.close()
  await last.close()
}
