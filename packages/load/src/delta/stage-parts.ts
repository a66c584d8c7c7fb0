import { rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import {
  TidegateError,
  type BatchRef,
  type Cell,
  type ColumnSchema,
  type PartRequest,
  type QueryOptions,
  type Session,
  type Staging,
} from '@tidegate/core'
import { fsyncFile } from '@tidegate/storage'
import { hashFile, withFolderErrors } from '../durable.ts'
import { assertVisiblePath } from '../layout.ts'
import type { Mark } from '../mark.ts'
import { openStaging } from '../open-staging.ts'
import { verifyStaged, type StagedFile } from '../verify-staged.ts'
import type { DeltaField } from './delta-type.ts'
import type { DeltaPart } from './manifest.ts'
import { hasFloats, nanColumns, withNan } from './nan-columns.ts'
import { decodePartitionKey, partitionFolders, partitionKeySql } from './partition.ts'
import { planColumns, type PlannedColumn, type TableShape } from './plan-columns.ts'
import { engineStatistics, nullsOf, statisticsText, type EngineStatistics } from './statistics.ts'

export type Codec = 'zstd' | 'snappy' | 'gzip' | 'uncompressed' | 'lz4_raw'

export interface DeltaStaging extends Staging {
  /** Like `stageRows`, one part or more for each partition that has rows. */
  stageParts(session: Session, select: string, part: PartRequest, options?: QueryOptions): Promise<readonly DeltaPart[]>
}

export interface DeltaStagingOptions {
  readonly directory: string
  readonly shape: TableShape
  readonly evolution: 'add_columns' | 'fail'
  readonly codec: Codec
  readonly rowGroupRows: number | undefined
  /** Leaves with statistics; -1 for all. */
  readonly indexed: number | undefined
  readonly mark: Mark
}

const NOTHING = 'Nothing was committed.'

export async function openDeltaStaging(batch: BatchRef, options: DeltaStagingOptions): Promise<DeltaStaging> {
  const { directory, mark } = options
  const inner = await openStaging(batch, {
    directory,
    parts: true,
    compression: 'zstd',
    rowGroupRows: options.rowGroupRows,
    mark,
  })
  const folder = relative(directory, inner.directory)
  // Data files of a Delta table are named once and for all: two attempts of a batch must never share a name.
  const attempt = basename(folder).slice(-8)
  const staged: StagedFile[] = []
  let shape = options.shape
  let count = 0

  async function stageParts(
    session: Session,
    select: string,
    request: PartRequest,
    query?: QueryOptions,
  ): Promise<readonly DeltaPart[]> {
    assertVisiblePath(request.visible)
    const columns = await columnsOf(session, select, query)
    const planned = planColumns(columns, shape, options.evolution)
    // Before anything is awaited: parts that are staged at the same time must agree about new columns.
    shape = { ...shape, fields: [...shape.fields, ...planned.filter(({ isNew }) => isNew).map(({ field }) => field)] }
    count += 1
    const stem = String(count).padStart(5, '0')
    const partitions = planned.filter((column) => column.isPartition)
    const to = `${folder}/${stem}${partitions.length === 0 ? '-0.parquet.sealed' : ''}`
    const copied = await session.query(copyStatement(session, select, planned, join(directory, to), options), query)
    const files = copied.rows.map((row) => copiedFile(copied.columns, row))
    const paths = files.map((_, at) => join(directory, `${folder}/${stem}-${at}.parquet.sealed`))
    for (const [at, { path }] of files.entries()) if (path !== paths[at]) await rename(path, paths[at] ?? path)
    const floats = hasFloats(planned.map(({ field }) => field))
    const nan = await nanColumns(session, floats ? paths : [], query)
    const parts: DeltaPart[] = []
    for (const [at, file] of files.entries()) {
      const engine = withNan(engineStatistics(file.statistics), nan.get(paths[at] ?? '') ?? new Set())
      parts.push(await partOf(file, engine, `${stem}-${at}`, planned, request))
    }
    if (partitions.length > 0) await rm(join(directory, to), { recursive: true, force: true })
    mark('part-written', { visible: request.visible })
    return parts
  }

  async function partOf(
    file: CopiedFile,
    engine: EngineStatistics,
    name: string,
    planned: readonly PlannedColumn[],
    request: PartRequest,
  ): Promise<DeltaPart> {
    const path = `${folder}/${name}.parquet.sealed`
    const absolute = join(directory, path)
    const { size } = await stat(absolute)
    staged.push({ path: absolute, bytes: size, parquetRows: file.rows })
    const partitionValues = valuesOf(file.keys, planned, shape.partitionColumns)
    const data = inOrder(planned, shape.fields).filter((column) => !column.isPartition)
    const dataFields = data.map(({ field }) => field)
    assertNoNulls(dataFields, (field) => (file.rows === 0 ? 0 : nullsOf(field, engine)))
    const visible = visiblePath(
      request.visible,
      `${attempt}-${name}`,
      partitionFolders(shape.partitionColumns, partitionValues),
    )
    assertVisiblePath(visible)
    return {
      staged: path,
      visible,
      bytes: size,
      rows: file.rows,
      hash: await hashFile(absolute),
      files: request.files,
      delta: {
        partitionValues,
        stats: statisticsText(file.rows, dataFields, engine, options.indexed),
        fields: planned.map(({ field }) => field),
        partitionColumns: shape.partitionColumns,
      },
    }
  }

  const guarded: DeltaStaging['stageParts'] = (...args) => withFolderErrors(NOTHING, () => stageParts(...args))
  return {
    ...inner,
    stageParts: guarded,
    stageRows: async (...args) => {
      const parts = await guarded(...args)
      const [part] = parts
      if (part !== undefined && parts.length === 1) return part
      throw new TidegateError('DELTA_PARTITION', `The rows became ${parts.length} parts; stageRows returns one.`, {
        hint: 'Call stageParts for tables with partition columns.',
        dataNow: NOTHING,
      })
    },
    seal: () =>
      withFolderErrors(NOTHING, async () => {
        for (const file of staged) {
          await verifyStaged(file)
          await fsyncFile(file.path)
        }
        await inner.seal()
      }),
  }
}

interface CopiedFile {
  readonly path: string
  readonly rows: number
  readonly statistics: Cell
  readonly keys: ReadonlyMap<string, string>
}

async function columnsOf(session: Session, select: string, query?: QueryOptions): Promise<readonly ColumnSchema[]> {
  return (await session.query(`SELECT * FROM (${select}) LIMIT 0`, query)).columns
}

function copyStatement(
  session: Session,
  select: string,
  planned: readonly PlannedColumn[],
  to: string,
  { codec, rowGroupRows }: DeltaStagingOptions,
): string {
  const { dialect } = session
  const cast = ({ source, engineType }: PlannedColumn): string => `CAST(${dialect.identifier(source)} AS ${engineType})`
  const data = planned.filter((column) => !column.isPartition)
  const partitions = planned.filter((column) => column.isPartition)
  const expressions = [
    ...data.map((column) => `${cast(column)} AS ${dialect.identifier(column.field.name)}`),
    ...partitions.map((column, at) => `${partitionKeySql(dialect, cast(column), column.field.type)} AS ${keyName(at)}`),
  ]
  const keys = partitions.map((_, at) => keyName(at)).join(', ')
  const options = [
    'FORMAT parquet',
    `COMPRESSION ${codec}`,
    'RETURN_STATS true',
    ...(rowGroupRows === undefined ? [] : [`ROW_GROUP_SIZE ${Math.trunc(rowGroupRows)}`]),
    // The extension keeps globs away from the files while they have no names of their own.
    ...(keys === '' ? [] : [`PARTITION_BY (${keys})`, `FILENAME_PATTERN 'part_{i}'`, `FILE_EXTENSION 'sealed'`]),
  ]
  return `COPY (SELECT ${expressions.join(', ')} FROM (${select})) TO ${dialect.literal(to)} (${options.join(', ')})`
}

/** Cannot be the name of a column, which has no blanks. */
function keyName(at: number): string {
  return `"partition ${at}"`
}

function copiedFile(columns: readonly ColumnSchema[], row: readonly Cell[]): CopiedFile {
  const cell = (name: string): Cell => row[columns.findIndex((column) => column.name === name)] ?? null
  const rows = Number(cell('count'))
  const path = cell('filename')
  if (typeof path !== 'string' || !Number.isSafeInteger(rows)) {
    throw new TidegateError('STAGED_FILE_BROKEN', 'The engine did not say which files it wrote.', { dataNow: NOTHING })
  }
  const pairs = (cell('partition_keys') ?? []) as readonly { readonly key: Cell; readonly value: Cell }[]
  const keys = new Map(pairs.map(({ key, value }) => [String(key), String(value)] as const))
  return { path, rows, statistics: cell('column_statistics'), keys }
}

function valuesOf(
  keys: ReadonlyMap<string, string>,
  planned: readonly PlannedColumn[],
  partitionColumns: readonly string[],
): Readonly<Record<string, string | null>> {
  const byName = new Map<string, string | null>()
  const partitions = planned.filter((column) => column.isPartition)
  for (const [at, { field }] of partitions.entries()) {
    const value = decodePartitionKey(keys.get(`partition ${at}`) ?? 'n', field.name, field.type)
    assertNoNulls([field], () => (value === null ? 1 : 0))
    byName.set(field.name.toLowerCase(), value)
  }
  return Object.fromEntries(partitionColumns.map((name) => [name, byName.get(name.toLowerCase()) ?? null]))
}

/** Planned columns in the order of the table's schema, new ones last. */
function inOrder(planned: readonly PlannedColumn[], fields: readonly DeltaField[]): readonly PlannedColumn[] {
  const place = new Map(fields.map((field, at) => [field.name, at]))
  const rank = (column: PlannedColumn): number => place.get(column.field.name) ?? fields.length
  return planned.toSorted((a, b) => rank(a) - rank(b))
}

function assertNoNulls(fields: readonly DeltaField[], nulls: (field: DeltaField) => number | undefined): void {
  for (const field of fields) {
    if (field.nullable || nulls(field) === 0) continue
    throw new TidegateError(
      'DELTA_SCHEMA',
      `Column ${field.name} of the Delta table may not be NULL, and rows have no value.`,
      {
        hint: 'Let a rule of the contract (expect_column_values_to_not_be_null) reject such rows.',
        dataNow: NOTHING,
      },
    )
  }
}

/** `day/part.parquet` → `day/<partitions>/part-<tag>.parquet`. */
function visiblePath(requested: string, tag: string, folders: string): string {
  const above = dirname(requested) === '.' ? '' : `${dirname(requested)}/`
  const stem = basename(requested).replace(/\.parquet$/, '')
  return `${above}${folders}${stem}-${tag}.parquet`
}
