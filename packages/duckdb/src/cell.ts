import {
  DuckDBArrayValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import type { Cell } from '@tidegate/core'

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/** A DuckDB value in the shape that core's `Cell` promises. */
export function toCell(value: DuckDBValue): Cell {
  switch (typeof value) {
    case 'bigint':
      return value <= MAX_SAFE && value >= -MAX_SAFE ? Number(value) : value
    case 'boolean':
    case 'number':
    case 'string':
      return value
    default:
      return objectToCell(value)
  }
}

function objectToCell(value: Exclude<DuckDBValue, string | number | bigint | boolean>): Cell {
  if (value === null) return null
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)
    return value.items.map((item) => toCell(item))
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([name, item]) => [name, toCell(item)]))
  }
  if (value instanceof DuckDBMapValue) {
    return value.entries.map((entry) => ({ key: toCell(entry.key), value: toCell(entry.value) }))
  }
  if (value instanceof DuckDBUnionValue) return { tag: value.tag, value: toCell(value.value) }
  // Its own toString uses the zone of the process; sessions are in UTC.
  if (value instanceof DuckDBTimestampTZValue) return `${new DuckDBTimestampValue(value.micros).toString()}+00`
  return String(value)
}
