import type { Expectation, JsonValue, Severity } from '@tidegate/core'
import { definedOf, formatError, hasEntries, own, textAt, type FormatNote } from '../format-note.ts'
import { isList, isMap, type JsonMap } from '../../json-map.ts'
import { readLimit, unknownKeys } from './item-problems.ts'

/** `0.18`: `expectation_suite_name` and `expectation_type` · `1.x`: `name` and `type`. */
export type GxGeneration = '0.18' | '1.x'

export interface GxSuite {
  readonly name: string
  /** In the suite's order; the checks that only we know, from `meta.tidegate`, at the places they had. */
  readonly expectations: readonly Expectation[]
  readonly generation: GxGeneration
  /** Values of `{"$PARAMETER": …}` by name. */
  readonly parameters: Readonly<Record<string, JsonValue>>
  /** The suite's meta without what we wrote there. */
  readonly meta: JsonMap
  /** Keys of the suite that are none of the above, e.g. `id`, `notes`, `data_asset_type`. */
  readonly extras: JsonMap
  /** What `writeGxSuite` put into `meta.tidegate` of the suite: the parts of a contract that a suite cannot say. */
  readonly tidegate: JsonMap
}

export interface GxSuiteResult {
  readonly suite: GxSuite
  readonly notes: readonly FormatNote[]
}

/**
 * Reads a suite file of Great Expectations, 0.18 or 1.x, as parsed JSON.
 *
 * Of an expectation, `meta` stays as it is. What an Expectation of ours has no field for (`id`, `ge_cloud_id`, `notes`,
 * `description`, …) is kept in `meta.gx`. What `writeGxSuite` left in `meta.tidegate` goes back into its fields.
 *
 * @throws {TidegateError} `CHECK_FORMAT` if it is not a suite
 */
export function readGxSuite(json: JsonValue): GxSuiteResult {
  if (!isMap(json)) throw formatError('', 'a suite is a JSON object', SHAPE)
  const list = own(json, 'expectations')
  if (!isList(list)) throw formatError('expectations', 'the list of expectations is missing', SHAPE)
  const generation = generationOf(json, list)
  const name = textAt(json, generation === '0.18' ? 'expectation_suite_name' : 'name') ?? ''
  const notes: FormatNote[] = []
  const { tidegate, ...meta } = mapAt(json, 'meta', '')
  const ours = isMap(tidegate) ? tidegate : {}
  const items = list.map((item, index) => readExpectation(item, `expectations[${index}]`, notes))
  return {
    suite: {
      name,
      expectations: withKept(items, ours, notes),
      generation,
      parameters: parametersOf(json),
      meta,
      extras: extrasOf(json, ours),
      tidegate: ours,
    },
    notes,
  }
}

const SHAPE = 'A suite has a name (expectation_suite_name before 1.0) and a list of expectations.'

const SUITE_KEYS: ReadonlySet<string> = new Set([
  'name',
  'expectation_suite_name',
  'expectations',
  'meta',
  'suite_parameters',
  'evaluation_parameters',
])

function extrasOf(json: JsonMap, ours: JsonMap): JsonMap {
  const extras = Object.entries(json).filter(([key, value]) => !SUITE_KEYS.has(key) && value !== null)
  return definedOf({ ...Object.fromEntries(extras), ...(isMap(ours['gx']) ? ours['gx'] : {}) })
}

function generationOf(json: JsonMap, list: readonly JsonValue[]): GxGeneration {
  if (own(json, 'expectation_suite_name') !== undefined) return '0.18'
  if (own(json, 'name') !== undefined) return '1.x'
  const old = list.some((item) => isMap(item) && own(item, 'expectation_type') !== undefined)
  return old ? '0.18' : '1.x'
}

function parametersOf(json: JsonMap): Readonly<Record<string, JsonValue>> {
  const given = { ...mapAt(json, 'evaluation_parameters', ''), ...mapAt(json, 'suite_parameters', '') }
  return definedOf(given) as Readonly<Record<string, JsonValue>>
}

function readExpectation(item: JsonValue, path: string, notes: FormatNote[]): Expectation {
  if (!isMap(item)) throw formatError(path, 'an expectation is a JSON object', 'It has a type and kwargs.')
  const type = textAt(item, 'type') ?? textAt(item, 'expectation_type')
  if (type === undefined || type === '')
    throw formatError(
      path,
      'the expectation has no type',
      'Since 1.0 the key is `type`, before it was `expectation_type`.',
    )
  const kwargs = mapAt(item, 'kwargs', path)
  const { tidegate, gx: theirs, ...meta } = mapAt(item, 'meta', path)
  const ours = isMap(tidegate) ? tidegate : {}
  const written = limitsIn(item)
  const extras = Object.entries(item).filter(
    ([key, value]) => !EXPECTATION_KEYS.has(key) && !Object.hasOwn(written, key) && value !== null,
  )
  noteKeys(item, written, path, notes)
  const gx = definedOf({ ...Object.fromEntries(extras), ...(isMap(ours['gx']) ? ours['gx'] : {}) })
  // Somebody else's `gx` in the meta keeps its place, one floor lower.
  const kept = theirs === undefined ? gx : { ...gx, meta: { gx: theirs } }
  const severity = severityOf(own(item, 'severity') ?? ours['severity'], path, notes)
  const id = textAt(ours, 'id')
  const carried = {
    ...meta,
    ...(hasEntries(kept) ? { gx: kept } : {}),
    ...(ours['of_schema'] === true ? { tidegate: { of_schema: true } } : {}),
  }
  return {
    type,
    kwargs: withoutDerived(kwargs, ours),
    ...(severity === undefined ? {} : { severity }),
    ...limitsOf(ours),
    ...written,
    ...(id === undefined ? {} : { id }),
    ...(hasEntries(carried) ? { meta: carried } : {}),
  }
}

const EXPECTATION_KEYS: ReadonlySet<string> = new Set(['type', 'expectation_type', 'kwargs', 'meta', 'severity'])

/** A limit of ours is the truth; the `mostly` that was written for Great Expectations beside it goes. */
function withoutDerived(kwargs: JsonMap, ours: JsonMap): JsonMap {
  if (!isMap(ours['fail'])) return kwargs
  const { mostly: _, ...rest } = kwargs
  return rest
}

/** The limits that stand on the item itself, as in a contract. */
function limitsIn(item: JsonMap): Pick<Expectation, 'fail' | 'warn'> {
  const [fail, warn] = [readLimit(own(item, 'fail')), readLimit(own(item, 'warn'))]
  return { ...(fail === undefined ? {} : { fail }), ...(warn === undefined ? {} : { warn }) }
}

function noteKeys(item: JsonMap, written: object, path: string, notes: FormatNote[]): void {
  for (const problem of unknownKeys(item, path))
    notes.push({
      kind: 'kept-in-meta',
      path: problem.path,
      message: `${problem.message}: it has no effect and is kept in meta.gx. ${problem.hint ?? ''}`.trim(),
    })
  for (const key of ['fail', 'warn'])
    if ((own(item, key) ?? null) !== null && !Object.hasOwn(written, key))
      notes.push({
        kind: 'kept-in-meta',
        path: `${path}.${key}`,
        message: 'it is no limit of unexpected rows, has no effect and is kept in meta.gx',
      })
}

function limitsOf(ours: JsonMap): Pick<Expectation, 'fail' | 'warn'> {
  const { fail, warn } = ours
  return { ...(isMap(fail) ? { fail: limit(fail) } : {}), ...(isMap(warn) ? { warn: limit(warn) } : {}) }
}

function limit({ count, fraction }: JsonMap): NonNullable<Expectation['fail']> {
  return {
    ...(typeof count === 'number' ? { count } : {}),
    ...(typeof fraction === 'number' ? { fraction } : {}),
  }
}

function severityOf(value: JsonValue | undefined, path: string, notes: FormatNote[]): Severity | undefined {
  if (value === undefined || value === null) return undefined
  if (value === 'critical' || value === 'warning' || value === 'info') return value
  notes.push({
    kind: 'changed',
    path: `${path}.severity`,
    message: `${JSON.stringify(value)} is no severity; the check counts as critical`,
  })
  return undefined
}

/** The checks that a suite of Great Expectations cannot hold, at their places in the contract. */
function withKept(items: readonly Expectation[], ours: JsonMap, notes: FormatNote[]): readonly Expectation[] {
  const kept = ours['expectations']
  if (!isList(kept)) return items
  const result = [...items]
  for (const [index, item] of kept.entries()) {
    if (!isMap(item)) continue
    const { at, ...rest } = item
    const expectation = readExpectation(rest, `meta.tidegate.expectations[${index}]`, notes)
    result.splice(typeof at === 'number' ? at : result.length, 0, expectation)
  }
  return result
}

function mapAt(map: JsonMap, key: string, path: string): JsonMap {
  const value = own(map, key)
  if (value === undefined || value === null) return {}
  if (isMap(value)) return value
  throw formatError(path === '' ? key : `${path}.${key}`, `${key} is not a JSON object`, SHAPE)
}
