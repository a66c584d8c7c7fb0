import path from 'node:path'
import type { ColumnSchema, Contract, Destination, Dialect } from '@tidegate/core'
import { TARGET_TABLE, type OtherTable } from '@tidegate/dq'

/**
 * The rows that the target holds now, for checks that look for repetitions of loaded keys. Nothing where no check asks, or
 * where the target keeps no rows. Parts of files that this batch replaces are left out: their rows go away with its commit.
 */
export async function targetTables(
  contract: Contract | undefined,
  destination: Pick<Destination, 'kind' | 'location' | 'liveParts' | 'currentSchema'>,
  replaced: ReadonlySet<string>,
  dialect: Dialect,
): Promise<ReadonlyMap<string, OtherTable>> {
  const asks = contract?.expectations.some(({ kwargs }) => kwargs['scope'] === TARGET_TABLE) ?? false
  if (!asks || contract === undefined || destination.kind === 'none') return new Map()
  const columns = (await destination.currentSchema())?.columns ?? contractColumns(contract)
  const parts = (await destination.liveParts()).filter((part) => !part.files.some((file) => replaced.has(file)))
  const files = parts.map((part) => path.join(destination.location, part.visible))
  const sql = files.length === 0 ? emptyTable(columns, dialect) : readParts(files, columns, dialect)
  return new Map([[TARGET_TABLE, { sql, columns }]])
}

function contractColumns({ schema }: Contract): readonly ColumnSchema[] {
  return Object.entries(schema.columns).map(([name, { type }]) => ({ name, type }))
}

/** A part that was written before a column came is read with NULLs in it. */
function readParts(files: readonly string[], columns: readonly ColumnSchema[], dialect: Dialect): string {
  const list = files.map((file) => dialect.literal(file)).join(', ')
  const names = columns.map(({ name }) => dialect.identifier(name)).join(', ')
  return `(SELECT ${names} FROM read_parquet([${list}], union_by_name = true, hive_partitioning = false))`
}

function emptyTable(columns: readonly ColumnSchema[], dialect: Dialect): string {
  const nulls = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${dialect.identifier(name)}`).join(', ')
  return `(SELECT ${nulls} WHERE ${dialect.literal(false)})`
}
