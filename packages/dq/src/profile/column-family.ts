/** What can be said about a column follows from its family, not from its exact type. */
export type ColumnFamily =
  | 'integer'
  | 'decimal'
  | 'float'
  | 'text'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'uuid'
  | 'nested'
  | 'other'

/** The family of an engine's type name, e.g. `DECIMAL(18,2)` → `decimal`. Unknown types are `other`. */
export function columnFamily(type: string): ColumnFamily {
  const name = type.trim().toUpperCase()
  if (/\[\d*\]$/.test(name) || /^(STRUCT|MAP|LIST|ARRAY|UNION|VARIANT)\b/.test(name)) return 'nested'
  const word = /^[A-Z0-9_]+/.exec(name)?.[0] ?? ''
  return FAMILIES[word] ?? 'other'
}

/** True where values have an order that a range can be drawn on. */
export function isRanged(family: ColumnFamily): boolean {
  return isNumeric(family) || isTemporal(family)
}

export function isNumeric(family: ColumnFamily): boolean {
  return family === 'integer' || family === 'decimal' || family === 'float'
}

export function isTemporal(family: ColumnFamily): boolean {
  return family === 'date' || family === 'timestamp'
}

const FAMILIES: Readonly<Record<string, ColumnFamily | undefined>> = {
  TINYINT: 'integer',
  SMALLINT: 'integer',
  INTEGER: 'integer',
  INT: 'integer',
  BIGINT: 'integer',
  HUGEINT: 'integer',
  UTINYINT: 'integer',
  USMALLINT: 'integer',
  UINTEGER: 'integer',
  UBIGINT: 'integer',
  UHUGEINT: 'integer',
  BIGNUM: 'integer',
  DECIMAL: 'decimal',
  NUMERIC: 'decimal',
  FLOAT: 'float',
  REAL: 'float',
  DOUBLE: 'float',
  VARCHAR: 'text',
  TEXT: 'text',
  STRING: 'text',
  CHAR: 'text',
  ENUM: 'text',
  BOOLEAN: 'boolean',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  TIMESTAMPTZ: 'timestamp',
  TIMESTAMP_S: 'timestamp',
  TIMESTAMP_MS: 'timestamp',
  TIMESTAMP_NS: 'timestamp',
  TIMESTAMP_NTZ: 'timestamp',
  TIMESTAMP_LTZ: 'timestamp',
  DATETIME: 'timestamp',
  UUID: 'uuid',
}
