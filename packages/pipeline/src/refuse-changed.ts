/**
 * Files that nothing is wrong with and that must not be loaded all the same: those of which a value would be another one in
 * the target, and those in which the scan saw more rows than their footers count. In a shared part two wrong counts could
 * make up for each other; with none too high and the right sum, none is too low.
 */
import type { ColumnSchema, FileVersionId, Reason, Session } from '@tidegate/core'
import type { JudgedFile } from './judge-batch.ts'
import { mapLanes, type Lanes } from './lanes.ts'
import { relationOf } from './prepare-file.ts'
import type { JudgedRows } from './stage-file.ts'
import { changedSql, storedType } from './stored-types.ts'

/** @param refused files that are held for another reason; comes back with those found here */
export async function refuseChanged(
  judged: ReadonlyMap<FileVersionId, JudgedFile>,
  refused: ReadonlyMap<FileVersionId, Reason>,
  lanes: Lanes,
  signal: AbortSignal,
): Promise<ReadonlyMap<FileVersionId, Reason>> {
  const found = new Map(refused)
  const toScan: { readonly file: JudgedRows; readonly columns: readonly ChangedColumn[] }[] = []
  const byColumns = new Map<unknown, readonly ChangedColumn[]>()
  for (const [id, file] of judged) {
    if (file.kind === 'unreadable' || file.verdict.kind === 'hold' || refused.has(id)) continue
    const seen = rowsSeen(file)
    const counted = file.file.rowsRead - file.file.rejectedCount
    if (seen > counted) {
      const message = `its footer counts ${counted.toLocaleString('en-US')} rows, the engine read ${seen.toLocaleString('en-US')}`
      found.set(id, { check: 'PQ211', severity: 'critical', message })
      continue
    }
    const { columns } = file.file
    const known = byColumns.get(columns)
    const risky = known ?? columns.flatMap((column) => changedColumn(column, lanes[0].dialect))
    if (known === undefined) byColumns.set(columns, risky)
    if (risky.length > 0) toScan.push({ file, columns: risky })
  }
  await mapLanes(toScan, lanes, async ({ file, columns }, session) => {
    const reason = await countChanged(relationOf([file.file], session).sql, columns, session, signal)
    if (reason !== undefined) found.set(file.file.version.id, reason)
  })
  return found
}

/** Why some rows must not be written, if one of their values would be another one in the target. */
export async function changedRows(
  from: string,
  columns: readonly ColumnSchema[],
  session: Session,
  signal: AbortSignal,
): Promise<Reason | undefined> {
  const risky = columns.flatMap((column) => changedColumn(column, session.dialect))
  return risky.length === 0 ? undefined : countChanged(from, risky, session, signal)
}

async function countChanged(
  from: string,
  columns: readonly ChangedColumn[],
  session: Session,
  signal: AbortSignal,
): Promise<Reason | undefined> {
  const counts = columns.map(({ changed }) => `count_if(${changed})`).join(', ')
  const { rows } = await session.query(`SELECT ${counts} FROM ${from}`, { signal })
  const at = columns.findIndex((_, index) => Number(rows[0]?.[index] ?? 0) > 0)
  const column = columns[at]
  if (column === undefined) return undefined
  const amount = Number(rows[0]?.[at]).toLocaleString('en-US')
  const message = `column ${JSON.stringify(column.name)} is ${column.type}, which Parquet does not keep as it is: ${amount} values would change`
  return { check: 'SCHEMA_TYPE', severity: 'critical', message }
}

interface ChangedColumn {
  readonly name: string
  readonly type: string
  readonly changed: string
}

function changedColumn({ name, type }: ColumnSchema, dialect: Lanes[0]['dialect']): readonly ChangedColumn[] {
  if (storedType(type) === undefined) return []
  const changed = changedSql(name, type, dialect)
  return changed === undefined ? [] : [{ name, type, changed }]
}

/** The most rows that a check of the file's own rows went over. */
function rowsSeen({ results }: JudgedRows): number {
  return results.reduce(
    (most, { type, provedBy, scope, elementCount = 0 }) =>
      type !== 'file' && provedBy === 'scan' && (scope === undefined || scope === 'file')
        ? Math.max(most, elementCount)
        : most,
    0,
  )
}
