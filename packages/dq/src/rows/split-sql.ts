import {
  FILE_COLUMN,
  ROW_COLUMN,
  RULES_COLUMN,
  TidegateError,
  type ColumnSchema,
  type Dialect,
  type Relation,
} from '@tidegate/core'
import { parseType } from '../expression/data-type.ts'
import type { RowRule } from './row-rules.ts'

export interface SplitOptions {
  /** Key of the one file to take rows of. @defaultValue all files */
  readonly file?: string | undefined
  /** Columns of the good rows, in order, with the types they are cast to. One that the relation lacks is NULL. */
  readonly columns: readonly ColumnSchema[]
}

/**
 * Two SELECTs over a relation: its good rows, and those that break at least one rule. Together they are all rows.
 *
 * - good: the wanted columns only, cast to their types
 * - rejected: the columns as they came, then `__tg_rules` (VARCHAR[], ids of the rules), `__tg_file` (the file's path) and
 *   `__tg_row` (its 0-based place in the file)
 *
 * @throws `CHECK_FILE` for a key that the relation does not have, `CHECK_TYPE` for a type that is none
 */
export function splitSql(
  relation: Relation,
  rules: readonly RowRule[],
  dialect: Dialect,
  options: SplitOptions,
): { readonly good: string; readonly rejected: string } {
  const wanted = options.columns.map((column) => wantedColumn(column, relation, dialect)).join(', ')
  const own = relation.columns.map((column) => dialect.identifier(column.name))
  const { from, conditions } = judgedRows(relation, rules, dialect, options.file)
  const labels = dialect.labelsWhere(
    rules.map((rule, index) => ({ label: rule.check, conditionSql: conditions[index] ?? rule.violatedSql })),
  )
  const file = `${filePath(relation, dialect, options.file)} AS ${dialect.identifier(FILE_COLUMN)}`
  const row = `${dialect.identifier(relation.rowColumn)} AS ${dialect.identifier(ROW_COLUMN)}`
  const broken = conditions.length === 0 ? dialect.literal(false) : `(${conditions.join(' OR ')})`
  const good = `SELECT ${wanted} FROM ${from}${conditions.length === 0 ? '' : ` WHERE NOT ${broken}`}`
  const shown = [...own, `${labels} AS ${dialect.identifier(RULES_COLUMN)}`, file, row].join(', ')
  const rejected = `SELECT ${shown} FROM ${from} WHERE ${broken}`
  return { good, rejected }
}

/**
 * What to select from, and each rule as a condition there. The reasons are worked out for rejected rows only: labelling every
 * row and then filtering took twice as long.
 */
export function judgedRows(
  relation: Relation,
  rules: readonly RowRule[],
  dialect: Dialect,
  file: string | undefined,
): { readonly from: string; readonly conditions: readonly string[] } {
  const where = fileCondition(relation, dialect, file)
  const whole = `${relation.sql}${where}`
  const windowed = rules.some((rule) => rule.windowed === true)
  if (where === '' && !windowed) return { from: whole, conditions: rules.map((rule) => rule.violatedSql) }
  // A window function may not stand in WHERE, so the rules are columns of a subquery.
  const names = rules.map((_, index) => dialect.identifier(`__tg_c${index}`))
  const columns = ['*', ...rules.map((rule, index) => `${rule.violatedSql} AS ${names[index] ?? ''}`)]
  return {
    from: `(SELECT ${columns.join(', ')} FROM ${whole}) AS ${dialect.identifier('__tg_rows')}`,
    conditions: names,
  }
}

/** ` WHERE file = key`, or nothing. */
function fileCondition(relation: Relation, dialect: Dialect, key: string | undefined): string {
  if (key === undefined) return ''
  if (!relation.files.some((file) => file.key === key))
    throw new TidegateError('CHECK_FILE', `the relation has no file with the key ${JSON.stringify(key)}`)
  return relation.files.length === 1
    ? ''
    : ` WHERE ${dialect.identifier(relation.fileColumn)} = ${dialect.literal(key)}`
}

function wantedColumn(wanted: ColumnSchema, relation: Relation, dialect: Dialect): string {
  const name = dialect.identifier(wanted.name)
  const actual = relation.columns.find((column) => column.name === wanted.name)
  if (actual?.type === wanted.type) return name
  if (parseType(wanted.type) === undefined)
    throw new TidegateError('CHECK_TYPE', `${JSON.stringify(wanted.type)} is not a type`)
  return `CAST(${actual === undefined ? dialect.literal(null) : name} AS ${wanted.type}) AS ${name}`
}

/** People's name of the file; usually the key itself. */
function filePath(relation: Relation, dialect: Dialect, key: string | undefined): string {
  const [only] = relation.files
  const file =
    key === undefined
      ? relation.files.length === 1
        ? only
        : undefined
      : relation.files.find((item) => item.key === key)
  if (file !== undefined) return dialect.literal(file.path)
  const column = dialect.identifier(relation.fileColumn)
  const renamed = relation.files.filter((item) => item.path !== item.key)
  if (renamed.length === 0) return column
  const cases = renamed.map((item) => `WHEN ${dialect.literal(item.key)} THEN ${dialect.literal(item.path)}`)
  return `CASE ${column} ${cases.join(' ')} ELSE ${column} END`
}
