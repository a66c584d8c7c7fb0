import { parseType, type DataType } from '../../expression/data-type.ts'
import { own, textAt } from '../format-note.ts'
import { isMap, isList, type JsonMap } from '../../json-map.ts'
import { duckdbTypeName, fieldName } from '../type-names.ts'

/**
 * DuckDB's type of a property: what `physicalType` says, where that is a type that is known here, else what
 * `logicalType` and its options say. Undefined: neither says it.
 */
export function typeOfProperty(property: JsonMap): string | undefined {
  const physical = textAt(property, 'physicalType')
  const known = physical === undefined || physical.trim() === '' ? undefined : duckdbTypeName(physical)
  return known ?? typeOfLogical(property)
}

function typeOfLogical(property: JsonMap): string | undefined {
  const options = own(property, 'logicalTypeOptions')
  const format = isMap(options) ? textAt(options, 'format') : undefined
  switch (textAt(property, 'logicalType')) {
    case 'string':
      return 'VARCHAR'
    case 'integer':
      return INTEGER_FORMATS[format ?? ''] ?? 'BIGINT'
    case 'number':
      return format === 'f32' ? 'FLOAT' : (INTEGER_FORMATS[format ?? ''] ?? 'DOUBLE')
    case 'boolean':
      return 'BOOLEAN'
    case 'date':
      return 'DATE'
    case 'time':
      return 'TIME'
    case 'timestamp':
      return isMap(options) && own(options, 'timezone') === true ? 'TIMESTAMP WITH TIME ZONE' : 'TIMESTAMP'
    case 'array': {
      const items = own(property, 'items')
      const item = isMap(items) ? typeOfProperty(items) : undefined
      return item === undefined ? undefined : `${item}[]`
    }
    case 'object':
      return structType(own(property, 'properties'))
    case 'map': {
      const map = own(property, 'map')
      const [key, value] = isMap(map) ? [own(map, 'key'), own(map, 'value')] : []
      const types = [key, value].map((part) => (isMap(part) ? typeOfProperty(part) : undefined))
      return types.includes(undefined) ? undefined : `MAP(${types.join(', ')})`
    }
    default:
      return undefined
  }
}

function structType(properties: unknown): string | undefined {
  if (!Array.isArray(properties) || properties.length === 0) return undefined
  const fields = properties.map((property: unknown) => {
    const map = property as JsonMap
    const name = isMap(map) ? (textAt(map, 'physicalName') ?? textAt(map, 'name')) : undefined
    const type = isMap(map) ? typeOfProperty(map) : undefined
    return name === undefined || type === undefined ? undefined : `${fieldName(name)} ${type}`
  })
  return fields.includes(undefined) ? undefined : `STRUCT(${fields.join(', ')})`
}

/** `format` of integers: Rust's names for them. */
const INTEGER_FORMATS: Readonly<Record<string, string | undefined>> = {
  i8: 'TINYINT',
  i16: 'SMALLINT',
  i32: 'INTEGER',
  i64: 'BIGINT',
  i128: 'HUGEINT',
  u8: 'UTINYINT',
  u16: 'USMALLINT',
  u32: 'UINTEGER',
  u64: 'UBIGINT',
  u128: 'UHUGEINT',
}

/** The keys that say a column's type: `physicalType` is DuckDB's own name, and so the truth when it is read back. */
export function propertyOfType(type: string): JsonMap {
  const parsed = parseType(type)
  const logicalType = parsed === undefined ? undefined : logicalTypeOf(parsed)
  const zone = parsed?.name === 'TIMESTAMPTZ' ? { logicalTypeOptions: { timezone: true } } : {}
  const items = type.endsWith('[]') ? { items: propertyOfType(type.slice(0, -2)) } : {}
  return { ...(logicalType === undefined ? {} : { logicalType }), physicalType: type, ...zone, ...items }
}

function logicalTypeOf(type: DataType): string | undefined {
  if (type.class === 'nested') {
    if (type.text.endsWith(']')) return 'array'
    return type.text.startsWith('STRUCT') ? 'object' : undefined
  }
  if (type.class === 'decimal') return type.scale === 0 ? 'integer' : 'number'
  return LOGICAL_TYPES[type.class]
}

const LOGICAL_TYPES: Readonly<Record<string, string | undefined>> = {
  integer: 'integer',
  float: 'number',
  text: 'string',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp',
  time: 'time',
  binary: 'string',
  other: 'string',
}

/** The properties of an object, or of the object that an array holds. */
export function propertiesOf(object: JsonMap): readonly JsonMap[] {
  const list = own(object, 'properties')
  return isList(list) ? list.filter(isMap) : []
}
