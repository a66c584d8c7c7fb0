/** Where the schema of a file without footer can come from. */
import type { ByteSource } from '@tidegate/core'

import { decodeFooter } from '../decode-footer.ts'
import { decodeSchema, SchemaError } from '../decode-schema.ts'
import type { ColumnChunk, LeafColumn, ParquetFooter } from '../footer.ts'
import { FieldError } from '../thrift-fields.ts'
import { parseThrift, parseThriftPrefix } from '../thrift/parse-thrift.ts'
import { ThriftError } from '../read-thrift.ts'
import {
  i32,
  i64,
  integerIn,
  isStruct,
  itemsIn,
  listField,
  struct,
  structIn,
  text,
  textIn,
  toPlainValue,
  TYPE,
  type TypedStruct,
  type TypedValue,
} from '../thrift/thrift-value.ts'
import { writeThrift } from '../thrift/write-thrift.ts'
import { deltaSchemaElements } from './delta-schema.ts'
import { keyValuesOfSchema } from './schema-key-values.ts'
import { rangesInFooter, type ValueRange } from './value-ranges.ts'

export interface SchemaSource {
  readonly from: 'own-footer' | 'partial-footer' | 'inline-metadata' | '_metadata' | 'delta-log' | 'sibling'
  /** Schema elements as they stand in a footer, root first. */
  readonly elements: readonly TypedValue[]
  readonly leaves: readonly LeafColumn[]
  /** Codec by leaf, where one is known. */
  readonly codecs?: readonly (number | undefined)[] | undefined
  /** By leaf, whether chunks begin with a dictionary page; undefined where the source has both or none. */
  readonly dictionaries?: readonly (boolean | undefined)[] | undefined
  /** By leaf, values that the table has elsewhere (a sibling), or that this file had (a table log). */
  readonly ranges?: readonly (ValueRange | undefined)[] | undefined
  /** Rows that a full row group of this writer has. */
  readonly groupRows?: readonly number[] | undefined
  readonly version?: number | undefined
  readonly createdBy?: string | undefined
  readonly keyValues?: readonly TypedValue[] | undefined
  /** Complete row groups of the file itself, in order (partial footer). */
  readonly ownGroups?: readonly TypedStruct[] | undefined
  /** Rows that the file should have, by its own footer or a table log. */
  readonly rows?: number | undefined
  /** Where the remains of the footer begin (partial footer). */
  readonly footerOffset?: number | undefined
}

/** Undefined: the bytes hold no schema that can be used. */
export type SchemaOutcome = SchemaSource | undefined

/** The footer bytes of a sibling, of `_metadata`, or of the file itself. */
export function schemaFromFooter(bytes: Uint8Array, from: 'own-footer' | 'sibling' | '_metadata'): SchemaOutcome {
  const decoded = decodeFooter(bytes, { footerOffset: 0, trailingBytes: 0 })
  if (decoded.kind === 'bad') return undefined
  const { struct } = parseThrift(bytes)
  return {
    from,
    elements: itemsIn(struct, 2),
    leaves: decoded.footer.leaves,
    ...habitsOf(decoded.footer),
    ranges: rangesInFooter(
      struct,
      decoded.footer.leaves.map(({ physicalType }) => physicalType),
    ),
    version: integerIn(struct, 1),
    createdBy: textIn(struct, 6),
    keyValues: from === 'own-footer' ? itemsIn(struct, 5) : keyValuesOfSchema(itemsIn(struct, 5)),
    ...(from === 'own-footer' ? { rows: decoded.footer.rows } : {}),
  }
}

/** Reads the footer of another file and takes its schema. Throws only what the source throws. */
export async function schemaFromFile(
  source: ByteSource,
  from: 'own-footer' | 'sibling' | '_metadata',
): Promise<SchemaOutcome> {
  if (source.sizeBytes < 12) return undefined
  const end = Buffer.from(await source.read(source.sizeBytes - 8, 8))
  const length = end.readUInt32LE(0)
  if (end.toString('latin1', 4) !== 'PAR1' || length > source.sizeBytes - 12) return undefined
  return schemaFromFooter(await source.read(source.sizeBytes - 8 - length, length), from)
}

/** What is left of a footer that is cut: the schema, and the row groups that are complete. `offset`: of its first byte. */
export function schemaFromCutFooter(bytes: Uint8Array, offset: number): SchemaOutcome {
  const { struct } = parseThriftPrefix(bytes)
  const elements = itemsIn(struct, 2)
  const rows = integerIn(struct, 3)
  const leaves = leavesOf(elements)
  if (leaves === undefined) return undefined
  const ownGroups = possibleGroups(struct, leaves, offset)
  const groupRows = ownGroups.map((group) => integerIn(group, 3) ?? 0)
  const [first] = ownGroups
  return {
    from: 'partial-footer',
    elements,
    leaves,
    ...(first === undefined ? {} : { codecs: codecsIn(first) }),
    groupRows: [...new Set(groupRows.filter((count) => count > 0))],
    version: integerIn(struct, 1),
    ownGroups,
    rows,
    footerOffset: offset,
  }
}

/**
 * Row groups of a damaged footer, up to the first that cannot be true: each has all columns, with their types and
 * a value for each row, and bytes before the footer and behind those of the group before it, of which no two columns share any.
 */
function possibleGroups(footer: TypedStruct, leaves: readonly LeafColumn[], footerOffset: number): TypedStruct[] {
  const possible: TypedStruct[] = []
  let end = 4
  for (const group of itemsIn(footer, 4)) {
    if (!isStruct(group)) break
    const bytes = writeThrift(struct({ ...ANY_FOOTER, 4: listField(TYPE.STRUCT, [group]) }))
    const decoded = decodeFooter(bytes, { footerOffset, trailingBytes: 0 })
    const [only] = decoded.kind === 'ok' ? decoded.footer.rowGroups : []
    if (only === undefined || only.rows < 0 || only.chunks.length !== leaves.length) break
    const spans = only.chunks.map((chunk): [number, number] => [chunk.start, chunk.end]).toSorted(([a], [b]) => a - b)
    const isPossible =
      only.chunks.every((chunk, index) => isChunkOf(chunk, leaves[index] as LeafColumn, only.rows)) &&
      (only.rows === 0 || spans.every(([start], index) => start >= (spans[index - 1]?.[1] ?? end))) &&
      spans.every((span) => span[1] <= footerOffset)
    if (!isPossible) break
    possible.push(group)
    end = Math.max(end, ...only.chunks.map((chunk) => chunk.end))
  }
  return possible
}

const LAST_CODEC = 7

function isChunkOf({ physicalType, codec, values }: ColumnChunk, leaf: LeafColumn, rows: number): boolean {
  const hasValues = leaf.maxRepetitionLevel === 0 ? values === rows : values >= rows
  return physicalType === leaf.physicalType && codec >= 0 && codec <= LAST_CODEC && hasValues
}

/** What a decoder wants besides row groups. */
const ANY_FOOTER = {
  1: i32(1),
  2: listField(TYPE.STRUCT, [struct({ 4: text('schema'), 5: i32(1) }), struct({ 1: i32(0), 3: i32(1), 4: text('a') })]),
  3: i64(0),
}

/** The schema that Spark writes for a Delta table with this `metaData.schemaString`. Throws nothing. */
export function schemaFromDelta(
  schemaString: string,
  known: { readonly rows?: number | undefined; readonly partitionColumns?: readonly string[] | undefined } = {},
): SchemaOutcome {
  const elements = deltaSchemaElements(schemaString, known.partitionColumns ?? [])
  const leaves = elements === undefined ? undefined : leavesOf(elements)
  return elements === undefined || leaves === undefined
    ? undefined
    : { from: 'delta-log', elements, leaves, rows: known.rows }
}

/** Undefined for a list of elements that is no schema, or has no column. */
export function leavesOf(elements: readonly TypedValue[]): readonly LeafColumn[] | undefined {
  try {
    const { leaves } = decodeSchema(elements.map(toPlainValue))
    return leaves.length === 0 ? undefined : leaves
  } catch (error) {
    if (error instanceof SchemaError || error instanceof FieldError || error instanceof ThriftError) return undefined
    throw error
  }
}

/** What other chunks of a writer look like: a file of the same table looks alike. */
function habitsOf(footer: ParquetFooter): Pick<SchemaSource, 'codecs' | 'dictionaries' | 'groupRows'> {
  const groups = footer.rowGroups.filter(({ rows, chunks }) => rows > 0 && chunks.length === footer.leaves.length)
  const codecs = footer.leaves.map((_, leaf) => groups[0]?.chunks[leaf]?.codec)
  const dictionaries = footer.leaves.map((_, leaf) => {
    const seen = new Set(groups.map(({ chunks }) => (chunks[leaf]?.dictionaryPageOffset ?? 0) > 0))
    return seen.size === 1 ? seen.has(true) : undefined
  })
  // The last group is as long as it happens to be; alone it tells nothing.
  return { codecs, dictionaries, groupRows: [...new Set(groups.slice(0, -1).map(({ rows }) => rows))] }
}

function codecsIn(group: TypedStruct): (number | undefined)[] {
  return itemsIn(group, 1).map((chunk) => {
    const meta = isStruct(chunk) ? structIn(chunk, 3) : undefined
    return meta === undefined ? undefined : integerIn(meta, 4)
  })
}
