import { parseType, type DataType } from '../expression/data-type.ts'

/** What a written type name stands for; undefined where no engine has such a name. */
export interface NamedType {
  matches(type: DataType): boolean
}

/**
 * Reads a type name of a suite: of pandas and Python in their own spelling (`int64`, `object`), of Spark (`StringType`,
 * `DecimalType(10,2)`), of SQLAlchemy and other databases (`NVARCHAR(20)`, `DateTime`), else of DuckDB in any case (`bigint`,
 * `DECIMAL(10,2)`). Lengths of texts mean nothing here. Where a name means two things (`int` is 4 bytes in SQL and 8 in
 * Python), both match.
 */
export function namedType(written: string): NamedType | undefined {
  const name = written.trim()
  const foreign = FOREIGN.get(name) ?? FOREIGN.get(name.replace(/\(.*\)$/s, '')) ?? CASELESS.get(bare(name))
  const own = parseType(name)
  const foreignMatches = foreign === undefined ? undefined : oneOf(foreign, decimalArguments(name))
  if (own === undefined && foreignMatches === undefined) return undefined
  return { matches: (type) => isOwn(type, own, name) || foreignMatches?.(type) === true }
}

/** `DECIMAL` alone means any precision. */
function isOwn(type: DataType, own: DataType | undefined, written: string): boolean {
  if (own === undefined) return false
  return type.text === own.text || (type.name === own.name && own.class === 'decimal' && !written.includes('('))
}

function oneOf(names: readonly string[], decimal: string | undefined): (type: DataType) => boolean {
  return (type) =>
    names.some((name) => {
      if (name === 'DECIMAL' && decimal !== undefined) return type.text === decimal
      if (name === '[]' || name === 'STRUCT' || name === 'MAP') return isNested(type, name)
      return type.name === name
    })
}

function isNested(type: DataType, name: string): boolean {
  if (type.class !== 'nested') return false
  const isList = type.text.endsWith(']')
  return name === '[]' ? isList : !isList && type.text.startsWith(name)
}

/** `DECIMAL(10,2)` of `DecimalType(10, 2)`. */
function decimalArguments(written: string): string | undefined {
  const match = /\(\s*([0-9]+)\s*(?:,\s*([0-9]+)\s*)?\)$/.exec(written)
  return match === null ? undefined : `DECIMAL(${match[1]},${match[2] ?? '0'})`
}

function bare(name: string): string {
  return name
    .replace(/\(.*\)$/s, '')
    .trim()
    .toUpperCase()
}

const TIMESTAMPS = ['TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS'] as const
const TEXTS = ['VARCHAR', 'ENUM', 'UUID', 'JSON'] as const

/** Names whose case matters: Python, pandas, numpy and Spark. */
const FOREIGN: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  // Python
  ['int', ['INTEGER', 'BIGINT']],
  ['float', ['FLOAT', 'DOUBLE']],
  ['str', TEXTS],
  ['bytes', ['BLOB']],
  ['list', ['[]']],
  ['dict', ['STRUCT', 'MAP']],
  ['datetime', [...TIMESTAMPS, 'TIMESTAMPTZ']],
  ['datetime.datetime', [...TIMESTAMPS, 'TIMESTAMPTZ']],
  ['datetime.date', ['DATE']],
  ['timedelta', ['INTERVAL']],
  ['Decimal', ['DECIMAL']],
  // numpy and pandas
  ['object', [...TEXTS, 'DECIMAL', 'DATE', 'TIME', 'BLOB', '[]', 'STRUCT', 'MAP']],
  ['object_', [...TEXTS, 'DECIMAL', 'DATE', 'TIME', 'BLOB', '[]', 'STRUCT', 'MAP']],
  ['str_', TEXTS],
  ['string', TEXTS],
  ['string_', TEXTS],
  ['unicode', TEXTS],
  ['category', ['ENUM']],
  ['int_', ['BIGINT']],
  ['float_', ['DOUBLE']],
  ['bool_', ['BOOLEAN']],
  ['bool', ['BOOLEAN']],
  ['boolean', ['BOOLEAN']],
  ['Int8', ['TINYINT']],
  ['Int16', ['SMALLINT']],
  ['Int32', ['INTEGER']],
  ['Int64', ['BIGINT']],
  ['UInt8', ['UTINYINT']],
  ['UInt16', ['USMALLINT']],
  ['UInt32', ['UINTEGER']],
  ['UInt64', ['UBIGINT']],
  ['Float32', ['FLOAT']],
  ['Float64', ['DOUBLE']],
  ['datetime64', TIMESTAMPS],
  ['datetime64[ns]', TIMESTAMPS],
  ['datetime64[us]', TIMESTAMPS],
  ['datetime64[ms]', TIMESTAMPS],
  ['datetime64[s]', TIMESTAMPS],
  ['datetime64[ns, UTC]', ['TIMESTAMPTZ']],
  ['datetime64[us, UTC]', ['TIMESTAMPTZ']],
  ['Timestamp', [...TIMESTAMPS, 'TIMESTAMPTZ']],
  ['DatetimeTZDtype', ['TIMESTAMPTZ']],
  ['timedelta64', ['INTERVAL']],
  ['timedelta64[ns]', ['INTERVAL']],
  // Spark
  ['ByteType', ['TINYINT']],
  ['ShortType', ['SMALLINT']],
  ['IntegerType', ['INTEGER']],
  ['LongType', ['BIGINT']],
  ['FloatType', ['FLOAT']],
  ['DoubleType', ['DOUBLE']],
  ['DecimalType', ['DECIMAL']],
  ['StringType', TEXTS],
  ['VarcharType', TEXTS],
  ['CharType', TEXTS],
  ['BooleanType', ['BOOLEAN']],
  ['DateType', ['DATE']],
  ['TimestampType', [...TIMESTAMPS, 'TIMESTAMPTZ']],
  ['TimestampNTZType', TIMESTAMPS],
  ['BinaryType', ['BLOB']],
  ['ArrayType', ['[]']],
  ['StructType', ['STRUCT']],
  ['MapType', ['MAP']],
])

/** Names of SQLAlchemy and of databases that DuckDB does not know, in upper case, without arguments. */
const CASELESS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['NVARCHAR', TEXTS],
  ['NCHAR', TEXTS],
  ['NTEXT', TEXTS],
  ['CLOB', TEXTS],
  ['TINYTEXT', TEXTS],
  ['MEDIUMTEXT', TEXTS],
  ['LONGTEXT', TEXTS],
  ['CHARACTER', TEXTS],
  ['CHARACTER VARYING', TEXTS],
  ['VARCHAR2', TEXTS],
  ['UNICODE', TEXTS],
  ['UNICODETEXT', TEXTS],
  ['BIGINTEGER', ['BIGINT']],
  ['SMALLINTEGER', ['SMALLINT']],
  ['MEDIUMINT', ['INTEGER']],
  ['DOUBLE_PRECISION', ['DOUBLE']],
  ['NUMBER', ['DECIMAL']],
  ['TIMESTAMP_LTZ', ['TIMESTAMPTZ']],
  ['TIMESTAMP_TZ', ['TIMESTAMPTZ']],
  ['DATETIME2', TIMESTAMPS],
  ['DATETIMEOFFSET', ['TIMESTAMPTZ']],
  ['LARGEBINARY', ['BLOB']],
])
