import type { Cell } from '@tidegate/core'
import type { DataType } from '../expression/data-type.ts'
import type { Expression } from '../expression/expression.ts'
import type { KnownFile } from './known-files.ts'
import { cellOf, comparePoints } from './point.ts'

/** The column whose values an aggregate is over: the column itself, or a float column with NaN left out. */
export function aggregatedColumn(of: Expression): { readonly name: string; readonly withoutNaN: boolean } | undefined {
  if (of.op === 'column') return { name: of.name, withoutNaN: false }
  const isNaNLeftOut = of.op === 'nullif' && of.value.op === 'literal' && Number.isNaN(of.value.value)
  return isNaNLeftOut && of.item.op === 'column' ? { name: of.item.name, withoutNaN: true } : undefined
}

/**
 * The smallest or largest value of a column in a file: NULL where all are NULL. Undefined unless every row group with
 * values tells both of its ends.
 */
export function proveExtreme(
  which: 'min' | 'max',
  column: { readonly name: string; readonly withoutNaN: boolean },
  file: KnownFile,
  type: DataType,
): Cell | undefined {
  if (type.class === 'float' && !column.withoutNaN) return undefined
  const facts = file.column(column.name)?.whole
  if (facts === undefined) return undefined
  if (facts.nulls === facts.rows) return null
  if (facts.range === undefined) return undefined
  return cellOf(which === 'min' ? facts.range.lowText : facts.range.highText, type)
}

/** 1 where all values of a file are the same one, 0 where there is none; undefined where that is not certain. */
export function proveDistinct(
  column: { readonly name: string; readonly withoutNaN: boolean },
  file: KnownFile,
): number | undefined {
  const facts = file.column(column.name)?.whole
  if (facts === undefined) return undefined
  if (facts.nulls === facts.rows) return 0
  if (facts.range === undefined || (facts.mayHoldNaN && !column.withoutNaN)) return undefined
  return comparePoints(facts.range.low, facts.range.high) === 0 ? 1 : undefined
}
