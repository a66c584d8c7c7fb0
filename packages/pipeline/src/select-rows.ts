import type { Session } from '@tidegate/core'
import { NO_FIT } from './fit-columns.ts'
import type { ReadableFile } from './judge-batch.ts'
import type { PlannedBatch } from './plan-batches.ts'
import { droppedSql, type RowFilter } from './row-filter.ts'
import { projectRows, type TargetLayout } from './target-layout.ts'
import { ROW_COLUMN } from '@tidegate/core'

export interface SelectContext {
  readonly session: Session
  readonly layout: TargetLayout
  readonly batch: PlannedBatch
  readonly filter: RowFilter | undefined
  /** SQL of the file's path below the source's root. */
  readonly path: string
}

/** Good rows of files of one form, as rows of the target. `from` has the file and row columns and those of the fit. */
export function selectRows(
  from: string,
  file: Pick<ReadableFile, 'columns' | 'fit'>,
  { session, layout, batch, filter, path }: SelectContext,
): string {
  const { dialect } = session
  const fit = { columns: file.columns, casts: (file.fit ?? NO_FIT).casts }
  const place = { pathSql: path, rowSql: dialect.identifier(ROW_COLUMN), batch: batch.batch }
  const dropped = filter === undefined ? undefined : droppedSql(filter, file.columns, dialect)
  return `SELECT ${projectRows(layout, fit, place, dialect)} FROM ${from}${dropped === undefined ? '' : ` WHERE NOT ${dropped}`}`
}
