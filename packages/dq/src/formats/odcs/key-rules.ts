import type { Expectation } from '@tidegate/core'
import { own, textAt } from '../format-note.ts'
import type { JsonMap } from '../../json-map.ts'

/** The primary key of a table: one column unique, or several together. That it has no NULL is in the schema. */
export function keyRules(properties: readonly JsonMap[]): readonly Expectation[] {
  const keys = properties
    .filter((property) => own(property, 'primaryKey') === true)
    .map((property, index) => ({
      column: textAt(property, 'physicalName') ?? textAt(property, 'name') ?? '',
      position: positionOf(property) ?? index + 1,
      unique: own(property, 'unique') === true,
    }))
    .sort((left, right) => left.position - right.position)
  const [only] = keys
  if (only === undefined) return []
  if (keys.length > 1)
    return [{ type: 'expect_compound_columns_to_be_unique', kwargs: { column_list: keys.map((key) => key.column) } }]
  // Said once already.
  return only.unique ? [] : [{ type: 'expect_column_values_to_be_unique', kwargs: { column: only.column } }]
}

function positionOf(property: JsonMap): number | undefined {
  const position = own(property, 'primaryKeyPosition')
  return typeof position === 'number' && position > 0 ? position : undefined
}
