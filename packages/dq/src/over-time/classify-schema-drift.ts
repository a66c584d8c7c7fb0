import type { ColumnSchema } from '@tidegate/core'
import { closest } from '../compile/closest.ts'
import { typeChange } from './type-change.ts'

export type SchemaChangeKind = 'added' | 'removed' | 'widened' | 'narrowed' | 'type-changed' | 'renamed' | 'reordered'

export interface SchemaChange {
  readonly kind: SchemaChangeKind
  /**
   * True where someone who reads the data as it was may fail or lose something: a column removed or renamed, a type that is
   * wider than the old one or another. Columns that are added, moved, or of a narrower type break nobody who reads by name.
   */
  readonly breaking: boolean
  /** Its name before; of an added column, its name. Empty for `reordered`. */
  readonly column: string
  /** `renamed`: the new name. */
  readonly to?: string | undefined
  /** One sentence for people. */
  readonly message: string
}

export interface DriftOptions {
  /** Whether a column that went and one that came hold the same: then it was renamed, however the names differ. */
  readonly sameContent?: ((before: ColumnSchema, after: ColumnSchema) => boolean) | undefined
}

/**
 * What happened to the columns of a table: removed, renamed, types, added, reordered. A column is renamed if one went and
 * one came of the same type, and they hold the same ({@link DriftOptions.sameContent}), or stand at the same place under
 * similar names, or differ in nothing but case and `_`. Pure.
 */
export function classifySchemaDrift(
  before: readonly ColumnSchema[],
  after: readonly ColumnSchema[],
  options: DriftOptions = {},
): readonly SchemaChange[] {
  const old = byName(before)
  const now = byName(after)
  const gone = before.filter(({ name }) => !now.has(name))
  const came = after.filter(({ name }) => !old.has(name))
  const renamed = findRenames(gone, came, { before, after }, options)
  const newNames = new Set([...renamed.values()].map(({ name }) => name))
  const kept = before.filter(({ name }) => now.has(name))
  return [
    ...gone.map((column) => goneChange(column, renamed.get(column.name))),
    ...kept.flatMap((column) => typeChanges(column, now.get(column.name) ?? column)),
    ...came
      .filter(({ name }) => !newNames.has(name))
      .map(({ name, type }) => change('added', name, `column ${name} (${type}) is new`)),
    ...reordered(kept, after, old),
  ]
}

export const BREAKING_CHANGES: ReadonlySet<SchemaChangeKind> = new Set<SchemaChangeKind>([
  'removed',
  'renamed',
  'widened',
  'type-changed',
])

export const SCHEMA_CHANGES: readonly SchemaChangeKind[] = [
  'added',
  'removed',
  'widened',
  'narrowed',
  'type-changed',
  'renamed',
  'reordered',
]

function change(kind: SchemaChangeKind, column: string, message: string, to?: string): SchemaChange {
  return { kind, breaking: BREAKING_CHANGES.has(kind), column, message, ...(to === undefined ? {} : { to }) }
}

function goneChange({ name, type }: ColumnSchema, to: ColumnSchema | undefined): SchemaChange {
  return to === undefined
    ? change('removed', name, `column ${name} (${type}) is gone`)
    : change('renamed', name, `column ${name} is called ${to.name} now`, to.name)
}

function typeChanges(column: ColumnSchema, now: ColumnSchema): readonly SchemaChange[] {
  const kind = typeChange(column.type, now.type)
  return kind === 'same' ? [] : [change(kind, column.name, `type of ${column.name}: ${column.type} became ${now.type}`)]
}

/** One change, however many columns moved. */
function reordered(
  kept: readonly ColumnSchema[],
  after: readonly ColumnSchema[],
  old: ReadonlyMap<string, ColumnSchema>,
): readonly SchemaChange[] {
  const order = after.filter(({ name }) => old.has(name)).map(({ name }) => name)
  const moved = kept.filter(({ name }, index) => order[index] !== name).map(({ name }) => name)
  if (moved.length === 0) return []
  const names = moved.length > 5 ? `${moved.slice(0, 5).join(', ')} and ${moved.length - 5} more` : moved.join(', ')
  return [change('reordered', '', `columns stand in another order: ${names}`)]
}

interface Tables {
  readonly before: readonly ColumnSchema[]
  readonly after: readonly ColumnSchema[]
}

/** Old name → new column. Each column takes part once; the surest reason goes first. */
function findRenames(
  gone: readonly ColumnSchema[],
  came: readonly ColumnSchema[],
  { before, after }: Tables,
  { sameContent }: DriftOptions,
): ReadonlyMap<string, ColumnSchema> {
  const renames = new Map<string, ColumnSchema>()
  if (gone.length === 0 || came.length === 0) return renames
  const free = new Set(came)
  const places = new Map(before.map((column, index) => [column.name, after[index]]))
  const pair = (column: ColumnSchema, match: ColumnSchema | undefined): void => {
    if (match === undefined || renames.has(column.name) || typeChange(column.type, match.type) !== 'same') return
    renames.set(column.name, match)
    free.delete(match)
  }
  const spellings = new Map(came.map((column) => [plainName(column.name), column]))
  for (const column of gone) {
    const match = spellings.get(plainName(column.name))
    pair(column, match !== undefined && free.has(match) ? match : undefined)
  }
  if (sameContent !== undefined)
    for (const column of gone) {
      if (!renames.has(column.name))
        pair(
          column,
          [...free].find((other) => sameContent(column, other)),
        )
    }
  for (const column of gone) {
    const there = places.get(column.name)
    const similar = there !== undefined && free.has(there) && areSimilar(column.name, there.name)
    pair(column, similar ? there : undefined)
  }
  return renames
}

function areSimilar(left: string, right: string): boolean {
  const [a, b] = [plainName(left), plainName(right)]
  if (a === '' || b === '') return false
  // `name` and `full_name`; `delay` and `delays`. Of short names hardly a letter may differ.
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  if (short.length >= 3 && (long.startsWith(short) || long.endsWith(short))) return true
  return short.length >= 5 && closest(a, [b]) !== undefined
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}

function byName(columns: readonly ColumnSchema[]): ReadonlyMap<string, ColumnSchema> {
  return new Map(columns.map((column) => [column.name, column]))
}
