import {
  i32,
  i64,
  listField,
  struct,
  structField,
  text,
  textList,
  TYPE,
  type TypedField,
} from '../thrift/thrift-value.ts'
import { writeThrift } from '../thrift/write-thrift.ts'

export interface HandBuiltColumn {
  /** With their headers, in order. */
  readonly pages: readonly Uint8Array[]
  /** Of the data pages; they are the rows. */
  readonly values: number
  readonly physicalType: number
  /** Further fields of the schema element by id: 2 length, 6 converted type, 7 scale, 8 precision, 10 logical type. */
  readonly element?: Readonly<Record<number, TypedField>>
  /** @defaultValue 0, none */
  readonly codec?: number
  /** Fields of Statistics by id: 3 NULLs, 5 max, 6 min. */
  readonly statistics?: Readonly<Record<number, TypedField>>
  readonly keyValues?: Readonly<Record<string, string>>
  /** Of the chunk, where the footer says something else than what the pages take. */
  readonly chunkBytes?: number
  /** Member of ColumnOrder. @defaultValue 1, the order of the type */
  readonly order?: number
}

/** A file of one required column, `x`, in one row group. */
export function handBuiltFile(column: HandBuiltColumn): Uint8Array {
  const body = Buffer.concat(column.pages)
  const meta = struct({
    1: i32(column.physicalType),
    2: listField(TYPE.I32, [0]),
    3: textList(['x']),
    4: i32(column.codec ?? 0),
    5: i64(column.values),
    6: i64(column.chunkBytes ?? body.length),
    7: i64(column.chunkBytes ?? body.length),
    9: i64(4),
    12: column.statistics === undefined ? undefined : structField(column.statistics),
  })
  const chunk = struct({ 2: i64(4), 3: structField(meta) })
  const group = struct({ 1: listField(TYPE.STRUCT, [chunk]), 2: i64(body.length), 3: i64(column.values) })
  const root = struct({ 4: text('schema'), 5: i32(1) })
  const leaf = struct({ 1: i32(column.physicalType), 3: i32(0), 4: text('x'), ...column.element })
  const entries = Object.entries(column.keyValues ?? {}).map(([key, value]) => struct({ 1: text(key), 2: text(value) }))
  const footer = writeThrift(
    struct({
      1: i32(2),
      2: listField(TYPE.STRUCT, [root, leaf]),
      3: i64(column.values),
      4: listField(TYPE.STRUCT, [group]),
      5: entries.length === 0 ? undefined : listField(TYPE.STRUCT, entries),
      7: listField(TYPE.STRUCT, [struct({ [column.order ?? 1]: structField({}) })]),
    }),
  )
  const end = Buffer.alloc(4)
  end.writeUInt32LE(footer.length)
  return Buffer.concat([Buffer.from('PAR1'), body, footer, end, Buffer.from('PAR1')])
}
