import { isList, isStruct, TYPE, type TypedStruct, type TypedValue } from '../../thrift/thrift-value.ts'

const { I16, I32, I64, BINARY, LIST, STRUCT } = TYPE

/** Types of the fields of parquet.thrift, and the structs inside of them. Flags have two types. */
interface Shape {
  readonly types: Readonly<Record<number, number>>
  readonly inner?: Readonly<Record<number, Shape>>
}

const COLUMN_METADATA: Shape = {
  types: {
    1: I32,
    2: LIST,
    3: LIST,
    4: I32,
    5: I64,
    6: I64,
    7: I64,
    8: LIST,
    9: I64,
    10: I64,
    11: I64,
    12: STRUCT,
    13: LIST,
    14: I64,
    15: I32,
    16: STRUCT,
    17: STRUCT,
  },
}
const COLUMN_CHUNK: Shape = {
  types: { 1: BINARY, 2: I64, 3: STRUCT, 4: I64, 5: I32, 6: I64, 7: I32, 8: STRUCT, 9: BINARY },
  inner: { 3: COLUMN_METADATA },
}
const ROW_GROUP: Shape = {
  types: { 1: LIST, 2: I64, 3: I64, 4: LIST, 5: I64, 6: I64, 7: I16 },
  inner: { 1: COLUMN_CHUNK },
}
const SCHEMA_ELEMENT: Shape = {
  types: { 1: I32, 2: I32, 3: I32, 4: BINARY, 5: I32, 6: I32, 7: I32, 8: I32, 9: I32, 10: STRUCT },
}
const FILE: Shape = {
  types: { 1: I32, 2: LIST, 3: I64, 4: LIST, 5: LIST, 6: BINARY, 7: LIST, 8: STRUCT, 9: BINARY },
  inner: { 2: SCHEMA_ELEMENT, 4: ROW_GROUP },
}

/** True where every field that the format knows has its type. Damage can make a field out of bytes of another one. */
export function isWellTyped(footer: TypedStruct): boolean {
  return fits(footer, FILE)
}

function fits({ fields }: TypedStruct, { types, inner = {} }: Shape): boolean {
  for (const [id, { type, value }] of fields) {
    const wanted = types[id]
    if (wanted !== undefined && type !== wanted) return false
    const shape = inner[id]
    if (shape !== undefined && !items(value).every((item) => !isStruct(item) || fits(item, shape))) return false
  }
  return true
}

function items(value: TypedValue): readonly TypedValue[] {
  return isList(value) ? value.items : [value]
}
