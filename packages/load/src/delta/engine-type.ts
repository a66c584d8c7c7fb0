/** DuckDB's type names ↔ Delta's types. */
import { decimalOf, isPrimitive, type DeltaField, type DeltaType } from './delta-type.ts'

/** Of types that mean the same, the first is how a Delta type is said in the engine. */
const PRIMITIVES: readonly (readonly [engine: string, delta: string])[] = [
  ['VARCHAR', 'string'],
  ['BIGINT', 'long'],
  ['INTEGER', 'integer'],
  ['SMALLINT', 'short'],
  ['TINYINT', 'byte'],
  ['FLOAT', 'float'],
  ['DOUBLE', 'double'],
  ['BOOLEAN', 'boolean'],
  ['BLOB', 'binary'],
  ['DATE', 'date'],
  ['TIMESTAMP WITH TIME ZONE', 'timestamp'],
  ['TIMESTAMP', 'timestamp_ntz'],
  // Delta has no unsigned types; the next wider one holds every value.
  ['UTINYINT', 'short'],
  ['USMALLINT', 'integer'],
  ['UINTEGER', 'long'],
  ['UBIGINT', 'decimal(20,0)'],
  // 39 digits do not fit; such a value fails the write.
  ['HUGEINT', 'decimal(38,0)'],
  ['UHUGEINT', 'decimal(38,0)'],
  ['TIMESTAMPTZ', 'timestamp'],
  ['TIMESTAMP_S', 'timestamp_ntz'],
  ['TIMESTAMP_MS', 'timestamp_ntz'],
  // Their text is their value.
  ['UUID', 'string'],
  ['JSON', 'string'],
]

const TO_DELTA: ReadonlyMap<string, string> = new Map(PRIMITIVES)
const TO_ENGINE: ReadonlyMap<string, string> = new Map(
  PRIMITIVES.map(([engine, delta]) => [delta, engine] as const).toReversed(),
)

/**
 * The Delta type that holds every value of an engine type, or undefined where there is none: TIME, INTERVAL, BIT, UNION,
 * TIMESTAMP_NS (Delta counts microseconds), `NULL`. All parts are nullable.
 *
 * @param text as in `ColumnSchema.type`
 */
export function toDeltaType(text: string): DeltaType | undefined {
  const reader = { text, at: 0 }
  const type = readType(reader)
  return type !== undefined && skipBlanks(reader) === text.length ? type : undefined
}

/** How the engine says a Delta type, or undefined for one that it cannot hold. Nested nullability is lost. */
export function toEngineType(type: DeltaType): string | undefined {
  if (isPrimitive(type)) {
    const decimal = decimalOf(type)
    return decimal === undefined ? TO_ENGINE.get(type) : `DECIMAL(${decimal.precision},${decimal.scale})`
  }
  if (typeof type === 'string') return undefined
  switch (type.type) {
    case 'struct': {
      const fields = type.fields.map((field) => ({ name: quote(field.name), type: toEngineType(field.type) }))
      if (fields.length === 0 || fields.some((field) => field.type === undefined)) return undefined
      return `STRUCT(${fields.map((field) => `${field.name} ${field.type}`).join(', ')})`
    }
    case 'array': {
      const element = toEngineType(type.elementType)
      return element === undefined ? undefined : `${element}[]`
    }
    case 'map': {
      const [key, value] = [toEngineType(type.keyType), toEngineType(type.valueType)]
      return key === undefined || value === undefined ? undefined : `MAP(${key}, ${value})`
    }
    default:
      return undefined
  }
}

interface Reader {
  readonly text: string
  at: number
}

function readType(reader: Reader): DeltaType | undefined {
  let type = readInner(reader)
  for (;;) {
    const suffix = take(reader, /\[\d*\]/y)
    if (suffix === undefined || type === undefined) return type
    type = { type: 'array', elementType: type, containsNull: true }
  }
}

function readInner(reader: Reader): DeltaType | undefined {
  // No word of it is followed by a bracket except those with arguments.
  const word = take(reader, /[A-Z_][A-Z0-9_]*(?: WITH TIME ZONE)?/iy)?.toUpperCase()
  switch (word) {
    case undefined:
      return undefined
    case 'STRUCT':
      return readStruct(reader)
    case 'MAP':
      return readMap(reader)
    case 'DECIMAL': {
      const args = /\((\d+),\s*(\d+)\)/y
      const text = take(reader, args)
      return text === undefined ? undefined : `decimal${text.replaceAll(' ', '')}`
    }
    case 'ENUM':
      // Labels may hold anything, also brackets and quotes (doubled).
      return take(reader, /\((?:'(?:[^']|'')*'(?:,\s*)?)*\)/y) === undefined ? undefined : 'string'
    default:
      return TO_DELTA.get(word)
  }
}

function readStruct(reader: Reader): DeltaType | undefined {
  const fields: DeltaField[] = []
  if (take(reader, /\(/y) === undefined) return undefined
  do {
    const name = readName(reader)
    const type = name === undefined ? undefined : readType(reader)
    if (name === undefined || type === undefined) return undefined
    fields.push({ name, type, nullable: true, metadata: {} })
  } while (take(reader, /,/y) !== undefined)
  return take(reader, /\)/y) === undefined ? undefined : { type: 'struct', fields }
}

function readMap(reader: Reader): DeltaType | undefined {
  if (take(reader, /\(/y) === undefined) return undefined
  const keyType = readType(reader)
  if (keyType === undefined || take(reader, /,/y) === undefined) return undefined
  const valueType = readType(reader)
  if (valueType === undefined || take(reader, /\)/y) === undefined) return undefined
  return { type: 'map', keyType, valueType, valueContainsNull: true }
}

function readName(reader: Reader): string | undefined {
  const quoted = take(reader, /"(?:[^"]|"")*"/y)
  if (quoted !== undefined) return quoted.slice(1, -1).replaceAll('""', '"')
  return take(reader, /[^\s,()"]+/y)
}

function take(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = skipBlanks(reader)
  const match = pattern.exec(reader.text)
  if (match === null) return undefined
  reader.at = pattern.lastIndex
  return match[0]
}

function skipBlanks(reader: Reader): number {
  while (reader.text[reader.at] === ' ') reader.at += 1
  return reader.at
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
