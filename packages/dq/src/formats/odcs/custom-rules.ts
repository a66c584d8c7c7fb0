import type { Expectation, JsonValue } from '@tidegate/core'
import { findExpectation } from '../../expectations/registry.ts'
import { own, textAt } from '../format-note.ts'
import { isList, isMap, type JsonMap } from '../../json-map.ts'
import { readGxSuite } from '../gx/read-gx-suite.ts'
import type { QualityChecks, QualityPlace, Say } from './quality-rules.ts'

/** Reads the text of an implementation, JSON or YAML; undefined if it is neither. */
export type ParseText = (text: string) => JsonValue | undefined

/** Rules that are written for another tool: Great Expectations' and ours are read, others are kept. */
export function customRule(rule: JsonMap, place: QualityPlace, say: Say): QualityChecks {
  const engine = textAt(rule, 'engine') ?? ''
  const word = engine.toLowerCase().replaceAll(/[^a-z]/g, '')
  if (!ENGINES.has(word))
    return say('dropped', `the engine ${JSON.stringify(engine)} is not ours to run; the rule is kept in meta`)
  const value = own(rule, 'implementation')
  const parsed = typeof value === 'string' ? place.parseText(value) : value
  const list = isList(parsed)
    ? parsed
    : isMap(parsed) && isList(own(parsed, 'expectations'))
      ? own(parsed, 'expectations')
      : [parsed ?? null]
  if (!isList(list) || !list.every((item) => isMap(item) && isMap(own(item, 'kwargs') ?? {})))
    return say('dropped', 'its implementation cannot be read as an expectation; it is kept in meta')
  try {
    const { suite, notes } = readGxSuite({ name: place.table, expectations: list })
    for (const note of notes) say(note.kind, note.message)
    return suite.expectations.map((expectation) => completed(expectation, place.column))
  } catch {
    return say('dropped', 'its implementation has no type; it is kept in meta')
  }
}

const ENGINES: ReadonlySet<string> = new Set(['greatexpectations', 'greatexpectation', 'gx', 'ge', 'tidegate'])

/** Arguments in camel case get their own names; the property's column is filled in where none is named. */
function completed(expectation: Expectation, column: string | undefined): Expectation {
  const known = findExpectation(expectation.type)?.kwargs
  const kwargs = Object.fromEntries(
    Object.entries(expectation.kwargs).map(([key, value]) => {
      const snake = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      return [known !== undefined && !Object.hasOwn(known, key) && Object.hasOwn(known, snake) ? snake : key, value]
    }),
  )
  const missing =
    column !== undefined && known !== undefined && Object.hasOwn(known, 'column') && kwargs['column'] === undefined
  return { ...expectation, kwargs: missing ? { column, ...kwargs } : kwargs }
}
