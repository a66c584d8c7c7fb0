/** Statistics of column chunks against themselves: whatever the data is, some of them cannot be true. Pure. */
import type { Finding } from '@tidegate/core'

import { finding } from '../../finding-codes.ts'
import type { ChunkStatistics, LeafColumn, ParquetFooter, ValueOrder } from '../../footer.ts'

export interface StatisticsFault {
  readonly rowGroup: number
  readonly column: number
  /** `counts`: of NULLs. `bounds`: min or max. */
  readonly wrong: 'counts' | 'bounds'
  readonly finding: Finding
}

export function checkStatistics({ rowGroups, leaves }: ParquetFooter): StatisticsFault[] {
  const faults: StatisticsFault[] = []
  for (const [rowGroup, { rows, chunks }] of rowGroups.entries())
    for (const [column, chunk] of chunks.entries()) {
      const leaf = leaves[column]
      const { statistics } = chunk
      if (statistics === undefined || leaf === undefined || chunk.physicalType !== leaf.physicalType) continue
      const add = (wrong: StatisticsFault['wrong'], why: string): void => {
        const name = leaf.path.join('.')
        const message = `The statistics of column ${name} in row group ${rowGroup} cannot be true: ${why}.`
        const details = { severity: 'warn', repairable: 'lossless', where: { rowGroup, column: name } } as const
        faults.push({ rowGroup, column, wrong, finding: finding('PQ214', message, { ...details, evidence: { why } }) })
      }
      // Fewer values than rows: then it is that number which is wrong.
      const counts = chunk.values < rows ? undefined : wrongCounts(statistics, chunk.values, leaf)
      if (counts !== undefined) add('counts', counts)
      const bounds = wrongBounds(statistics, leaf)
      if (bounds !== undefined) add('bounds', bounds)
    }
  return faults
}

function wrongCounts({ nulls, distinct }: ChunkStatistics, values: number, leaf: LeafColumn): string | undefined {
  if (nulls !== undefined && (nulls < 0 || nulls > values)) return `${nulls} of ${values} values are NULL`
  if (nulls !== undefined && nulls > 0 && leaf.maxDefinitionLevel === 0)
    return `${nulls} values are NULL in a column that is required`
  return distinct !== undefined && distinct < 0 ? `${distinct} values are distinct` : undefined
}

/** Bounds whose order all writers agreed on even when the format did not say it. */
const OLD_ORDERS: ReadonlySet<ValueOrder> = new Set(['bool', 'i32', 'i64', 'f32', 'f64'])

function wrongBounds(statistics: ChunkStatistics, leaf: LeafColumn): string | undefined {
  const { order, typeLength } = leaf
  if (order === undefined) return undefined
  const length = lengthOf(order, leaf.physicalType === FIXED_LEN_BYTE_ARRAY ? typeLength : undefined)
  const isOldKnown = OLD_ORDERS.has(order)
  return (
    wrongPair(statistics.min, statistics.max, order, length) ??
    (isOldKnown ? wrongPair(statistics.oldMin, statistics.oldMax, order, length) : undefined)
  )
}

const FIXED_LEN_BYTE_ARRAY = 7
const LENGTHS: Readonly<Partial<Record<ValueOrder, number>>> = {
  bool: 1,
  i32: 4,
  u32: 4,
  i64: 8,
  u64: 8,
  f16: 2,
  f32: 4,
  f64: 8,
}

/** Bounds of texts and of fixed-length values without an order of numbers may be shortened. */
function lengthOf(order: ValueOrder, fixed: number | undefined): number | undefined {
  return LENGTHS[order] ?? (order === 'decimal' ? fixed : undefined)
}

function wrongPair(
  min: Uint8Array | undefined,
  max: Uint8Array | undefined,
  order: ValueOrder,
  length: number | undefined,
): string | undefined {
  for (const bound of [min, max])
    if (bound !== undefined && length !== undefined && bound.length !== length)
      return `a bound has ${bound.length} bytes, a value ${length}`
  if (isNaNBound(min, order) || isNaNBound(max, order)) return 'a bound is not a number'
  if (min === undefined || max === undefined) return undefined
  return compareBounds(min, max, order) > 0 ? 'its minimum is above its maximum' : undefined
}

function isNaNBound(bound: Uint8Array | undefined, order: ValueOrder): boolean {
  if (bound === undefined || (order !== 'f16' && order !== 'f32' && order !== 'f64')) return false
  return Number.isNaN(floatOf(bound, order))
}

/** Below, at or above 0, as values of this order compare. Both must have the right length. */
export function compareBounds(left: Uint8Array, right: Uint8Array, order: ValueOrder): number {
  switch (order) {
    case 'bytes':
      return Buffer.compare(left, right)
    case 'decimal': {
      const [a, b] = [signedBigEndian(left), signedBigEndian(right)]
      return a < b ? -1 : a > b ? 1 : 0
    }
    case 'f16':
    case 'f32':
    case 'f64':
      return floatOf(left, order) - floatOf(right, order)
    case 'i32':
    case 'i64':
      return compareLittleEndian(left, right, SIGN)
    case 'bool':
    case 'u32':
    case 'u64':
      return compareLittleEndian(left, right, 0)
  }
}

const SIGN = 0x80

/** From the most significant byte down; the sign bit of that is turned round by `flip`. */
function compareLittleEndian(left: Uint8Array, right: Uint8Array, flip: number): number {
  const last = left.length - 1
  for (let at = last; at >= 0; at--) {
    const turn = at === last ? flip : 0
    const difference = ((left[at] ?? 0) ^ turn) - ((right[at] ?? 0) ^ turn)
    if (difference !== 0) return difference
  }
  return 0
}

function floatOf(bytes: Uint8Array, order: 'f16' | 'f32' | 'f64'): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (order === 'f32') return view.getFloat32(0, true)
  if (order === 'f64') return view.getFloat64(0, true)
  const bits = view.getUint16(0, true)
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023]
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15)
  const value = exponent === 31 ? (fraction === 0 ? Infinity : Number.NaN) : size
  return bits >> 15 === 0 ? value : -value
}

function signedBigEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(Math.max(8, bytes.length * 8), value)
}
