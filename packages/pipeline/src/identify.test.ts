import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FileRecord } from '@tidegate/core'
import { classifyListing, identifyVersion, lostDuplicates } from './identify.ts'
import { knownOf, listed, recordOf } from './testing/records.ts'

const OPTIONS = { nowMs: 1_000_000, settleMs: 5_000, force: false }
const NAMES = { source: 's', dataset: 'd', force: false }

function kindOf(result: ReturnType<typeof classifyListing>): string {
  if (result.unchanged.length === 1) return 'unchanged'
  return result.settling.length === 1 ? 'settling' : 'hash'
}

describe('classifyListing', () => {
  test.each<[string, string, readonly FileRecord[], string]>([
    ['a path never seen is hashed', 's1', [], 'hash'],
    ['the stamp of the only version is not opened', 's1', [recordOf('f', 1, 'A', { stamp: 's1' })], 'unchanged'],
    ['a moved stamp is hashed', 's2', [recordOf('f', 1, 'A', { stamp: 's1' })], 'hash'],
    [
      'a held version with the same stamp is not opened',
      's1',
      [recordOf('f', 1, 'A', { stamp: 's1', outcome: 'held' })],
      'unchanged',
    ],
    [
      'the stamp of an old version that was replaced does not settle it',
      's1',
      [recordOf('f', 1, 'A', { stamp: 's1', live: false }), recordOf('f', 2, 'B', { stamp: 's2' })],
      'hash',
    ],
    [
      'the stamp of the newest loaded version does, although a newer one was held',
      's1',
      [recordOf('f', 1, 'A', { stamp: 's1' }), recordOf('f', 2, 'B', { stamp: 's2', outcome: 'held' })],
      'unchanged',
    ],
  ])('%s', (_name, stamp, records, expected) => {
    expect(kindOf(classifyListing([listed('f', stamp)], knownOf(...records), OPTIONS))).toBe(expected)
  })

  test('--force opens what is known', () => {
    const known = knownOf(recordOf('f', 1, 'A', { stamp: 's1' }))
    expect(kindOf(classifyListing([listed('f', 's1')], known, { ...OPTIONS, force: true }))).toBe('hash')
  })

  test.each([
    ['written to this moment', 0, 'settling'],
    ['one millisecond short of the window', 4_999, 'settling'],
    ['the window is over', 5_000, 'hash'],
    ['the clock ran backwards: the future counts as settled', -1, 'hash'],
    ['far in the future', -1e12, 'hash'],
  ])('%s', (_name, ageMs, expected) => {
    const file = listed('f', 's1', { modifiedAtMs: OPTIONS.nowMs - ageMs })
    expect(kindOf(classifyListing([file], new Map(), OPTIONS))).toBe(expected)
  })

  test('a known file is unchanged even within the window', () => {
    const file = listed('f', 's1', { modifiedAtMs: OPTIONS.nowMs })
    expect(kindOf(classifyListing([file], knownOf(recordOf('f', 1, 'A', { stamp: 's1' })), OPTIONS))).toBe('unchanged')
  })

  test('a settle window of nothing lets everything in', () => {
    const file = listed('f', 's1', { modifiedAtMs: OPTIONS.nowMs })
    expect(kindOf(classifyListing([file], new Map(), { ...OPTIONS, settleMs: 0 }))).toBe('hash')
  })
})

describe('identifyVersion', () => {
  test('the first bytes of a path are version 1', () => {
    const identity = identifyVersion(listed('f', 's1'), 'A', [], NAMES)
    expect(identity).toMatchObject({ kind: 'version', again: false, version: { id: 's/f#1', ordinal: 1 } })
  })

  test('the same bytes under a new stamp are a touch', () => {
    const known = [recordOf('f', 1, 'A')]
    expect(identifyVersion(listed('f', 's2'), 'A', known, NAMES)).toMatchObject({ kind: 'touched', record: known[0] })
  })

  test('A→B→A is three versions, and each takes the place of the one before', () => {
    const first = recordOf('f', 1, 'A', { live: false })
    const second = recordOf('f', 2, 'B')
    expect(identifyVersion(listed('f', 's3'), 'A', [first, second], NAMES)).toMatchObject({
      kind: 'version',
      again: false,
      replaces: second,
      version: { id: 's/f#3' },
    })
  })

  test('a bad version that is put right by the old bytes is a touch of the loaded one', () => {
    const loaded = recordOf('f', 1, 'A')
    const held = recordOf('f', 2, 'B', { outcome: 'held' })
    expect(identifyVersion(listed('f', 's3'), 'A', [loaded, held], NAMES)).toMatchObject({
      kind: 'touched',
      record: loaded,
    })
  })

  test('a held version that is mended is the next one, replaces nothing and overtakes the held one', () => {
    const held = recordOf('f', 1, 'A', { outcome: 'held' })
    const identity = identifyVersion(listed('f', 's2'), 'B', [held], NAMES)
    expect(identity).toMatchObject({ again: false, replaces: undefined, overtakes: [held.id], version: { ordinal: 2 } })
  })

  test('what is judged again overtakes older held versions, and neither itself nor what was loaded', () => {
    const known = [
      recordOf('f', 1, 'A'),
      recordOf('f', 2, 'B', { outcome: 'held' }),
      recordOf('f', 3, 'C', { outcome: 'held' }),
    ]
    const identity = identifyVersion(listed('f', 's3'), 'D', known, NAMES)
    expect(identity).toMatchObject({ overtakes: [known[1]?.id, known[2]?.id], version: { ordinal: 4 } })
    const again = identifyVersion(listed('f', 's1'), 'A', [recordOf('f', 1, 'A', { outcome: 'held' })], {
      ...NAMES,
      force: true,
    })
    expect(again).toMatchObject({ again: true, overtakes: [] })
  })

  test('--force judges a loaded version again under its own ordinal and takes its rows away', () => {
    const known = [recordOf('f', 1, 'A')]
    const identity = identifyVersion(listed('f', 's1'), 'A', known, { ...NAMES, force: true })
    expect(identity).toMatchObject({ again: true, replaces: known[0], version: { ordinal: 1 } })
  })

  test('--force judges a held version again under its own ordinal', () => {
    const known = [recordOf('f', 1, 'A', { outcome: 'held' })]
    const identity = identifyVersion(listed('f', 's1'), 'A', known, { ...NAMES, force: true })
    expect(identity).toMatchObject({ again: true, replaces: undefined, version: { ordinal: 1 } })
  })

  test('--force on a held version beside a live older one makes a new version that replaces that', () => {
    const loaded = recordOf('f', 1, 'A')
    const held = recordOf('f', 2, 'B', { outcome: 'held' })
    const identity = identifyVersion(listed('f', 's2'), 'B', [loaded, held], { ...NAMES, force: true })
    expect(identity).toMatchObject({ again: false, replaces: loaded, version: { ordinal: 3 } })
  })

  test('--force in another dataset than before makes a new version: the logs are two', () => {
    const elsewhere = recordOf('f', 1, 'A', { outcome: 'held', dataset: 'before' })
    const identity = identifyVersion(listed('f', 's1'), 'A', [elsewhere], { ...NAMES, force: true })
    expect(identity).toMatchObject({ again: false, replaces: undefined, version: { ordinal: 2 } })
  })

  test('whatever is written to a path: new bytes get a new id, the newest bytes never do', () => {
    const letters = fc.array(fc.constantFrom('A', 'B', 'C'), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(letters, (contents) => {
        let known: FileRecord[] = []
        let changes = 0
        for (const [index, hash] of contents.entries()) {
          const identity = identifyVersion(listed('f', `s${index}`), hash, known, NAMES)
          const changed = hash !== contents[index - 1]
          expect(identity.kind).toBe(changed ? 'version' : 'touched')
          if (identity.kind !== 'version') continue
          changes += 1
          known = known.map((record) => ({ ...record, live: false }))
          known.push(recordOf('f', identity.version.ordinal, hash))
        }
        expect(known.map((record) => record.ordinal)).toEqual(Array.from({ length: changes }, (_, at) => at + 1))
      }),
    )
  })
})

describe('lostDuplicates', () => {
  const skipped = recordOf('b', 1, 'A', { outcome: 'skipped', live: false, duplicateOf: 's/a#1' })

  test.each<[string, readonly FileRecord[], readonly string[]]>([
    ['the original is loaded', [recordOf('a', 1, 'A')], []],
    ['the original is held', [recordOf('a', 1, 'A', { outcome: 'held' })], []],
    ['the original was replaced', [recordOf('a', 1, 'A', { live: false }), recordOf('a', 2, 'B')], ['s/b#1']],
    ['the original was never recorded', [], ['s/b#1']],
    ['a third file has the bytes', [recordOf('a', 1, 'A', { live: false }), recordOf('c', 1, 'A')], []],
    [
      'a third file of another dataset has them',
      [recordOf('a', 1, 'A', { live: false }), recordOf('c', 1, 'A', { dataset: 'other' })],
      ['s/b#1'],
    ],
  ])('%s', (_name, others, lost) => {
    expect([...lostDuplicates(knownOf(skipped, ...others))]).toEqual(lost)
  })

  test('an original that leaves in the run in hand is gone, and a twin that stays is not', () => {
    const leaving = new Set(['s/a#1'])
    expect([...lostDuplicates(knownOf(skipped, recordOf('a', 1, 'A')), leaving)]).toEqual(['s/b#1'])
    const twin = recordOf('c', 1, 'A')
    expect(lostDuplicates(knownOf(skipped, recordOf('a', 1, 'A'), twin), leaving).size).toBe(0)
  })

  test.each([
    ['file:name', ['s/b#1']],
    ['file:max_bytes', []],
    ['file:lines', []],
  ])('an original held for %s', (check, lost) => {
    const reasons = [{ check, severity: 'critical' as const, message: '' }]
    expect([...lostDuplicates(knownOf(skipped, recordOf('a', 1, 'A', { outcome: 'held', reasons })))]).toEqual(lost)
  })

  test('what was skipped by overwrites: ignore is not lost', () => {
    const ignored = recordOf('b', 2, 'B', { outcome: 'skipped', live: false })
    expect(lostDuplicates(knownOf(recordOf('b', 1, 'A'), ignored)).size).toBe(0)
  })

  test('a lost duplicate is opened although its stamp is known', () => {
    const options = { ...OPTIONS, lost: new Set(['s/b#1']) }
    expect(kindOf(classifyListing([listed('b', 'stamp of A')], knownOf(skipped), options))).toBe('hash')
  })
})

describe('a target beside others', () => {
  test.each<[string, readonly (readonly [number, string])[], readonly (readonly [number, string])[], number]>([
    [
      'the same bytes have the ordinal that the other target gave',
      [[1, 'A']],
      [
        [1, 'A'],
        [2, 'B'],
      ],
      2,
    ],
    [
      'bytes that nobody has seen come after all',
      [[1, 'A']],
      [
        [1, 'A'],
        [2, 'C'],
        [3, 'D'],
      ],
      4,
    ],
    ['a target without any version begins where the other one is', [], [[1, 'B']], 1],
    [
      'A→B→A elsewhere: the newest of the same bytes counts',
      [],
      [
        [1, 'B'],
        [2, 'A'],
        [3, 'B'],
      ],
      3,
    ],
    [
      'an older ordinal of the same bytes does not come back',
      [[3, 'A']],
      [
        [1, 'B'],
        [3, 'A'],
      ],
      4,
    ],
  ])('%s', (_, own, elsewhere, ordinal) => {
    const identity = identifyVersion(
      listed('a', 's9'),
      'B',
      own.map(([number, hash]) => recordOf('a', number, hash)),
      {
        source: 's',
        dataset: 'd',
        force: false,
        elsewhere: elsewhere.map(([number, contentHash]) => ({ ordinal: number, contentHash })),
      },
    )
    expect(identity.kind === 'version' ? identity.version.ordinal : identity.kind).toBe(ordinal)
  })
})
