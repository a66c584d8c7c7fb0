import type { JsonValue } from '@tidegate/core'
import type { CheckProblem } from '../expectations/definition.ts'
import { evaluateParameter, type ParameterScope } from './evaluate-parameter.ts'
import { ParameterError } from './parameter-value.ts'

type JsonMap = Readonly<Record<string, JsonValue | undefined>>

export interface ResolvedArguments {
  /** Arguments with values in the place of parameters. */
  readonly kwargs: Readonly<Record<string, JsonValue | undefined>>
  /** `missing`: only a value was not given; the expression is sound. */
  readonly problems: readonly (CheckProblem & { readonly missing: boolean })[]
}

/**
 * Puts values where arguments say `{"$PARAMETER": "name"}` or `{"$PARAMETER": "upstream_rows * 0.9"}`, however deep they
 * lie. A value beside it under `$PARAMETER.<name>` (Great Expectations 0.x) wins over what was given. Problems have the code
 * `CHECK_PARAMETER`. Pure.
 */
export function resolveParameters(
  kwargs: Readonly<Record<string, JsonValue | undefined>>,
  scope: ParameterScope,
): ResolvedArguments {
  if (!Object.values(kwargs).some(holdsParameter)) return { kwargs, problems: [] }
  const problems: (CheckProblem & { missing: boolean })[] = []
  const resolved = Object.entries(kwargs).map(([name, value]) => {
    const resolve = (item: JsonValue): JsonValue => {
      if (typeof item !== 'object' || item === null) return item
      if (Array.isArray(item)) return item.map((inner: JsonValue) => resolve(inner))
      const map = item as JsonMap
      if (Object.hasOwn(map, '$PARAMETER')) return valueOf(map)
      return fromEntries(Object.entries(map).map(([key, inner]) => [key, inner === undefined ? null : resolve(inner)]))
    }
    const valueOf = (item: JsonMap): JsonValue => {
      const expression = item['$PARAMETER']
      try {
        if (typeof expression !== 'string') throw new ParameterError('$PARAMETER must be a text')
        const beside = `$PARAMETER.${expression}`
        return Object.hasOwn(item, beside) ? (item[beside] ?? null) : evaluateParameter(expression, scope)
      } catch (error) {
        if (!(error instanceof ParameterError)) throw error
        const { message, hint, missing } = error
        problems.push({ code: 'CHECK_PARAMETER', message: `argument ${name}: ${message}`, hint, missing })
        return null
      }
    }
    return [name, value === undefined ? value : resolve(value)] as const
  })
  return { kwargs: fromEntries(resolved), problems }
}

function holdsParameter(value: JsonValue | undefined): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(holdsParameter)
  return Object.hasOwn(value, '$PARAMETER') || Object.values(value).some(holdsParameter)
}

/** As `Object.fromEntries`, with `__proto__` as a key like any other. */
function fromEntries<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  return Object.fromEntries(entries)
}
