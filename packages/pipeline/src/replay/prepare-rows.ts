/**
 * Brings a record of rejected rows into the form that text files have after their conversion: the columns, the row's place in
 * its file, and the names of the cells whose text did not fit. From there on they go the way of any file.
 */
import path from 'node:path'
import {
  isTidegateError,
  MISFIT_COLUMN,
  ROW_COLUMN,
  RULES_COLUMN,
  type ColumnSchema,
  type Contract,
  type Dialect,
  type FileVersion,
  type Session,
  type SourceConfig,
} from '@tidegate/core'
import { describeParquet, escapeEngineGlob } from '@tidegate/parquet'
import type { PipelineEffects } from '../effects.ts'
import type { ReadableFile } from '../judge-batch.ts'
import { prepareFile, relationOf } from '../prepare-file.ts'
import type { FoundRows } from './find-rows.ts'

export interface PrepareRowsSettings {
  readonly source: SourceConfig
  readonly contract: Contract | undefined
  readonly workFolder: string
  /** Makes the names of the work files different. */
  readonly index: number
}

export async function prepareRows(
  found: FoundRows,
  { source, contract, workFolder, index }: PrepareRowsSettings,
  session: Session,
  effects: Pick<PipelineEffects, 'store' | 'signal'>,
): Promise<ReadableFile> {
  const { signal } = effects
  const { dialect } = session
  const all = await describeParquet(session, found.file, { signal })
  const columns = all.filter(({ name }) => !isOurs(name))
  const version = versionOf(found)
  const own = recordSql(found.file, all, columns, dialect)
  const out = path.join(workFolder, `rows-${index}.parquet`)
  const file = { kind: 'readable', version, rejectedLines: [], rejectedCount: 0, converted: true, scan: out } as const
  const again = found.edited
    ? undefined
    : await readAgain(found, own, { source, contract, workFolder, index }, session, effects)
  const rowsRead = await copyRows(again?.sql ?? own, out, session, signal)
  return { ...file, columns: again?.columns ?? columns, rowsRead, read: again?.read ?? contract?.read }
}

/**
 * Quarantine keeps a row without the text that did not fit its column. Where the file itself is still what it was, its rows are
 * read from there, by the contract as it is now: the column may have another type meanwhile.
 */
async function readAgain(
  { version }: FoundRows,
  own: string,
  { source, contract, workFolder }: PrepareRowsSettings,
  session: Session,
  effects: Pick<PipelineEffects, 'store' | 'signal'>,
): Promise<
  { readonly sql: string; readonly columns: readonly ColumnSchema[]; readonly read: ReadableFile['read'] } | undefined
> {
  const { signal, store } = effects
  const { dialect } = session
  const misfit = dialect.identifier(MISFIT_COLUMN)
  const { rows } = await session.query(`SELECT count(*) FROM (${own}) WHERE len(${misfit}) > 0`, { signal })
  if (Number(rows[0]?.[0] ?? 0) === 0) return undefined
  const now = await store.stat(version.uri)
  if (now === undefined || (await store.hash(version.uri, signal)) !== version.hash) return undefined
  try {
    const file = { ...versionOf({ version }), stamp: now.stamp }
    const prepared = await prepareFile(file, source, contract, session, workFolder, effects)
    if (prepared.kind === 'unreadable' || !prepared.converted) return undefined
    const relation = relationOf([prepared], session)
    const row = dialect.identifier(ROW_COLUMN)
    const names = [...prepared.columns.map(({ name }) => name), ROW_COLUMN, MISFIT_COLUMN]
    const list = names.map((name) => dialect.identifier(name)).join(', ')
    return {
      sql: `SELECT ${list} FROM ${relation.sql} WHERE ${row} IN (SELECT ${row} FROM (${own}))`,
      columns: prepared.columns,
      read: prepared.read,
    }
  } catch (error) {
    // What is in quarantine is still there to be looked at.
    if (!isTidegateError(error)) throw error
    return undefined
  }
}

/** A cell was a misfit when the row's rules say so, and is one as long as it has no value: a person may have given it one. */
function recordSql(
  file: string,
  all: readonly ColumnSchema[],
  columns: readonly ColumnSchema[],
  dialect: Dialect,
): string {
  const has = (name: string): boolean => all.some((column) => column.name === name)
  const row = dialect.identifier(ROW_COLUMN)
  const rules = dialect.identifier(RULES_COLUMN)
  const contains = dialect.name === 'duckdb' ? 'list_contains' : 'array_contains'
  const misfits = columns.map(({ name }) => ({
    label: name,
    conditionSql: `${contains}(${rules}, ${dialect.literal(misfitId(name))}) AND ${dialect.identifier(name)} IS NULL`,
  }))
  const labels = has(RULES_COLUMN) && misfits.length > 0 ? dialect.labelsWhere(misfits) : '[]'
  const list = [
    ...columns.map(({ name }) => dialect.identifier(name)),
    `${has(ROW_COLUMN) ? `CAST(${row} AS BIGINT)` : 'file_row_number'} AS ${row}`,
    `CAST(${labels} AS VARCHAR[]) AS ${dialect.identifier(MISFIT_COLUMN)}`,
  ]
  const numbered = has(ROW_COLUMN) ? '' : ', file_row_number=true'
  return `SELECT ${list.join(', ')} FROM read_parquet([${dialect.literal(escapeEngineGlob(file))}], hive_partitioning=false${numbered})`
}

async function copyRows(sql: string, out: string, session: Session, signal: AbortSignal): Promise<number> {
  const { dialect } = session
  await session.query(`COPY (${sql}) TO ${dialect.literal(out)} (FORMAT parquet)`, { signal })
  const { rows } = await session.query(
    `SELECT count(*) FROM read_parquet([${dialect.literal(escapeEngineGlob(out))}])`,
    {
      signal,
    },
  )
  return Number(rows[0]?.[0] ?? 0)
}

function versionOf({ version }: Pick<FoundRows, 'version'>): FileVersion {
  const { id, source, dataset, path, ordinal, uri, stamp, bytes, modifiedAtMs, hash } = version
  return { id, source, dataset, path, ordinal, uri, stamp, sizeBytes: bytes, modifiedAtMs, contentHash: hash }
}

/** Id of the check that says that texts of a column do not fit its type. */
export function misfitId(column: string): string {
  return `schema:${column}:misfit`
}

function isOurs(name: string): boolean {
  return name.toLowerCase().startsWith('__tg_')
}
