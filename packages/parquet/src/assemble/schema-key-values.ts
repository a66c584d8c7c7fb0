import { setField } from '../thrift/patch-thrift.ts'
import { isStruct, text, textIn, type TypedValue } from '../thrift/thrift-value.ts'

/** Entries that describe the schema; others speak of the sibling's rows. */
const SCHEMA_KEYS = new Set(['ARROW:schema', 'org.apache.spark.sql.parquet.row.metadata', 'org.apache.spark.version'])

/** The key-value metadata of another file, as far as it holds for a file of the same table. */
export function keyValuesOfSchema(entries: readonly TypedValue[]): readonly TypedValue[] {
  return entries.flatMap((entry) => {
    if (!isStruct(entry)) return []
    const key = textIn(entry, 1) ?? ''
    if (SCHEMA_KEYS.has(key)) return [entry]
    if (key !== 'geo') return []
    const geo = withoutExtents(textIn(entry, 2) ?? '')
    return geo === undefined ? [] : [setField(entry, 2, text(geo))]
  })
}

/** GeoParquet says which columns are geometries and how they are stored, but also where the sibling's rows lie. */
function withoutExtents(json: string): string | undefined {
  let geo: unknown
  try {
    geo = JSON.parse(json)
  } catch {
    return undefined
  }
  if (typeof geo !== 'object' || geo === null || !('columns' in geo)) return undefined
  const { columns } = geo
  if (typeof columns !== 'object' || columns === null) return undefined
  const kept = Object.entries(columns).map(([name, column]: [string, unknown]) => {
    if (typeof column !== 'object' || column === null) return [name, column] as const
    const { bbox: _, ...rest } = column as Readonly<Record<string, unknown>>
    // An empty list: which kinds there are is not known.
    return [name, { ...rest, geometry_types: [] }] as const
  })
  return JSON.stringify({ ...geo, columns: Object.fromEntries(kept) })
}
