import type { Expectation, JsonValue } from '@tidegate/core'
import { patternOf } from '../../profile/text-class.ts'
import { own, textAt, type FormatNote } from '../format-note.ts'
import { isList, isMap, type JsonMap } from '../../json-map.ts'
import { REFERENCE_TYPE, SQL_ROWS_TYPE, sqlName, unexpectedRowsQuery } from '../our-types.ts'

export interface PropertyRules {
  readonly expectations: readonly Expectation[]
  readonly notes: readonly FormatNote[]
}

/** The keys of a property that are checks. */
export const RULE_KEYS: readonly string[] = ['unique', 'logicalTypeOptions', 'enum', 'relationships']

/** What `unique`, `logicalTypeOptions`, `enum` and `relationships` of a property ask of its column. Keys of a table are elsewhere. */
export function propertyRules(column: string, property: JsonMap, path: string): PropertyRules {
  const notes: FormatNote[] = []
  const expectations: Expectation[] = []
  if (own(property, 'unique') === true)
    expectations.push({ type: 'expect_column_values_to_be_unique', kwargs: { column } })
  const options = own(property, 'logicalTypeOptions')
  if (isMap(options)) expectations.push(...optionRules(column, property, options, `${path}.logicalTypeOptions`, notes))
  const values = enumValues(own(property, 'enum'))
  if (values !== undefined)
    expectations.push({ type: 'expect_column_values_to_be_in_set', kwargs: { column, value_set: values } })
  const relationships = own(property, 'relationships')
  if (isList(relationships))
    for (const [index, relationship] of relationships.entries())
      expectations.push(...reference(column, relationship, `${path}.relationships[${index}]`, notes))
  return { expectations, notes }
}

function optionRules(
  column: string,
  property: JsonMap,
  options: JsonMap,
  path: string,
  notes: FormatNote[],
): readonly Expectation[] {
  const rules: Expectation[] = []
  const range = rangeOf(options)
  if (range !== undefined) rules.push({ type: 'expect_column_values_to_be_between', kwargs: { column, ...range } })
  const [shortest, longest] = [own(options, 'minLength'), own(options, 'maxLength')]
  if (typeof shortest === 'number' || typeof longest === 'number')
    rules.push({
      type: 'expect_column_value_lengths_to_be_between',
      kwargs: {
        column,
        ...(typeof shortest === 'number' ? { min_value: shortest } : {}),
        ...(typeof longest === 'number' ? { max_value: longest } : {}),
      },
    })
  const pattern = textAt(options, 'pattern')
  if (pattern !== undefined)
    rules.push({ type: 'expect_column_values_to_match_regex', kwargs: { column, regex: pattern } })
  const format = textAt(options, 'format')
  if (format !== undefined && textAt(property, 'logicalType') === 'string') {
    const regex = FORMATS[format]
    if (regex === undefined)
      notes.push({
        kind: 'kept-in-meta',
        path: `${path}.format`,
        message: `the format ${JSON.stringify(format)} is not checked`,
      })
    else {
      rules.push({ type: 'expect_column_values_to_match_regex', kwargs: { column, regex } })
      notes.push({ kind: 'changed', path: `${path}.format`, message: `${format} is checked by the pattern ${regex}` })
    }
  }
  for (const condition of sqlConditions(column, options))
    rules.push({ type: SQL_ROWS_TYPE, kwargs: { unexpected_rows_query: unexpectedRowsQuery(condition) } })
  for (const key of ['minProperties', 'maxProperties', 'required'])
    if (own(options, key) !== undefined)
      notes.push({ kind: 'kept-in-meta', path: `${path}.${key}`, message: `${key} of an object is not checked` })
  return rules
}

/** Bounds; before 3.1 `exclusiveMinimum: true` made `minimum` strict, since then it is a bound of its own. */
function rangeOf(options: JsonMap): Readonly<Record<string, JsonValue>> | undefined {
  const [low, high] = [own(options, 'minimum'), own(options, 'maximum')]
  const [above, below] = [own(options, 'exclusiveMinimum'), own(options, 'exclusiveMaximum')]
  const min = isBound(above) ? above : isBound(low) ? low : undefined
  const max = isBound(below) ? below : isBound(high) ? high : undefined
  if (min === undefined && max === undefined) return undefined
  return {
    ...(min === undefined ? {} : { min_value: min }),
    ...(max === undefined ? {} : { max_value: max }),
    ...(min !== undefined && (isBound(above) || above === true) ? { strict_min: true } : {}),
    ...(max !== undefined && (isBound(below) || below === true) ? { strict_max: true } : {}),
  }
}

function isBound(value: JsonValue | undefined): value is number | string {
  return typeof value === 'number' || typeof value === 'string'
}

/** What has no expectation of its own and is said in SQL. */
function sqlConditions(column: string, options: JsonMap): readonly string[] {
  const name = sqlName(column)
  const conditions: string[] = []
  const factor = own(options, 'multipleOf')
  if (typeof factor === 'number' && Number.isFinite(factor) && factor !== 0) conditions.push(`${name} % ${factor} = 0`)
  const [fewest, most] = [own(options, 'minItems'), own(options, 'maxItems')]
  if (Number.isSafeInteger(fewest)) conditions.push(`len(${name}) >= ${String(fewest)}`)
  if (Number.isSafeInteger(most)) conditions.push(`len(${name}) <= ${String(most)}`)
  if (own(options, 'uniqueItems') === true) conditions.push(`len(list_distinct(${name})) = len(${name})`)
  return conditions
}

const FORMATS: Readonly<Record<string, string | undefined>> = {
  email: patternOf('email'),
  uuid: patternOf('uuid'),
  uri: patternOf('url'),
  ipv4: '^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])$',
  ipv6: '^[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}$',
  hostname: '^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$',
}

/** `enum` of 3.2: values, or entries with a value. */
function enumValues(list: JsonValue | undefined): readonly JsonValue[] | undefined {
  if (!isList(list) || list.length === 0) return undefined
  return list.map((entry) => (isMap(entry) ? (own(entry, 'value') ?? null) : entry))
}

function reference(column: string, relationship: JsonValue, path: string, notes: FormatNote[]): readonly Expectation[] {
  const to = isMap(relationship) ? own(relationship, 'to') : undefined
  const place = typeof to === 'string' ? /^(?:schema\/)?([^./]+)[./](?:properties\/)?([^./]+)$/.exec(to) : null
  if (place === null) {
    notes.push({ kind: 'dropped', path, message: 'it does not name one column of another table; it is kept in meta' })
    return []
  }
  const kwargs = { column, other_table_name: place[1] ?? '', other_column: place[2] ?? '' }
  return [{ type: REFERENCE_TYPE, kwargs }]
}
