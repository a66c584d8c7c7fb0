import { parseType } from '../expression/data-type.ts'

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
  const parsed = parseType(type)
  if (parsed === undefined) return 'other'
  if (parsed.name === 'UUID') return 'uuid'
  if (parsed.name === 'JSON' || parsed.name === 'VARIANT') return 'nested'
  switch (parsed.class) {
    case 'integer':
    case 'decimal':
    case 'float':
    case 'text':
    case 'boolean':
    case 'date':
    case 'timestamp':
    case 'nested':
      return parsed.class
    default:
      return 'other'
  }
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
