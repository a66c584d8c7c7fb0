/** `metaData.schemaString` of a Delta log → schema elements as Spark writes them (its default, not the legacy format). */
import { flag, i32, i8, struct, structField, text, type TypedField, type TypedStruct } from '../thrift/thrift-value.ts'

/** Spark's JSON for a struct type. */
interface SparkStruct {
  readonly type: 'struct'
  readonly fields: readonly SparkField[]
}

interface SparkField {
  readonly name: string
  readonly type: unknown
  readonly nullable?: boolean
  readonly metadata?: Readonly<Record<string, unknown>>
}

const REQUIRED = 0
const OPTIONAL = 1
const REPEATED = 2
const MAX_DEPTH = 64
const LOGICAL = { STRING: 1, MAP: 2, LIST: 3, DECIMAL: 5, DATE: 6, TIMESTAMP: 8, INTEGER: 10 } as const

/** Undefined for a text that is no struct of known types. Partition columns are not in the files. */
export function deltaSchemaElements(
  schemaString: string,
  partitionColumns: readonly string[],
): readonly TypedStruct[] | undefined {
  const schema = parseJson(schemaString)
  if (!isSparkStruct(schema)) return undefined
  const fields = schema.fields.filter(({ name }) => !partitionColumns.includes(name))
  const below = fields.map((field) => fieldElements(field, 0))
  if (fields.length === 0 || !below.every((elements) => elements !== undefined)) return undefined
  return [struct({ 4: text('spark_schema'), 5: i32(fields.length) }), ...below.flat()]
}

function fieldElements(field: SparkField, depth: number): readonly TypedStruct[] | undefined {
  // With column mapping the files have another name than the table.
  const physicalName = field.metadata?.['delta.columnMapping.physicalName']
  const name = typeof physicalName === 'string' ? physicalName : field.name
  return typeElements(name, field.nullable === false ? REQUIRED : OPTIONAL, field.type, depth)
}

function typeElements(
  name: string,
  repetition: number,
  type: unknown,
  depth: number,
): readonly TypedStruct[] | undefined {
  if (depth > MAX_DEPTH) return undefined
  if (typeof type === 'string') {
    const leaf = leafFields(type)
    return leaf === undefined ? undefined : [struct({ ...leaf, 3: i32(repetition), 4: text(name) })]
  }
  if (isSparkStruct(type)) {
    const below = type.fields.map((field) => fieldElements(field, depth + 1))
    return gather([group(name, repetition, type.fields.length)], below)
  }
  if (typeof type !== 'object' || type === null || !('type' in type)) return undefined
  if (type.type === 'array' && 'elementType' in type) {
    const nullable = !('containsNull' in type) || type.containsNull !== false
    return gather(
      [group(name, repetition, 1, 3, LOGICAL.LIST), group('list', REPEATED, 1)],
      [typeElements('element', nullable ? OPTIONAL : REQUIRED, type.elementType, depth + 1)],
    )
  }
  if (type.type === 'map' && 'keyType' in type && 'valueType' in type) {
    const nullable = !('valueContainsNull' in type) || type.valueContainsNull !== false
    return gather(
      [group(name, repetition, 1, 1, LOGICAL.MAP), group('key_value', REPEATED, 2)],
      [
        typeElements('key', REQUIRED, type.keyType, depth + 1),
        typeElements('value', nullable ? OPTIONAL : REQUIRED, type.valueType, depth + 1),
      ],
    )
  }
  return undefined
}

function gather(
  above: readonly TypedStruct[],
  below: readonly (readonly TypedStruct[] | undefined)[],
): readonly TypedStruct[] | undefined {
  return below.every((elements) => elements !== undefined) ? [...above, ...below.flat()] : undefined
}

function group(name: string, repetition: number, children: number, converted?: number, logical?: number): TypedStruct {
  return struct({
    3: i32(repetition),
    4: text(name),
    5: i32(children),
    6: converted === undefined ? undefined : i32(converted),
    10: logical === undefined ? undefined : structField({ [logical]: structField({}) }),
  })
}

/** Fields of a leaf's element other than its name and repetition. Physical types: 0 BOOLEAN … 7 FIXED_LEN_BYTE_ARRAY. */
function leafFields(type: string): Readonly<Record<number, TypedField>> | undefined {
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(type)
  if (decimal !== null) return decimalFields(Number(decimal[1]), Number(decimal[2]))
  if (/^(char|varchar)\(\d+\)$/.test(type)) return LEAVES['string']
  return Object.hasOwn(LEAVES, type) ? LEAVES[type] : undefined
}

/** Spark writes INT96 only by configuration; Delta's writers use microseconds. */
const LEAVES: Readonly<Record<string, Readonly<Record<number, TypedField>>>> = {
  boolean: { 1: i32(0) },
  byte: { 1: i32(1), 6: i32(15), 10: integer(8) },
  short: { 1: i32(1), 6: i32(16), 10: integer(16) },
  integer: { 1: i32(1) },
  long: { 1: i32(2) },
  float: { 1: i32(4) },
  double: { 1: i32(5) },
  string: { 1: i32(6), 6: i32(0), 10: structField({ [LOGICAL.STRING]: structField({}) }) },
  binary: { 1: i32(6) },
  date: { 1: i32(1), 6: i32(6), 10: structField({ [LOGICAL.DATE]: structField({}) }) },
  timestamp: { 1: i32(2), 6: i32(10), 10: timestamp(true) },
  timestamp_ntz: { 1: i32(2), 10: timestamp(false) },
}

function integer(bits: number): TypedField {
  return structField({ [LOGICAL.INTEGER]: structField({ 1: i8(bits), 2: flag(true) }) })
}

function timestamp(isUtc: boolean): TypedField {
  const micros = structField({ 2: structField({}) })
  return structField({ [LOGICAL.TIMESTAMP]: structField({ 1: flag(isUtc), 2: micros }) })
}

function decimalFields(precision: number, scale: number): Readonly<Record<number, TypedField>> | undefined {
  if (precision < 1 || precision > 38 || scale > precision) return undefined
  const physical =
    precision <= 9 ? { 1: i32(1) } : precision <= 18 ? { 1: i32(2) } : { 1: i32(7), 2: i32(bytesFor(precision)) }
  const annotation = { 1: i32(scale), 2: i32(precision) }
  return {
    ...physical,
    6: i32(5),
    7: i32(scale),
    8: i32(precision),
    10: structField({ [LOGICAL.DECIMAL]: structField(annotation) }),
  }
}

/** The smallest two's complement that holds `precision` nines. */
function bytesFor(precision: number): number {
  const largest = 10n ** BigInt(precision) - 1n
  let bytes = 1
  while (2n ** BigInt(8 * bytes - 1) - 1n < largest) bytes++
  return bytes
}

function isSparkStruct(value: unknown): value is SparkStruct {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'struct' &&
    'fields' in value &&
    Array.isArray(value.fields) &&
    value.fields.every(
      (field: unknown) =>
        typeof field === 'object' &&
        field !== null &&
        'name' in field &&
        typeof field.name === 'string' &&
        'type' in field,
    )
  )
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch {
    return undefined
  }
}
