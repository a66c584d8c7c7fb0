import { describe, expect, test } from 'vitest'
import { planReconcile, type FolderListing, type ReconcileWanted } from './plan-reconcile.ts'
import { partOf, rejectedOf } from './testing/drafts.ts'

const part = partOf('b1', 'p.parquet', 3, ['a'])
const held = rejectedOf('b1', 'why.json', 'a')
const nothing: ReconcileWanted = { live: [], gone: [], rejected: [] }
const empty: FolderListing = { staged: new Map(), target: new Map(), quarantine: new Map() }
const staged = new Map([[part.staged, 100]])
const gone = [['p.parquet', { seq: 2, staged: part.staged }]] as const

const publish = {
  kind: 'publish',
  to: 'target',
  staged: part.staged,
  visible: 'p.parquet',
  bytes: 100,
  hash: 'hash of p.parquet',
}
const retire = { kind: 'retire', visible: 'p.parquet', staged: part.staged, seq: 2 }

describe('a live part', () => {
  const live = { ...nothing, live: [part] }
  test('that is staged is published', () => {
    expect(planReconcile(live, { ...empty, staged })).toEqual({ steps: [publish], problems: [] })
  })
  test('that is visible with its size needs nothing', () => {
    expect(planReconcile(live, { ...empty, target: new Map([['p.parquet', 100]]) })).toEqual({
      steps: [],
      problems: [],
    })
  })
  test('that is nowhere is missing', () => {
    expect(planReconcile(live, empty).problems).toEqual([{ kind: 'missing', visible: 'p.parquet' }])
  })
  test('that is visible with another size was changed by someone', () => {
    const problems = planReconcile(live, { ...empty, target: new Map([['p.parquet', 99]]) }).problems
    expect(problems).toEqual([{ kind: 'changed', visible: 'p.parquet', bytes: 100, found: 99 }])
  })
  test('that is in both places is settled by its bytes, never overwritten', () => {
    const both = { ...empty, staged, target: new Map([['p.parquet', 100]]) }
    expect(planReconcile(live, both).steps).toEqual([{ ...publish, kind: 'settle' }])
    const foreign = { ...empty, staged, target: new Map([['p.parquet', 5]]) }
    expect(planReconcile(live, foreign)).toEqual({
      steps: [],
      problems: [{ kind: 'taken', to: 'target', visible: 'p.parquet' }],
    })
  })
})

describe('a part that was taken away', () => {
  test('is retired from wherever it is', () => {
    expect(planReconcile({ ...nothing, gone }, { ...empty, staged }).steps).toEqual([retire])
    const visible = { ...empty, target: new Map([['p.parquet', 100]]) }
    expect(planReconcile({ ...nothing, gone }, visible).steps).toEqual([retire])
  })
  test('and is nowhere needs nothing', () => {
    expect(planReconcile({ ...nothing, gone }, empty).steps).toEqual([])
  })
  test('goes before anything new comes', () => {
    const next = partOf('b2', 'q.parquet', 3, ['b'])
    const listing = { ...empty, staged: new Map([[next.staged, 100]]), target: new Map([['p.parquet', 100]]) }
    const kinds = planReconcile({ live: [next], gone, rejected: [held] }, listing).steps.map((step) => step.kind)
    expect(kinds).toEqual(['retire', 'publish'])
  })
})

describe('a rejected part', () => {
  const wanted = { ...nothing, rejected: [held] }
  test('that is staged goes to the quarantine', () => {
    const steps = planReconcile(wanted, { ...empty, staged: new Map([[held.staged, 7]]) }).steps
    expect(steps).toMatchObject([{ kind: 'publish', to: 'quarantine', visible: 'why.json' }])
  })
  test('that a person took from the quarantine is not missed', () => {
    expect(planReconcile(wanted, empty)).toEqual({ steps: [], problems: [] })
  })
})
