import type { Cell } from '@tidegate/core'
import type { UnexpectedPlace } from './attach-unexpected.ts'
import type { CapturedRow } from './capture-record.ts'
import type { PlannedCheck } from '../plan/check-plan.ts'
import { column, type Expression } from '../expression/expression.ts'
import { liftedFrom, liftedScope } from '../plan/lift-expressions.ts'
import { renderExpression } from '../expression/render-expression.ts'
import { isFatal } from './run-query.ts'

/** Rows in one answer of the engine. There are as many answers as it takes. */
const ROWS_PER_PAGE = 100_000

/**
 * Every unexpected row of a check, by file, in the file's order: without a cap, so their number decides how much memory
 * that takes. Undefined where the engine refuses: the counts are known, and the first rows may be shown without it.
 */
export async function fetchComplete(
  check: PlannedCheck,
  place: UnexpectedPlace,
): Promise<ReadonlyMap<string, readonly CapturedRow[]> | undefined> {
  const { violated, shown } = check
  if (violated === undefined || shown === undefined) return undefined
  try {
    return await fetchPages(violated, shown, place)
  } catch (error) {
    if (isFatal(error)) throw error
    return undefined
  }
}

async function fetchPages(
  violated: Expression,
  shown: Expression,
  place: UnexpectedPlace,
): Promise<ReadonlyMap<string, readonly CapturedRow[]>> {
  const byFile = new Map<string, CapturedRow[]>()
  let after: readonly [file: string, row: number] | undefined
  for (;;) {
    const { rows } = await place.session.query(pageSql(violated, shown, after, place), place.query)
    for (const [file, row, value, ...index] of rows) {
      const list = byFile.get(String(file)) ?? []
      list.push({ row: Number(row), value: value ?? null, index })
      byFile.set(String(file), list)
    }
    const last: readonly Cell[] | undefined = rows.at(-1)
    if (last === undefined || rows.length < ROWS_PER_PAGE) return byFile
    after = [String(last[0]), Number(last[1])]
  }
}

function pageSql(
  violated: Expression,
  shown: Expression,
  after: readonly [file: string, row: number] | undefined,
  { session: { dialect }, plan: { relation, capture }, failingValues }: UnexpectedPlace,
): string {
  const { scope, liftsOf } = liftedScope({ relation, dialect, failingValues })
  const from = liftedFrom(relation.sql, liftsOf([violated, shown]), dialect)
  const [file, row] = [dialect.identifier(relation.fileColumn), dialect.identifier(relation.rowColumn)]
  const values = [shown, ...capture.indexColumns.map(column)].map((value) => renderExpression(value, scope))
  const next =
    after === undefined
      ? ''
      : ` AND (${file} > ${dialect.literal(after[0])} OR (${file} = ${dialect.literal(after[0])} AND ${row} > ${after[1]}))`
  return (
    `SELECT ${[file, row, ...values].join(', ')}\nFROM ${from}\nWHERE ${renderExpression(violated, scope)}${next}` +
    `\nORDER BY ${file}, ${row}\nLIMIT ${ROWS_PER_PAGE}`
  )
}
