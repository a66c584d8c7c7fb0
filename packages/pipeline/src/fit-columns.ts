/**
 * What a file's columns become before anybody looks at their values: `schema_hints` win over the types that a file says, and
 * with `schema_evolution.types: rescue` so do the dataset's. A value that its new type does not hold is rejected as a misfit,
 * or rescued; it is never rounded or cut.
 */
import {
  FILE_COLUMN,
  MISFIT_COLUMN,
  ROW_COLUMN,
  type ColumnSchema,
  type Contract,
  type Dialect,
  type ReadOptions,
  type Relation,
  type SourceConfig,
} from '@tidegate/core'
import { isAssignable } from '@tidegate/dq'
import { typedValue } from '@tidegate/parquet'
import type { PreparedFile } from './prepare-file.ts'
import { rescuedMembers } from './rescue.ts'
import { changesValues, storedType } from './stored-types.ts'
import { foldName } from './target-columns.ts'

/** Hidden column of a relation: the members of the JSON object of rescued values, as text; NULL where there are none. */
export const RESCUED_COLUMN = '__tg_rescued'

export interface ColumnCast {
  readonly name: string
  readonly from: string
  readonly to: string
  /** `none`: every value fits. */
  readonly misfit: 'none' | 'reject' | 'rescue'
}

export interface FileFit {
  /** The file's columns with their new types. */
  readonly columns: readonly ColumnSchema[]
  readonly casts: readonly ColumnCast[]
}

export type FitSettings = Pick<SourceConfig, 'schemaEvolution' | 'schemaHints'>

/** Pure. `dataset`: the columns that the target has, or will have; empty where nothing is known of them. */
export function planFit(
  columns: readonly ColumnSchema[],
  dataset: readonly ColumnSchema[],
  { schemaEvolution, schemaHints }: FitSettings,
): FileFit {
  const rescues = schemaEvolution.types === 'rescue'
  const hints = new Map(Object.entries(schemaHints).map(([name, type]) => [foldName(name), type]))
  const known = new Map(rescues ? dataset.map(({ name, type }) => [foldName(name), type]) : [])
  const casts: ColumnCast[] = []
  const fitted = columns.map((column): ColumnSchema => {
    const { name, type: from } = column
    const hint = hints.get(foldName(name))
    const to = hint ?? known.get(foldName(name))
    if (to === undefined || to === from) return column
    const fits = isAssignable(from, to)
    // Where the dataset's type holds all values, the cast on the way into the target is enough.
    if (fits && hint === undefined) return column
    casts.push({ name, from, to, misfit: fits ? 'none' : rescues ? 'rescue' : 'reject' })
    return { name, type: to }
  })
  return { columns: fitted, casts }
}

export const NO_FIT: FileFit = { columns: [], casts: [] }

/** The files of a batch, each fitted once. What the target has decides; a fresh one is what contract or first file say. */
export function fitFiles<Item extends { readonly file: PreparedFile }>(
  items: readonly Item[],
  { source, contract, dataset = [] }: FitFilesSettings,
): readonly Item[] {
  const { schemaEvolution, schemaHints } = source
  if (schemaEvolution === undefined || schemaHints === undefined) return items
  const late = castLate(contract)
  const isAsked = schemaEvolution.types === 'rescue' || Object.keys(schemaHints).length > 0
  if (!isAsked && Object.keys(late).length === 0) return items
  let known = declaredOver(dataset, contract)
  return items.map((item) => {
    const { file } = item
    if (file.kind === 'unreadable' || (!isAsked && !file.converted)) return item
    const hints = file.converted ? { ...late, ...schemaHints } : schemaHints
    const fit = file.fit ?? planFit(file.columns, known, { schemaEvolution, schemaHints: hints })
    if (known.length === 0) known = fit.columns
    return { ...item, file: { ...file, columns: fit.columns, fit } }
  })
}

interface FitFilesSettings {
  readonly source: Partial<FitSettings>
  readonly contract: Contract | undefined
  readonly dataset?: readonly ColumnSchema[] | undefined
}

/** Declared types that text was not converted to, since Parquet would change the values (see `prepareFile`). */
function castLate(contract: Contract | undefined): Readonly<Record<string, string>> {
  const columns = Object.entries(contract?.schema.columns ?? {})
  const late = columns.filter(([, { type }]) => storedType(type) !== type || changesValues(type))
  return Object.fromEntries(late.map(([name, { type }]) => [name, type]))
}

function declaredOver(dataset: readonly ColumnSchema[], contract: Contract | undefined): readonly ColumnSchema[] {
  const declared = Object.entries(contract?.schema.columns ?? {}).map(([name, { type }]) => ({ name, type }))
  if (dataset.length === 0) return declared
  const types = new Map(declared.map(({ name, type }) => [foldName(name), type]))
  return dataset.map(({ name, type }) => ({ name, type: types.get(foldName(name)) ?? type }))
}

/** The contract, with what the hints say of columns that it does not name: so that misfits are judged like all others. */
export function withHints(
  contract: Contract | undefined,
  dataset: string,
  { schemaHints }: Pick<SourceConfig, 'schemaHints'>,
): Contract | undefined {
  const hints = Object.entries(schemaHints)
  if (hints.length === 0) return contract
  const base: Contract = contract ?? { contract: dataset, version: 1, schema: { columns: {} }, expectations: [] }
  const own = new Map(Object.keys(base.schema.columns).map((name) => [foldName(name), name]))
  const columns = { ...base.schema.columns }
  for (const [name, type] of hints) {
    const known = own.get(foldName(name))
    columns[known ?? name] = { ...(known === undefined ? { required: false } : base.schema.columns[known]), type }
  }
  return { ...base, schema: { ...base.schema, columns } }
}

/** The relation with the casts made. Its footers say nothing of the new values. */
export function fitRelation(
  relation: Relation,
  fit: FileFit,
  read: ReadOptions | undefined,
  dialect: Dialect,
): Relation {
  if (fit.casts.length === 0) return relation
  const casts = new Map(fit.casts.map((cast) => [cast.name, cast]))
  const value = (name: string): string => {
    const cast = casts.get(name)
    return cast === undefined ? dialect.identifier(name) : castSql(cast, read, dialect)
  }
  const misfit = (cast: ColumnCast): string =>
    `${dialect.identifier(cast.name)} IS NOT NULL AND ${castSql(cast, read, dialect)} IS NULL`
  const rejecting = fit.casts.filter((cast) => cast.misfit === 'reject')
  const rescuing = fit.casts.filter((cast) => cast.misfit === 'rescue')
  const list = fit.columns.map(({ name }) => `${value(name)} AS ${dialect.identifier(name)}`)
  list.push(dialect.identifier(FILE_COLUMN), dialect.identifier(ROW_COLUMN))
  const hasMisfits = relation.misfitColumn !== undefined || rejecting.length > 0
  if (hasMisfits) {
    const own = rejecting.map((cast) => `CASE WHEN ${misfit(cast)} THEN ${dialect.literal(cast.name)} END`)
    const before = relation.misfitColumn === undefined ? [] : [dialect.identifier(relation.misfitColumn)]
    const added = own.length === 0 ? [] : [`list_filter([${own.join(', ')}], lambda name: name IS NOT NULL)`]
    list.push(`${[...before, ...added].join(' || ')} AS ${dialect.identifier(MISFIT_COLUMN)}`)
  }
  if (rescuing.length > 0) {
    const members = rescuing.map(({ name, from, ...cast }) => ({
      name,
      type: from,
      when: misfit({ ...cast, name, from }),
    }))
    list.push(`${rescuedMembers(members, dialect)} AS ${dialect.identifier(RESCUED_COLUMN)}`)
  }
  for (const { name } of rejecting) list.push(`${dialect.identifier(name)} AS ${dialect.identifier(cameAs(name))}`)
  return {
    ...relation,
    sql: `(SELECT ${list.join(', ')} FROM ${relation.sql})`,
    columns: fit.columns,
    files: relation.files.map(({ key, path, rows }) => ({ key, path, rows })),
    ...(hasMisfits ? { misfitColumn: MISFIT_COLUMN } : {}),
  }
}

/** Hidden columns of the relation besides the data, our file and row. */
export function hiddenColumns({ casts }: FileFit): readonly ColumnSchema[] {
  return [
    ...(casts.some(({ misfit }) => misfit === 'rescue') ? [{ name: RESCUED_COLUMN, type: 'VARCHAR' }] : []),
    ...casts.flatMap(({ name, from, misfit }) => (misfit === 'reject' ? [{ name: cameAs(name), type: from }] : [])),
  ]
}

/** Rejected rows are kept as they came: a misfit is NULL only for those who check. */
export function rowsAsTheyCame(rejected: string, { casts }: FileFit, dialect: Dialect): string {
  const names = casts.filter(({ misfit }) => misfit === 'reject').map(({ name }) => name)
  const rescues = casts.some(({ misfit }) => misfit === 'rescue')
  if (names.length === 0 && !rescues) return rejected
  const hidden = [...names.map((name) => cameAs(name)), ...(rescues ? [RESCUED_COLUMN] : [])]
  const values = names.map((name) => `${dialect.identifier(cameAs(name))} AS ${dialect.identifier(name)}`)
  const replace = values.length === 0 ? '' : ` REPLACE (${values.join(', ')})`
  return `SELECT * EXCLUDE (${hidden.map((name) => dialect.identifier(name)).join(', ')})${replace} FROM (${rejected})`
}

function cameAs(name: string): string {
  return `__tg_was_${name}`
}

/** A cast alone rounds and cuts. Text is read as text files are; of anything else the way back must lead to the same value. */
function castSql({ name, from, to, misfit }: ColumnCast, read: ReadOptions | undefined, dialect: Dialect): string {
  const quoted = dialect.identifier(name)
  if (misfit === 'none') return `CAST(${quoted} AS ${to})`
  if (from === 'VARCHAR') return typedValue(dialect, quoted, to, read ?? {})
  const cast = dialect.tryCast(quoted, to)
  return `CASE WHEN ${dialect.tryCast(cast, from)} IS NOT DISTINCT FROM ${quoted} THEN ${cast} END`
}
