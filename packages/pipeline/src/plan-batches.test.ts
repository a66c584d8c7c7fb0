import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PinnedBatch } from '@tidegate/core'
import { planBatches } from './plan-batches.ts'
import { versionOf } from './testing/records.ts'

function ids(): () => string {
  let last = 0
  return () => `new${++last}`
}

function pathsOf(plan: ReturnType<typeof planBatches>): string[] {
  return plan.batches.map((batch) => `${batch.batch}/${batch.attempt}: ${batch.files.map((f) => f.path).join(' ')}`)
}

function pinOf(batch: string, ...files: readonly (readonly [string, string, number])[]): PinnedBatch {
  return {
    batch,
    run: 'r0',
    source: 's',
    dataset: 'd',
    location: '/lake',
    attempt: 1,
    files: files.map(([path, hash, ordinal]) => ({ path, hash, ordinal })),
    pinnedAtMs: 0,
  }
}

const [a, b, c] = [versionOf('a', 'A'), versionOf('b', 'B'), versionOf('c', 'C')]

describe('limits', () => {
  test('nothing new, no batch', () => {
    expect(planBatches([], [], ids())).toEqual({ batches: [], stalePins: [] })
  })

  test('files in path order, cut at the number of files', () => {
    expect(pathsOf(planBatches([c, a, b], [], ids(), { maxFiles: 2, maxBytes: 1e9 }))).toEqual([
      'new1/1: a b',
      'new2/1: c',
    ])
  })

  test('the limit of bytes is inclusive', () => {
    expect(pathsOf(planBatches([a, b, c], [], ids(), { maxFiles: 9, maxBytes: 200 }))).toEqual([
      'new1/1: a b',
      'new2/1: c',
    ])
  })

  test('a file beyond the limit is a batch of its own, and the next one does not join it', () => {
    const large = versionOf('b', 'B', { sizeBytes: 5_000 })
    expect(pathsOf(planBatches([a, large, c], [], ids(), { maxFiles: 9, maxBytes: 200 }))).toEqual([
      'new1/1: a',
      'new2/1: b',
      'new3/1: c',
    ])
  })

  test('a batch never mixes datasets', () => {
    const other = versionOf('b', 'B', { dataset: 'e' })
    expect(pathsOf(planBatches([a, other, c], [], ids()))).toEqual(['new1/1: a c', 'new2/1: b'])
  })
})

describe('files that belong together', () => {
  const files = ['a', 'b', 'c', 'd', 'e'].map((path) => versionOf(path, path.toUpperCase()))

  test('share a batch beyond the limits, and the others keep to them', () => {
    const plan = planBatches(files, [], ids(), { maxFiles: 2, maxBytes: 1e9 }, [
      ['a', 'e'],
      ['c', 'e'],
    ])
    expect(pathsOf(plan)).toEqual(['new1/1: a c e', 'new2/1: b d'])
  })

  test('a chain of any length is one group, in whatever order its links come', () => {
    const many = Array.from({ length: 50 }, (_, at) => versionOf(`f${String(at).padStart(2, '0')}`, `H${at}`))
    const links = many.slice(1).map((version, at): [string, string] => [version.path, many[at]?.path ?? ''])
    for (const together of [links, links.toReversed()])
      expect(
        planBatches(many, [], ids(), { maxFiles: 32, maxBytes: 1e9 }, together).batches.map(
          (batch) => batch.files.length,
        ),
      ).toEqual([50])
  })

  test('a link to a file that is not in this run means nothing', () => {
    expect(pathsOf(planBatches([a, b], [], ids(), undefined, [['a', 'gone']]))).toEqual(['new1/1: a b'])
  })
})

describe('batches of a run that died', () => {
  test('keep their id and their files, with the next attempt', () => {
    const plan = planBatches([a, b, c], [pinOf('old', ['b', 'B', 1], ['c', 'C', 1])], ids())
    expect(pathsOf(plan)).toEqual(['old/2: b c', 'new1/1: a'])
    expect(plan.stalePins).toEqual([])
  })

  test.each<[string, PinnedBatch]>([
    ['one of their files has other bytes', pinOf('old', ['a', 'A', 1], ['b', 'other', 1])],
    ['one is another version', pinOf('old', ['a', 'A', 2])],
    ['one is gone', pinOf('old', ['a', 'A', 1], ['gone', 'G', 1])],
    ['they have none', pinOf('old')],
  ])('are forgotten when %s', (_name, pin) => {
    const plan = planBatches([a, b, c], [pin], ids())
    expect(plan.stalePins).toEqual(['old'])
    expect(pathsOf(plan)).toEqual(['new1/1: a b c'])
  })

  test('two pins on one file: the older one has it', () => {
    const plan = planBatches([a, b], [pinOf('old1', ['a', 'A', 1]), pinOf('old2', ['a', 'A', 1], ['b', 'B', 1])], ids())
    expect(pathsOf(plan)).toEqual(['old1/2: a', 'new1/1: b'])
    expect(plan.stalePins).toEqual(['old2'])
  })
})

test('every version is in exactly one batch within the limits, whatever the sizes', () => {
  const file = fc.record({ dataset: fc.constantFrom('d', 'e', 'f'), sizeBytes: fc.integer({ min: 0, max: 300 }) })
  fc.assert(
    fc.property(fc.array(file, { maxLength: 30 }), (files) => {
      const versions = files.map((more, at) => versionOf(`f${at}`, `H${at}`, more))
      const { batches } = planBatches(versions, [], ids(), { maxFiles: 4, maxBytes: 500 })
      expect(batches.flatMap((batch) => batch.files.map((f) => f.path)).toSorted()).toEqual(
        versions.map((version) => version.path).toSorted(),
      )
      for (const batch of batches) {
        expect(batch.files.length).toBeLessThanOrEqual(4)
        expect(batch.files.every((f) => f.dataset === batch.dataset)).toBe(true)
        const bytes = batch.files.reduce((sum, f) => sum + f.sizeBytes, 0)
        expect(bytes <= 500 || batch.files.length === 1).toBe(true)
      }
    }),
  )
})

describe('what comes late', () => {
  test('comes after the others, the newest first, and shares no batch with another age', () => {
    const late = new Map([
      ['a', 3],
      ['c', 7],
    ])
    const { batches } = planBatches([a, b, c], [], ids(), undefined, [], late)
    expect(batches.map(({ files, lateSince }) => [files.map((f) => f.path).join(' '), lateSince])).toEqual([
      ['b', undefined],
      ['c', 7],
      ['a', 3],
    ])
    expect(planBatches([a, b], [pinOf('old', ['a', 'A', 1], ['b', 'B', 1])], ids(), undefined, [], late).stalePins).toEqual(['old']) // prettier-ignore
  })
})

test('a pin that has one of two files that belong together is forgotten, and one that has both is kept', () => {
  const one = pinOf('one', ['a', 'A', 1], ['c', 'C', 1])
  expect(planBatches([a, b, c], [one], ids(), undefined, [['a', 'b']])).toMatchObject({ stalePins: ['one'] })
  expect(planBatches([a, b, c], [one], ids(), undefined, [['a', 'c']])).toMatchObject({ stalePins: [] })
})

test('whatever was pinned: every version is in one batch, with what belongs to it, and batches are of one age', () => {
  const names = Array.from({ length: 8 }, (_, at) => `f${at}`)
  const some = fc.subarray(names, { minLength: 1 })
  const pair = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names))
  const ages = fc.array(fc.tuple(fc.constantFrom(...names), fc.integer({ min: 1, max: 3 })), { maxLength: 4 })
  fc.assert(
    fc.property(
      some,
      fc.array(some, { maxLength: 4 }),
      fc.array(pair, { maxLength: 4 }),
      ages,
      (here, pins, pairs, late) => {
        const versions = here.map((path) => versionOf(path, path.toUpperCase()))
        const since = new Map(late)
        const pinned = pins.map((paths, at) => pinOf(`p${at}`, ...paths.map((p) => [p, p.toUpperCase(), 1] as const)))
        const { batches, stalePins } = planBatches(
          versions,
          pinned,
          ids(),
          { maxFiles: 3, maxBytes: 1e9 },
          pairs,
          since,
        )
        expect(batches.flatMap(({ files }) => files.map((f) => f.path)).toSorted()).toEqual(here.toSorted())
        const place = new Map(batches.flatMap(({ files }, at) => files.map((f) => [f.path, at] as const)))
        for (const [x, y] of pairs)
          if (place.has(x) && place.has(y) && since.get(x) === since.get(y)) expect(place.get(x)).toBe(place.get(y))
        for (const { files, lateSince } of batches)
          expect(files.every((f) => since.get(f.path) === lateSince)).toBe(true)
        const order = batches.map(({ lateSince }) => lateSince ?? Number.POSITIVE_INFINITY)
        expect(order).toEqual(order.toSorted((x, y) => (x === y ? 0 : y - x)))
        const kept = new Set(batches.filter(({ attempt }) => attempt === 2).map(({ batch }) => batch))
        expect(kept.union(new Set(stalePins))).toEqual(new Set(pinned.map((pin) => pin.batch)))
        expect(kept.isDisjointFrom(new Set(stalePins))).toBe(true)
      },
    ),
    { seed: 20261121, numRuns: 500 },
  )
})
