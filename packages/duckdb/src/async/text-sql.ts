import { quoteLiteral } from '../dialect.ts'
import type { EngineType } from './engine-type.ts'

/** SQL that makes one text of a value, which the decoder of its type reads: scalars as they are, nested ones as JSON of texts. */
export function textSql(type: EngineType, value: string): string {
  return isNested(type) ? `CAST(to_json(${partsSql(type, value, 0)}) AS VARCHAR)` : partsSql(type, value, 0)
}

export function isNested({ kind }: EngineType): boolean {
  return kind === 'list' || kind === 'struct' || kind === 'map'
}

function partsSql(type: EngineType, value: string, depth: number): string {
  const item = `x${depth}`
  switch (type.kind) {
    case 'list':
      return `list_transform(${value}, lambda ${item}: ${partsSql(type.item, item, depth + 1)})`
    case 'struct': {
      const fields = type.fields.map(
        ({ name, type: own }, index) =>
          `'f${index}': ${partsSql(own, `struct_extract(${value}, ${quoteLiteral(name)})`, depth + 1)}`,
      )
      return `CASE WHEN ${value} IS NULL THEN NULL ELSE {${fields.join(', ')}} END`
    }
    case 'map': {
      const [key, own] = [
        partsSql(type.key, `${item}.key`, depth + 1),
        partsSql(type.value, `${item}.value`, depth + 1),
      ]
      return `list_transform(map_entries(${value}), lambda ${item}: {'k': ${key}, 'v': ${own}})`
    }
    case 'timestamptz':
      // Its text would be in the zone of the database's settings.
      return `CASE WHEN isfinite(${value}) THEN CAST(make_timestamp(epoch_us(${value})) AS VARCHAR) || '+00' ELSE CAST(${value} AS VARCHAR) END`
    case 'blob':
      return `hex(${value})`
    default:
      return `CAST(${value} AS VARCHAR)`
  }
}
