import { assertNever, type JsonValue } from '@tidegate/core'
import { closest } from './closest.ts'
import type { CheckProblem, ExpectationDefinition, Kwargs, KwargSpec, KwargType } from '../expectations/definition.ts'
import { shortText } from '../evaluate/short-text.ts'

/** Arguments that every expectation takes. The condition is the compiler's matter; the others change no answer here. */
const COMMON: ReadonlySet<string> = new Set([
  'row_condition',
  'condition_parser',
  'result_format',
  'catch_exceptions',
  'meta',
  'severity',
  'batch_id',
  'include_config',
  // Written by the profilers of 0.18, beside the values that they found.
  'auto',
  'profiler_config',
])

/**
 * Checks arguments against the definition. All problems at once; kwargs hold every key of the definition. Suite parameters
 * must have been resolved.
 */
export function parseKwargs(
  definition: ExpectationDefinition,
  given: Readonly<Record<string, JsonValue | undefined>>,
): { readonly kwargs: Kwargs; readonly problems: readonly CheckProblem[] } {
  const problems: CheckProblem[] = []
  const kwargs: Record<string, JsonValue> = {}
  const names = Object.keys(definition.kwargs)
  for (const [name, value] of Object.entries(given)) {
    if (Object.hasOwn(definition.kwargs, name) || COMMON.has(name) || value === undefined) continue
    problems.push({
      code: 'CHECK_KWARG',
      message: `unknown argument ${JSON.stringify(name)}`,
      hint: didYouMean(name, [...names, ...CONDITION]),
    })
  }
  for (const [name, spec] of Object.entries(definition.kwargs)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    const found = argumentProblem(name, value, spec)
    if (found !== undefined) problems.push(found)
    kwargs[name] = value ?? spec.default ?? null
  }
  return { kwargs, problems }
}

const CONDITION: readonly string[] = ['row_condition', 'condition_parser']

function didYouMean(name: string, names: readonly string[]): string {
  const suggestion = closest(name, names)
  return suggestion === undefined ? `Known are ${names.join(', ')}.` : `Did you mean ${suggestion}?`
}

function argumentProblem(name: string, value: JsonValue | undefined, spec: KwargSpec): CheckProblem | undefined {
  if (value === undefined)
    return spec.required === true ? { code: 'CHECK_KWARG', message: `argument ${name} is missing` } : undefined
  // A set that is null is "no set" in GX; everything else that is required must be there.
  if (value === null)
    return spec.required === true && !LISTS.has(spec.type)
      ? { code: 'CHECK_KWARG', message: `argument ${name} is null` }
      : undefined
  // SQL cannot say it.
  if (JSON.stringify(value).includes('\\u0000'))
    return { code: 'CHECK_KWARG', message: `argument ${name} contains a NUL character` }
  const expected = mismatch(value, spec.type)
  return expected === undefined
    ? undefined
    : { code: 'CHECK_KWARG', message: `argument ${name} must be ${expected}, not ${shortText(value)}` }
}

const LISTS: ReadonlySet<KwargType> = new Set<KwargType>(['values', 'texts', 'pairs'])

/** What the value should have been, or undefined if it is right. */
function mismatch(value: JsonValue, type: KwargType): string | undefined {
  if (typeof type === 'object')
    return typeof value === 'string' && type.oneOf.includes(value) ? undefined : `one of ${type.oneOf.join(', ')}`
  switch (type) {
    case 'column':
    case 'text':
      return typeof value === 'string' ? undefined : 'a text'
    case 'columns':
    case 'texts':
      return Array.isArray(value) && value.every((item) => typeof item === 'string') ? undefined : 'a list of texts'
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false'
    case 'integer':
      return isDigits(value) || (typeof value === 'number' && Number.isInteger(value)) ? undefined : 'a whole number'
    case 'fraction':
      return typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'a number from 0 to 1'
    case 'number':
      return typeof value === 'number' || isDigits(value) ? undefined : 'a number'
    case 'bound':
      return typeof value === 'number' || typeof value === 'string' ? undefined : 'a number or a text'
    case 'pairs':
      return Array.isArray(value) &&
        value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isScalar))
        ? undefined
        : 'a list of pairs'
    case 'object':
      return typeof value === 'object' && !Array.isArray(value) ? undefined : 'a map'
    case 'any':
      return undefined
    case 'values':
      return Array.isArray(value) && value.every(isScalar) ? undefined : 'a list of numbers, texts or booleans'
    default:
      return assertNever(type)
  }
}

function isScalar(item: JsonValue): boolean {
  return item === null || typeof item !== 'object'
}

/** Integers beyond ±2^53−1, as the JSON codec writes them. */
function isDigits(value: JsonValue): boolean {
  return typeof value === 'string' && /^-?[0-9]+$/.test(value) && !Number.isSafeInteger(Number(value))
}
