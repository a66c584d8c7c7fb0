import type { ColumnSchema, Contract, Dialect, SourceConfig } from '@tidegate/core'
import { isAssignable } from '@tidegate/dq'

export type TargetColumns =
  | { readonly kind: 'ok'; readonly columns: readonly ColumnSchema[]; readonly added: readonly string[] }
  | { readonly kind: 'refused'; readonly code: string; readonly because: string }

/**
 * The columns of the dataset after this file: those it has, in their order, then new ones in the file's order.
 *
 * A type comes from the contract, else from the dataset, else from the file. Types only widen. A column that the dataset
 * lacks is added, refused or left out as `schema_evolution` says; a column that the file lacks is NULL in its rows. Names
 * that differ in the case of A–Z only are one column, as they are for the engine.
 */
export function planTargetColumns(
  current: readonly ColumnSchema[],
  contract: Contract | undefined,
  file: readonly ColumnSchema[],
  evolution: SourceConfig['schemaEvolution'],
): TargetColumns {
  const declared = new Map(Object.entries(contract?.schema.columns ?? {}).map(([name, column]) => [name, column.type]))
  const known = new Map(current.map((column) => [column.name, column.type]))
  if (current.length === 0) for (const [name, type] of declared) known.set(name, type)
  const isFresh = known.size === 0
  const columns = new Map<string, string>()
  for (const [name, type] of known) columns.set(name, declared.get(name) ?? type)
  const added: string[] = []
  const names = new Map([...columns.keys()].map((name) => [fold(name), name]))
  for (const { name: own, type } of file) {
    const name = names.get(fold(own)) ?? own
    const target = columns.get(name)
    if (target === undefined) {
      if (evolution === 'ignore' && !isFresh) continue
      if (evolution === 'fail' && !isFresh) {
        return {
          kind: 'refused',
          code: 'SCHEMA_EXTRA_COLUMN',
          because: `column ${JSON.stringify(name)} is not in the dataset, and schema_evolution is fail`,
        }
      }
      columns.set(name, type)
      if (!isFresh) added.push(name)
    } else if (!isAssignable(type, target)) {
      if (declared.has(name) || !isAssignable(target, type)) {
        return {
          kind: 'refused',
          code: 'SCHEMA_TYPE',
          because: `column ${JSON.stringify(name)} is ${type} in the file and ${target} in the dataset`,
        }
      }
      columns.set(name, type)
    }
  }
  return { kind: 'ok', columns: [...columns].map(([name, type]) => ({ name, type })), added }
}

/** The select list that turns a file's columns into the dataset's. */
export function projectColumns(
  target: readonly ColumnSchema[],
  file: readonly ColumnSchema[],
  dialect: Dialect,
): string {
  const types = new Map(file.map((column) => [fold(column.name), column.type]))
  return target
    .map(({ name, type }) => {
      const quoted = dialect.identifier(name)
      const own = types.get(fold(name))
      if (own === type) return `${quoted} AS ${quoted}`
      return `CAST(${own === undefined ? 'NULL' : quoted} AS ${type}) AS ${quoted}`
    })
    .join(', ')
}

function fold(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}
