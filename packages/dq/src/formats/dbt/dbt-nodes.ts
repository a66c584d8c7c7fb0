import type { JsonValue } from '@tidegate/core'
import { definedOf, formatError, own, textAt, type FormatNote } from '../format-note.ts'
import { isList, isMap, type JsonMap } from '../../json-map.ts'

/** A model, source table, seed or snapshot with what was written about it. */
export interface DbtNode {
  readonly kind: 'model' | 'source' | 'seed' | 'snapshot'
  readonly name: string
  /** Sources only. */
  readonly source?: string | undefined
  readonly version: number
  /** The node itself; for a version of a model, with the version's own keys over it. */
  readonly node: JsonMap
  readonly columns: readonly DbtColumn[]
  readonly path: string
}

export interface DbtColumn {
  readonly name: string
  readonly node: JsonMap
  readonly path: string
}

/** Every node of a schema file, a model with versions as one per version. @throws {TidegateError} `CHECK_FORMAT` */
export function dbtNodes(json: JsonValue, notes: FormatNote[]): readonly DbtNode[] {
  if (!isMap(json)) throw formatError('', 'a schema file is a map of models, sources, seeds or snapshots', SHAPE)
  const found = Object.keys(KINDS).filter((key) => own(json, key) !== undefined)
  if (found.length === 0) throw formatError('', `there are no models, sources, seeds or snapshots`, SHAPE)
  for (const key of Object.keys(json))
    if (KINDS[key] === undefined && key !== 'version')
      notes.push({ kind: 'dropped', path: key, message: `${key} are no tests of a table` })
  return found.flatMap((key) => {
    const list = own(json, key)
    if (list === null) return []
    if (!isList(list)) throw formatError(key, `${key} is no list`, SHAPE)
    return list.flatMap((node, index) => nodesOf(KINDS[key] ?? 'model', node, `${key}[${index}]`, notes))
  })
}

const SHAPE = 'dbt calls such a file schema.yml; it begins with `version: 2` and `models:`.'

const KINDS: Readonly<Record<string, DbtNode['kind']>> = {
  models: 'model',
  sources: 'source',
  seeds: 'seed',
  snapshots: 'snapshot',
}

function nodesOf(kind: DbtNode['kind'], node: JsonValue, path: string, notes: FormatNote[]): readonly DbtNode[] {
  if (!isMap(node)) throw formatError(path, 'it is no map', SHAPE)
  const name = nameOf(node, path)
  if (kind === 'source') {
    const tables = own(node, 'tables')
    if (tables === undefined || tables === null) return []
    if (!isList(tables)) throw formatError(`${path}.tables`, 'tables is no list', SHAPE)
    const inherited = definedOf({ freshness: own(node, 'freshness'), loaded_at_field: own(node, 'loaded_at_field') })
    return tables.map((table, index) => {
      const own_path = `${path}.tables[${index}]`
      if (!isMap(table)) throw formatError(own_path, 'it is no map', SHAPE)
      const merged = { ...inherited, ...table }
      return {
        kind,
        name: nameOf(table, own_path),
        source: name,
        version: 1,
        node: merged,
        columns: columnsOf(table, own_path),
        path: own_path,
      }
    })
  }
  const versions = own(node, 'versions')
  if (kind === 'model' && isList(versions) && versions.length > 0)
    return versions.map((version, index) => versionOf(node, name, version, { path, index }, notes))
  return [{ kind, name, version: 1, node, columns: columnsOf(node, path), path }]
}

/** A version has the columns of its model, or those it includes and names itself; likewise its tests. */
function versionOf(
  model: JsonMap,
  name: string,
  version: JsonValue,
  { path, index }: { readonly path: string; readonly index: number },
  notes: FormatNote[],
): DbtNode {
  const own_path = `${path}.versions[${index}]`
  if (!isMap(version)) throw formatError(own_path, 'it is no map', SHAPE)
  const label = own(version, 'v')
  if (typeof label !== 'string' && typeof label !== 'number')
    throw formatError(own_path, 'the version has no `v`', SHAPE)
  const base = columnsOf(model, path)
  const tested = own(version, 'tests') !== undefined || own(version, 'data_tests') !== undefined
  const { versions: _, tests, data_tests, ...rest } = model
  const inherited = tested ? {} : definedOf({ tests, data_tests })
  if (typeof label === 'string' && !/^[1-9][0-9]*$/.test(label))
    notes.push({
      kind: 'changed',
      path: `${own_path}.v`,
      message: `versions are whole numbers here; ${JSON.stringify(label)} is only in the name`,
    })
  return {
    kind: 'model',
    name: `${name}_v${label}`,
    version: Number.isSafeInteger(Number(label)) && Number(label) > 0 ? Number(label) : 1,
    node: { ...rest, ...inherited, ...version },
    columns: own(version, 'columns') === undefined ? base : versionColumns(version, base, own_path),
    path: own_path,
  }
}

function versionColumns(version: JsonMap, base: readonly DbtColumn[], path: string): readonly DbtColumn[] {
  const list = own(version, 'columns')
  if (!isList(list)) throw formatError(`${path}.columns`, 'columns is no list', SHAPE)
  const kept = new Map<string, DbtColumn>()
  for (const item of list) {
    if (!isMap(item) || own(item, 'include') === undefined) continue
    const include = own(item, 'include')
    const exclude = own(item, 'exclude')
    for (const column of base) {
      const included = include === 'all' || include === '*' || (isList(include) && include.includes(column.name))
      if (included && !(isList(exclude) && exclude.includes(column.name))) kept.set(column.name, column)
    }
  }
  for (const column of columnsOf(
    { columns: list.filter((item) => !isMap(item) || own(item, 'include') === undefined) },
    path,
  ))
    kept.set(column.name, column)
  return [...kept.values()]
}

function columnsOf(node: JsonMap, path: string): readonly DbtColumn[] {
  const list = own(node, 'columns')
  if (list === undefined || list === null) return []
  if (!isList(list)) throw formatError(`${path}.columns`, 'columns is no list', SHAPE)
  return list.map((column, index) => {
    const own_path = `${path}.columns[${index}]`
    if (!isMap(column)) throw formatError(own_path, 'it is no map', SHAPE)
    return { name: nameOf(column, own_path), node: column, path: own_path }
  })
}

function nameOf(node: JsonMap, path: string): string {
  const name = textAt(node, 'name')
  if (name === undefined || name === '') throw formatError(path, 'it has no name', SHAPE)
  return name
}
