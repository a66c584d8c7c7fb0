import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FileRecord, FileVersion, SourceConfig } from '@tidegate/core'
import { decideTreatments, leavingVersions, stepBack, type WorkItem } from './decide-treatment.ts'
import { recordOf, versionOf } from './testing/records.ts'

interface Found {
  readonly version: FileVersion
  readonly replaces: FileRecord | undefined
  readonly again: boolean
}

function fresh(path: string, hash: string, replaces?: FileRecord): Found {
  const ordinal = replaces === undefined ? 1 : replaces.ordinal + 1
  return { version: versionOf(path, hash, { ordinal }), replaces, again: false }
}

function liveOf(...records: readonly FileRecord[]): ReadonlyMap<string, FileRecord> {
  return new Map(records.map((record) => [`${record.dataset}\0${record.hash}`, record]))
}

function decide(
  found: readonly Found[],
  live: ReadonlyMap<string, FileRecord>,
  duplicates: SourceConfig['duplicates'] = 'skip',
  overwrites: SourceConfig['overwrites'] = 'replace',
): readonly WorkItem[] {
  return decideTreatments(found, live, { duplicates, overwrites })
}

function kinds(items: readonly WorkItem[]): string[] {
  return items.map((item) => `${item.version.path}: ${item.treatment.kind}`)
}

describe('duplicates', () => {
  const live = liveOf(recordOf('a', 1, 'A'))

  test.each([
    ['skip', 'skip', 'info'],
    ['quarantine', 'hold', 'critical'],
  ] as const)('%s: the same bytes under another name', (policy, kind, severity) => {
    const [item] = decide([fresh('b', 'A')], live, policy)
    expect(item?.treatment).toMatchObject({
      kind,
      duplicateOf: 's/a#1',
      reason: { check: 'DUPLICATE_CONTENT', severity, message: 'same bytes as "a"' },
    })
  })

  test('warn: it is judged, with a warning', () => {
    const [item] = decide([fresh('b', 'A')], live, 'warn')
    expect(item?.treatment).toMatchObject({ kind: 'judge', warning: { check: 'DUPLICATE_CONTENT' } })
  })

  test('load: it is judged like any other', () => {
    expect(decide([fresh('b', 'A')], live, 'load')[0]?.treatment).toEqual({ kind: 'judge' })
  })

  test('of two new equal files the first is the original', () => {
    const items = decide([fresh('b', 'X'), fresh('c', 'X'), fresh('d', 'X')], new Map())
    expect(kinds(items)).toEqual(['b: judge', 'c: skip', 'd: skip'])
    expect(items[2]?.treatment).toMatchObject({ duplicateOf: 's/b#1' })
  })

  test('the same bytes in another dataset are no duplicate', () => {
    const other = { ...fresh('b', 'A'), version: versionOf('b', 'A', { dataset: 'other' }) }
    expect(kinds(decide([other], live))).toEqual(['b: judge'])
  })

  test('a version that is judged again is not its own duplicate', () => {
    const again = { version: versionOf('a', 'A'), replaces: recordOf('a', 1, 'A'), again: true }
    expect(kinds(decide([again], live))).toEqual(['a: judge'])
  })

  test('a file that became the copy of a loaded one gives its old rows up', () => {
    const old = recordOf('b', 1, 'B')
    const [item] = decide([fresh('b', 'A', old)], liveOf(recordOf('a', 1, 'A'), old))
    expect(item).toMatchObject({ replaces: old, treatment: { kind: 'skip', takesOldRows: true } })
  })

  test('it keeps them while the original is not loaded yet', () => {
    const old = recordOf('b', 1, 'B')
    const items = decide([fresh('a', 'X'), fresh('b', 'X', old)], liveOf(old))
    expect(items[1]?.treatment).toMatchObject({ kind: 'skip', takesOldRows: false })
  })
})

describe('files that rotate', () => {
  test('a copy of bytes that are about to be replaced is loaded', () => {
    const old = recordOf('latest', 1, 'A')
    const items = decide([fresh('2024-01', 'A'), fresh('latest', 'B', old)], liveOf(old))
    expect(kinds(items)).toEqual(['2024-01: judge', 'latest: judge'])
  })

  test('two files that swap their bytes are both loaded', () => {
    const [a, b] = [recordOf('a', 1, 'A'), recordOf('b', 1, 'B')]
    expect(kinds(decide([fresh('a', 'B', a), fresh('b', 'A', b)], liveOf(a, b)))).toEqual(['a: judge', 'b: judge'])
  })

  test.each(['append', 'ignore', 'fail'] as const)(
    'with overwrites: %s the old bytes stay, so a copy is one',
    (policy) => {
      const old = recordOf('latest', 1, 'A')
      const items = decide([fresh('2024-01', 'A'), fresh('latest', 'B', old)], liveOf(old), 'skip', policy)
      expect(items[0]?.treatment).toMatchObject({ kind: 'skip', duplicateOf: 's/latest#1' })
    },
  )

  test('of two loaded twins that are judged again, one stays', () => {
    const [a, b] = [recordOf('a', 1, 'A'), recordOf('b', 1, 'A')]
    const again = (record: FileRecord): Found => ({
      version: versionOf(record.path, 'A'),
      replaces: record,
      again: true,
    })
    // The index by bytes knows one of the two; whichever it is, exactly one is judged.
    for (const known of [a, b]) {
      const items = decide([again(a), again(b)], liveOf(known))
      expect(items.filter((item) => item.treatment.kind === 'judge')).toHaveLength(1)
    }
  })
})

describe('a changed file', () => {
  const old = recordOf('a', 1, 'A')

  test.each([
    ['replace', 'judge', true],
    ['append', 'judge', false],
    ['ignore', 'skip', true],
    ['fail', 'refuse', true],
  ] as const)('overwrites: %s → %s', (policy, kind, replaces) => {
    const [item] = decide([fresh('a', 'B', old)], liveOf(old), 'skip', policy)
    expect(item?.treatment.kind).toBe(kind)
    expect(item?.replaces !== undefined).toBe(replaces)
  })

  test('it is refused when its rows are in another dataset, whose log no commit of this one covers', () => {
    const elsewhere = recordOf('a', 1, 'A', { dataset: 'before' })
    const [item] = decide([fresh('a', 'B', elsewhere)], liveOf(elsewhere))
    expect(item?.treatment).toMatchObject({ kind: 'refuse', reason: { message: expect.stringContaining('before') } })
    expect(kinds(decide([fresh('a', 'B', elsewhere)], liveOf(elsewhere), 'skip', 'append'))).toEqual(['a: judge'])
  })

  test('a refused or ignored version is nobody’s original', () => {
    for (const policy of ['ignore', 'fail'] as const) {
      const items = decide([fresh('a', 'B', old), fresh('b', 'B')], liveOf(old), 'skip', policy)
      expect(items[1]?.treatment).toEqual({ kind: 'judge' })
    }
  })

  test('under append a version that is judged again still replaces itself', () => {
    const again = { version: versionOf('a', 'A'), replaces: old, again: true }
    expect(decide([again], liveOf(old), 'skip', 'append')[0]?.replaces).toBe(old)
  })

  test('ignore and fail do not stop --force on unchanged bytes', () => {
    const again = { version: versionOf('a', 'A'), replaces: old, again: true }
    for (const policy of ['ignore', 'fail'] as const)
      expect(kinds(decide([again], liveOf(old), 'skip', policy))).toEqual(['a: judge'])
  })
})

describe('versions that leave', () => {
  const [a, b] = [recordOf('a', 1, 'A'), recordOf('b', 1, 'B')]

  test.each([
    ['replace', ['s/a#1']],
    ['append', []],
    ['ignore', []],
    ['fail', []],
  ] as const)('overwrites: %s', (policy, ids) => {
    expect([...leavingVersions(decide([fresh('a', 'X', a)], liveOf(a), 'skip', policy))]).toEqual(ids)
  })

  test('the old rows of a file that became a copy leave with a skip, and stay with a hold', () => {
    const becomes = [fresh('b', 'A', b)]
    expect([...leavingVersions(decide(becomes, liveOf(a, b), 'skip'))]).toEqual(['s/b#1'])
    expect([...leavingVersions(decide(becomes, liveOf(a, b), 'quarantine'))]).toEqual([])
  })

  test('a version that is judged again does not', () => {
    const again = { version: versionOf('a', 'A'), replaces: a, again: true }
    expect(leavingVersions(decide([again], liveOf(a))).size).toBe(0)
  })
})

describe('a copy of bytes that stay after all', () => {
  const [a, b] = [recordOf('a', 1, 'A'), recordOf('b', 1, 'B')]
  const held = new Set(['s/a#2'])
  // The bytes of a go to b, those of b to c.
  const chain = [fresh('a', 'X', a), fresh('b', 'A', b), fresh('c', 'B')]

  test('skip: it gives up its own old rows, so the rest of the chain goes on', () => {
    const back = stepBack(decide(chain, liveOf(a, b)), held, 'skip')
    expect(kinds(back)).toEqual(['b: skip'])
    expect(back[0]?.treatment).toMatchObject({ duplicateOf: 's/a#1', takesOldRows: true })
  })

  test('quarantine: it keeps them, so the next of the chain steps back too', () => {
    const items = decide(chain, liveOf(a, b), 'quarantine')
    expect(kinds(stepBack(items, held, 'quarantine'))).toEqual(['b: hold', 'c: hold'])
    expect(kinds(stepBack(items.toReversed(), held, 'quarantine'))).toEqual(['b: hold', 'c: hold'])
  })

  test.each(['warn', 'load'] as const)('%s: nothing to do', (policy) => {
    expect(stepBack(decide(chain, liveOf(a, b), policy), held, policy)).toEqual([])
  })

  test('nothing is held, nothing steps back', () => {
    expect(stepBack(decide(chain, liveOf(a, b)), new Set(), 'skip')).toEqual([])
  })
})

describe('bytes that change names', () => {
  test('a file that becomes a copy keeps its old rows, so nobody else may bring them', () => {
    const [x, y] = [recordOf('x', 1, 'X'), recordOf('y', 1, 'Y')]
    // The bytes of x go to y and to a copy that was there before; those of y go to x.
    const items = decide([fresh('copy', 'X'), fresh('x', 'Y', x), fresh('y', 'X', y)], liveOf(x, y))
    expect(kinds(items)).toEqual(['copy: judge', 'x: skip', 'y: skip'])
    expect(items[1]?.treatment).toMatchObject({ duplicateOf: 's/y#1', takesOldRows: true })
    expect([...leavingVersions(items)]).toEqual(['s/x#1'])
  })

  test('whatever changes, no content is ever live twice, and after a second run none is missing', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const contents = fc.array(fc.constantFrom('-', 'A', 'B', 'C', 'D', 'E'), { minLength: 6, maxLength: 6 })
    const order = fc.shuffledSubarray(names, { minLength: 6 })
    fc.assert(
      fc.property(contents, contents, order, (before, after, sorted) => {
        const firsts = names.filter((_, at) => before[at] !== '-' && before.indexOf(before[at] ?? '-') === at)
        let live = firsts.map((name) => recordOf(name, 1, before[names.indexOf(name)] ?? ''))
        const there = sorted.flatMap((name) => {
          const hash = after[names.indexOf(name)] ?? '-'
          return hash === '-' ? [] : [{ name, hash }]
        })
        for (let run = 1; run <= 2; run++) {
          const bytes = new Set(live.map((record) => record.hash))
          const changed = there.flatMap(({ name, hash }) => {
            const old = live.find((record) => record.path === name)
            return hash === old?.hash || (run > 1 && bytes.has(hash)) ? [] : [fresh(name, hash, old)]
          })
          const items = decide(changed, liveOf(...live))
          const left = leavingVersions(items)
          live = [
            ...live.filter((record) => !left.has(record.id)),
            ...items
              .filter((item) => item.treatment.kind === 'judge')
              .map(({ version }) => recordOf(version.path, version.ordinal, version.contentHash)),
          ]
          expect(new Set(live.map((record) => record.hash)).size).toBe(live.length)
        }
        for (const { hash } of there) expect(live.map((record) => record.hash)).toContain(hash)
      }),
      { seed: 5, numRuns: 800 },
    )
  })
})
