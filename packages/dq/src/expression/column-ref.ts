import type { DataType } from './data-type.ts'
import { column, compare, isNull, NAN, or, type Expression } from './expression.ts'
import type { Metric } from './metric.ts'

/**
 * A column as checks see it. NaN is missing, as it is for Great Expectations on pandas (its SQL engines treat NaN as a
 * value): it is counted with the NULLs, never judged, never aggregated, and `not_be_null` finds it.
 */
export interface ColumnRef {
  readonly name: string
  readonly type: DataType
  /** As stored: NULL, or NaN in a float column, or a value. */
  readonly raw: Expression
  /** NULL where the value is missing; a text for every text-like type (ENUM, UUID, JSON). */
  readonly value: Expression
  readonly missing: Expression
  /** Rows with a value. */
  readonly present: Metric
}

/** The column, or a column of NULLs where the contract allows the file to lack it. */
export function columnRef(name: string, type: DataType, absent = false): ColumnRef {
  const raw: Expression = absent ? { op: 'literal', value: null, type: type.text } : column(name)
  if (type.class === 'float') {
    return {
      name,
      type,
      raw,
      value: { op: 'nullif', item: raw, value: NAN },
      missing: or([isNull(raw), compare(raw, '=', NAN)]),
      // NaN sorts above infinity, so one comparison leaves out NULL and NaN.
      present: { kind: 'count', where: compare(raw, '<', NAN) },
    }
  }
  const value: Expression = type.class === 'text' && type.name !== 'VARCHAR' ? { op: 'text', item: raw } : raw
  return { name, type, raw, value, missing: isNull(raw), present: { kind: 'present', of: raw } }
}

/** The value's text, for patterns and lengths. */
export function textOf(ref: ColumnRef): Expression {
  return ref.type.class === 'text' ? ref.value : { op: 'text', item: ref.value }
}
