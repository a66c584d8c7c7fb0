import path from 'node:path'
import type { Session, SourceConfig, Staging, Watermark } from '@tidegate/core'
import type { BatchDraft } from './stage-file.ts'

/**
 * The highest value of the source's watermark column over the rows this batch loads, read from the staged parts (their
 * footers, mostly). A reading aid, never the proof of what was read. Undefined without rows, column or setting.
 */
export async function readWatermark(
  draft: BatchDraft,
  staging: Staging,
  source: SourceConfig,
  session: Session,
  signal: AbortSignal,
): Promise<Watermark | undefined> {
  const setting = source.watermark
  const column = draft.columns.find(({ name }) => name === setting?.column)
  const parts = draft.add.filter((part) => part.rows > 0)
  if (setting === undefined || column === undefined || parts.length === 0) return undefined
  const { dialect } = session
  const files = parts.map((part) => dialect.literal(path.join(staging.directory, path.basename(part.staged))))
  const { rows } = await session.query(
    `SELECT CAST(max(${dialect.identifier(column.name)}) AS VARCHAR) FROM read_parquet([${files.join(', ')}], union_by_name = true)`,
    { signal },
  )
  const value = rows[0]?.[0]
  if (typeof value !== 'string') return undefined
  return { column: column.name, type: setting.type ?? column.type, value }
}
