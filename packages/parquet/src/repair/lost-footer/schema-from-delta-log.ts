import { leafMeanings, type LeafMeaning } from '../../assemble/leaf-meaning.ts'
import { schemaFromDelta, type SchemaSource } from '../../assemble/schema-sources.ts'
import type { ValueRange } from '../../assemble/value-ranges.ts'
import { readDeltaLog } from './read-delta-log.ts'

export type TableSchema =
  | { readonly kind: 'schema'; readonly schema: SchemaSource; readonly sizeBytes: number | undefined }
  | { readonly kind: 'refused'; readonly because: string }

/** The schema of a Delta table; with `filePath` also what its log says of that file: rows, size, smallest and largest values. */
export async function schemaFromDeltaLog(table: string, filePath?: string): Promise<TableSchema> {
  const outcome = await readDeltaLog(table, filePath)
  if (outcome.kind === 'refused') return outcome
  const { schemaString, partitionColumns, file } = outcome.facts
  const schema = schemaFromDelta(schemaString, { rows: file?.rows, partitionColumns })
  if (schema === undefined)
    return { kind: 'refused', because: 'its schema has types that no Parquet column is known for' }
  if (file === undefined) return { kind: 'schema', schema, sizeBytes: undefined }
  const meanings = leafMeanings(schema.elements)
  const ranges = schema.leaves.map(({ path }, index): ValueRange | undefined => {
    const meaning = meanings[index]
    if (meaning === undefined) return undefined
    const [min, max] = [
      storedNumber(valueAt(file.minValues, path), meaning),
      storedNumber(valueAt(file.maxValues, path), meaning),
    ]
    return min === undefined || max === undefined || min > max ? undefined : { min, max }
  })
  return { kind: 'schema', schema: { ...schema, ranges }, sizeBytes: file.sizeBytes }
}

function valueAt(values: unknown, path: readonly string[]): unknown {
  let value = values
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return value
}

/** A log has dates and timestamps as text, and decimals as decimal numbers. */
function storedNumber(value: unknown, meaning: LeafMeaning): number | undefined {
  switch (meaning.kind) {
    case 'date':
      return typeof value === 'string' ? checked(Date.parse(`${value.slice(0, 10)}T00:00:00Z`) / 86_400_000) : undefined
    case 'timestamp':
      return typeof value === 'string' ? checked((Date.parse(withZone(value)) / 1000) * meaning.perSecond) : undefined
    case 'decimal':
      return typeof value === 'number' ? checked(value * 10 ** meaning.scale) : undefined
    case 'integer':
    case 'float':
      return typeof value === 'number' ? checked(value) : undefined
    case 'time':
    case 'other':
      return undefined
  }
}

/** A timestamp without zone has none in the log either. */
function withZone(value: string): string {
  return /(?:Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`
}

function checked(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}
