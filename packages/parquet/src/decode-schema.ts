/** The flat list of schema elements → columns with the types that DuckDB gives them, and the stored leaves. */
import type { ColumnSchema } from '@tidegate/core'

import type { LeafColumn } from './footer.ts'
import { valueOrder } from './value-order.ts'
import type { ThriftValue } from './read-thrift.ts'
import { ofStruct, readFields, type Fields } from './thrift-fields.ts'

export class SchemaError extends Error {
  override readonly name = 'SchemaError'
}

const MAX_DEPTH = 64
const REPEATED = 2
const REQUIRED = 0

interface Node {
  readonly name: string
  readonly repetition: number
  readonly element: Fields
  readonly children: readonly Node[]
}

export function decodeSchema(items: readonly ThriftValue[]): {
  readonly columns: readonly ColumnSchema[]
  readonly leaves: readonly LeafColumn[]
} {
  const cursor = { at: 0 }
  const root = readNode(items, cursor, 0)
  if (cursor.at !== items.length) throw new SchemaError(`${items.length - cursor.at} elements belong to nothing`)
  const leaves: LeafColumn[] = []
  for (const child of root.children) collectLeaves(child, [], 0, 0, leaves)
  return { columns: root.children.map((child) => ({ name: child.name, type: fieldType(child) })), leaves }
}

function readNode(items: readonly ThriftValue[], cursor: { at: number }, depth: number): Node {
  const item = items[cursor.at++]
  if (item === undefined) throw new SchemaError('it promises more elements than there are')
  if (depth > MAX_DEPTH) throw new SchemaError(`it is nested deeper than ${MAX_DEPTH}`)
  const element = readFields(ofStruct(item))
  const count = element.optionalInt(5) ?? 0
  if (count < 0 || count > items.length - cursor.at) throw new SchemaError(`a group claims ${count} children`)
  const physical = element.optionalInt(1)
  if (physical !== undefined && (physical < 0 || physical > 7)) throw new SchemaError(`there is no type ${physical}`)
  if (depth > 0 && count === 0 && physical === undefined && !element.has(5))
    throw new SchemaError('a column has no type')
  const children: Node[] = []
  for (let index = 0; index < count; index++) children.push(readNode(items, cursor, depth + 1))
  return { name: element.text(4), repetition: element.optionalInt(3) ?? REQUIRED, element, children }
}

function collectLeaves(
  node: Node,
  above: readonly string[],
  definition: number,
  repetition: number,
  into: LeafColumn[],
): void {
  const path = [...above, node.name]
  const maxDefinitionLevel = definition + (node.repetition === REQUIRED ? 0 : 1)
  const maxRepetitionLevel = repetition + (node.repetition === REPEATED ? 1 : 0)
  const physicalType = node.element.optionalInt(1)
  if (physicalType !== undefined && node.children.length === 0)
    into.push({
      path,
      physicalType,
      typeLength: node.element.optionalInt(2),
      maxDefinitionLevel,
      maxRepetitionLevel,
      illegalType: illegalType(node.element),
      order: valueOrder(node.element, physicalType),
      ...(physicalType === BYTE_ARRAY && TEXT_TYPES.has(leafType(node.element)) ? { text: true } : {}),
    })
  for (const child of node.children) collectLeaves(child, path, maxDefinitionLevel, maxRepetitionLevel, into)
}

const BYTE_ARRAY = 6
const TEXT_TYPES: ReadonlySet<string> = new Set(['VARCHAR', 'JSON'])

function fieldType(node: Node): string {
  const type = valueType(node)
  return node.repetition === REPEATED ? `${type}[]` : type
}

function valueType(node: Node): string {
  if (node.element.optionalInt(1) !== undefined && node.children.length === 0) return leafType(node.element)
  if (node.element.optionalStruct(10)?.has(16) === true) return 'VARIANT'
  return listType(node) ?? mapType(node) ?? structType(node.children)
}

function structType(children: readonly Node[]): string {
  return `STRUCT(${children.map((child) => `${quoteField(child.name)} ${fieldType(child)}`).join(', ')})`
}

function listType(node: Node): string | undefined {
  const [repeated] = node.children
  if (!isAnnotated(node.element, 3, 3) || repeated === undefined || node.children.length !== 1) return undefined
  if (repeated.repetition !== REPEATED) return undefined
  const [item] = repeated.children
  // Two levels (the repeated node is the item itself) or three (it wraps the item).
  const wraps =
    item !== undefined &&
    repeated.children.length === 1 &&
    repeated.name !== 'array' &&
    repeated.name !== `${node.name}_tuple`
  return wraps ? `${fieldType(item)}[]` : `${valueType(repeated)}[]`
}

function mapType(node: Node): string | undefined {
  const [entry] = node.children
  if (!isAnnotated(node.element, 2, 1) && !isAnnotated(node.element, 2, 2)) return undefined
  if (entry === undefined || node.children.length !== 1 || entry.repetition !== REPEATED) return undefined
  const [key, value] = entry.children
  if (key === undefined || value === undefined || entry.children.length !== 2) return undefined
  return `MAP(${fieldType(key)}, ${fieldType(value)})`
}

function isAnnotated(element: Fields, logical: number, converted: number): boolean {
  return element.optionalStruct(10)?.has(logical) === true || element.optionalInt(6) === converted
}

function leafType(element: Fields): string {
  const physical = element.optionalInt(1) ?? 0
  const logical = element.optionalStruct(10)
  return (
    (logical === undefined ? undefined : logicalType(logical)) ??
    convertedType(element, physical) ??
    PHYSICAL[physical] ??
    'BLOB'
  )
}

const PHYSICAL = ['BOOLEAN', 'INTEGER', 'BIGINT', 'TIMESTAMP', 'FLOAT', 'DOUBLE', 'BLOB', 'BLOB'] as const

function logicalType(logical: Fields): string | undefined {
  const [kind] = logical.ids()
  switch (kind) {
    case 1:
    case 4:
      return 'VARCHAR'
    case 5: {
      const decimal = logical.struct(5)
      return decimalType(decimal.optionalInt(2), decimal.optionalInt(1))
    }
    case 6:
      return 'DATE'
    case 7:
      return logical.struct(7).optionalFlag(1) === true ? 'TIME WITH TIME ZONE' : 'TIME'
    case 8: {
      const timestamp = logical.struct(8)
      if (timestamp.optionalFlag(1) === true) return 'TIMESTAMP WITH TIME ZONE'
      return timestamp.optionalStruct(2)?.has(3) === true ? 'TIMESTAMP_NS' : 'TIMESTAMP'
    }
    case 10: {
      const integer = logical.struct(10)
      return integerType(integer.optionalInt(1) ?? 32, integer.optionalFlag(2) ?? true)
    }
    case 12:
      return 'JSON'
    case 14:
      return 'UUID'
    case 15:
      return 'FLOAT'
    case 17:
    case 18:
      return 'GEOMETRY'
    case undefined:
    default:
      return undefined
  }
}

function integerType(bits: number, signed: boolean): string {
  const name = bits === 8 ? 'TINYINT' : bits === 16 ? 'SMALLINT' : bits === 32 ? 'INTEGER' : 'BIGINT'
  return signed ? name : `U${name}`
}

function convertedType(element: Fields, physical: number): string | undefined {
  const converted = element.optionalInt(6)
  switch (converted) {
    case 0:
    case 4:
      return 'VARCHAR'
    case 5:
      return decimalType(element.optionalInt(8), element.optionalInt(7))
    case 6:
      return 'DATE'
    case 7:
    case 8:
      return 'TIME'
    case 9:
    case 10:
      return 'TIMESTAMP'
    case 11:
    case 12:
    case 13:
    case 14:
      return integerType(2 ** (converted - 8), false)
    case 15:
    case 16:
    case 17:
    case 18:
      return integerType(2 ** (converted - 12), true)
    case 19:
      return 'JSON'
    case 21:
      return physical === 7 ? 'INTERVAL' : undefined
    case undefined:
    default:
      return undefined
  }
}

function decimalType(precision: number | undefined, scale: number | undefined): string {
  // The engine's widest decimal has 38 digits; wider ones are read as DOUBLE.
  if (precision === undefined || precision < 1 || precision > 38) return 'DOUBLE'
  return `DECIMAL(${precision},${scale ?? 0})`
}

function quoteField(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Integer and time annotations that the physical type (number) cannot carry; the engine refuses such files. */
function illegalType(element: Fields): string | undefined {
  const converted = element.optionalInt(6)
  const physical = element.optionalInt(1)
  const wanted = converted === undefined ? undefined : CARRIER[converted]
  return wanted === undefined || wanted === physical
    ? undefined
    : `${ANNOTATIONS[converted ?? 0] ?? ''} on ${PHYSICAL_NAMES[physical ?? 0] ?? ''}`
}

/** The type that values of an old annotation (`ConvertedType`) must be stored as; undefined: any, or no such annotation. */
export function carrierOf(converted: number): number | undefined {
  return CARRIER[converted]
}

const INT32 = 1
const INT64 = 2
const CARRIER: Readonly<Record<number, number>> = {
  6: INT32,
  7: INT32,
  8: INT64,
  9: INT64,
  10: INT64,
  11: INT32,
  12: INT32,
  13: INT32,
  14: INT64,
  15: INT32,
  16: INT32,
  17: INT32,
  18: INT64,
}
const ANNOTATIONS: Readonly<Record<number, string>> = {
  6: 'DATE',
  7: 'TIME_MILLIS',
  8: 'TIME_MICROS',
  9: 'TIMESTAMP_MILLIS',
  10: 'TIMESTAMP_MICROS',
  11: 'UINT_8',
  12: 'UINT_16',
  13: 'UINT_32',
  14: 'UINT_64',
  15: 'INT_8',
  16: 'INT_16',
  17: 'INT_32',
  18: 'INT_64',
}
const PHYSICAL_NAMES = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
] as const
