import type { Contract, ContractColumn, Expectation, JsonValue } from '@tidegate/core'
import { parseType } from '../../expression/data-type.ts'
import { definedOf, formatError, hasEntries, own, textAt, without, type FormatNote } from '../format-note.ts'
import { isList, isMap, type JsonMap } from '../../json-map.ts'
import { troubleNotes } from '../trouble-notes.ts'
import type { ParseText } from './custom-rules.ts'
import { keyRules } from './key-rules.ts'
import { propertiesOf, typeOfProperty } from './odcs-types.ts'
import { propertyRules } from './property-rules.ts'
import { qualityRule } from './quality-rules.ts'
import { slaRule } from './sla-rules.ts'

/** One object of the schema as a contract. */
export interface OdcsContract {
  readonly name: string
  readonly contract: Contract
  readonly notes: readonly FormatNote[]
}

export interface OdcsImport {
  readonly contracts: readonly OdcsContract[]
  /** On the document as a whole. */
  readonly notes: readonly FormatNote[]
}

export interface OdcsOptions {
  /** Reads the text of a custom rule's implementation. @defaultValue JSON only */
  readonly parseText?: ParseText | undefined
}

/**
 * A contract of the Open Data Contract Standard, version 3, as one contract per object of its schema, from its parsed
 * value. What has no effect here (servers, team, roles, price, support, …) is kept under `meta.odcs` and written back by
 * `writeOdcs`.
 *
 * @throws {TidegateError} `CHECK_FORMAT` if it is no such contract
 */
export function importOdcs(json: JsonValue, { parseText = parseJson }: OdcsOptions = {}): OdcsImport {
  if (!isMap(json)) throw formatError('', 'a data contract is a map', SHAPE)
  if (own(json, 'kind') !== undefined && own(json, 'kind') !== 'DataContract')
    throw formatError('kind', `${JSON.stringify(own(json, 'kind'))} is no DataContract`, SHAPE)
  const apiVersion = textAt(json, 'apiVersion')
  if (apiVersion === undefined || !/^v?3\.[0-9]+(\.[0-9]+)?/.test(apiVersion))
    throw formatError('apiVersion', `${JSON.stringify(apiVersion ?? null)} is no version 3 of the standard`, SHAPE)
  const schema = own(json, 'schema') ?? []
  if (!isList(schema)) throw formatError('schema', 'schema is no list of objects', SHAPE)
  const notes = documentNotes(json)
  if (schema.length === 0)
    notes.push({ kind: 'dropped', path: 'schema', message: 'it describes no object; there is nothing to check' })
  const contracts = schema.map((object, index) => {
    if (!isMap(object) || textAt(object, 'name') === undefined)
      throw formatError(`schema[${index}]`, 'it is no object with a name', SHAPE)
    return importObject(json, object, { index, alone: schema.length === 1, parseText })
  })
  return { contracts, notes }
}

const SHAPE = 'Such a file begins with `apiVersion: v3.1.0` and `kind: DataContract`.'

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}

function documentNotes(json: JsonMap): FormatNote[] {
  const keys = Object.keys(json).filter((key) => !DOCUMENT_KEYS.has(key))
  return keys.length === 0
    ? []
    : [{ kind: 'kept-in-meta', path: '', message: `${keys.join(', ')}: without effect here, kept in meta.odcs` }]
}

const DOCUMENT_KEYS: ReadonlySet<string> = new Set([
  'apiVersion',
  'kind',
  'id',
  'name',
  'version',
  'status',
  'schema',
  'slaProperties',
  'slaDefaultElement',
])

interface ObjectPlace {
  readonly index: number
  readonly alone: boolean
  readonly parseText: ParseText
}

function importObject(document: JsonMap, object: JsonMap, { index, alone, parseText }: ObjectPlace): OdcsContract {
  const notes: FormatNote[] = []
  const path = `schema[${index}]`
  const table = textAt(object, 'name') ?? ''
  const properties = propertiesOf(object)
  const byName = new Map(properties.map((property) => [textAt(property, 'name') ?? '', columnName(property)]))
  const columnOf = (name: string): string => byName.get(name) ?? name
  const unread: JsonValue[] = []
  const expectations: Expectation[] = []
  const columns = Object.create(null) as Record<string, ContractColumn>

  const readQuality = (node: JsonMap, column: string | undefined, place: string): void => {
    const list = own(node, 'quality')
    for (const [at, rule] of (isList(list) ? list : []).entries()) {
      const rulePath = `${place}.quality[${at}]`
      const checks = isMap(rule)
        ? qualityRule(rule, { path: rulePath, table, column, columnOf, parseText }, notes)
        : undefined
      if (checks === undefined) unread.push(column === undefined ? { rule } : { column, rule })
      else expectations.push(...checks)
    }
  }

  for (const [at, property] of properties.entries()) {
    const place = `${path}.properties[${at}]`
    const column = columnName(property)
    if (column === '') throw formatError(place, 'the property has no name', SHAPE)
    const shape = columnOfProperty(property, place, notes)
    if (shape !== undefined) columns[column] = shape
    const rules = propertyRules(column, property, place)
    notes.push(...rules.notes)
    expectations.push(...rules.expectations)
    readQuality(property, column, place)
  }
  expectations.push(...keyRules(properties))
  readQuality(object, undefined, path)
  expectations.push(...slaRules(document, { table, alone, columns: byName }, notes))

  const tidegate = ownProperty(document)
  const meta = { odcs: keptParts(document, object, properties, unread) }
  const contract: Contract = {
    ...(tidegate as Partial<Contract>),
    contract: table,
    version: majorOf(textAt(document, 'version')),
    ...(descriptionOf(object) === undefined ? {} : { description: descriptionOf(object) }),
    schema: { columns },
    expectations,
    meta: { ...(isMap(tidegate['meta']) ? tidegate['meta'] : {}), ...meta },
  }
  return { name: table, contract, notes: [...notes, ...troubleNotes(expectations)] }
}

/** What `writeOdcs` wrote into the custom properties of a node: what a contract has and the standard has no word for. */
export function ownProperty(node: JsonMap): JsonMap {
  const list = own(node, 'customProperties')
  for (const item of isList(list) ? list : [])
    if (isMap(item) && own(item, 'property') === 'tidegate') {
      const value = own(item, 'value')
      return isMap(value) ? value : {}
    }
  return {}
}

/** Data has the physical name, where there is one. */
export function columnName(property: JsonMap): string {
  return textAt(property, 'physicalName') ?? textAt(property, 'name') ?? ''
}

function columnOfProperty(property: JsonMap, path: string, notes: FormatNote[]): ContractColumn | undefined {
  const read = typeOfProperty(property)
  const { type: spelled, required, sensitive } = ownProperty(property)
  const same = typeof spelled === 'string' && read !== undefined && parseType(spelled)?.text === parseType(read)?.text
  const type = same ? spelled : read
  const words = textAt(property, 'classification') ?? ''
  const personal = sensitive === undefined && SENSITIVE.test(words)
  if (personal)
    notes.push({
      kind: 'changed',
      path: `${path}.classification`,
      message: `${JSON.stringify(words)}: values of the column are masked`,
    })
  if (type === undefined) {
    notes.push({
      kind: 'dropped',
      path,
      message: 'neither physicalType nor logicalType is a type that is known here; the column is not in the schema',
    })
    return undefined
  }
  return {
    type,
    ...(own(property, 'required') === true || own(property, 'primaryKey') === true ? { nullable: false } : {}),
    ...(required === false ? { required: false } : {}),
    ...(sensitive === 'mask' || sensitive === 'hash' || sensitive === 'drop'
      ? { sensitive }
      : personal
        ? { sensitive: 'mask' }
        : {}),
  }
}

const SENSITIVE = /\b(pii|phi|personal|sensitive|confidential|restricted|secret)\b/i

function descriptionOf(object: JsonMap): string | undefined {
  const text = textAt(object, 'description')
  return text === undefined || text === '' ? undefined : text
}

/** `2.1.0` is version 2; what is no number is 1. */
export function majorOf(version: string | undefined): number {
  const major = Number(/^v?([0-9]+)/.exec(version ?? '')?.[1])
  return Number.isSafeInteger(major) && major > 0 ? major : 1
}

/** The checks that the document's service levels ask of this object. */
function slaRules(
  document: JsonMap,
  {
    table,
    alone,
    columns,
  }: { readonly table: string; readonly alone: boolean; readonly columns: ReadonlyMap<string, string> },
  notes: FormatNote[],
): readonly Expectation[] {
  const list = own(document, 'slaProperties')
  const place = {
    table,
    alone,
    columnOf: (name: string) => columns.get(name),
    defaultElement: textAt(document, 'slaDefaultElement'),
  }
  return (isList(list) ? list : []).flatMap((item, index) => {
    const path = `slaProperties[${index}]`
    const rules = slaRule(item, place, path, notes)
    if (rules === undefined)
      notes.push({
        kind: 'kept-in-meta',
        path,
        message: `${isMap(item) ? (textAt(item, 'property') ?? 'it') : 'it'}: no check of this object`,
      })
    return rules ?? []
  })
}

/** Everything as it was, without the quality rules that became expectations. */
function keptParts(
  document: JsonMap,
  object: JsonMap,
  properties: readonly JsonMap[],
  unread: readonly JsonValue[],
): JsonMap {
  const rest = without(document, 'schema')
  const ofObject = without(object, 'properties', 'quality', 'name')
  const ofProperties = properties.map((property) => {
    return [columnName(property), without(property, 'quality')] as const
  })
  return definedOf({
    document: rest,
    object: hasEntries(ofObject) ? ofObject : undefined,
    properties: ofProperties.length === 0 ? undefined : Object.fromEntries(ofProperties),
    quality: unread.length === 0 ? undefined : unread,
  })
}
