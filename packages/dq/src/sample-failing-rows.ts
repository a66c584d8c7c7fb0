import type { Cell, Contract, Relation, Session } from '@tidegate/core'
import { sensitiveColumns } from './compile-contract.ts'
import { maskRecord } from './mask.ts'
import type { RowRule } from './row-rules.ts'
import { fileCondition } from './split-sql.ts'

export interface FailingRow {
  /** 0-based place in its file. */
  readonly row: number
  /** Ids of the rules it breaks. */
  readonly rules: readonly string[]
  /** Its values by column; sensitive ones masked, hashed or left out as the contract says. */
  readonly values: Readonly<Record<string, Cell>>
}

export interface SampleRowsOptions {
  /** Key of the file. @defaultValue all files */
  readonly file?: string | undefined
  /** @defaultValue 20 */
  readonly limit?: number | undefined
  readonly contract: Pick<Contract, 'schema'>
  readonly signal?: AbortSignal | undefined
}

/** The first rows, in the file's order, that break at least one of the rules. */
export async function sampleFailingRows(
  session: Session,
  relation: Relation,
  predicates: readonly RowRule[],
  options: SampleRowsOptions,
): Promise<readonly FailingRow[]> {
  const limit = Math.max(0, Math.floor(options.limit ?? 20))
  if (predicates.length === 0 || limit === 0 || relation.files.length === 0) return []
  const { dialect } = session
  const sensitive = sensitiveColumns(options.contract)
  const shown = relation.columns.filter((column) => sensitive.get(column.name) !== 'drop')
  const row = dialect.identifier(relation.rowColumn)
  const [bad, rules] = [dialect.identifier('__tg_bad'), dialect.identifier('__tg_labels')]
  const labels = dialect.labelsWhere(predicates.map((rule) => ({ label: rule.check, conditionSql: rule.violatedSql })))
  const broken = predicates.map((rule) => rule.violatedSql).join(' OR ')
  const names = shown.map((column) => dialect.identifier(column.name))
  const inner = [row, `${labels} AS ${rules}`, `(${broken}) AS ${bad}`, ...names].join(', ')
  const where = fileCondition(relation, dialect, options.file)
  const { rows } = await session.query(
    `SELECT ${[row, rules, ...names].join(', ')} FROM (SELECT ${inner} FROM ${relation.sql}${where}) AS ${dialect.identifier('__tg_rows')}` +
      ` WHERE ${bad} ORDER BY ${row} LIMIT ${limit}`,
    { signal: options.signal },
  )
  return rows.map(([place = 0, broke, ...cells]) => ({
    row: Number(place),
    rules: Array.isArray(broke) ? broke.map(String) : [],
    values: {
      ...maskRecord(
        shown.map((column, index) => [column.name, cells[index] ?? null] as const),
        sensitive,
      ),
    },
  }))
}
