import type { Cell, Contract, Relation, Session } from '@tidegate/core'
import { sensitiveColumns } from '../compile/compile-contract.ts'
import { maskRecord } from '../evaluate/mask.ts'
import type { RowRule } from './row-rules.ts'
import { judgedRows } from './split-sql.ts'

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
  const { from, conditions } = judgedRows(relation, predicates, dialect, options.file)
  const labels = dialect.labelsWhere(
    predicates.map((rule, index) => ({ label: rule.check, conditionSql: conditions[index] ?? rule.violatedSql })),
  )
  const names = shown.map((column) => dialect.identifier(column.name))
  const { rows } = await session.query(
    `SELECT ${[row, labels, ...names].join(', ')} FROM ${from} WHERE ${conditions.join(' OR ')} ORDER BY ${row} LIMIT ${limit}`,
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
