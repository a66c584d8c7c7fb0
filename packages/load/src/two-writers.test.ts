/**
 * Two writers with stale views, interleaved step by step, against a model that knows nothing of parts and logs: a map of
 * file version → rows. The folder is simulated, with every rename as one indivisible step.
 */
import type { EntryDraft, LedgerEntry, LedgerPart } from '@tidegate/core'
import { array, assert, constantFrom, nat, property, record, type Arbitrary } from 'fast-check'
import { expect, test } from 'vitest'
import { checkConservation } from './check-conservation.ts'
import { judgeDraft } from './judge-draft.ts'
import { emptyLogState, foldEntries, foldEntry, type LogState } from './log-state.ts'
import { planReconcile, type ReconcileStep } from './plan-reconcile.ts'
import { draftOf, entryOf, fileOf, partOf } from './testing/drafts.ts'

interface Action {
  readonly writer: 0 | 1
  readonly kind: 'look' | 'load' | 'replace' | 'force' | 'rewrite' | 'plan' | 'step' | 'crash'
  readonly pick: number
  readonly rows: number
}

const action: Arbitrary<Action> = record({
  writer: constantFrom(0, 1),
  kind: constantFrom('look', 'load', 'load', 'replace', 'force', 'rewrite', 'plan', 'step', 'step', 'step', 'crash'),
  pick: nat({ max: 5 }),
  rows: nat({ max: 9 }),
})

class Writer {
  state: LogState = emptyLogState()
  placedSeq = 0
  steps: ReconcileStep[] = []
  planSeq: number | undefined
}

class World {
  readonly log: LedgerEntry[] = []
  readonly staged = new Set<string>()
  readonly visible = new Set<string>()
  readonly model = new Map<string, number>()
  /** What is in each part, as the writer put it there. */
  readonly contents = new Map<string, ReadonlyMap<string, number>>()
  batches = 0

  read(writer: Writer): void {
    for (const entry of this.log.slice(writer.state.lastSeq)) writer.state = foldEntry(writer.state, entry)
  }

  commit(writer: Writer, draft: EntryDraft, contents: ReadonlyMap<string, number>): void {
    for (const part of draft.add) {
      this.staged.add(part.visible)
      this.contents.set(part.visible, contents)
    }
    this.read(writer)
    const known = draft.files.map((file) => [file, this.everJudged(file.id)] as const)
    if (judgeDraft(writer.state, draft).kind !== 'ok') return
    checkConservation(writer.state, draft, true)
    for (const [file, judged] of known) if (judged) expect(file.replaces).toBe(file.id)
    for (const file of draft.files) {
      if (file.replaces !== undefined) this.model.delete(file.replaces)
      this.model.set(file.id, file.rowsLoaded)
    }
    this.log.push(entryOf(this.log.length + 1, draft))
    this.read(writer)
  }

  everJudged(id: string): boolean {
    return this.log.some((entry) => entry.files.some((file) => file.id === id))
  }

  plan(writer: Writer): void {
    this.read(writer)
    const entries = this.log.slice(writer.placedSeq)
    const added = entries.flatMap((entry) => entry.add)
    const names = [...entries.flatMap((entry) => entry.remove), ...added.map((part) => part.visible)]
    const gone = names.flatMap((name) => {
      const part = writer.state.gone.get(name)
      return part === undefined ? [] : [[name, part] as const]
    })
    const live = added.filter((part) => writer.state.parts.has(part.visible))
    const stagedPaths = [...this.contents.keys()].filter((name) => this.staged.has(name))
    const listing = {
      staged: new Map(stagedPaths.map((name) => [stagedPath(name), 100])),
      target: new Map(Array.from(this.visible, (name) => [name, 100])),
      quarantine: new Map<string, number>(),
    }
    const plan = planReconcile({ live, gone: new Map(gone), rejected: [] }, listing)
    expect(plan.problems).toEqual([])
    writer.steps = [...plan.steps]
    writer.planSeq = writer.state.lastSeq
  }

  step(writer: Writer): void {
    const step = writer.steps.shift()
    if (step?.kind === 'retire') {
      this.visible.delete(step.visible)
      this.staged.delete(step.visible)
    } else if (step !== undefined && this.staged.delete(step.visible)) this.visible.add(step.visible)
    if (writer.steps.length === 0 && writer.planSeq !== undefined) {
      writer.placedSeq = writer.planSeq
      writer.planSeq = undefined
    }
  }

  rowsVisible(): ReadonlyMap<string, number> {
    const rows = new Map<string, number>()
    for (const name of this.visible) {
      for (const [id, count] of this.contents.get(name) ?? []) {
        // A file version, and all versions of one path together, are visible at most once.
        expect([...rows.keys()].some((other) => pathOf(other) === pathOf(id))).toBe(false)
        rows.set(id, count)
      }
    }
    return rows
  }
}

function stagedPath(name: string): string {
  return partOf(name.slice('part-'.length, -'.parquet'.length), name, 0, []).staged
}

function pathOf(id: string): string {
  return id.split('#')[0] ?? ''
}

/** The newest version of a path that this writer knows of, with its part. */
function knownVersion(
  writer: Writer,
  path: string,
): { readonly id: string; readonly parts: readonly LedgerPart[] } | undefined {
  const newest = [...writer.state.files].find(([id, fate]) => fate.live && pathOf(id) === path)
  const [id, fate] = newest ?? []
  if (id === undefined || fate === undefined) return undefined
  return { id, parts: fate.parts.flatMap((name) => writer.state.parts.get(name) ?? []) }
}

/** Works only from what the writer knew before it looked again, as a real one does. */
function act(world: World, writer: Writer, { kind, pick, rows }: Action): void {
  const path = `f${pick}`
  const known = knownVersion(writer, path)
  world.batches += 1
  const batch = `b${world.batches}`
  switch (kind) {
    case 'look':
      return world.read(writer)
    case 'plan':
      return world.plan(writer)
    case 'step':
      return world.step(writer)
    case 'crash':
      writer.steps = []
      writer.planSeq = undefined
      return
    case 'load': {
      // Two paths in one part, so that later replacements have a neighbour to carry.
      const files = [`${path}#1`, `f${pick + 10}#1`]
      return put(world, writer, batch, new Map(files.map((id) => [id, rows])), new Map(), [])
    }
    case 'replace':
    case 'force': {
      if (known === undefined) return
      const ordinal = kind === 'force' ? 0 : 1
      const id = `${path}#${Number(known.id.split('#')[1]) + ordinal}`
      const carried = carriedRows(world, known.parts, new Set([known.id]))
      return put(world, writer, batch, new Map([[id, rows]]), carried, known.parts, known.id)
    }
    case 'rewrite':
      if (known === undefined) return
      return put(world, writer, batch, new Map(), carriedRows(world, known.parts, new Set()), known.parts)
  }
}

function carriedRows(
  world: World,
  parts: readonly LedgerPart[],
  without: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const rows = parts.flatMap((part) => [...(world.contents.get(part.visible) ?? [])])
  return new Map(rows.filter(([id]) => !without.has(id)))
}

function put(
  world: World,
  writer: Writer,
  batch: string,
  loaded: ReadonlyMap<string, number>,
  carried: ReadonlyMap<string, number>,
  remove: readonly LedgerPart[],
  replaces?: string,
): void {
  const contents = new Map([...carried, ...loaded])
  const rows = [...contents.values()].reduce((sum, count) => sum + count, 0)
  const files = Array.from(loaded, ([id, count]) => fileOf(id, count, replaces === undefined ? {} : { replaces }))
  const add = [partOf(batch, `part-${batch}.parquet`, rows, [...contents.keys()])]
  world.commit(writer, draftOf(batch, { files, add, remove: remove.map((part) => part.visible) }), contents)
}

test('whatever two writers do, in whatever order, each file version counts once', () => {
  assert(
    property(array(action, { maxLength: 60, size: 'max' }), (actions) => {
      const world = new World()
      const writers = [new Writer(), new Writer()] as const
      for (const action of actions) {
        act(world, writers[action.writer], action)
        // Nothing uncommitted, and no row twice, at any moment.
        const committed = new Set(world.log.flatMap((entry) => entry.add.map((part) => part.visible)))
        for (const name of world.visible) expect(committed.has(name)).toBe(true)
        world.rowsVisible()
      }
      // A third process recovers: it sees what the model says.
      const late = new Writer()
      world.plan(late)
      while (late.steps.length > 0) world.step(late)
      expect(world.rowsVisible()).toEqual(world.model)
      world.plan(late)
      expect(late.steps).toEqual([])
      // Reading the log anew gives the state that was kept in memory.
      world.read(writers[0])
      expect(foldEntries(world.log)).toEqual(writers[0].state)
    }),
    { numRuns: 400 },
  )
})
