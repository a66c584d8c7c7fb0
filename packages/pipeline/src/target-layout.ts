/**
 * The target's columns over one batch: those of its data, those that say where a row came from (`target.lineage`), and the
 * one for rescued values. Decided for the whole batch before a row of it is staged, so that all of its parts agree.
 */
import type { ColumnSchema, Contract, Dialect, Reason, SourceConfig } from '@tidegate/core'
import { RESCUED_COLUMN, type FileFit } from './fit-columns.ts'
import { joinMembers, rescuedMembers, rescuedObject, RESCUE_FILE_KEY } from './rescue.ts'
import { foldName, planTargetColumns, projectColumns } from './target-columns.ts'

export interface TargetLayout {
  /** All of them, in the target's order. */
  readonly columns: readonly ColumnSchema[]
  readonly lineage: readonly LineageColumn[]
  /** Name of the column for rescued values; undefined where nothing is rescued. */
  readonly rescue: string | undefined
  /** Whether values of columns that the dataset lacks are rescued, too. */
  readonly rescuesColumns: boolean
}

export interface LineageColumn extends ColumnSchema {
  readonly holds: 'path' | 'row' | 'batch'
}

export type LayoutStep =
  | { readonly kind: 'ok'; readonly layout: TargetLayout; readonly added: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: Reason }

type LayoutSource = Pick<SourceConfig, 'schemaEvolution'> & { readonly target: Pick<SourceConfig['target'], 'lineage'> }

export function lineageColumns({ sourcePath, rowNumber, batchId }: SourceConfig['target']['lineage']): LineageColumn[] {
  return [
    ...(sourcePath === undefined ? [] : [{ name: sourcePath, type: 'VARCHAR', holds: 'path' } as const]),
    ...(rowNumber === undefined ? [] : [{ name: rowNumber, type: 'BIGINT', holds: 'row' } as const]),
    ...(batchId === undefined ? [] : [{ name: batchId, type: 'VARCHAR', holds: 'batch' } as const]),
  ]
}

/** The layout before the batch. */
export function layoutBefore(current: readonly ColumnSchema[], source: LayoutSource): TargetLayout {
  const { columns, types, rescueColumn } = source.schemaEvolution
  return {
    columns: current,
    lineage: lineageColumns(source.target.lineage),
    rescue: columns === 'rescue' || types === 'rescue' ? rescueColumn : undefined,
    rescuesColumns: columns === 'rescue',
  }
}

/** The layout once a file of these columns is loaded, or why it cannot be. Pure. */
export function growLayout(
  layout: TargetLayout,
  contract: Contract | undefined,
  file: readonly ColumnSchema[],
  source: LayoutSource,
): LayoutStep {
  const ours = ourColumns(layout)
  const collision = collisionOf(layout, ours, file)
  if (collision !== undefined) return { kind: 'refused', reason: collision }
  const names = new Set(ours.map(({ name }) => foldName(name)))
  const data = layout.columns.filter(({ name }) => !names.has(foldName(name)))
  const plan = planTargetColumns(data, contract, file, source.schemaEvolution)
  if (plan.kind === 'refused')
    return { kind: 'refused', reason: { check: plan.code, severity: 'critical', message: plan.because } }
  const types = new Map([...plan.columns, ...ours].map(({ name, type }) => [foldName(name), type]))
  const kept = layout.columns.map(({ name, type }) => ({ name, type: types.get(foldName(name)) ?? type }))
  const there = new Set(kept.map(({ name }) => foldName(name)))
  const fresh = [...plan.columns, ...ours].filter(({ name }) => !there.has(foldName(name)))
  const columns = [...kept, ...fresh.map(({ name, type }) => ({ name, type }))]
  return { kind: 'ok', layout: { ...layout, columns }, added: plan.added }
}

function ourColumns({ lineage, rescue }: TargetLayout): readonly ColumnSchema[] {
  return [...lineage, ...(rescue === undefined ? [] : [{ name: rescue, type: 'JSON' }])]
}

/** A name of ours that the data has already: as a column of the file, or of the dataset with another type. */
function collisionOf(
  layout: TargetLayout,
  ours: readonly ColumnSchema[],
  file: readonly ColumnSchema[],
): Reason | undefined {
  for (const { name, type } of ours) {
    const isLineage = name !== layout.rescue
    const check = isLineage ? 'SCHEMA_LINEAGE_COLUMN' : 'SCHEMA_RESCUE_COLUMN'
    const same = (column: ColumnSchema): boolean => foldName(column.name) === foldName(name)
    const inFile = file.find(same)
    const inDataset = layout.columns.find(same)
    if (inFile !== undefined)
      return { check, severity: 'critical', message: `the file has a column ${JSON.stringify(inFile.name)} of its own` }
    if (inDataset !== undefined && inDataset.type !== type)
      return {
        check,
        severity: 'critical',
        message: `the dataset has a column ${JSON.stringify(name)} of type ${inDataset.type} already`,
      }
  }
  if (layout.rescue !== undefined && file.some(({ name }) => name === RESCUE_FILE_KEY))
    return {
      check: 'SCHEMA_RESCUE_COLUMN',
      severity: 'critical',
      message: `the file has a column ${JSON.stringify(RESCUE_FILE_KEY)}, the name under which rescued values say their file`,
    }
  return undefined
}

/** Where the rows of a select came from, as SQL over its columns. */
export interface RowPlace {
  readonly pathSql: string
  /** 0-based. */
  readonly rowSql: string
  readonly batch: string
}

/** The select list that turns rows of a file (with the hidden columns of its fit) into rows of the target. */
export function projectRows(layout: TargetLayout, fit: FileFit, place: RowPlace, dialect: Dialect): string {
  const own = new Map(layout.lineage.map((column) => [foldName(column.name), lineageSql(column, place, dialect)]))
  if (layout.rescue !== undefined) own.set(foldName(layout.rescue), rescueSql(layout, fit, place, dialect))
  return layout.columns
    .map((column) => {
      const ours = own.get(foldName(column.name))
      return ours === undefined
        ? projectColumns([column], fit.columns, dialect)
        : `${ours} AS ${dialect.identifier(column.name)}`
    })
    .join(', ')
}

function lineageSql({ holds }: LineageColumn, { pathSql, rowSql, batch }: RowPlace, dialect: Dialect): string {
  switch (holds) {
    case 'path':
      return pathSql
    case 'row':
      return `CAST(${rowSql} + 1 AS BIGINT)`
    case 'batch':
      return dialect.literal(batch)
  }
}

function rescueSql(layout: TargetLayout, fit: FileFit, { pathSql }: RowPlace, dialect: Dialect): string {
  const there = new Set(layout.columns.map(({ name }) => foldName(name)))
  const extra = layout.rescuesColumns ? fit.columns.filter(({ name }) => !there.has(foldName(name))) : []
  const misfits = fit.casts.some(({ misfit }) => misfit === 'rescue') ? [dialect.identifier(RESCUED_COLUMN)] : []
  const members = [...misfits, ...(extra.length === 0 ? [] : [rescuedMembers(extra, dialect)])]
  if (members.length === 0) return 'CAST(NULL AS JSON)'
  return rescuedObject(joinMembers(members, dialect), pathSql, dialect)
}
