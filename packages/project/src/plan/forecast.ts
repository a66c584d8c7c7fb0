/** What new files would do to a dataset: columns that come or grow, and how its checks would be answered. Reads footers. */
import { codeOf, type ColumnSchema, type Contract, type Session, type SourceConfig } from '@tidegate/core'
import { compileContract, explainPlan, planChecks } from '@tidegate/dq'
import { parquetRelation } from '@tidegate/parquet'
import { planTargetColumns } from '@tidegate/pipeline'
import type { ChecksForecast, SchemaForecast } from './ingest-plan.ts'

export interface ForecastFile {
  readonly uri: string
  readonly path: string
}

export interface FileColumns {
  /** Files whose footers could be read, with the columns of each group that was read at once. */
  readonly groups: readonly { readonly files: readonly ForecastFile[]; readonly columns: readonly ColumnSchema[] }[]
  readonly notSeen: number
}

/** Footers that are read by one statement. */
const AT_ONCE = 500
/** Of files that cannot be read together this many are tried one by one. */
const ALONE = 50
/** Checks are planned over no more files than these. */
const PLANNED_FILES = 200

/**
 * The columns of these files, by the footers of those that are Parquet. What the footer does not give away (text, damage) is
 * counted.
 */
export async function readColumns(files: readonly ForecastFile[], session: Session): Promise<FileColumns> {
  const parquet = files.filter(({ path }) => /\.(parquet|pq)$/i.test(path))
  const groups: { readonly files: readonly ForecastFile[]; readonly columns: readonly ColumnSchema[] }[] = []
  let alone = ALONE
  for (let start = 0; start < parquet.length; start += AT_ONCE) {
    const group = parquet.slice(start, start + AT_ONCE)
    const columns = await columnsOf(group, session)
    if (columns !== undefined) {
      groups.push({ files: group, columns })
      continue
    }
    for (const file of group.slice(0, alone)) {
      const own = group.length === 1 ? undefined : await columnsOf([file], session)
      if (own !== undefined) groups.push({ files: [file], columns: own })
    }
    alone = Math.max(0, alone - group.length)
  }
  const seen = groups.reduce((sum, group) => sum + group.files.length, 0)
  return { groups, notSeen: files.length - seen }
}

async function columnsOf(
  files: readonly ForecastFile[],
  session: Session,
): Promise<readonly ColumnSchema[] | undefined> {
  const list = files.map(({ uri }) => session.dialect.literal(uri.replaceAll(/[*?[]/g, '[$&]'))).join(', ')
  try {
    const sql = `SELECT * FROM read_parquet([${list}], union_by_name = true, hive_partitioning = false) LIMIT 0`
    return (await session.query(sql)).columns
  } catch (error) {
    // Damaged, or of types that do not go together: the run will say which.
    if (codeOf(error)?.startsWith('ENGINE_') === true && codeOf(error) !== 'ENGINE_CRASHED') return undefined
    throw error
  }
}

/** Columns of the dataset before and after. Pure. */
export function forecastSchema(
  current: readonly ColumnSchema[],
  contract: Contract | undefined,
  { groups, notSeen }: FileColumns,
  evolution: SourceConfig['schemaEvolution'],
): SchemaForecast {
  const refused = new Set<string>()
  let columns = current
  // Without a footer the contract says what there is.
  for (const group of groups.length === 0 ? [{ columns: [] }] : groups) {
    const next = planTargetColumns(columns, contract, group.columns, evolution)
    if (next.kind === 'ok') columns = next.columns
    else refused.add(next.because)
  }
  const before = new Map(current.map(({ name, type }) => [name.toLowerCase(), type]))
  return {
    fresh: current.length === 0,
    added: columns.filter(({ name }) => !before.has(name.toLowerCase())),
    widened: columns.flatMap(({ name, type: to }) => {
      const from = before.get(name.toLowerCase())
      return from === undefined || from === to ? [] : [{ name, from, to }]
    }),
    refused: [...refused],
    filesSeen: groups.reduce((sum, group) => sum + group.files.length, 0),
    filesNotSeen: notSeen,
  }
}

/** How the checks of a contract would be answered. Footers are asked as the run would ask them; no row is read. */
export async function forecastChecks(
  contract: Contract,
  file: string,
  { groups, notSeen }: FileColumns,
  session: Session,
  nowMs: number,
): Promise<ChecksForecast> {
  const [group] = groups
  if (group === undefined || notSeen > 0) {
    const declared = Object.entries(contract.schema.columns).map(([name, { type }]) => ({ name, type }))
    const { checks } = compileContract(contract, declared, { nowMs })
    return { contract: file, checks: checks.length, byFooters: null, byScan: null, byOwnQuery: null }
  }
  const files = group.files.slice(0, PLANNED_FILES)
  const relation = parquetRelation(session.dialect, files, group.columns)
  const statistics = await session.fileStatistics(files.map(({ uri }) => uri))
  const compiled = compileContract(contract, group.columns, { nowMs })
  const { rows } = explainPlan(planChecks(compiled, relation, session.dialect, { statistics }))
  const byFooters = rows.filter(({ how }) => how === 'metadata' || how === 'schema').length
  const byScan = rows.filter(({ how }) => /^scan-\d+$/.test(how)).length
  return { contract: file, checks: rows.length, byFooters, byScan, byOwnQuery: rows.length - byFooters - byScan }
}
