import type { Cell, UnexpectedRow } from '@tidegate/core'
import type { CaptureSettings, PlannedCheck } from '../plan/check-plan.ts'
import type { SensitiveColumns } from '../compile/compiled-contract.ts'
import { column, type Expression } from '../expression/expression.ts'
import { maskRecord, maskValue } from './mask.ts'
import { renderExpression, type SqlScope } from '../expression/render-expression.ts'

/** Stands for the value where there is none to show, only a row. */
export const NOTHING: Expression = { op: 'literal', value: null }

/** An unexpected row as it comes from the engine. */
export interface CapturedRow {
  readonly row: number
  readonly value: Cell
  readonly index: readonly Cell[]
}

/** One unexpected row as a record. Index columns go by number: their names may differ by case only, a record's may not. */
export function recordSql(of: Expression, scope: SqlScope, { indexColumns }: CaptureSettings): string {
  const fields: (readonly [string, Expression])[] = [
    ['row', column(scope.relation.rowColumn)],
    ['value', of],
    ...indexColumns.map((name, place) => [`i${place}`, column(name)] as const),
  ]
  return renderExpression({ op: 'record', fields }, scope)
}

/** Reads the list of such records; undefined where there is none. */
export function parseCaptured(
  cell: Cell | undefined,
  { indexColumns }: CaptureSettings,
): readonly CapturedRow[] | undefined {
  if (!Array.isArray(cell)) return undefined
  return (cell as readonly Readonly<Record<string, Cell>>[]).map((record) => ({
    row: Number(record['row']),
    value: record['value'] ?? null,
    index: indexColumns.map((_, place) => record[`i${place}`] ?? null),
  }))
}

/** Where the values were found, without what must not be shown. */
export function shownRows(
  file: string,
  rows: readonly CapturedRow[],
  { indexColumns }: CaptureSettings,
  sensitive: SensitiveColumns,
): readonly UnexpectedRow[] {
  return rows.map(({ row, index }) => {
    if (indexColumns.length === 0) return { file, row }
    const values = indexColumns.map((name, place) => [name, index[place] ?? null] as const)
    return { file, row, index: maskRecord(values, sensitive) }
  })
}

/** Values as they may be shown. A record (several columns) is masked field by field. */
export function shownValues(
  { columns }: Pick<PlannedCheck, 'columns'>,
  values: readonly Cell[],
  sensitive: SensitiveColumns,
): readonly Cell[] {
  if (sensitive.size === 0) return values
  const [only = ''] = columns
  return values.map((value) =>
    columns.length !== 1 && value !== null && typeof value === 'object' && !Array.isArray(value)
      ? { ...maskRecord(Object.entries(value) as [string, Cell][], sensitive) }
      : (maskValue(only, value, sensitive) ?? null),
  )
}
