import type { Contract, ContractColumn, Expectation, JsonValue } from '@tidegate/core'
import { definedOf, hasEntries, own, textAt, without, type FormatNote } from '../format-note.ts'
import { isList, isMap, type JsonMap } from '../../json-map.ts'
import { FRESHNESS_TYPE } from '../our-types.ts'
import { troubleNotes } from '../trouble-notes.ts'
import { duckdbTypeName } from '../type-names.ts'
import { testSettings, withLimits } from './dbt-config.ts'
import { dbtNodes, type DbtColumn, type DbtNode } from './dbt-nodes.ts'
import { readDbtTest, testEntries, type DbtTest, type TestPlace } from './dbt-test.ts'
import { EXPECTATION_TESTS } from './expectation-tests.ts'
import { GENERIC_TESTS, LONG_UNITS } from './generic-tests.ts'
import { maxAge, testArgs, type MappedTest } from './mapped-test.ts'

/** One model, source table, seed or snapshot as a contract. */
export interface DbtContract {
  readonly kind: DbtNode['kind']
  /** `orders`, `shop.orders` for a table of a source, `orders_v2` for a version. */
  readonly name: string
  readonly contract: Contract
  readonly notes: readonly FormatNote[]
}

export interface DbtImport {
  readonly contracts: readonly DbtContract[]
  /** On the file as a whole. */
  readonly notes: readonly FormatNote[]
}

/**
 * The tests of a dbt `schema.yml` as contracts, from its parsed value. A column with a `data_type` becomes part of the
 * schema; one without only has its tests, as in dbt. A test is imported whole or not at all: one with an argument that
 * has no equivalent is listed as dropped. Descriptions, tags and meta are kept under `meta.dbt`.
 *
 * @throws {TidegateError} `CHECK_FORMAT` if it is no schema file
 */
export function importDbtSchema(json: JsonValue): DbtImport {
  const notes: FormatNote[] = []
  const nodes = dbtNodes(json, notes)
  return { contracts: nodes.map(importNode), notes }
}

function importNode(node: DbtNode): DbtContract {
  const notes: FormatNote[] = []
  const expectations: Expectation[] = []
  const columns = Object.create(null) as Record<string, ContractColumn>
  for (const column of node.columns) {
    const type = columnType(column, notes)
    const place = { column: column.name, columnType: type, path: column.path }
    const nullable = constraintTests(column.node).includes('not_null') && type !== undefined ? false : undefined
    if (type !== undefined) columns[column.name] = { type, ...(nullable === undefined ? {} : { nullable }) }
    for (const entry of constraintEntries(column.node, type !== undefined))
      expectations.push(...importTest(entry, { ...place, path: `${column.path}.constraints` }, notes))
    for (const { entry, key } of testEntries(column.node))
      expectations.push(...importTest(entry, { ...place, path: `${column.path}.${key}` }, notes))
  }
  for (const entry of constraintEntries(node.node, false))
    expectations.push(...importTest(entry, { path: `${node.path}.constraints` }, notes))
  for (const { entry, key } of testEntries(node.node))
    expectations.push(...importTest(entry, { path: `${node.path}.${key}` }, notes))
  expectations.push(...freshness(node, notes))

  const meta = keptMeta(node)
  if (hasEntries(meta))
    notes.push({ kind: 'kept-in-meta', path: node.path, message: `${Object.keys(meta).join(', ')}: kept in meta.dbt` })
  const name = node.source === undefined ? node.name : `${node.source}.${node.name}`
  const description = textAt(node.node, 'description')
  const contract: Contract = {
    contract: name,
    version: node.version,
    ...(description === undefined || description === '' ? {} : { description }),
    schema: { columns },
    expectations: withUniqueIds(expectations),
    ...(hasEntries(meta) ? { meta: { dbt: meta } } : {}),
  }
  return { kind: node.kind, name, contract, notes: [...notes, ...troubleNotes(contract.expectations)] }
}

function columnType(column: DbtColumn, notes: FormatNote[]): string | undefined {
  const text = textAt(column.node, 'data_type')
  if (text === undefined || text === '') return undefined
  const type = duckdbTypeName(text)
  if (type === undefined)
    notes.push({
      kind: 'dropped',
      path: `${column.path}.data_type`,
      message: `${JSON.stringify(text)} is no type that is known here; the column is not in the schema`,
    })
  return type
}

function importTest(entry: JsonValue, place: TestPlace, notes: FormatNote[]): readonly Expectation[] {
  const test = readDbtTest(entry, place)
  const drop = (path: string, message: string): readonly Expectation[] => {
    notes.push({ kind: 'dropped', path, message })
    return []
  }
  if (test === undefined) return drop(place.path, 'it cannot be read as a test')
  const enabled = own(test.config, 'enabled')
  if (enabled === false || String(enabled).toLowerCase() === 'false')
    return drop(test.path, 'it is switched off (enabled: false)')
  const jinja = firstJinja(test)
  if (jinja !== undefined) return drop(test.path, `${jinja} is a template that only dbt can fill in`)
  const args = testArgs(test.args)
  const mapped = mapTest(test, args)
  if (mapped.kind === 'dropped') return drop(test.path, `${test.name}: ${mapped.reason}`)
  const condition = args.take('row_condition')
  const [strange] = args.untaken()
  if (strange !== undefined) return drop(test.path, `${test.name}: the argument ${strange} has no equivalent`)
  if (mapped.changed !== undefined) notes.push({ kind: 'changed', path: test.path, message: mapped.changed })

  const settings = testSettings(test, notes)
  const where = mapped.checks.some((check) => check.type === 'unexpected_rows_expectation') ? undefined : settings.where
  const conditions = [where, condition].filter((part): part is string => typeof part === 'string' && part.trim() !== '')
  return mapped.checks.map(({ type, kwargs }) => {
    const full = [...conditions, ...(typeof kwargs['row_condition'] === 'string' ? [kwargs['row_condition']] : [])]
    const expectation: Expectation = {
      type,
      kwargs: full.length === 0 ? kwargs : { ...kwargs, row_condition: joined(full) },
      severity: settings.severity,
      ...(test.title === undefined ? {} : { id: test.title }),
      ...(settings.meta === undefined ? {} : { meta: { dbt: settings.meta } }),
    }
    return withLimits(expectation, settings, test.path, notes)
  })
}

function joined(conditions: readonly string[]): string {
  return conditions.length === 1 ? (conditions[0] ?? '') : conditions.map((part) => `(${part})`).join(' AND ')
}

function mapTest(test: DbtTest, args: ReturnType<typeof testArgs>): MappedTest {
  const [first = '', second] = test.name.split('.')
  const mapper =
    second !== undefined && first.startsWith('dbt_expectations')
      ? Object.hasOwn(EXPECTATION_TESTS, second)
        ? EXPECTATION_TESTS[second]
        : undefined
      : Object.hasOwn(GENERIC_TESTS, test.name)
        ? GENERIC_TESTS[test.name]
        : undefined
  return mapper?.(args, test) ?? { kind: 'dropped', reason: 'it has no equivalent here' }
}

/** `{{ … }}` in an argument, but for `ref()` and `source()`. */
function firstJinja({ args, config }: DbtTest): string | undefined {
  const texts = [...Object.values(args), own(config, 'where')].flatMap(textsIn)
  return texts
    .find((text) => /\{[{%]/.test(text) && !/^\{\{\s*(ref|source)\([^)]*\)\s*\}\}$/.test(text.trim()))
    ?.slice(0, 80)
}

function textsIn(value: JsonValue | undefined): readonly string[] {
  if (typeof value === 'string') return [value]
  return isList(value) ? value.flatMap(textsIn) : []
}

/** dbt asks for names that are unique in a project; ids here are unique in a contract, and a later one makes way. */
function withUniqueIds(expectations: readonly Expectation[]): readonly Expectation[] {
  const taken = new Set<string>()
  return expectations.map((expectation) => {
    const { id, ...rest } = expectation
    if (id === undefined) return expectation
    if (taken.has(id) || id.startsWith('schema:')) return rest
    taken.add(id)
    return expectation
  })
}

function constraintTests(node: JsonMap): readonly string[] {
  const list = own(node, 'constraints')
  return isList(list) ? list.flatMap((item) => (isMap(item) ? [textAt(item, 'type') ?? ''] : [])) : []
}

/** `constraints:` of a model's contract as the tests they amount to; not_null of a typed column is in the schema. */
function constraintEntries(node: JsonMap, typed: boolean): readonly JsonValue[] {
  const list = own(node, 'constraints')
  if (!isList(list)) return []
  return list.flatMap((item): readonly JsonValue[] => {
    if (!isMap(item)) return [item]
    const columns = own(item, 'columns')
    const names = isList(columns) ? columns.filter((name) => typeof name === 'string') : []
    switch (textAt(item, 'type')) {
      case 'not_null':
        return typed
          ? []
          : names.length === 0
            ? ['not_null']
            : names.map((name) => ({ not_null: { column_name: name } }))
      case 'unique':
        return [uniqueOf(names)]
      case 'primary_key':
        return [
          uniqueOf(names),
          ...(names.length === 0 ? ['not_null'] : names.map((name) => ({ not_null: { column_name: name } }))),
        ]
      case 'check':
        return [
          { test_name: 'dbt_utils.expression_is_true', expression: own(item, 'expression') ?? null, column_name: null },
        ]
      case 'foreign_key':
        return [foreignKey(item)]
      default:
        return [{ [`constraint ${textAt(item, 'type') ?? ''}`]: {} }]
    }
  })
}

function uniqueOf(names: readonly string[]): JsonValue {
  if (names.length === 0) return 'unique'
  if (names.length === 1) return { unique: { column_name: names[0] } }
  return { 'dbt_utils.unique_combination_of_columns': { combination_of_columns: names } }
}

function foreignKey(item: JsonMap): JsonValue {
  const columns = own(item, 'to_columns')
  const to = own(item, 'to')
  return isList(columns) && columns.length === 1 && to !== undefined
    ? { relationships: { to, field: columns[0] } }
    : { 'constraint foreign_key': {} }
}

/** `freshness` of a source with its `loaded_at_field`. */
function freshness({ node, path }: DbtNode, notes: FormatNote[]): readonly Expectation[] {
  const config = own(node, 'config')
  const rules = own(node, 'freshness') ?? (isMap(config) ? own(config, 'freshness') : undefined)
  const column = own(node, 'loaded_at_field') ?? (isMap(config) ? own(config, 'loaded_at_field') : undefined)
  if (!isMap(rules)) return []
  if (typeof column !== 'string' || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(column)) {
    notes.push({ kind: 'dropped', path: `${path}.freshness`, message: 'there is no loaded_at_field that is a column' })
    return []
  }
  const filter = own(rules, 'filter')
  return (['error_after', 'warn_after'] as const).flatMap((key) => {
    const limit = own(rules, key)
    if (!isMap(limit)) return []
    const age = maxAge(own(limit, 'period'), own(limit, 'count'))
    if (age === undefined) {
      notes.push({ kind: 'dropped', path: `${path}.freshness.${key}`, message: 'its period or count cannot be read' })
      return []
    }
    if (age.rounded) notes.push({ kind: 'changed', path: `${path}.freshness.${key}`, message: LONG_UNITS })
    const kwargs = { column, max_age: age.text, ...(typeof filter === 'string' ? { row_condition: filter } : {}) }
    return [
      { type: FRESHNESS_TYPE, kwargs, severity: key === 'error_after' ? ('critical' as const) : ('warning' as const) },
    ]
  })
}

const READ_KEYS: readonly string[] = [
  'name',
  'description',
  'columns',
  'tests',
  'data_tests',
  'constraints',
  'freshness',
  'loaded_at_field',
]

/** What is said about the table and its columns and has no effect on checks. */
function keptMeta({ node, columns, kind }: DbtNode): JsonMap {
  const columnMeta = columns.flatMap(({ name, node: column }) => {
    const rest = without(column, 'name', 'data_type', 'tests', 'data_tests', 'constraints')
    return hasEntries(rest) ? [[name, rest] as const] : []
  })
  const rest = without(node, ...READ_KEYS)
  return definedOf({
    ...(kind === 'model' ? {} : { resource_type: kind }),
    ...rest,
    columns: columnMeta.length === 0 ? undefined : Object.fromEntries(columnMeta),
  })
}
