import type { FileStatistics, Relation, RelationFile } from '@tidegate/core'
import { parseType, type DataType } from '../expression/data-type.ts'
import type { RowGroupFacts } from './count-rows.ts'
import { decideTrust, type ChunkFacts, type TrustedRange } from './decide-trust.ts'
import { comparePoints, domainOf, type Domain } from './point.ts'
import { trustOfWriter } from './writers.ts'

/** A file of a relation, as far as its footer can be believed. */
export interface KnownFile {
  readonly key: string
  readonly rows: number
  /** Rows of each row group. */
  readonly groups: readonly number[]
  /** Undefined where nothing of the column can be believed. */
  column(name: string): ColumnFacts | undefined
}

export interface ColumnFacts {
  readonly groups: readonly ChunkFacts[]
  /** The row groups taken together. */
  readonly whole: ChunkFacts
}

/** The relation's files, or undefined where one of them is not known by its footer. */
export function knownFiles(
  relation: Relation,
  statistics: readonly FileStatistics[],
): readonly KnownFile[] | undefined {
  if (relation.misfitColumn !== undefined) return undefined
  const byAddress = new Map(statistics.map((file) => [file.file, file]))
  const readType = memoized(parseType)
  const types = columnTypes(relation)
  const known: KnownFile[] = []
  for (const file of relation.files) {
    const footer = file.parquet === undefined ? undefined : byAddress.get(file.parquet)
    if (footer === undefined || !isSound(footer, file)) return undefined
    known.push(knownFile(file.key, footer, types, readType))
  }
  return known
}

/** What is known of some columns in one row group, or in the whole file. */
export function rowGroupFacts(file: KnownFile, group: number | 'whole', names: readonly string[]): RowGroupFacts {
  const columns = new Map<string, ChunkFacts>()
  for (const name of names) {
    const facts = file.column(name)
    const chunk = group === 'whole' ? facts?.whole : facts?.groups[group]
    if (chunk !== undefined) columns.set(name, chunk)
  }
  return { rows: group === 'whole' ? file.rows : (file.groups[group] ?? 0), columns }
}

/** A footer that contradicts itself, or what the reader of the file counted, proves nothing. */
function isSound({ rows, rowGroups, rowGroupRows }: FileStatistics, file: RelationFile): boolean {
  let sum = 0
  for (const count of rowGroupRows) {
    if (!Number.isSafeInteger(count) || count < 0) return false
    sum += count
  }
  return rowGroupRows.length === rowGroups && sum === rows && (file.rows === undefined || file.rows === rows)
}

/** Types by exact name. Where names differ in case only, the engine may mean another column than we do. */
function columnTypes({ columns }: Relation): ReadonlyMap<string, string> {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()))
  return names.size === columns.length ? new Map(columns.map(({ name, type }) => [name, type])) : new Map()
}

function knownFile(
  key: string,
  footer: FileStatistics,
  types: ReadonlyMap<string, string>,
  readType: (text: string) => DataType | undefined,
): KnownFile {
  const columns = new Map(footer.columns.map((column) => [column.name, column]))
  const writer = trustOfWriter(footer.createdBy)
  const cache = new Map<string, ColumnFacts | undefined>()
  const decide = (name: string): ColumnFacts | undefined => {
    const column = columns.get(name)
    const type = readType(types.get(name) ?? '')
    if (column === undefined || type === undefined || type.text !== readType(column.type)?.text) return undefined
    if (column.rowGroups.length !== footer.rowGroupRows.length) return undefined
    const groups = column.rowGroups.map((chunk, index) =>
      decideTrust(column, chunk, footer.rowGroupRows[index] ?? 0, type, writer),
    )
    return { groups, whole: together(groups, domainOf(type)) }
  }
  return {
    key,
    rows: footer.rows,
    groups: footer.rowGroupRows,
    column(name) {
      if (!cache.has(name)) cache.set(name, decide(name))
      return cache.get(name)
    },
  }
}

/** Thousands of files have the same few types. */
function memoized<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const value = read(text)
    known.set(text, value)
    return value
  }
}

/** What is true of every row group: the sum of nulls, and a range where each of them has one or no values. */
function together(groups: readonly ChunkFacts[], domain: Domain | undefined): ChunkFacts {
  let rows = 0
  let nulls: number | undefined = 0
  let range: TrustedRange | undefined
  let isRanged = true
  let mayHoldNaN = false
  for (const chunk of groups) {
    rows += chunk.rows
    nulls = nulls === undefined || chunk.nulls === undefined ? undefined : nulls + chunk.nulls
    if (chunk.nulls === chunk.rows) continue
    if (chunk.mayHoldNaN) mayHoldNaN = true
    if (chunk.range === undefined) isRanged = false
    else range = range === undefined ? chunk.range : united(range, chunk.range)
  }
  return { domain, rows, nulls, range: isRanged ? range : undefined, mayHoldNaN, doubts: [] }
}

function united(a: TrustedRange, b: TrustedRange): TrustedRange {
  const low = comparePoints(a.low, b.low) <= 0 ? a : b
  const high = comparePoints(a.high, b.high) >= 0 ? a : b
  return { domain: a.domain, low: low.low, lowText: low.lowText, high: high.high, highText: high.highText }
}
