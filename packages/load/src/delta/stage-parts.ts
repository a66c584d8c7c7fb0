import { rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import {
  TidegateError,
  type BatchRef,
  type FileRows,
  type FileVersionId,
  type PartRequest,
  type QueryOptions,
  type Session,
  type Settlement,
  type SettleRequest,
  type Staging,
  type WritePlan,
} from '@tidegate/core'
import { fsyncFile } from '@tidegate/storage'
import { hashFile, withFolderErrors } from '../durable.ts'
import { assertVisiblePath } from '../layout.ts'
import type { LogState } from '../log-state.ts'
import type { Mark } from '../mark.ts'
import { assertRows, sumRows } from '../part-ranges.ts'
import { openStaging } from '../open-staging.ts'
import { verifyStaged, type StagedFile } from '../verify-staged.ts'
import { appendOnly } from './append-only.ts'
import { castColumns, copiedFiles, copyStatement, keyName, type CopiedFile, type CopySettings } from './copy-rows.ts'
import type { DeltaField } from './delta-type.ts'
import type { DeltaPart } from './manifest.ts'
import { hasFloats, nanColumns, withNan } from './nan-columns.ts'
import { decodePartitionKey, partitionFolders } from './partition.ts'
import { planColumns, type PlannedColumn, type TableShape } from './plan-columns.ts'
import { splitHeap, writeLosers, type Heap } from './split-rows.ts'
import { engineStatistics, nullsOf, statisticsText } from './statistics.ts'

export interface DeltaStaging extends Staging {
  stageRows(session: Session, select: string, part: PartRequest, options?: QueryOptions): Promise<readonly DeltaPart[]>
}

export interface DeltaStagingOptions extends CopySettings {
  readonly directory: string
  readonly shape: TableShape
  readonly evolution: 'add_columns' | 'fail'
  /** Leaves with statistics; -1 for all. */
  readonly indexed: number | undefined
  readonly dedup: WritePlan['dedup']
  readonly ledger: () => Promise<LogState>
  readonly mark: Mark
}

const NOTHING = 'Nothing was committed.'

/** Makes the folder of one attempt. See core `Staging`; `stageRows` returns what a dedup will look at again. */
export async function openDeltaStaging(batch: BatchRef, options: DeltaStagingOptions): Promise<DeltaStaging> {
  const { directory, mark } = options
  const inner = await openStaging(batch, {
    directory,
    parts: true,
    compression: 'zstd',
    rowGroupRows: options.rowGroupRows,
    mark,
    liveParts: async () => [],
  })
  const folder = relative(directory, inner.directory)
  // Data files of a Delta table are named once and for all: two attempts of a batch must never share a name.
  const attempt = basename(folder).slice(-8)
  const parts: DeltaPart[] = []
  /** File versions with rows in this attempt. */
  const staged = new Set<FileVersionId>()
  /** Rows that wait for the dedup, with the parts that they would be without one. */
  const heaps: (Heap & { readonly request: PartRequest })[] = []
  let shape = options.shape
  let count = 0

  async function stageRows(
    session: Session,
    select: string,
    request: PartRequest,
    query?: QueryOptions,
  ): Promise<readonly DeltaPart[]> {
    assertVisiblePath(request.visible)
    const columns = (await session.query(`SELECT * FROM (${select}) LIMIT 0`, query)).columns
    const planned = planColumns(columns, shape, options.evolution)
    // Before anything is awaited: parts that are staged at the same time must agree about new columns.
    shape = { ...shape, fields: [...shape.fields, ...planned.filter(({ isNew }) => isNew).map(({ field }) => field)] }
    count += 1
    for (const { file } of request.files) staged.add(file)
    const stem = String(count).padStart(5, '0')
    const isSplit = planned.some((column) => column.isPartition)
    const isDedup = options.dedup !== undefined
    const files = request.files.filter(({ rows }) => rows > 0)
    const written =
      isDedup || (isSplit && files.length > 1)
        ? await stageHeap(session, select, planned, stem, request, query)
        : await stageDirectly(session, select, planned, stem, request, query)
    mark('part-written', { visible: request.visible })
    if (!isDedup) parts.push(...written)
    return written
  }

  async function stageDirectly(
    session: Session,
    select: string,
    planned: readonly PlannedColumn[],
    stem: string,
    request: PartRequest,
    query?: QueryOptions,
  ): Promise<readonly DeltaPart[]> {
    const partitions = planned.filter((column) => column.isPartition).length
    const to = join(directory, `${folder}/${stem}${partitions === 0 ? '-0.parquet.sealed' : ''}`)
    const cast = `SELECT ${castColumns(session, planned)} FROM (${select})`
    const copied = copiedFiles(await session.query(copyStatement(session, cast, to, options, partitions), query))
    assertRows(request, copied.reduce((sum, file) => sum + file.rows, 0)) // prettier-ignore
    const files = request.files.filter(({ rows }) => rows > 0)
    const ranges = files.length === 0 ? request.files.slice(0, 1) : files
    const written: DeltaPart[] = []
    for (const [at, file] of copied.entries()) {
      const path = partPath(`${stem}-${at}`)
      if (file.path !== path) await rename(file.path, path)
      const own = ranges.length === 1 ? ranges.map(({ file: id }) => ({ file: id, rows: file.rows })) : ranges
      written.push(await partOf(session, { ...file, path }, own, `${stem}-${at}`, planned, request, query))
    }
    if (partitions > 0) await rm(to, { recursive: true, force: true })
    return written
  }

  /** Rows of several files that go into partitions, or that a dedup has to see first, are copied once more. */
  async function stageHeap(
    session: Session,
    select: string,
    planned: readonly PlannedColumn[],
    stem: string,
    request: PartRequest,
    query?: QueryOptions,
  ): Promise<readonly DeltaPart[]> {
    const path = join(directory, `${folder}/${stem}.heap.sealed`)
    const cast = `SELECT ${castColumns(session, planned, true)} FROM (${select})`
    const [copied] = copiedFiles(await session.query(copyStatement(session, cast, path, options), query))
    assertRows(request, copied?.rows ?? 0)
    const heap = { path, files: request.files, planned, request }
    if (options.dedup === undefined) {
      const written = await writeHeap(session, heap, stem, undefined, query)
      await rm(path)
      return written
    }
    heaps.push(heap)
    const files = request.files.filter(({ rows }) => rows > 0)
    if (copied === undefined || files.length === 0) return []
    const data = { ...copied, keys: new Map<string, string>() }
    return [await partOf(session, data, files, `${stem}.heap`, planned, request, query, true)]
  }

  async function writeHeap(
    session: Session,
    heap: Heap & { readonly request: PartRequest },
    stem: string,
    lost: { readonly losers: string; readonly at: number } | undefined,
    query?: QueryOptions,
  ): Promise<readonly DeltaPart[]> {
    const names: string[] = []
    const next = (): string => {
      names.push(`${stem}-${names.length}`)
      return partPath(names.at(-1) ?? stem)
    }
    const split = await splitHeap(session, heap, next, options, lost, query)
    const written: DeltaPart[] = []
    for (const [at, { copied, ranges }] of split.entries()) {
      written.push(await partOf(session, copied, ranges, names[at] ?? stem, heap.planned, heap.request, query))
    }
    return written
  }

  function partPath(name: string): string {
    return join(directory, `${folder}/${name}.parquet.sealed`)
  }

  async function partOf(
    session: Session,
    file: CopiedFile,
    ranges: readonly FileRows[],
    name: string,
    planned: readonly PlannedColumn[],
    request: PartRequest,
    query?: QueryOptions,
    isHeap: boolean = false,
  ): Promise<DeltaPart> {
    const { size } = await stat(file.path)
    const fields = planned.map(({ field }) => field)
    const nan = hasFloats(fields) ? await nanColumns(session, [file.path], query) : undefined
    const engine = withNan(engineStatistics(file.statistics), nan?.get(file.path) ?? new Set())
    const partitionValues = isHeap ? {} : valuesOf(file.keys, planned, shape.partitionColumns)
    const data = inOrder(planned, shape.fields).filter((column) => isHeap || !column.isPartition)
    const dataFields = data.map(({ field }) => field)
    assertNoNulls(dataFields, (field) => (file.rows === 0 ? 0 : nullsOf(field, engine)))
    const folders = isHeap ? '' : partitionFolders(shape.partitionColumns, partitionValues)
    const visible = visiblePath(request.visible, `${attempt}-${name}`, folders)
    assertVisiblePath(visible)
    return {
      staged: relative(directory, file.path),
      visible,
      bytes: size,
      rows: file.rows,
      hash: await hashFile(file.path),
      files: ranges.map((range) => range.file),
      ...(ranges.length > 1 ? { ranges } : {}),
      ...(shape.partitionColumns.length === 0 || isHeap ? {} : { partition: partitionValues }),
      delta: {
        partitionValues,
        stats: statisticsText(file.rows, dataFields, engine, options.indexed),
        fields,
        partitionColumns: shape.partitionColumns,
      },
    }
  }

  async function settle(session: Session, request: SettleRequest, query?: QueryOptions): Promise<Settlement> {
    const { files } = await options.ledger()
    for (const id of request.leaving) {
      // A held file that is judged again replaces itself; if it was loaded meanwhile, that is for the commit to say.
      if (staged.has(id)) continue
      const fate = files.get(id)
      if (fate?.live === true && fate.parts.length > 0) throw appendOnly(`rows of ${id} would be taken out`)
    }
    const { dedup } = options
    let dropped: readonly FileRows[] = []
    if (dedup !== undefined && heaps.length > 0) {
      assertColumns(dedup, heaps)
      const losers = join(directory, `${folder}/losers.sealed`)
      dropped = await writeLosers(session, heaps, dedup, losers, query)
      for (const [at, heap] of heaps.entries()) {
        const stem = basename(heap.path).slice(0, 5)
        parts.push(...(await writeHeap(session, heap, stem, { losers, at }, query)))
      }
      for (const { path } of heaps) await rm(path)
      heaps.length = 0
      await rm(losers)
    }
    return { add: [...parts], remove: [], superseded: [], dropped: sumRows(dropped), basedOn: undefined }
  }

  return {
    ...inner,
    stageRows: (...args) => withFolderErrors(NOTHING, () => stageRows(...args)),
    settle: (...args) => withFolderErrors(NOTHING, () => settle(...args)),
    seal: () =>
      withFolderErrors(NOTHING, async () => {
        for (const part of parts) {
          const file: StagedFile = { path: join(directory, part.staged), bytes: part.bytes, parquetRows: part.rows }
          await verifyStaged(file)
          await fsyncFile(file.path)
        }
        await inner.seal()
      }),
  }
}

function valuesOf(
  keys: ReadonlyMap<string, string>,
  planned: readonly PlannedColumn[],
  partitionColumns: readonly string[],
): Readonly<Record<string, string | null>> {
  const byName = new Map<string, string | null>()
  const partitions = planned.filter((column) => column.isPartition)
  for (const [at, { field }] of partitions.entries()) {
    const value = decodePartitionKey(keys.get(keyName(at)) ?? 'n', field.name, field.type)
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

function assertColumns(
  dedup: NonNullable<WritePlan['dedup']>,
  heaps: readonly { readonly planned: readonly PlannedColumn[] }[],
): void {
  const names = [...dedup.keys, ...(dedup.orderBy === undefined ? [] : [dedup.orderBy])]
  for (const { planned } of heaps) {
    const known: ReadonlySet<string> = new Set(planned.map((column: PlannedColumn) => column.field.name.toLowerCase()))
    const missing = names.find((name) => !known.has(name.toLowerCase()))
    if (missing === undefined) continue
    throw new TidegateError('TARGET_COLUMN_MISSING', `The rows have no column ${missing}, by which dedup works.`, {
      hint: 'Correct `dedup` of this target.',
      dataNow: NOTHING,
    })
  }
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
