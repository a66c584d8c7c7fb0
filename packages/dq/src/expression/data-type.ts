/** What kind of values a type holds, as far as checks care. */
export type TypeClass =
  | 'integer'
  | 'decimal'
  | 'float'
  | 'text'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'time'
  | 'binary'
  | 'nested'
  | 'other'

export interface DataType {
  /** Canonical spelling, e.g. `BIGINT`, `DECIMAL(18,2)`, `STRUCT(a INTEGER)[]`. */
  readonly text: string
  /** Canonical name without arguments, e.g. `DECIMAL`. */
  readonly name: string
  readonly class: TypeClass
  /** Decimals only: all digits, and digits after the point. */
  readonly precision: number
  readonly scale: number
}

/** Reads an engine's type name, whatever its case and spelling (`int8`, `TIMESTAMP WITH TIME ZONE`). Undefined: not a type. */
export function parseType(text: string): DataType | undefined {
  const normal = normalSpelling(text)
  if (normal === undefined || normal === '') return undefined
  if (normal.endsWith(']') || /^(STRUCT|MAP|LIST|UNION|ARRAY|ROW)\s*[(<]/.test(normal))
    return plain(normal, normal, 'nested')
  if (/^ENUM\s*\(/.test(normal)) return plain(normal, 'ENUM', 'text')
  const match = /^("?[A-Z][A-Z0-9_ ]*"??)\s*(?:\(\s*([0-9]+)\s*(?:,\s*([0-9]+)\s*)?\))?$/.exec(normal)
  if (match === null) return normal === '"NULL"' ? plain('"NULL"', '"NULL"', 'other') : undefined
  const [, word = '', first, second] = match
  const name = ALIASES[word.trim()] ?? word.trim()
  if (name === 'DECIMAL') return decimalType(first, second)
  const kind = CLASSES[name]
  return kind === undefined ? undefined : plain(name, name, kind)
}

export const BIGINT_TYPE: DataType = plain('BIGINT', 'BIGINT', 'integer')
export const DOUBLE_TYPE: DataType = plain('DOUBLE', 'DOUBLE', 'float')

/** Smallest and largest value of an integer type. */
export function integerRange(name: string): readonly [bigint, bigint] | undefined {
  const bits = INTEGER_BITS[name]
  if (bits === undefined) return undefined
  return bits > 0 ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n] : [0n, 2n ** BigInt(-bits) - 1n]
}

/**
 * Whether values of type `actual` may stand where the contract declares `declared`: equal, or wider without loss.
 * Integers of any size are accepted as DOUBLE, because a column of whole numbers is one NULL away from being written as
 * floats. Nested types must be equal. An unknown type is assignable only to itself.
 */
export function isAssignable(actual: string, declared: string): boolean {
  const from = parseType(actual)
  const to = parseType(declared)
  if (from === undefined || to === undefined) return actual === declared
  if (from.text === to.text || from.name === '"NULL"') return true
  if (from.class === 'integer') return integerFits(from, to)
  if (from.class === 'decimal')
    return to.class === 'decimal' && to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale
  return WIDENINGS[from.name]?.includes(to.name) ?? false
}

function integerFits(from: DataType, to: DataType): boolean {
  if (to.name === 'DOUBLE') return true
  const range = integerRange(from.name)
  if (range === undefined) return false
  if (to.name === 'FLOAT') return range[1] <= 2n ** 24n
  if (to.class === 'decimal') return String(range[1]).length <= to.precision - to.scale
  const target = integerRange(to.name)
  return target !== undefined && target[0] <= range[0] && range[1] <= target[1]
}

function decimalType(first: string | undefined, second: string | undefined): DataType | undefined {
  const precision = first === undefined ? 18 : Number(first)
  const scale = second === undefined ? (first === undefined ? 3 : 0) : Number(second)
  if (precision < 1 || precision > 38 || scale > precision) return undefined
  return { text: `DECIMAL(${precision},${scale})`, name: 'DECIMAL', class: 'decimal', precision, scale }
}

function plain(text: string, name: string, kind: TypeClass): DataType {
  return { text, name, class: kind, precision: 0, scale: 0 }
}

/** Upper case and single spaces outside quotes; undefined where quotes or brackets do not close, or SQL could hide. */
function normalSpelling(text: string): string | undefined {
  const parts = text.trim().match(/"(?:[^"]|"")*"|'(?:[^']|'')*'|[^"']+|["']/g) ?? []
  let normal = ''
  for (const part of parts) {
    if (part === '"' || part === "'") return undefined
    const quoted = part.startsWith('"') || part.startsWith("'")
    if (!quoted && !/^[A-Za-z0-9_ \s()[\],<>:-]*$/.test(part)) return undefined
    if (!quoted && part.includes('--')) return undefined
    normal += quoted
      ? part
      : part
          .toUpperCase()
          .replaceAll(/\s+/g, ' ')
          .replaceAll(/\s*([(),[\]])\s*/g, '$1')
  }
  return bracketsClose(normal) ? normal : undefined
}

function bracketsClose(text: string): boolean {
  const open: string[] = []
  for (const [part] of text.matchAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'|[()[\]]/g)) {
    if (part === '(' || part === '[') open.push(part)
    else if (part === ')' && open.pop() !== '(') return false
    else if (part === ']' && open.pop() !== '[') return false
  }
  return open.length === 0
}

/** Bits of each integer type; negative: unsigned. */
const INTEGER_BITS: Readonly<Record<string, number>> = {
  TINYINT: 8,
  SMALLINT: 16,
  INTEGER: 32,
  BIGINT: 64,
  HUGEINT: 128,
  UTINYINT: -8,
  USMALLINT: -16,
  UINTEGER: -32,
  UBIGINT: -64,
  UHUGEINT: -128,
}

const CLASSES: Readonly<Record<string, TypeClass>> = {
  ...Object.fromEntries(Object.keys(INTEGER_BITS).map((name) => [name, 'integer' as const])),
  FLOAT: 'float',
  DOUBLE: 'float',
  VARCHAR: 'text',
  UUID: 'text',
  JSON: 'text',
  BOOLEAN: 'boolean',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_S: 'timestamp',
  TIMESTAMP_MS: 'timestamp',
  TIMESTAMP_NS: 'timestamp',
  TIMESTAMPTZ: 'timestamp',
  TIME: 'time',
  TIMETZ: 'other',
  TIME_NS: 'time',
  INTERVAL: 'other',
  BIT: 'other',
  BIGNUM: 'other',
  BLOB: 'binary',
  GEOMETRY: 'other',
  VARIANT: 'other',
  '"NULL"': 'other',
}

const ALIASES: Readonly<Record<string, string>> = {
  INT: 'INTEGER',
  INT4: 'INTEGER',
  INT32: 'INTEGER',
  SIGNED: 'INTEGER',
  INT8: 'BIGINT',
  INT64: 'BIGINT',
  LONG: 'BIGINT',
  INT2: 'SMALLINT',
  INT16: 'SMALLINT',
  SHORT: 'SMALLINT',
  INT1: 'TINYINT',
  INT128: 'HUGEINT',
  UINT8: 'UTINYINT',
  UINT16: 'USMALLINT',
  UINT32: 'UINTEGER',
  UINT64: 'UBIGINT',
  UINT128: 'UHUGEINT',
  REAL: 'FLOAT',
  FLOAT4: 'FLOAT',
  FLOAT32: 'FLOAT',
  FLOAT8: 'DOUBLE',
  FLOAT64: 'DOUBLE',
  'DOUBLE PRECISION': 'DOUBLE',
  NUMERIC: 'DECIMAL',
  DEC: 'DECIMAL',
  STRING: 'VARCHAR',
  TEXT: 'VARCHAR',
  CHAR: 'VARCHAR',
  BPCHAR: 'VARCHAR',
  STR: 'VARCHAR',
  BOOL: 'BOOLEAN',
  LOGICAL: 'BOOLEAN',
  DATETIME: 'TIMESTAMP',
  TIMESTAMP_US: 'TIMESTAMP',
  TIMESTAMP_NTZ: 'TIMESTAMP',
  'TIMESTAMP WITHOUT TIME ZONE': 'TIMESTAMP',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMPTZ',
  'TIME WITHOUT TIME ZONE': 'TIME',
  'TIME WITH TIME ZONE': 'TIMETZ',
  BYTEA: 'BLOB',
  BINARY: 'BLOB',
  VARBINARY: 'BLOB',
  BITSTRING: 'BIT',
  NULL: '"NULL"',
}

/** Not TIMESTAMP → TIMESTAMP_NS: nanoseconds end in the year 2262. */
const WIDENINGS: Readonly<Record<string, readonly string[]>> = {
  FLOAT: ['DOUBLE'],
  DATE: ['TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS'],
  TIMESTAMP_S: ['TIMESTAMP_MS', 'TIMESTAMP'],
  TIMESTAMP_MS: ['TIMESTAMP'],
  TIME: ['TIME_NS'],
  ENUM: ['VARCHAR'],
  UUID: ['VARCHAR'],
  JSON: ['VARCHAR'],
}
