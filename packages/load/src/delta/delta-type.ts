/** Types of a Delta schema, in the shape in which `schemaString` spells them. */
import { isFields, deltaCorrupt } from './actions.ts'

export type DeltaType = string | StructType | ArrayType | MapType

export interface StructType {
  readonly type: 'struct'
  readonly fields: readonly DeltaField[]
}

export interface ArrayType {
  readonly type: 'array'
  readonly elementType: DeltaType
  readonly containsNull: boolean
}

export interface MapType {
  readonly type: 'map'
  readonly keyType: DeltaType
  readonly valueType: DeltaType
  readonly valueContainsNull: boolean
}

export interface DeltaField {
  readonly name: string
  readonly type: DeltaType
  readonly nullable: boolean
  readonly metadata: Readonly<Record<string, unknown>>
}

const PRIMITIVE =
  /^(string|long|integer|short|byte|float|double|boolean|binary|date|timestamp|timestamp_ntz|decimal\(\d{1,2},\s*-?\d{1,2}\))$/

/**
 * The columns of a table. Fields keep what they carry beside our four members, so that a schema that is written again
 * loses nothing.
 *
 * @throws DELTA_LOG_CORRUPT if it is no schema
 */
export function parseSchema(schemaString: string): readonly DeltaField[] {
  let fields: readonly DeltaField[] | undefined
  try {
    const value: unknown = JSON.parse(schemaString)
    fields = isStruct(value) ? value.fields : undefined
  } catch (error) {
    // Not JSON, or nested so deep that nothing can walk it.
    throw deltaCorrupt('schemaString', 'it cannot be read', error)
  }
  if (fields === undefined) throw deltaCorrupt('schemaString', 'it is not a struct of fields')
  return fields
}

export function serializeSchema(fields: readonly DeltaField[]): string {
  return JSON.stringify({ type: 'struct', fields })
}

export function isStructType(type: DeltaType): type is StructType {
  return typeof type === 'object' && type.type === 'struct'
}

/** Every field, nested ones included, with its path. */
export function* walkFields(
  fields: readonly DeltaField[],
  above: readonly string[] = [],
): Generator<{ readonly path: readonly string[]; readonly field: DeltaField }> {
  for (const field of fields) {
    const path = [...above, field.name]
    yield { path, field }
    yield* walkType(field.type, path)
  }
}

/** `DECIMAL(p,s)` of a Delta type name, or undefined for any other type. */
export function decimalOf(type: string): { readonly precision: number; readonly scale: number } | undefined {
  const match = /^decimal\((\d+),\s*(-?\d+)\)$/.exec(type)
  return match === null ? undefined : { precision: Number(match[1]), scale: Number(match[2]) }
}

/** True for the primitive types that this version can write. Others (`void`, `variant`, `interval …`) exist. */
export function isPrimitive(type: DeltaType): type is string {
  return typeof type === 'string' && PRIMITIVE.test(type)
}

function* walkType(type: DeltaType, path: readonly string[]): ReturnType<typeof walkFields> {
  if (typeof type === 'string') return
  switch (type.type) {
    case 'struct':
      return yield* walkFields(type.fields, path)
    case 'array':
      return yield* walkType(type.elementType, [...path, 'element'])
    case 'map':
      yield* walkType(type.keyType, [...path, 'key'])
      yield* walkType(type.valueType, [...path, 'value'])
  }
}

function isStruct(value: unknown): value is StructType {
  if (!isFields(value) || value['type'] !== 'struct' || !Array.isArray(value['fields'])) return false
  return value['fields'].every(isField)
}

function isField(value: unknown): value is DeltaField {
  if (!isFields(value) || typeof value['name'] !== 'string' || typeof value['nullable'] !== 'boolean') return false
  return isFields(value['metadata']) && isType(value['type'])
}

function isType(value: unknown): value is DeltaType {
  if (typeof value === 'string') return true
  if (!isFields(value)) return false
  switch (value['type']) {
    case 'struct':
      return isStruct(value)
    case 'array':
      return isType(value['elementType']) && typeof value['containsNull'] === 'boolean'
    case 'map':
      return isType(value['keyType']) && isType(value['valueType'])
    default:
      // `{"type": "variant"}` and whatever comes: kept, and refused where it is to be written.
      return typeof value['type'] === 'string'
  }
}
