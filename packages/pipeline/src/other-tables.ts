import path from 'node:path'
import type { ColumnSchema, Contract, Destination, Dialect, FileVersionId, LedgerPart } from '@tidegate/core'
import { TARGET_TABLE, type OtherTable } from '@tidegate/dq'
import { escapeEngineGlob } from '@tidegate/parquet'
import { datasetOf } from './dataset-of.ts'
import type { PipelineEffects } from './effects.ts'

type ReadableTarget = Pick<Destination, 'kind' | 'location' | 'liveParts' | 'currentSchema'>

/**
 * The tables that checks of a contract name, by name, as they are committed now:
 *
 * - `target`: the dataset's own target, for `scope: target`. Rows of the versions in `leaving` are left out: they go away
 *   with the commit of this batch.
 * - the name of a source of the project, or `source/dataset`: the target of that source.
 *
 * A name that leads nowhere, or to a target that keeps no rows, is left out; its check is then an error, which holds the file.
 */
export async function otherTables(
  contract: Contract | undefined,
  own: ReadableTarget,
  leaving: ReadonlySet<FileVersionId>,
  dialect: Dialect,
  effects: Pick<PipelineEffects, 'store' | 'findSource' | 'openDestination'>,
): Promise<ReadonlyMap<string, OtherTable>> {
  const tables = new Map<string, OtherTable>()
  for (const name of contract === undefined ? [] : namedTables(contract)) {
    const target = name === TARGET_TABLE ? own : await targetNamed(name, effects)
    if (target === undefined || target.kind === 'none') continue
    const declared = name === TARGET_TABLE && contract !== undefined ? contractColumns(contract) : []
    const columns = (await target.currentSchema())?.columns ?? declared
    if (columns.length === 0) continue
    const parts = (await target.liveParts()).filter(
      (part) => name !== TARGET_TABLE || !part.files.some((file) => leaving.has(file)),
    )
    const files = await filesThere(target.location, parts, effects)
    tables.set(name, { sql: tableSql(files, columns, dialect), columns })
  }
  return tables
}

/** Whether what is in the target decides over the files. */
export function looksInTarget(contract: Contract | undefined): boolean {
  return contract !== undefined && namedTables(contract).includes(TARGET_TABLE)
}

function namedTables({ expectations }: Contract): readonly string[] {
  const names = expectations.flatMap(({ kwargs }) => {
    const { scope, other_table_name: other } = kwargs as Readonly<Record<string, unknown>>
    return [...(scope === TARGET_TABLE ? [TARGET_TABLE] : []), ...(typeof other === 'string' ? [other] : [])]
  })
  return [...new Set(names)]
}

/** Opened for reading only: nothing is recovered or published there. */
async function targetNamed(
  name: string,
  effects: Pick<PipelineEffects, 'findSource' | 'openDestination'>,
): Promise<ReadableTarget | undefined> {
  const slash = name.indexOf('/')
  const source = effects.findSource(slash < 0 ? name : name.slice(0, slash))
  if (source === undefined) return undefined
  const dataset = slash < 0 ? datasetOf(source.dataset, source.name, '') : name.slice(slash + 1)
  const isMany = slash < 0 && /\{(stem|parent)\}/.test(source.dataset)
  // A dataset is one folder name: anything else would lead out of the target.
  if (isMany || dataset !== datasetOf('{source}', dataset, '')) return undefined
  return effects.openDestination(source, dataset, { onMissing: 'report' })
}

function contractColumns({ schema }: Contract): readonly ColumnSchema[] {
  return Object.entries(schema.columns).map(([name, { type }]) => ({ name, type }))
}

/** A run with `--force` goes on where somebody removed parts, to load their files again. */
async function filesThere(
  folder: string,
  parts: readonly LedgerPart[],
  { store }: Pick<PipelineEffects, 'store'>,
): Promise<readonly string[]> {
  const files: string[] = []
  for (const { visible } of parts) {
    const file = path.join(folder, visible)
    if ((await store.stat(file)) !== undefined) files.push(file)
  }
  return files
}

/** A part that was written before a column came, or before its type was widened, is read as the target is now. */
function tableSql(files: readonly string[], columns: readonly ColumnSchema[], dialect: Dialect): string {
  const typed = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${dialect.identifier(name)}`).join(', ')
  const empty = `SELECT ${typed} WHERE ${dialect.literal(false)}`
  if (files.length === 0) return `(${empty})`
  const names = columns.map(({ name }) => dialect.identifier(name)).join(', ')
  const list = files.map((file) => dialect.literal(escapeEngineGlob(file))).join(', ')
  const rows = `SELECT * FROM read_parquet([${list}], union_by_name = true, hive_partitioning = false)`
  return `(SELECT ${names} FROM (${rows} UNION ALL BY NAME ${empty}))`
}
