import { ENCODING } from '../pages/value-spec.ts'
import type { AssembledChunk, AssembledGroup, Assembly } from './assemble-chunks.ts'

/** What of a chunk comes again in the next row group, whatever its column is called. */
interface Traits {
  readonly hasDictionary: boolean
  readonly encodings: string
  readonly codec: number
  /** Powers of 2. */
  readonly bytesPerRow: number
  readonly entries: number
  readonly packed: number
  readonly numbers: number | undefined
}

/** Chunks a period apart are alike; those of other columns differ by more than this. */
const DIFFERENT = 0.12
const TIMES_CLOSER = 2.5
/** Of fewer pairs there may be no other period to compare with; then chunks that differ much are a contradiction by themselves. */
const FEW_PAIRS = 4
const UNLIKE = 0.5

/**
 * The number of columns by which the order of chunks comes again, where that is clearly not `columns`: a schema that lacks a
 * column, or has one too many, takes chunks of one row group for those of the next. 0 where it only
 * does not come again after `columns`, undefined where nothing contradicts.
 */
export function otherPeriod(
  { groups }: Assembly,
  columns: number,
  sizes: ReadonlyMap<number, number> = new Map(),
): number | undefined {
  const runs = runsOf(groups, sizes)
  const own = distanceAt(runs, columns)
  if (own === undefined || own.mean < DIFFERENT) return undefined
  let found: number | undefined
  let nearest = own.mean / TIMES_CLOSER
  const reach = Math.max(3, Math.floor(columns / 2))
  for (let period = Math.max(2, columns - reach); period <= columns + reach; period++) {
    const other = period === columns ? undefined : distanceAt(runs, period)
    if (other !== undefined && other.mean < nearest) [found, nearest] = [period, other.mean]
  }
  return found ?? (own.pairs < FEW_PAIRS && own.mean >= UNLIKE ? 0 : undefined)
}

/** Leftovers are those of the columns that come there only if they are about as in the group before, and its others are not. */
const ALIKE = 0.5
const CLEARLY = 0.2

/**
 * The columns of a last row group with which the data end, where these may as well be others: a file that lost its footer
 * ends so when the schema lacks a column, one that is cut does so by accident.
 */
export function leftOvers(
  { groups, endsClean }: Assembly,
  sizes: ReadonlyMap<number, number> = new Map(),
): AssembledGroup | undefined {
  const last = groups.at(-1)
  const isLeftOver =
    last?.kind === 'partial' &&
    endsClean &&
    last.chunks.length > 0 &&
    last.open === undefined &&
    last.later.length === 0 &&
    last.spanEnd === undefined
  if (!isLeftOver) return undefined
  const reference = groups.findLast(({ kind }) => kind === 'full')?.chunks.map((chunk) => traitsOf(chunk, sizes)) ?? []
  const left = last.chunks.map((chunk) => traitsOf(chunk, sizes))
  const meanAt = (shift: number): number => {
    const distances = left.flatMap((traits, index) => {
      const other = reference[index + shift]
      return other === undefined ? [] : [distance(traits, other)]
    })
    return distances.length === 0
      ? Number.POSITIVE_INFINITY
      : distances.reduce((sum, one) => sum + one, 0) / distances.length
  }
  const own = meanAt(0)
  const others = [-2, -1, 1, 2].map(meanAt)
  return own < ALIKE && others.every((other) => other > own * 2 + CLEARLY) ? undefined : last
}

/**
 * Whether nothing tells how many columns there are, in a table of columns of one type: chunks `columns` apart are no more
 * alike than chunks further apart or nearer. Data that end with whole row groups do tell.
 */
export function isUncountable(
  { groups, endsClean }: Assembly,
  columns: number,
  sizes: ReadonlyMap<number, number> = new Map(),
): boolean {
  if (endsClean && groups.every(({ kind }) => kind === 'full')) return false
  const runs = runsOf(groups, sizes)
  const own = distanceAt(runs, columns)
  if (own === undefined) return true
  const others = [distanceAt(runs, columns - 1), distanceAt(runs, columns + 1)]
  return others.some((other) => other !== undefined && other.mean < own.mean * TIMES_CLEARER + CLEARER)
}

const TIMES_CLEARER = 1.5
const CLEARER = 0.05

function runsOf(groups: readonly AssembledGroup[], sizes: ReadonlyMap<number, number>): readonly (readonly Traits[])[] {
  const most = Math.max(0, ...groups.map(({ rows }) => rows ?? 0))
  const runs: Traits[][] = [[]]
  for (const { kind, rows, chunks, open, later } of groups) {
    // The last group may be short; its dictionaries are then as well.
    if ((rows ?? 0) * 2 >= most)
      runs
        .at(-1)
        ?.push(
          ...[...chunks, ...(open === undefined || open.rows === 0 ? [] : [open])].map((chunk) =>
            traitsOf(chunk, sizes),
          ),
        )
    if (kind === 'partial' || later.length > 0) runs.push([])
  }
  return runs
}

interface Distance {
  readonly mean: number
  readonly pairs: number
}

function distanceAt(runs: readonly (readonly Traits[])[], period: number): Distance | undefined {
  let pairs = 0
  let sum = 0
  for (const run of runs)
    for (const [index, traits] of run.entries()) {
      const other = run[index + period]
      if (other === undefined) continue
      pairs++
      sum += distance(traits, other)
    }
  return pairs === 0 ? undefined : { mean: sum / pairs, pairs }
}

function distance(left: Traits, right: Traits): number {
  const numbers =
    left.numbers === undefined || right.numbers === undefined ? 0 : Math.abs(left.numbers - right.numbers) / 4
  return (
    (left.hasDictionary === right.hasDictionary ? 0 : 1) +
    (left.encodings === right.encodings ? 0 : 1) +
    (left.codec === right.codec ? 0 : 1) +
    Math.min(1, Math.abs(left.bytesPerRow - right.bytesPerRow)) +
    Math.min(1, Math.abs(left.entries - right.entries)) +
    Math.min(1, Math.abs(left.packed - right.packed)) +
    Math.min(1, numbers)
  )
}

function traitsOf({ pages, codec, rows }: AssembledChunk, sizes: ReadonlyMap<number, number>): Traits {
  const [first] = pages
  const dictionary = first?.kind === 'dictionary' ? first : undefined
  const data = pages.filter((page) => page !== dictionary)
  const unpacked = data.reduce((sum, page) => sum + page.uncompressedBytes, 0)
  const stored = data.reduce((sum, page) => sum + page.compressedBytes, 0)
  return {
    hasDictionary: dictionary !== undefined,
    encodings: [...new Set(data.map(({ kind, encoding }) => `${kind}/${unifiedEncoding(encoding)}`))].join(),
    codec,
    bytesPerRow: Math.log2((unpacked + 1) / Math.max(1, rows)),
    entries: Math.log2(1 + (dictionary?.values ?? 0)),
    packed: Math.log2((unpacked + 1) / (stored + 1)),
    numbers: sizes.get(first?.offset ?? -1),
  }
}

function unifiedEncoding(encoding: number): number {
  return encoding === ENCODING.PLAIN_DICTIONARY ? ENCODING.RLE_DICTIONARY : encoding
}
