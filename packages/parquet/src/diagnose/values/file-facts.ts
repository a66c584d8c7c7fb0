/** What a footer says beyond `ParquetFooter`: statistics, indexes, marks of writers. */
import { integerIn, isStruct, itemsIn, structIn, textIn, type TypedStruct } from '../../thrift/thrift-value.ts'
import type { LegacyCalendar } from './range-rules.ts'
import { leafTypes, type LeafType } from './value-type.ts'

export interface FileFacts {
  readonly leaves: readonly LeafType[]
  readonly legacy: LegacyCalendar
  /** By column: whether `min_value` and `max_value` follow the order of the type. Undefined: the file does not say. */
  readonly hasTypeOrder: (column: number) => boolean | undefined
  readonly chunk: (rowGroup: number, column: number) => ChunkFacts
}

export interface ChunkFacts {
  readonly statistics: Statistics | undefined
  readonly columnIndex: IndexPlace | undefined
  readonly offsetIndex: IndexPlace | undefined
}

export interface IndexPlace {
  readonly offset: number
  readonly length: number
}

export interface Statistics {
  readonly min: Uint8Array | undefined
  readonly max: Uint8Array | undefined
  /** The deprecated fields, compared as signed whatever the type. */
  readonly oldMin: Uint8Array | undefined
  readonly oldMax: Uint8Array | undefined
  readonly nulls: number | undefined
  readonly isMinExact: boolean
  readonly isMaxExact: boolean
}

/** `tree`: a FileMetaData that is known to decode. Never throws. */
export function fileFacts(tree: TypedStruct): FileFacts {
  const groups = itemsIn(tree, 4)
  const orders = itemsIn(tree, 7)
  return {
    leaves: leafTypes(tree),
    legacy: legacyCalendar(tree),
    hasTypeOrder: (column) => {
      const order = orders[column]
      return isStruct(order) ? order.fields.has(1) : undefined
    },
    chunk: (rowGroup, column) => {
      const group = groups[rowGroup]
      const chunk = isStruct(group) ? itemsIn(group, 1)[column] : undefined
      return isStruct(chunk)
        ? chunkFacts(chunk)
        : { statistics: undefined, columnIndex: undefined, offsetIndex: undefined }
    },
  }
}

function chunkFacts(chunk: TypedStruct): ChunkFacts {
  const meta = structIn(chunk, 3)
  const statistics = meta && structIn(meta, 12)
  return {
    statistics: statistics && readStatistics(statistics),
    offsetIndex: place(integerIn(chunk, 4), integerIn(chunk, 5)),
    columnIndex: place(integerIn(chunk, 6), integerIn(chunk, 7)),
  }
}

function place(offset: number | undefined, length: number | undefined): IndexPlace | undefined {
  return offset !== undefined && length !== undefined && offset > 0 && length > 0 ? { offset, length } : undefined
}

export function readStatistics(statistics: TypedStruct): Statistics {
  return {
    oldMax: bytesIn(statistics, 1),
    oldMin: bytesIn(statistics, 2),
    nulls: integerIn(statistics, 3),
    max: bytesIn(statistics, 5),
    min: bytesIn(statistics, 6),
    isMaxExact: statistics.fields.get(7)?.value === true,
    isMinExact: statistics.fields.get(8)?.value === true,
  }
}

function bytesIn(struct: TypedStruct, field: number): Uint8Array | undefined {
  const value = struct.fields.get(field)?.value
  return value instanceof Uint8Array ? value : undefined
}

/** Spark before 3.0 wrote dates by the Julian calendar (before 3.1 also INT96); later ones say so with a key. */
function legacyCalendar(tree: TypedStruct): LegacyCalendar {
  const keys = new Map<string, string>()
  for (const item of itemsIn(tree, 5)) if (isStruct(item)) keys.set(textIn(item, 1) ?? '', textIn(item, 2) ?? '')
  const [major = Number.NaN, minor = 0] = (keys.get('org.apache.spark.version') ?? '').split('.').map(Number.parseFloat)
  return {
    dates: keys.has('org.apache.spark.legacyDateTime') || major < 3,
    int96: keys.has('org.apache.spark.legacyINT96') || major < 3 || (major === 3 && minor < 1),
  }
}
