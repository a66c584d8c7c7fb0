import type { ColumnSchema, Contract, Dialect, SourceConfig } from '@tidegate/core'
import { isAssignable, parseType } from '@tidegate/dq'
import { storedType } from './stored-types.ts'

export type TargetColumns =
  | { readonly kind: 'ok'; readonly columns: readonly ColumnSchema[]; readonly added: readonly string[] }
  | { readonly kind: 'refused'; readonly code: string; readonly because: string }

/**
 * The columns of the dataset after this file: those it has, in their order, then new ones in the file's order.
 *
 * A type comes from the contract, else from the dataset, else from the file. Types only widen. A column that the dataset
 * lacks is added, rescued, refused or left out as `schema_evolution` says; a column that the file lacks is NULL in its rows. Names
 * that differ in the case of A–Z only are one column, as they are for the engine. All types are those as which values are
 * stored; a column that none would keep is refused.
 */
export function planTargetColumns(
  current: readonly ColumnSchema[],
  contract: Contract | undefined,
  file: readonly ColumnSchema[],
  evolution: SourceConfig['schemaEvolution'],
): TargetColumns {
  const declared = new Map(
    Object.entries(contract?.schema.columns ?? {}).map(([name, { type }]) => [name, storedType(type) ?? type]),
  )
  const known = new Map(current.map(({ name, type }) => [name, storedType(type) ?? type]))
  if (current.length === 0) for (const [name, type] of declared) known.set(name, type)
  const isFresh = known.size === 0
  const columns = new Map<string, string>()
  for (const [name, type] of known) columns.set(name, declared.get(name) ?? type)
  const added: string[] = []
  const names = new Map([...columns.keys()].map((name) => [foldName(name), name]))
  for (const { name: own, type: came } of file) {
    const name = names.get(foldName(own)) ?? own
    const target = columns.get(name)
    const type = storedType(came)
    if (type === undefined) {
      const because = `column ${JSON.stringify(name)} is ${came}, which Parquet does not keep as it is`
      return { kind: 'refused', code: 'SCHEMA_TYPE', because }
    }
    if (target === undefined) {
      if ((evolution.columns === 'ignore' || evolution.columns === 'rescue') && !isFresh) continue
      if (evolution.columns === 'fail' && !isFresh) {
        return {
          kind: 'refused',
          code: 'SCHEMA_EXTRA_COLUMN',
          because: `column ${JSON.stringify(name)} is not in the dataset, and schema_evolution is fail`,
        }
      }
      columns.set(name, type)
      if (!isFresh) added.push(name)
    } else if (!isAssignable(type, target)) {
      const wide = declared.has(name) || evolution.types !== 'widen' ? undefined : commonType(target, type)
      if (wide === undefined) {
        return {
          kind: 'refused',
          code: 'SCHEMA_TYPE',
          because: `column ${JSON.stringify(name)} is ${came} in the file and ${target} in the dataset`,
        }
      }
      columns.set(name, wide)
    }
  }
  return { kind: 'ok', columns: [...columns].map(([name, type]) => ({ name, type })), added }
}

/** The narrowest type that holds the values of both without loss; undefined where there is none. */
export function commonType(one: string, other: string): string | undefined {
  const both = [one, other].map((type) => parseType(type))
  const decimals = both.filter((type) => type?.class === 'decimal')
  const scale = Math.max(0, ...decimals.map((type) => type?.scale ?? 0))
  // An integer has up to 20 digits; those it needs before the point decide below which candidate holds it.
  const whole = Math.max(0, ...decimals.map((type) => (type?.precision ?? 0) - (type?.scale ?? 0)))
  const candidates = [
    one,
    other,
    ...BETWEEN,
    ...[whole, 3, 5, 10, 19, 20].map((digits) => decimalOf(digits, whole, scale)),
  ]
  return candidates.find((type) => type !== undefined && isAssignable(one, type) && isAssignable(other, type))
}

/** Types that hold two others of which neither holds the other. Parquet has no integer beyond 64 bits. */
const BETWEEN = ['SMALLINT', 'INTEGER', 'BIGINT'] as const

function decimalOf(digits: number, least: number, scale: number): string | undefined {
  const precision = Math.max(digits, least) + scale
  return precision > 38 || precision === 0 ? undefined : `DECIMAL(${precision},${scale})`
}

/** The select list that turns a file's columns into the dataset's. */
export function projectColumns(
  target: readonly ColumnSchema[],
  file: readonly ColumnSchema[],
  dialect: Dialect,
): string {
  const types = new Map(file.map((column) => [foldName(column.name), column.type]))
  return target
    .map(({ name, type }) => {
      const quoted = dialect.identifier(name)
      const own = types.get(foldName(name))
      if (own === type) return `${quoted} AS ${quoted}`
      return `CAST(${own === undefined ? 'NULL' : quoted} AS ${type}) AS ${quoted}`
    })
    .join(', ')
}

/** Names that differ in the case of A–Z only are one column. */
export function foldName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}
