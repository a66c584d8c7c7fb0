import type { JsonValue } from '@tidegate/core'
import { definedOf, own } from '../format-note.ts'
import { isList, isMap, type JsonMap } from '../../json-map.ts'
import { KEPT_KEYS } from './dbt-config.ts'

/** One test of a schema file, whichever way it was written. */
export interface DbtTest {
  /** With its package: `not_null`, `dbt_utils.recency`, `dbt_expectations.expect_…`. */
  readonly name: string
  /** The arguments alone, `arguments:` of dbt 1.10 or the keys themselves before it. */
  readonly args: JsonMap
  /** `where`, `severity`, `error_if`, …, from `config:` or beside the arguments. */
  readonly config: JsonMap
  /** The name that was given to this test. */
  readonly title: string | undefined
  /** The column below which it stands, and that column's type in DuckDB's words, where known. */
  readonly column: string | undefined
  readonly columnType: string | undefined
  readonly path: string
}

export interface TestPlace {
  readonly column?: string | undefined
  readonly columnType?: string | undefined
  readonly path: string
}

/** Reads one entry of `tests:` or `data_tests:`; undefined if it is none. */
export function readDbtTest(entry: JsonValue, { column, columnType, path }: TestPlace): DbtTest | undefined {
  if (typeof entry === 'string')
    return { name: entry, args: {}, config: {}, title: undefined, column, columnType, path }
  if (!isMap(entry)) return undefined
  const longName = own(entry, 'test_name')
  const [first, ...others] = Object.keys(entry)
  const name = typeof longName === 'string' ? longName : first
  if (name === undefined) return undefined
  const body = typeof longName === 'string' ? entry : own(entry, name)
  if (body !== null && body !== undefined && !isMap(body)) return undefined
  // Keys beside the test's name are its configuration: `- unique: …` with `config:` at the same depth.
  const beside = typeof longName === 'string' ? {} : Object.fromEntries(others.map((key) => [key, entry[key]]))
  const all: JsonMap = { ...beside, ...body }
  const { arguments: named, config, ...rest } = all
  const args: Record<string, JsonValue | undefined> = isMap(named) ? { ...named } : {}
  const settings: Record<string, JsonValue | undefined> = isMap(config) ? { ...config } : {}
  for (const [key, value] of Object.entries(rest)) {
    if (key === 'test_name' || key === 'name') continue
    if (CONFIG_KEYS.has(key)) settings[key] ??= value
    else args[key] ??= value
  }
  const title = own(all, 'name')
  // Named null: what a table's constraint says, though it may stand at a column.
  const { column_name: named_column = column, ...others_args } = args
  return {
    name,
    args: definedOf(others_args),
    config: definedOf(settings),
    title: typeof title === 'string' ? title : undefined,
    column: typeof named_column === 'string' ? named_column : undefined,
    columnType: named_column === column ? columnType : undefined,
    path: `${path}.${name}`,
  }
}

/** The tests of a node: `tests` of old, `data_tests` since 1.8, or both. */
export function testEntries(node: JsonMap): readonly { readonly entry: JsonValue; readonly key: string }[] {
  return ['tests', 'data_tests'].flatMap((key) => {
    const list = own(node, key)
    return isList(list) ? list.map((entry, index) => ({ entry, key: `${key}[${index}]` })) : []
  })
}

const CONFIG_KEYS: ReadonlySet<string> = new Set(['where', 'severity', 'error_if', 'warn_if', 'enabled', ...KEPT_KEYS])
