import { areComparable, boundsProblem, outside, type Bounds } from '../expression/bounds.ts'
import type { CompileScope, Compiled, ExpectationDefinition, Kwargs, KwargSpec } from './definition.ts'
import { not } from '../expression/expression.ts'
import { oldArgumentProblem, PARSE_STRINGS } from './old-arguments.ts'
import { columnMissing, problem } from './problems.ts'
import { compileRows, judgeRows, MOSTLY } from './row-judgement.ts'

/** Arguments of every expectation with a lower and an upper bound. */
export function boundKwargs(type: 'bound' | 'number' | 'integer'): Readonly<Record<string, KwargSpec>> {
  return {
    min_value: { type },
    max_value: { type },
    strict_min: { type: 'boolean', default: false },
    strict_max: { type: 'boolean', default: false },
  }
}

export function boundsOf(kwargs: Kwargs): Bounds {
  return {
    // Python writes an open end as an infinity, too.
    min: kwargs['min_value'] === Number.NEGATIVE_INFINITY ? null : (kwargs['min_value'] ?? null),
    max: kwargs['max_value'] === Number.POSITIVE_INFINITY ? null : (kwargs['max_value'] ?? null),
    strictMin: kwargs['strict_min'] === true,
    strictMax: kwargs['strict_max'] === true,
  }
}

/** `between 0 and 10`, `at least 0`, `less than 10`. */
export function boundsText({ min, max, strictMin, strictMax }: Bounds): string {
  const low = `${strictMin ? 'greater than' : 'at least'} ${String(min)}`
  const high = `${strictMax ? 'less than' : 'at most'} ${String(max)}`
  if (min === null && max === null) return 'unbounded'
  if (max === null) return low
  if (min === null) return high
  return strictMin || strictMax ? `${low} and ${high}` : `between ${String(min)} and ${String(max)}`
}

export const beBetween: ExpectationDefinition = {
  type: 'expect_column_values_to_be_between',
  kind: 'column-map',
  dimension: 'validity',
  label: 'between',
  kwargs: {
    column: { type: 'column', required: true },
    ...boundKwargs('bound'),
    ...PARSE_STRINGS,
    allow_cross_type_comparisons: { type: 'boolean', default: false },
    ...MOSTLY,
  },
  compile: compileBetween,
  judge: judgeRows,
}

function compileBetween(kwargs: Kwargs, scope: CompileScope): Compiled {
  const name = String(kwargs['column'])
  const ref = scope.column(name)
  if (ref === undefined) return columnMissing(name, scope.columnNames)
  const bounds = boundsOf(kwargs)
  if ((kwargs['min_value'] ?? null) === null && (kwargs['max_value'] ?? null) === null)
    return problem('CHECK_BOUNDS', 'min_value and max_value are both missing', 'Give one of them.')
  const old = oldArgumentProblem(kwargs, ref)
  if (old !== undefined) return old
  // Asked for before 1.0: what cannot be compared is outside.
  if (kwargs['allow_cross_type_comparisons'] === true && !areComparable(ref.type, bounds))
    return compileRows(ref, not(ref.missing), `${name} ${boundsText(bounds)}`)
  const wrong = boundsProblem(ref.type, bounds, `column ${name}`)
  if (wrong !== undefined) return problem('CHECK_BOUNDS', wrong)
  return compileRows(ref, outside(ref, bounds), `${name} ${boundsText(bounds)}`)
}
