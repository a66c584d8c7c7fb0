import { isAssignable } from '../expression/data-type.ts'

/** How a column's type changed: `narrowed` if every value of the new type fits the old one, `widened` the other way round. */
export type TypeChange = 'same' | 'widened' | 'narrowed' | 'type-changed'

export function typeChange(before: string, after: string): TypeChange {
  if (before === after) return 'same'
  const fits = isAssignable(after, before)
  const holds = isAssignable(before, after)
  if (fits && holds) return 'same'
  return fits ? 'narrowed' : holds ? 'widened' : 'type-changed'
}
