import { join } from 'node:path'
import { TidegateError, type FileVersionId, type LedgerPart, type QueryOptions, type Session } from '@tidegate/core'
import type { LogState } from '../log-state.ts'
import { parseSchema, type DeltaField } from './delta-type.ts'
import { toEngineType } from './engine-type.ts'
import { fileList } from './parquet-list.ts'
import { decodePath } from './partition.ts'
import { readSnapshot } from './read-snapshot.ts'
import { assertSupported } from './supported.ts'

/**
 * The live rows of a table, of other writers as well, as text after FROM: with the columns that the table has now, those by
 * which it is partitioned included. Undefined for a table without files.
 *
 * @throws DELTA_UNSUPPORTED for a table whose files do not say which of their rows are live, or that lie elsewhere
 */
export async function liveTableRows(
  directory: string,
  session: Session,
  { state, without }: { readonly state: LogState; readonly without: ReadonlySet<FileVersionId> },
  options?: QueryOptions,
): Promise<string | undefined> {
  options?.signal?.throwIfAborted()
  const { dialect } = session
  const { files, metaData, protocol } = await readSnapshot(directory, session, { files: true })
  if (files === undefined || metaData === undefined || protocol === undefined) return undefined
  assertSupported(directory, protocol, metaData)
  const columns = parseSchema(metaData.schemaString).flatMap((field) => {
    const type = toEngineType(field.type)
    return type === undefined ? [] : [{ field, type }]
  })
  const isPartition = (field: DeltaField): boolean => metaData.partitionColumns.includes(field.name)
  // Whole files of one partition go into one scan.
  const groups = new Map<
    string,
    { readonly paths: string[]; readonly values: Readonly<Record<string, string | null>> }
  >()
  const cut: string[] = []
  for (const [path, { partitionValues }] of files) {
    const visible = decodePath(path)
    if (visible === undefined) throw elsewhere(directory, path)
    const part = state.parts.get(visible)
    const rest = part === undefined ? 'all' : rowsWithout(part, without)
    if (rest === 'none') continue
    if (rest === 'all') {
      const key = JSON.stringify(metaData.partitionColumns.map((name) => partitionValues[name] ?? null))
      const group = groups.get(key) ?? { paths: [], values: partitionValues }
      group.paths.push(join(directory, visible))
      groups.set(key, group)
    } else {
      cut.push(scan([join(directory, visible)], partitionValues, rest))
    }
  }
  const scans = [...Array.from(groups.values(), ({ paths, values }) => scan(paths, values)), ...cut]
  if (scans.length === 0 || columns.length === 0) return undefined
  const typed = columns.map(({ field, type }) => `CAST(NULL AS ${type}) AS ${dialect.identifier(field.name)}`)
  const names = columns.map(({ field }) => dialect.identifier(field.name)).join(', ')
  return `(SELECT ${names} FROM (${scans.join(' UNION ALL BY NAME ')} UNION ALL BY NAME SELECT ${typed.join(', ')} WHERE ${dialect.literal(false)}))`

  function scan(
    paths: readonly string[],
    values: Readonly<Record<string, string | null>>,
    rows?: readonly (readonly [from: number, to: number])[],
  ): string {
    const constants = columns
      .filter(({ field }) => isPartition(field))
      .map(({ field, type }) => `CAST(${dialect.literal(values[field.name] ?? null)} AS ${type}) AS ${dialect.identifier(field.name)}`) // prettier-ignore
    const more = constants.map((constant) => `, ${constant}`).join('')
    const numbered = rows === undefined ? '' : ', file_row_number = true'
    const from = `read_parquet(${fileList(dialect, paths)}, union_by_name = true, hive_partitioning = false${numbered})`
    if (rows === undefined) return `SELECT *${more} FROM ${from}`
    const kept = rows.map(([first, last]) => `file_row_number BETWEEN ${first} AND ${last - 1}`).join(' OR ')
    return `SELECT * EXCLUDE (file_row_number)${more} FROM ${from} WHERE ${kept}`
  }
}

/** Ranges of row numbers, from 0, the end not included. */
function rowsWithout(
  { files, ranges }: LedgerPart,
  without: ReadonlySet<FileVersionId>,
): 'all' | 'none' | readonly (readonly [number, number])[] {
  if (files.every((file) => !without.has(file))) return 'all'
  const kept: (readonly [number, number])[] = []
  let start = 0
  for (const { file, rows } of ranges ?? []) {
    if (!without.has(file) && rows > 0) kept.push([start, start + rows])
    start += rows
  }
  return kept.length === 0 ? 'none' : kept
}

function elsewhere(directory: string, path: string): TidegateError {
  return new TidegateError('DELTA_UNSUPPORTED', `The Delta table ${directory} has a file outside of it: ${path}.`, {
    hint: 'Checks with scope `target` need all rows in the folder of the table (no shallow clones).',
    dataNow: 'Nothing was changed.',
  })
}
