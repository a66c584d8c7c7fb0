import type { ColumnRef } from '../expression/column-ref.ts'
import type { Expression } from '../expression/expression.ts'

export function isNumeric({ type }: ColumnRef): boolean {
  return type.class === 'integer' || type.class === 'decimal' || type.class === 'float'
}

/** The value as a DOUBLE, for what is defined by floats: deviations, interpolated quantiles. */
export function asDouble(ref: ColumnRef): Expression {
  return ref.type.name === 'DOUBLE' ? ref.value : { op: 'cast', item: ref.value, type: 'DOUBLE' }
}

/** {@link asDouble} without infinities, which no engine takes a deviation of. */
export function finiteDouble(ref: ColumnRef): Expression {
  if (ref.type.class !== 'float') return asDouble(ref)
  const withoutTop: Expression = { op: 'nullif', item: asDouble(ref), value: { op: 'literal', value: Infinity } }
  return { op: 'nullif', item: withoutTop, value: { op: 'literal', value: -Infinity } }
}

/** True for an infinite value; NULL where the value is missing. */
export function isInfinite(ref: ColumnRef): Expression {
  return {
    op: 'in',
    item: asDouble(ref),
    values: [
      { op: 'literal', value: Infinity },
      { op: 'literal', value: -Infinity },
    ],
  }
}
