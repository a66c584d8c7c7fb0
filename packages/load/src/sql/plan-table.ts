/** What has to be done to the target table before rows of these columns can be inserted. Pure. */
import { TidegateError, type ColumnSchema } from '@tidegate/core'
import { PART_COLUMN } from './ledger-tables.ts'
import type { SqlDatabase, TableShape } from './sql-database.ts'
import { isScalar, losesValues } from './type-width.ts'

export interface TablePlan {
  readonly statements: readonly string[]
  /** The table was not made by us: it must be empty. */
  readonly adopts: boolean
  /** Changes of a type under which no row may become another. */
  readonly changes: readonly TypeChange[]
}

export interface TypeChange {
  readonly column: string
  readonly from: string
  readonly to: string
  /** True for a row, of a table called t, whose value would be another one. */
  readonly condition: string
}

type Namer = Pick<
  SqlDatabase,
  'identifier' | 'nameKey' | 'columnType' | 'sameType' | 'alterType' | 'table' | 'afterCreate'
>

/**
 * A table that is not there is made. One that the ledger does not know is taken over if it has these columns with these types
 * and no rows: people may make it themselves, with their constraints; rows of somebody else are never mixed with ours unasked.
 * A column whose type grew since `before` is widened; a type that somebody made wider by hand is left as it is.
 *
 * @param before columns after the newest entry; undefined where the ledger has never had rows
 * @throws TARGET_TABLE_FOREIGN, TARGET_COLUMN
 */
export function planTable(
  shape: TableShape | undefined,
  columns: readonly ColumnSchema[],
  before: readonly ColumnSchema[] | undefined,
  database: Namer,
): TablePlan {
  const table = qualified(database)
  const key = database.nameKey
  const taken = columns.find(({ name }) => key(name) === key(PART_COLUMN))
  if (taken !== undefined) throw badColumn(`The data has a column ${taken.name}, the name of our own column`)
  const partColumn = `${database.identifier(PART_COLUMN)} BIGINT`
  const typed = (column: ColumnSchema): string => `${database.identifier(column.name)} ${database.columnType(column)}`
  if (shape === undefined) {
    const list = [...columns.map(typed), partColumn].join(', ')
    const schema = `CREATE SCHEMA IF NOT EXISTS ${database.identifier(database.table.schema)}`
    return {
      statements: [schema, `CREATE TABLE ${table} (${list})`, ...database.afterCreate],
      adopts: false,
      changes: [],
    }
  }
  if (shape.kind === 'volatile') throw foreign(`${name(database)} is unlogged, so a crash of the server would empty it`)
  if (shape.kind !== 'table') throw foreign(`${name(database)} is not a table`)
  const has = new Map(shape.columns.map((column) => [key(column.name), column]))
  const was = new Map((before ?? []).map((column) => [key(column.name), column]))
  const statements: string[] = []
  const changes: TypeChange[] = []
  for (const column of columns) {
    const found = has.get(key(column.name))
    const wanted = database.columnType(column)
    if (found === undefined) {
      if (before === undefined) throw foreign(`${name(database)} has no column ${column.name}`)
      statements.push(`ALTER TABLE ${table} ADD COLUMN ${typed(column)}`)
    } else if (!database.sameType(found.type, wanted)) {
      if (before === undefined)
        throw foreign(`column ${column.name} of ${name(database)} is ${found.type}, not ${wanted}`)
      const old = was.get(key(column.name))
      const isOurs = old !== undefined && database.sameType(found.type, database.columnType(old))
      if (!isOurs && losesValues(found.type, wanted))
        throw foreign(
          `somebody made column ${column.name} of ${name(database)} ${found.type}, which does not hold ${wanted}`,
        )
      if (!isOurs) continue
      statements.push(database.alterType(column.name, wanted))
      if (!isScalar(found.type) || !isScalar(wanted)) continue
      const cell = `t.${database.identifier(found.name)}`
      const condition = `CAST(CAST(${cell} AS ${wanted}) AS ${found.type}) IS DISTINCT FROM ${cell}`
      changes.push({ column: column.name, from: found.type, to: wanted, condition })
    }
  }
  const adopts = before === undefined
  if (!has.has(key(PART_COLUMN))) {
    if (!adopts) throw foreign(`${name(database)} has lost its column ${PART_COLUMN}`)
    statements.push(`ALTER TABLE ${table} ADD COLUMN ${partColumn}`, ...database.afterCreate)
  }
  return { statements, adopts, changes }
}

export function qualified({ table, identifier }: Pick<SqlDatabase, 'table' | 'identifier'>): string {
  return `${identifier(table.schema)}.${identifier(table.name)}`
}

export function foreign(because: string): TidegateError {
  return new TidegateError('TARGET_TABLE_FOREIGN', `The target table cannot be used: ${because}.`, {
    hint: 'Give another table; or empty it and give it the columns and types of the contract; or drop it, and it is made anew.',
    dataNow: 'Nothing was committed, and the table is as it was.',
  })
}

function badColumn(because: string): TidegateError {
  return new TidegateError('TARGET_COLUMN', `${because}.`, {
    hint: 'Rename the column where the data comes from, or leave it out of the contract.',
    dataNow: 'Nothing was committed.',
  })
}

function name({ table }: Pick<SqlDatabase, 'table'>): string {
  return `${table.schema}.${table.name}`
}
