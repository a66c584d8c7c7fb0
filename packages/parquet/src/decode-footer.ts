/** FileMetaData → {@link ParquetFooter}. Field numbers are those of parquet.thrift. */
import type { Finding } from '@tidegate/core'

import { finding } from './finding-codes.ts'
import type { ChunkStatistics, ColumnChunk, ParquetFooter, RowGroup } from './footer.ts'
import { decodeSchema, SchemaError } from './decode-schema.ts'
import { schemaKey } from './schema-key.ts'
import { FieldError, ofStruct, readFields, type Fields } from './thrift-fields.ts'
import { readThriftStruct, ThriftError } from './read-thrift.ts'

export interface FooterPlace {
  readonly footerOffset: number
  readonly trailingBytes: number
}

export type DecodedFooter =
  | { readonly kind: 'ok'; readonly footer: ParquetFooter; readonly end: number }
  | { readonly kind: 'bad'; readonly finding: Finding }

/** Decodes the Thrift bytes of a footer. Never throws on bad bytes. */
export function decodeFooter(bytes: Uint8Array, place: FooterPlace): DecodedFooter {
  const where = { offset: place.footerOffset, length: bytes.length }
  try {
    const { struct, end } = readThriftStruct(bytes)
    return { kind: 'ok', footer: toFooter(readFields(struct), place, end), end }
  } catch (error) {
    if (error instanceof ThriftError && error.reason === 'limit')
      return { kind: 'bad', finding: finding('PQ903', `The footer asks too much: ${error.message}.`, { where }) }
    if (error instanceof SchemaError)
      return { kind: 'bad', finding: finding('PQ205', `The schema is not valid: ${error.message}.`, { where }) }
    if (error instanceof ThriftError || error instanceof FieldError)
      return {
        kind: 'bad',
        finding: finding('PQ204', `The footer cannot be decoded: ${error.message}.`, { severity: 'fatal', where }),
      }
    throw error
  }
}

/** With it, engines read some columns of bytes as geometries. */
const GEO_KEY = 'geo'

function toFooter(meta: Fields, place: FooterPlace, footerBytes: number): ParquetFooter {
  const { columns, leaves } = decodeSchema(meta.list(2))
  const keys = meta.optionalList(5).map((item) => readFields(ofStruct(item)).text(1))
  const orders = meta.optionalList(7).map((item) => readFields(ofStruct(item)).has(1))
  return {
    version: meta.int(1),
    rows: meta.long(3),
    createdBy: meta.optionalText(6),
    columns,
    // Bounds of a column with another order than that of its type are not ours to judge.
    leaves: orders.includes(false)
      ? leaves.map((leaf, index) => (orders[index] === false ? { ...leaf, order: undefined } : leaf))
      : leaves,
    ...(keys.includes(GEO_KEY) ? {} : { schemaKey: schemaKey(meta.list(2)) }),
    rowGroups: meta.list(4).map((item) => toRowGroup(readFields(ofStruct(item)))),
    metadataKeys: keys,
    metadata: meta.optionalList(5).map((item) => toKeyValue(readFields(ofStruct(item)))),
    encrypted: meta.has(8),
    footerOffset: place.footerOffset,
    footerBytes,
    trailingBytes: place.trailingBytes,
  }
}

function toKeyValue(pair: Fields): { readonly key: string; readonly value: Uint8Array | undefined } {
  return { key: pair.text(1), value: pair.optionalBytes(2) }
}

function toRowGroup(group: Fields): RowGroup {
  return { rows: group.long(3), chunks: group.list(1).map((item) => toChunk(readFields(ofStruct(item)))) }
}

function toChunk(chunk: Fields): ColumnChunk {
  const auxiliary: [number, number][] = []
  const addRange = (start: number | undefined, length: number | undefined): Range => {
    if (start === undefined || start <= 0) return undefined
    auxiliary.push([start, start + (length ?? 0)])
    return [start, length]
  }
  const offsetIndex = addRange(chunk.optionalLong(4), chunk.optionalInt(5))
  const columnIndex = addRange(chunk.optionalLong(6), chunk.optionalInt(7))
  const filePath = chunk.optionalText(1)
  const encrypted = chunk.has(8)
  if (!chunk.has(3)) {
    if (!encrypted) throw new FieldError('a column chunk has no metadata')
    return { ...NO_METADATA, encrypted, filePath, auxiliary }
  }
  const meta = chunk.struct(3)
  const bloomFilter = addRange(meta.optionalLong(14), meta.optionalInt(15))
  const dataPageOffset = meta.long(9)
  const dictionaryPageOffset = meta.optionalLong(11)
  // Some writers put 0 where there is no dictionary page.
  const start =
    dictionaryPageOffset !== undefined && dictionaryPageOffset > 0
      ? Math.min(dictionaryPageOffset, dataPageOffset)
      : dataPageOffset
  const compressedBytes = meta.long(7)
  return {
    path: meta.textList(3),
    physicalType: meta.int(1),
    codec: meta.int(4),
    values: meta.long(5),
    compressedBytes,
    uncompressedBytes: leniently(() => meta.optionalLong(6)),
    encodings: leniently(() => meta.optionalList(2).flatMap((item) => (typeof item === 'number' ? [item] : []))),
    dataPageOffset,
    dictionaryPageOffset,
    start,
    end: start + compressedBytes,
    encrypted,
    filePath,
    auxiliary,
    indexes: auxiliary.length === 0 ? undefined : { offsetIndex, columnIndex, bloomFilter },
    statistics: toStatistics(meta.optionalStruct(12)),
  }
}

/** What no reader needs must not make a footer unreadable. */
function leniently<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof FieldError) return undefined
    throw error
  }
}

type Range = readonly [start: number, length: number | undefined] | undefined

function toStatistics(statistics: Fields | undefined): ChunkStatistics | undefined {
  if (statistics === undefined) return undefined
  return {
    nulls: statistics.optionalLong(3),
    distinct: statistics.optionalLong(4),
    max: statistics.optionalBytes(5),
    min: statistics.optionalBytes(6),
    oldMax: statistics.optionalBytes(1),
    oldMin: statistics.optionalBytes(2),
  }
}

const NO_METADATA = {
  path: [],
  physicalType: -1,
  codec: 0,
  values: 0,
  compressedBytes: 0,
  dataPageOffset: 0,
  dictionaryPageOffset: undefined,
  start: 0,
  end: 0,
} as const
