import type { JsonValue, UnexpectedLimit } from '@tidegate/core'
import { closest } from '../../compile/closest.ts'
import { findExpectation } from '../../expectations/registry.ts'
import { own, textAt, without } from '../format-note.ts'
import { isList, isMap, type JsonMap } from '../../json-map.ts'

/** Something that an expectation says beside its type and arguments and that would have no effect. */
export interface ItemProblem {
  /** E.g. `expectations[2].severty`. */
  readonly path: string
  readonly message: string
  readonly hint: string | undefined
}

/**
 * What of the expectations of a suite would be ignored: keys that neither Great Expectations nor we know, severities and
 * limits that are none. Those that `writeGxSuite` kept in the suite's meta are looked at, too. Pure.
 */
export function suiteItemProblems(suite: JsonMap): readonly ItemProblem[] {
  const meta = own(suite, 'meta')
  const ours = isMap(meta) ? own(meta, 'tidegate') : undefined
  const kept = isMap(ours) ? own(ours, 'expectations') : undefined
  return [
    ...listProblems(own(suite, 'expectations'), 'expectations'),
    ...listProblems(withoutPlaces(kept), 'meta.tidegate.expectations'),
  ]
}

/** `at` is where it stood in the contract. */
function withoutPlaces(list: JsonValue | undefined): JsonValue | undefined {
  return isList(list) ? list.map((item) => (isMap(item) ? (without(item, 'at') as JsonValue) : item)) : undefined
}

function listProblems(list: JsonValue | undefined, path: string): readonly ItemProblem[] {
  if (!isList(list)) return []
  return list.flatMap((item, index) =>
    isMap(item) ? [...unknownKeys(item, `${path}[${index}]`), ...valueProblems(item, `${path}[${index}]`)] : [],
  )
}

/** The keys of an expectation that nobody knows, with what was probably meant. */
export function unknownKeys(item: JsonMap, path: string): readonly ItemProblem[] {
  const type = textAt(item, 'type') ?? textAt(item, 'expectation_type') ?? ''
  return Object.entries(item)
    .filter(([key, value]) => !KNOWN.has(key) && value !== null && value !== undefined)
    .map(([key]) => {
      const meant = meantBy(key, type)
      return {
        path: /^\w{1,80}$/.test(key) ? `${path}.${key}` : path,
        message: `an expectation has no key ${JSON.stringify(key.slice(0, 80))}`,
        hint: meant === undefined ? 'Remove it, or put it under meta.' : `Did you mean ${meant}?`,
      }
    })
}

/** Keys with a meaning, and those that versions of Great Expectations write. */
const KNOWN: ReadonlySet<string> = new Set(
  (
    'type expectation_type kwargs meta severity fail warn id ge_cloud_id notes description rendered_content ' +
    'expectation_context success_on_last_run windows catch_exceptions'
  ).split(' '),
)
const NAMES: readonly string[] = ['type', 'kwargs', 'meta', 'severity', 'fail', 'warn', 'id', 'notes', 'description']
const CONDITIONS: ReadonlySet<string> = new Set(['condition', 'where', 'filter'])
const COMMON: readonly string[] = ['column', 'mostly', 'row_condition', 'condition_parser', 'result_format']

function meantBy(key: string, type: string): string | undefined {
  const taken = Object.keys(findExpectation(type)?.kwargs ?? {})
  const kwargs = [...new Set([...taken, ...COMMON])]
  if (kwargs.includes(key)) return `kwargs.${key}`
  if (CONDITIONS.has(key)) return 'kwargs.row_condition'
  const name = closest(key, NAMES)
  if (name !== undefined) return name
  const argument = closest(key, kwargs)
  return argument === undefined ? undefined : `kwargs.${argument}`
}

function valueProblems(item: JsonMap, path: string): readonly ItemProblem[] {
  const meta = own(item, 'meta')
  const ours = isMap(meta) ? own(meta, 'tidegate') : undefined
  return [
    ...partProblems(item, path),
    // What the item itself says counts.
    ...(isMap(ours) ? partProblems(ours, `${path}.meta.tidegate`) : []),
  ]
}

function partProblems(map: JsonMap, path: string): readonly ItemProblem[] {
  const problems: ItemProblem[] = []
  const severity = own(map, 'severity') ?? undefined
  if (severity !== undefined && severity !== null && !SEVERITIES.has(severity))
    problems.push({
      path: `${path}.severity`,
      message: `${JSON.stringify(severity).slice(0, 80)} is no severity`,
      hint: 'It is critical, warning or info.',
    })
  for (const key of ['fail', 'warn'] as const) {
    const limit = own(map, key) ?? undefined
    if (limit !== undefined && limit !== null && readLimit(limit) === undefined)
      problems.push({
        path: `${path}.${key}`,
        message: `${JSON.stringify(limit).slice(0, 80)} is no limit of unexpected rows`,
        hint: 'Write { "count": 10 } or { "fraction": 0.01 }.',
      })
  }
  return problems
}

const SEVERITIES: ReadonlySet<JsonValue> = new Set(['critical', 'warning', 'info'])

/** A limit as it is written, or undefined if it is none. Whether its numbers make sense is said when it is compiled. */
export function readLimit(value: JsonValue | undefined): UnexpectedLimit | undefined {
  if (!isMap(value)) return undefined
  const parts = Object.entries(value).filter(([, part]) => part !== undefined && part !== null)
  const sound = parts.every(([key, part]) => (key === 'count' || key === 'fraction') && typeof part === 'number')
  return sound ? (Object.fromEntries(parts) as UnexpectedLimit) : undefined
}
