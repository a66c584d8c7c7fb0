import type { ColumnSchema, Contract, Destination, Dialect, FileVersionId, Session } from '@tidegate/core'
import { TARGET_TABLE, type OtherTable } from '@tidegate/dq'
import { datasetOf } from './dataset-of.ts'
import type { PipelineEffects } from './effects.ts'

export interface OtherTables extends AsyncDisposable {
  readonly tables: ReadonlyMap<string, OtherTable>
}

/** Where rows may be put that the session cannot reach where they are, and what is read in. */
export interface TableAccess {
  readonly session: Session
  readonly scratch: string
}

/**
 * The tables that checks of a contract name, by name, as they are committed now:
 *
 * - `target`: the dataset's own target, for `scope: target`. Rows of the versions in `leaving` are left out: they go away
 *   with the commit of this batch.
 * - the name of a source of the project, or `source/dataset`: the target of that source.
 *
 * A name that leads nowhere, or to a target that keeps no rows, is left out; its check is then an error, which holds the
 * file. Other targets stay open until the tables are disposed.
 */
export async function otherTables(
  contract: Contract | undefined,
  own: Destination,
  leaving: ReadonlySet<FileVersionId>,
  { session, scratch }: TableAccess,
  effects: Pick<PipelineEffects, 'findSource' | 'openDestination' | 'signal'>,
): Promise<OtherTables> {
  const tables = new Map<string, OtherTable>()
  const opened: Destination[] = []
  const close = async (): Promise<void> => {
    for (const target of opened) await target.close()
  }
  try {
    for (const name of contract === undefined ? [] : namedTables(contract)) {
      const isOwn = name === TARGET_TABLE
      const target = isOwn ? own : await targetNamed(name, effects)
      if (target === undefined) continue
      if (!isOwn) opened.push(target)
      if (target.kind === 'none') continue
      const declared = isOwn && contract !== undefined ? contractColumns(contract) : []
      const columns = (await target.currentSchema())?.columns ?? declared
      if (columns.length === 0) continue
      const without: ReadonlySet<FileVersionId> = isOwn ? leaving : new Set()
      const rows = await target.liveRows(session, { without, scratch }, { signal: effects.signal })
      tables.set(name, { sql: rows ?? noRows(columns, session.dialect), columns })
    }
  } catch (error) {
    await close()
    throw error
  }
  return { tables, [Symbol.asyncDispose]: close }
}

/** Whether what is in the target decides over the files. */
export function looksInTarget(contract: Contract | undefined): boolean {
  return contract !== undefined && namedTables(contract).includes(TARGET_TABLE)
}

export function namedTables({ expectations }: Contract): readonly string[] {
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
): Promise<Destination | undefined> {
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

function noRows(columns: readonly ColumnSchema[], dialect: Dialect): string {
  const typed = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${dialect.identifier(name)}`).join(', ')
  return `(SELECT ${typed} WHERE ${dialect.literal(false)})`
}
