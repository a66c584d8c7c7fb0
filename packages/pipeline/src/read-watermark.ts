import path from 'node:path'
import type {
  Cell,
  ColumnSchema,
  Contract,
  LedgerPart,
  Session,
  SourceConfig,
  Staging,
  Watermark,
} from '@tidegate/core'
import { parseType } from '@tidegate/dq'
import type { PipelineEffects } from './effects.ts'
import { comparedAs, isEndless } from './row-filter.ts'

export interface WatermarkSettings {
  readonly source: Pick<SourceConfig, 'watermark'>
  readonly contract: Contract | undefined
}

/**
 * The highest value of the source's watermark column over the rows this batch loads, read from the staged parts (their
 * footers, mostly). A reading aid, never the proof of what was read. Undefined without rows, column or setting;
 * and, with a note, where the contract calls the column sensitive, since people and logs are shown the value as it is. NaN and infinities do not count.
 */
export async function readWatermark(
  draft: { readonly add: readonly LedgerPart[]; readonly columns: readonly ColumnSchema[] },
  staging: Pick<Staging, 'directory'>,
  { source, contract }: WatermarkSettings,
  session: Session,
  effects: Pick<PipelineEffects, 'report' | 'signal'>,
): Promise<Watermark | undefined> {
  const setting = source.watermark
  const parts = draft.add.filter((part) => part.rows > 0)
  if (setting === undefined || parts.length === 0) return undefined
  if (contract !== undefined && isSensitive(setting.column, contract)) {
    const message = `the watermark column ${JSON.stringify(setting.column)} is sensitive in the contract, so no watermark is kept`
    effects.report({ kind: 'note', level: 'warn', message })
    return undefined
  }
  const column = draft.columns.find(({ name }) => name === setting.column)
  if (column === undefined) return undefined
  const { dialect } = session
  const type = setting.type ?? column.type
  const name = dialect.identifier(column.name)
  const compared = comparedAs(column.type, type)?.text ?? column.type
  const cell = compared === parseType(column.type)?.text ? name : dialect.tryCast(name, compared)
  const from = rowsOf(parts, column, staging, session)
  const highest = async (where: string): Promise<Cell> => {
    const { rows } = await session.query(`SELECT CAST(max(${cell}) AS VARCHAR) FROM ${from}${where}`, {
      signal: effects.signal,
    })
    return rows[0]?.[0] ?? null
  }
  let value = await highest('')
  if (typeof value === 'string' && isEndless(value) && comparedAs(column.type, type)?.class !== 'text') {
    // One NaN or infinity would be the highest value for ever.
    const endless = ['nan', 'inf', '-inf', 'infinity', '-infinity'].map((text) => dialect.literal(text))
    value = await highest(` WHERE lower(CAST(${cell} AS VARCHAR)) NOT IN (${endless.join(', ')})`)
  }
  return typeof value === 'string' ? { column: column.name, type, value } : undefined
}

/** The staged parts; a column that they are partitioned by is in their names and not in them. */
function rowsOf(
  parts: readonly LedgerPart[],
  { name, type }: ColumnSchema,
  staging: Pick<Staging, 'directory'>,
  { dialect }: Session,
): string {
  const column = dialect.identifier(name)
  const values = parts.map(({ partition }) => partition?.[name])
  if (values.some((value) => value !== undefined)) {
    const list = values.map((value) => `(${dialect.literal(value ?? null)})`).join(', ')
    return `(SELECT ${dialect.tryCast(dialect.identifier('value'), type)} AS ${column} FROM (VALUES ${list}) AS parts(${dialect.identifier('value')}))`
  }
  const files = parts.map((part) => dialect.literal(path.join(staging.directory, path.basename(part.staged))))
  return `read_parquet([${files.join(', ')}], union_by_name = true)`
}

/** The engine finds columns in any case of letters. */
function isSensitive(name: string, { schema }: Contract): boolean {
  return Object.entries(schema.columns).some(
    ([own, { sensitive }]) => sensitive !== undefined && own.toLowerCase() === name.toLowerCase(),
  )
}
