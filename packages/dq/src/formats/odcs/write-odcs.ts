import type { Contract, Expectation, JsonValue } from '@tidegate/core'
import { parseType } from '../../expression/data-type.ts'
import { sameContent } from '../../profile/same-content.ts'
import { definedOf, hasEntries, own, textAt, type FormatNote } from '../format-note.ts'
import { isList, isMap, type JsonMap } from '../../json-map.ts'
import { FRESHNESS_TYPE } from '../our-types.ts'
import { columnName, majorOf } from './import-odcs.ts'
import { keyRules } from './key-rules.ts'
import { propertyOfType, typeOfProperty } from './odcs-types.ts'
import { propertyRules, RULE_KEYS } from './property-rules.ts'
import { slaRule } from './sla-rules.ts'
import { writeQuality } from './write-quality.ts'

export interface OdcsExport {
  /** The document, to be written as YAML or JSON. */
  readonly document: JsonValue
  readonly notes: readonly FormatNote[]
}

/**
 * A contract as a document of the Open Data Contract Standard 3.1. `importOdcs` gives the same contract back. Checks
 * that the standard's library has are written as its metrics, all others as custom rules of the engine
 * `greatExpectations` (or `tidegate`, for names that only we have). What the standard has no word for goes to custom
 * properties named `tidegate`.
 */
export function writeOdcs(contract: Contract): OdcsExport {
  const notes: FormatNote[] = []
  const odcs = contract.meta?.['odcs']
  const kept = isMap(odcs) ? odcs : {}
  const document = mapOf(kept['document'])
  const rest = new Set(contract.expectations)
  const properties = writeProperties(contract, mapOf(kept['properties']), rest)
  const sla = writeSla(contract, document, properties, rest)
  const qualities = [...rest].map((expectation) => ({
    column: columnOf(expectation, contract),
    rule: writeQuality(expectation, placeOf(expectation, contract), notes),
  }))
  const unread = isList(kept['quality']) ? kept['quality'].filter(isMap) : []
  const all = [
    ...qualities,
    ...unread.map((item) => ({ column: textAt(item, 'column'), rule: own(item, 'rule') ?? null })),
  ]
  const withQuality = properties.map((property) => {
    const rules = all.filter((item) => item.column === columnName(property)).map((item) => item.rule)
    return rules.length === 0 ? property : { ...property, quality: rules }
  })
  const names = new Set(properties.map(columnName))
  const ofTable = all.filter((item) => item.column === undefined || !names.has(item.column)).map((item) => item.rule)
  const object = definedOf({
    name: contract.contract,
    ...(isMap(kept['document']) ? mapOf(kept['object']) : { logicalType: 'object', physicalType: 'table' }),
    description: contract.description,
    properties: withQuality.length === 0 ? undefined : withQuality,
    quality: ofTable.length === 0 ? undefined : ofTable,
  })
  const version = textAt(document, 'version')
  return {
    document: definedOf({
      apiVersion: 'v3.1.0',
      kind: 'DataContract',
      id: contract.contract,
      name: contract.contract,
      status: 'active',
      ...document,
      version: version !== undefined && majorOf(version) === contract.version ? version : `${contract.version}.0.0`,
      customProperties: customProperties(document, contractRest(contract, notes)),
      slaProperties: sla,
      schema: [object],
    }),
    notes,
  }
}

function mapOf(value: JsonValue | undefined): JsonMap {
  return isMap(value) ? value : {}
}

/** Its place in the contract, and whether the standard has a place for it: a property, or the table. */
function placeOf(expectation: Expectation, contract: Contract): { readonly path: string; readonly placed: boolean } {
  const placed = expectation.kwargs['column'] === undefined || columnOf(expectation, contract) !== undefined
  return { path: `expectations[${contract.expectations.indexOf(expectation)}]`, placed }
}

/** The one property that a check is about, if it is in the schema. */
function columnOf({ kwargs }: Expectation, contract: Contract): string | undefined {
  const column = kwargs['column']
  return typeof column === 'string' && Object.hasOwn(contract.schema.columns, column) ? column : undefined
}

/**
 * A property as it was read, where nothing of it changed; the checks that it states itself then leave `rest`. Where one
 * of them is gone or another, the statement goes and what is left of the checks is written as quality rules.
 */
function writeProperties(contract: Contract, kept: JsonMap, rest: Set<Expectation>): readonly JsonMap[] {
  const columns = Object.entries(contract.schema.columns)
  const keys = columns
    .map(([name]) => mapOf(own(kept, name)))
    .filter((property) => own(property, 'primaryKey') === true)
  const keysStand = removeAll(keyRules(keys), rest)
  return columns.map(([name, column]) => {
    const before = mapOf(own(kept, name))
    const stands = removeAll(propertyRules(name, before, '').expectations, rest)
    const dropped = new Set([...(stands ? [] : RULE_KEYS), ...(keysStand ? [] : ['primaryKey', 'primaryKeyPosition'])])
    const base = Object.fromEntries(Object.entries(before).filter(([key]) => !dropped.has(key)))
    const sensitive = column.sensitive
    const personal = textAt(before, 'classification') !== undefined
    const typed = hasEntries(before) && sameType(before, column.type) ? {} : propertyOfType(column.type)
    const ours = definedOf({
      // Only where it is spelled in another way.
      type: typeOfProperty({ ...base, ...typed }) === column.type ? undefined : column.type,
      required: column.required === false ? false : undefined,
      sensitive: sensitive === undefined || (sensitive === 'mask' && personal) ? undefined : sensitive,
    })
    const isKey = own(base, 'primaryKey') === true
    return definedOf({
      name,
      ...base,
      ...typed,
      required:
        column.nullable === false
          ? isKey
            ? own(base, 'required')
            : true
          : own(base, 'required') === undefined
            ? undefined
            : false,
      classification: textAt(base, 'classification') ?? (sensitive === undefined ? undefined : 'restricted'),
      customProperties: customProperties(base, ours),
    })
  })
}

/** What was read of a property says this type still. */
function sameType(property: JsonMap, type: string): boolean {
  const written = typeOfProperty(property)
  return written !== undefined && parseType(written)?.text === parseType(type)?.text
}

/** Takes the expectations out of the set, all of them or none. */
function removeAll(expectations: readonly Expectation[], rest: Set<Expectation>): boolean {
  const found: Expectation[] = []
  for (const wanted of expectations) {
    const match = [...rest].find((item) => !found.includes(item) && sameContent(item, wanted))
    if (match === undefined) return false
    found.push(match)
  }
  for (const item of found) rest.delete(item)
  return true
}

/** Service levels as they were; freshness checks that they do not state yet are added to them. */
function writeSla(
  contract: Contract,
  document: JsonMap,
  properties: readonly JsonMap[],
  rest: Set<Expectation>,
): readonly JsonValue[] | undefined {
  const list = own(document, 'slaProperties')
  const names = new Map(properties.map((property) => [textAt(property, 'name') ?? '', columnName(property)]))
  const place = {
    table: contract.contract,
    alone: true,
    columnOf: (name: string) => names.get(name),
    defaultElement: textAt(document, 'slaDefaultElement'),
  }
  const kept = (isList(list) ? list : []).filter((item) => {
    const rules = slaRule(item, place, '', [])
    return rules === undefined || rules.length === 0 || removeAll(rules, rest)
  })
  const added = [...rest].flatMap((expectation) => {
    const item = slaOf(expectation, contract.contract)
    if (item !== undefined) rest.delete(expectation)
    return item === undefined ? [] : [item]
  })
  return kept.length + added.length === 0 ? undefined : [...kept, ...added]
}

function slaOf({ type, kwargs, ...others }: Expectation, table: string): JsonValue | undefined {
  const { column, max_age: age, ...more } = kwargs
  const match = typeof age === 'string' ? /^([0-9]+)(d|h|m)$/.exec(age) : null
  if (type !== FRESHNESS_TYPE || match === null || typeof column !== 'string') return undefined
  if (hasEntries(more) || hasEntries(others as JsonMap)) return undefined
  return {
    property: 'latency',
    value: Number(match[1]),
    unit: match[2] === 'm' ? 'min' : (match[2] ?? 'd'),
    element: `${table}.${column}`,
  }
}

/** Parts of a contract that the standard has no place for. */
function contractRest(contract: Contract, notes: FormatNote[]): JsonMap {
  const { odcs: _, ...meta } = contract.meta ?? {}
  const { file, read, gate } = contract
  for (const key of ['file', 'read', 'gate'] as const)
    if (contract[key] !== undefined)
      notes.push({
        kind: 'kept-in-meta',
        path: key,
        message: `the standard has no ${key}; it is kept in the custom property tidegate`,
      })
  return definedOf({
    file: file as JsonValue | undefined,
    read: read as JsonValue | undefined,
    gate: gate as JsonValue | undefined,
    meta: hasEntries(meta) ? meta : undefined,
  })
}

function customProperties(node: JsonMap, ours: JsonMap): readonly JsonValue[] | undefined {
  const list = own(node, 'customProperties')
  const others = (isList(list) ? list : []).filter((item) => !isMap(item) || own(item, 'property') !== 'tidegate')
  const all = [...others, ...(hasEntries(ours) ? [{ property: 'tidegate', value: ours }] : [])]
  return all.length === 0 ? undefined : all
}
