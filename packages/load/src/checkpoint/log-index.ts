/** The facts of a log, the older ones in segments and the newer ones in memory. */
import type { LedgerPart } from '@tidegate/core'
import type { LogFacts, NameLookup } from '../log-state.ts'
import type { PartContents, PlacedPart, TableValues } from './codecs.ts'
import { layeredTable, type LayeredTable } from './layered-table.ts'
import type { Segment } from './read-segment.ts'
import { TABLES, type Summary, type TableName } from './segment-format.ts'

export interface LogIndex extends LogFacts {
  readonly tables: { readonly [Name in TableName]: LayeredTable<TableValues[Name]> }
  readonly parts: PartTable
  readonly rejected: NameTable
  readonly consumed: NameTable
}

/** Parts are kept in two tables, so that looking at where they are does not read what is in them. */
export interface PartTable {
  readonly size: number
  get(visible: string): LedgerPart | undefined
  has(visible: string): boolean
  set(visible: string, part: LedgerPart): void
  delete(visible: string): void
}

export interface NameTable extends NameLookup {
  add(key: string): void
}

/** What the newest of these segments says, to be carried on by `foldEntry`. From the oldest to the newest; none: an empty log. */
export function logIndex(segments: readonly Segment[]): LogIndex {
  const last = segments.at(-1)?.footer
  const tables: LogIndex['tables'] = {
    files: layeredTable('files', segments),
    hashes: layeredTable('hashes', segments),
    parts: layeredTable('parts', segments),
    contents: layeredTable('contents', segments),
    gone: layeredTable('gone', segments),
    rejected: layeredTable('rejected', segments),
    consumed: layeredTable('consumed', segments),
    batches: layeredTable('batches', segments),
  }
  const { files, hashes, gone, batches } = tables
  return {
    lastSeq: last?.to ?? 0,
    tables,
    parts: partTable(tables.parts, tables.contents, last?.liveParts ?? 0),
    gone,
    files,
    hashes,
    rejected: nameTable(tables.rejected),
    consumed: nameTable(tables.consumed),
    fences: new Map(last?.fences),
    batches,
    schema: last?.schema ?? undefined,
  }
}

export function summaryOf({ fences, schema, parts }: LogIndex): Summary {
  return { fences: [...fences], schema: schema ?? null, liveParts: parts.size }
}

/** Keys that changed since the newest segment, over all tables. */
export function changedKeys({ tables }: LogIndex): number {
  return TABLES.reduce((sum, table) => sum + tables[table].changed, 0)
}

export function liveParts({ tables }: LogIndex): readonly LedgerPart[] {
  const placed = new Map(tables.parts.entries())
  return Array.from(tables.contents.entries(), ([visible, contents]) => ({ ...placed.get(visible), ...contents }) as LedgerPart) // prettier-ignore
}

export function placedParts({ tables }: LogIndex): readonly PlacedPart[] {
  return Array.from(tables.parts.entries(), ([, part]) => part)
}

function partTable(placed: LayeredTable<PlacedPart>, contents: LayeredTable<PartContents>, before: number): PartTable {
  let size = before
  return {
    get size() {
      return size
    },
    get: (visible) => {
      const part = placed.get(visible)
      return part === undefined ? undefined : { ...part, ...(contents.get(visible) ?? { files: [] }) }
    },
    has: placed.has,
    set: (visible, { files, ranges, ...part }) => {
      if (!placed.has(visible)) size += 1
      placed.set(visible, part)
      contents.set(visible, ranges === undefined ? { files } : { files, ranges })
    },
    delete: (visible) => {
      if (placed.has(visible)) size -= 1
      placed.delete(visible)
      contents.delete(visible)
    },
  }
}

function nameTable(table: LayeredTable<true>): NameTable {
  return { has: table.has, add: (key) => table.set(key, true) }
}
