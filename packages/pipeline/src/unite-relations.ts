import type { ColumnSchema, Dialect, Relation } from '@tidegate/core'
import { isAssignable } from '@tidegate/dq'

/**
 * Files of different columns as one relation, with the columns that all of them have. Where types differ it is the one that
 * holds the others without loss, or else text. One relation alone is itself. Pure.
 */
export function uniteRelations(relations: readonly Relation[], dialect: Dialect): Relation {
  const [first, ...rest] = relations
  if (first === undefined) throw new Error('nothing to unite')
  if (rest.length === 0) return first
  const columns = first.columns.flatMap(({ name }): ColumnSchema[] => {
    const types = relations.map((relation) => relation.columns.find((column) => column.name === name)?.type)
    const known = types.filter((type) => type !== undefined)
    return known.length < relations.length ? [] : [{ name, type: commonType(known) }]
  })
  const selects = relations.map((relation) => {
    const list = columns.map(({ name, type }) => {
      const quoted = dialect.identifier(name)
      const own = relation.columns.find((column) => column.name === name)?.type
      return own === type ? quoted : `CAST(${quoted} AS ${type}) AS ${quoted}`
    })
    const places = [
      `${dialect.identifier(relation.fileColumn)} AS ${dialect.identifier(first.fileColumn)}`,
      `${dialect.identifier(relation.rowColumn)} AS ${dialect.identifier(first.rowColumn)}`,
    ]
    return `SELECT ${[...list, ...places].join(', ')} FROM ${relation.sql}`
  })
  return {
    sql: `(${selects.join(' UNION ALL ')})`,
    columns,
    fileColumn: first.fileColumn,
    rowColumn: first.rowColumn,
    files: relations.flatMap(({ files }) => files.map(({ key, path, rows }) => ({ key, path, rows }))),
  }
}

function commonType(types: readonly string[]): string {
  return types.find((wide) => types.every((type) => type === wide || isAssignable(type, wide))) ?? 'VARCHAR'
}
