import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cell, ColumnSchema, Relation, Session } from '@tidegate/core'
import { metricKey, renderMetric, type Metric } from '../expression/metric.ts'
import { proveMetrics, type Proofs } from '../proofs/prove-metrics.ts'

/** A folder for Parquet files; removed at the end of a `using` block. */
export function tempFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'tidegate-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

/** Writes the rows of a query, 2,048 to a row group, and returns the file as a relation. */
export async function writtenRelation(session: Session, file: string, query: string): Promise<Relation> {
  const { dialect } = session
  await session.query(`COPY (${query}) TO ${dialect.literal(file)} (FORMAT parquet, ROW_GROUP_SIZE 2048)`)
  return parquetFileRelation(session, file)
}

/** A Parquet file as a relation. */
export async function parquetFileRelation(session: Session, file: string): Promise<Relation> {
  const name = session.dialect.literal(file)
  const { rows } = await session.query(`DESCRIBE SELECT * FROM read_parquet(${name})`)
  const columns: ColumnSchema[] = rows.map((row) => ({ name: String(row[0]), type: String(row[1]) }))
  return {
    sql: `(SELECT *, ${name} AS __tg_file, file_row_number AS __tg_row FROM read_parquet(${name}, file_row_number=true))`,
    columns,
    fileColumn: '__tg_file',
    rowColumn: '__tg_row',
    files: [{ key: file, path: file, parquet: file }],
  }
}

/** Proves metrics of a relation of one file by its footer. */
export async function provedBy(session: Session, relation: Relation, metrics: readonly Metric[]): Promise<Proofs> {
  const statistics = await session.fileStatistics(relation.files.map((file) => file.parquet ?? ''))
  return proveMetrics(new Map(metrics.map((metric) => [metricKey(metric), metric])), relation, statistics)
}

/** What a scan answers, in the order of the metrics. No rows count as 0, however the engine says it. */
export async function scanned(
  session: Session,
  relation: Relation,
  metrics: readonly Metric[],
): Promise<readonly Cell[]> {
  if (metrics.length === 0) return []
  const select = metrics.map((metric) => renderMetric(metric, { dialect: session.dialect, relation }, 20))
  const { rows } = await session.query(`SELECT ${select.join(', ')} FROM ${relation.sql}`)
  return metrics.map((metric, index) => {
    const cell = rows[0]?.[index] ?? null
    return cell === null && (metric.kind === 'count' || metric.kind === 'present') ? 0 : cell
  })
}
