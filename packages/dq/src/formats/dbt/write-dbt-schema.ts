import type { Contract, Expectation, JsonValue } from '@tidegate/core'
import { sameContent } from '../../profile/same-content.ts'
import { definedOf, hasEntries, without, type FormatNote } from '../format-note.ts'
import { isMap, type JsonMap } from '../../json-map.ts'
import { REFERENCE_TYPE, SQL_ROWS_TYPE, FRESHNESS_TYPE } from '../our-types.ts'
import { importDbtSchema } from './import-dbt-schema.ts'

export interface DbtExport {
  /** The content of a schema.yml with one model. */
  readonly schema: JsonValue
  readonly notes: readonly FormatNote[]
}

/**
 * A contract as a dbt `schema.yml` (version 2, `data_tests`). A check is written if dbt, dbt_utils or dbt-expectations
 * have a test that `importDbtSchema` reads as this very check; all others are listed as dropped.
 */
export function writeDbtSchema(contract: Contract): DbtExport {
  const notes: FormatNote[] = []
  const tests = contract.expectations.map((expectation, index) => ({
    column: typeof expectation.kwargs['column'] === 'string' ? expectation.kwargs['column'] : undefined,
    test: writeTest(expectation, `expectations[${index}]`, notes),
  }))
  const written = tests.filter((item) => item.test !== undefined)
  const names = new Set([
    ...Object.keys(contract.schema.columns),
    ...written.flatMap((item) => (item.column === undefined ? [] : [item.column])),
  ])
  const columns = [...names].map((name) => {
    const column = Object.hasOwn(contract.schema.columns, name) ? contract.schema.columns[name] : undefined
    const own = written.filter((item) => item.column === name).map((item) => item.test ?? null)
    if (column?.required === false || column?.sensitive !== undefined)
      notes.push({
        kind: 'dropped',
        path: `schema.columns.${name}`,
        message: 'dbt has no required: false and no sensitive',
      })
    return definedOf({
      name,
      data_type: column?.type,
      constraints: column?.nullable === false ? [{ type: 'not_null' }] : undefined,
      data_tests: own.length === 0 ? undefined : own,
    })
  })
  for (const key of ['file', 'read', 'gate', 'parameters'] as const)
    if (contract[key] !== undefined) notes.push({ kind: 'dropped', path: key, message: `dbt has no ${key}` })
  const ofTable = written.filter((item) => item.column === undefined).map((item) => item.test ?? null)
  const model = definedOf({
    name: contract.contract,
    description: contract.description,
    columns: columns.length === 0 ? undefined : columns,
    data_tests: ofTable.length === 0 ? undefined : ofTable,
  })
  return { schema: { version: 2, models: [model] }, notes }
}

function writeTest(expectation: Expectation, path: string, notes: FormatNote[]): JsonValue | undefined {
  const test = testOf(expectation)
  if (test === undefined)
    notes.push({
      kind: 'dropped',
      path,
      message: `${expectation.type} has no test in dbt, dbt_utils or dbt-expectations that says the same${reasonOf(expectation)}`,
    })
  return test
}

function testOf(expectation: Expectation): JsonValue | undefined {
  for (const { name, args } of candidates(expectation)) {
    const config = configOf(expectation)
    const body = definedOf({
      name: expectation.id,
      arguments: hasEntries(args) ? args : undefined,
      config: hasEntries(config) ? config : undefined,
    })
    const test: JsonValue = hasEntries(body) ? { [name]: body } : name
    const back = readBack(test, expectation)
    if (back !== undefined && sameContent(comparable(back), comparable(expectation))) return test
  }
  return undefined
}

/** `: no test there can say mostly and severity info`, if the check without them has a test; else nothing. */
function reasonOf(expectation: Expectation): string {
  const parts = [
    ...(['severity', 'fail', 'warn', 'id'] as const).filter((key) => expectation[key] !== undefined),
    ...Object.keys(expectation.kwargs).filter((key) => key !== 'column'),
  ]
  const single = parts.find((part) => testOf(withoutPart(expectation, part)) !== undefined)
  if (single !== undefined) return said([single], expectation)
  let rest = expectation
  const left: string[] = []
  for (const part of parts) {
    rest = withoutPart(rest, part)
    left.push(part)
    if (testOf(rest) === undefined) continue
    const needed = left.filter((kept) => {
      const others = left.filter((other) => other !== kept)
      return testOf(others.reduce(withoutPart, expectation)) === undefined
    })
    return said(needed, expectation)
  }
  return ''
}

function said(parts: readonly string[], expectation: Expectation): string {
  const words = parts.map((part) => (part === 'severity' ? `severity ${expectation.severity}` : part))
  return `: no test there can say ${words.join(' and ')}`
}

function withoutPart(expectation: Expectation, part: string): Expectation {
  if (part === 'severity' || part === 'fail' || part === 'warn' || part === 'id')
    return { ...expectation, [part]: undefined }
  return { ...expectation, kwargs: without(expectation.kwargs as JsonMap, part) }
}

/** What the importer makes of the test. */
function readBack(test: JsonValue, { kwargs }: Expectation): Expectation | undefined {
  const column = kwargs['column']
  const model =
    typeof column === 'string'
      ? { name: 'm', columns: [{ name: column, data_tests: [test] }] }
      : { name: 'm', data_tests: [test] }
  const [back, ...others] = importDbtSchema({ models: [model] }).contracts[0]?.contract.expectations ?? []
  return others.length === 0 ? back : undefined
}

function comparable({ type, kwargs, severity = 'critical', fail, warn, id }: Expectation): JsonMap {
  return definedOf({ type, kwargs: definedOf(kwargs), severity, fail: fail as JsonValue, warn: warn as JsonValue, id })
}

function configOf({ severity, fail, warn }: Expectation): JsonMap {
  const warns = severity === 'warning'
  return definedOf({
    severity: warns ? 'warn' : undefined,
    error_if: !warns && fail?.count !== undefined ? `>${fail.count}` : undefined,
    warn_if: warns
      ? fail?.count === undefined
        ? undefined
        : `>${fail.count}`
      : warn?.count === undefined || warn.count === 0
        ? undefined
        : `>${warn.count}`,
  })
}

interface Candidate {
  readonly name: string
  readonly args: JsonMap
}

/** Tests that may say the same, the plainest first. */
function candidates({ type, kwargs }: Expectation): readonly Candidate[] {
  const args = without(kwargs, 'column')
  const { row_condition, value_set, mostly, ...rest } = args
  const found: Candidate[] = []
  const add = (name: string, given: JsonMap): void => {
    found.push({ name, args: definedOf(given) })
  }
  switch (type) {
    case 'expect_column_values_to_not_be_null':
      if (mostly === undefined) add('not_null', rest)
      else add('dbt_utils.not_null_proportion', { at_least: mostly, ...rest })
      break
    case 'expect_column_values_to_be_unique':
      add('unique', rest)
      break
    case 'expect_column_values_to_be_in_set':
      add('accepted_values', { values: value_set, ...rest })
      add('accepted_values', { values: value_set, quote: false, ...rest })
      break
    case 'expect_compound_columns_to_be_unique':
      add('dbt_utils.unique_combination_of_columns', { combination_of_columns: rest['column_list'] })
      break
    case SQL_ROWS_TYPE: {
      const match = /^SELECT \* FROM \{batch\} WHERE NOT \(([\s\S]*)\)$/.exec(String(rest['unexpected_rows_query']))
      if (match !== null) add('dbt_utils.expression_is_true', { expression: match[1] })
      break
    }
    case REFERENCE_TYPE:
      add('relationships', { to: `ref('${String(rest['other_table_name'])}')`, field: rest['other_column'] })
      break
    case FRESHNESS_TYPE: {
      const match = /^([0-9]+)(s|m|h|d)$/.exec(String(rest['max_age']))
      const part = { s: 'second', m: 'minute', h: 'hour', d: 'day' }[match?.[2] ?? '']
      if (part !== undefined)
        add('dbt_expectations.expect_row_values_to_have_recent_data', {
          datepart: part,
          interval: Number(match?.[1]),
          row_condition,
        })
      break
    }
    default:
  }
  add(`dbt_expectations.${RENAMED[type] ?? type}`, expectationArgs(type, args))
  return found
}

const RENAMED: Readonly<Record<string, string | undefined>> = {
  expect_column_pair_values_a_to_be_greater_than_b: 'expect_column_pair_values_A_to_be_greater_than_B',
}

function expectationArgs(type: string, args: JsonMap): JsonMap {
  const { strict_min, strict_max, type_, type_list, column_set, column_list, ignore_row_if, quantile_ranges, ...rest } =
    args
  const ofColumns = type.startsWith('expect_table_columns_')
  return definedOf({
    ...rest,
    strictly: strict_min === true || strict_max === true ? true : undefined,
    column_type: type_,
    column_type_list: type_list,
    column_list: column_set ?? column_list,
    transform: ofColumns ? (rest['transform'] ?? 'none') : undefined,
    ignore_row_if: type.startsWith('expect_column_pair_') ? undefined : ignore_row_if,
    ...(isMap(quantile_ranges) ? quantileArgs(quantile_ranges) : {}),
  })
}

function quantileArgs({ quantiles, value_ranges }: JsonMap): JsonMap {
  if (!Array.isArray(quantiles) || quantiles.length !== 1 || !Array.isArray(value_ranges)) return {}
  const [range] = value_ranges as readonly JsonValue[]
  const [min, max] = Array.isArray(range) ? (range as readonly JsonValue[]) : []
  return definedOf({
    quantile: (quantiles as readonly JsonValue[])[0],
    min_value: min ?? undefined,
    max_value: max ?? undefined,
  })
}
