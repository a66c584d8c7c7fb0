import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { Session, TargetKind } from '@tidegate/core'
import { connect } from '@tidegate/postgres'
import type { TempProject } from '../temp-project.ts'
import { DATASETS, type RowText } from './landing-zone.ts'

/** What the assertions read of a ledger entry. */
export interface NaiveEntry {
  readonly batch: string
  readonly run: string
  readonly dataset: string
  readonly files: readonly {
    readonly id: string
    readonly path: string
    readonly hash: string
    readonly outcome: 'loaded' | 'held' | 'skipped'
    readonly rowsRead: number
    readonly rowsLoaded: number
    readonly rowsRejected: number
    readonly rowsDropped: number
  }[]
}

/** A kind of target as the matrix knows it: how it is configured, and how somebody without our code reads it. */
export interface DestinationUnderTest {
  readonly kind: TargetKind
  /** A changed file is loaded beside its older rows: they can only be added to. */
  readonly appendsOnly: boolean
  /** Lines of YAML below `target:`. */
  readonly target: (place: Place) => string
  /** Rows as readers see them; for a gate, the file versions that it let pass. */
  readonly rows: (session: Session, place: Place) => Promise<readonly RowText[]>
  /** The commit log, read without our code. */
  readonly entries: (session: Session, place: Place) => Promise<readonly NaiveEntry[]>
}

export interface Place {
  readonly project: TempProject
  /** Connection string of an empty database; only for Postgres. */
  readonly postgres: string | undefined
}

export const DESTINATIONS: Readonly<Record<TargetKind, DestinationUnderTest>> = {
  parquet: {
    kind: 'parquet',
    appendsOnly: false,
    target: () => 'kind: parquet, path: "lake/{dataset}"',
    rows: readByGlob,
    entries: async (_session, { project }) => DATASETS.flatMap((dataset) => readLogFolder(project, dataset)),
  },
  delta: {
    kind: 'delta',
    appendsOnly: true,
    target: () => 'kind: delta, path: "lake/{dataset}"',
    rows: readByDeltaLog,
    entries: async (_session, { project }) => DATASETS.flatMap((dataset) => readDeltaEntries(project, dataset)),
  },
  duckdb: {
    kind: 'duckdb',
    appendsOnly: false,
    target: () => 'kind: duckdb, path: "lake/lake.duckdb", table: "{dataset}"',
    rows: readDuckDBTables,
    entries: async (session, place) => {
      const rows = await queryDuckDB(session, place, 'SELECT entry FROM lake."_tidegate"."ledger" ORDER BY ALL')
      return rows.map(([entry]) => JSON.parse(String(entry)) as NaiveEntry)
    },
  },
  postgres: {
    kind: 'postgres',
    appendsOnly: false,
    target: ({ postgres }) => `kind: postgres, url: "${postgres ?? ''}", table: "{dataset}"`,
    rows: readPostgresTables,
    entries: async (_session, place) => {
      const rows = await queryPostgres(place, 'SELECT entry FROM "_tidegate"."ledger" ORDER BY table_name, seq')
      return rows.map((row) => {
        const { entry } = row
        return (typeof entry === 'string' ? JSON.parse(entry) : entry) as NaiveEntry
      })
    },
  },
  none: {
    kind: 'none',
    appendsOnly: false,
    target: () => 'kind: none, path: "lake/{dataset}"',
    rows: async (_session, { project }) => DATASETS.flatMap((dataset) => readPassedFiles(project, dataset)).toSorted(),
    entries: async (_session, { project }) => DATASETS.flatMap((dataset) => readLogFolder(project, dataset)),
  },
}

const ROW = "concat_ws('|', id, value, version)"

/** As anybody would: every Parquet file below the folder. */
async function readByGlob(session: Session, { project }: Place): Promise<readonly RowText[]> {
  return readParquetFiles(session, project.at('lake/**/*.parquet'))
}

async function readParquetFiles(session: Session, files: string | readonly string[]): Promise<readonly RowText[]> {
  const { dialect } = session
  const list =
    typeof files === 'string' ? dialect.literal(files) : `[${files.map((file) => dialect.literal(file)).join()}]`
  if (typeof files === 'string') {
    const { rows } = await session.query(`SELECT count(*) FROM glob(${list})`)
    if (Number(rows[0]?.[0]) === 0) return []
  } else if (files.length === 0) return []
  const { rows } = await session.query(
    `SELECT ${ROW} AS line FROM read_parquet(${list}, union_by_name = true, hive_partitioning = false)`,
  )
  return rows.map(([line]) => String(line)).toSorted()
}

function readLogFolder(project: TempProject, dataset: string): readonly NaiveEntry[] {
  return jsonFiles(project.at('lake', dataset, '_tidegate/log')).map((text) => JSON.parse(text) as NaiveEntry)
}

/** What the manifest of a gate lets another loader take. */
function readPassedFiles(project: TempProject, dataset: string): readonly RowText[] {
  const file = project.at('lake', dataset, 'manifest.json')
  if (!existsSync(file)) return []
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { files: { path: string; hash: string }[] }
  return manifest.files.map((passed) => `${passed.path}|${passed.hash}`)
}

type DeltaAction = Readonly<Record<string, { readonly path?: string; readonly appId?: string } | undefined>>

function deltaActions(project: TempProject, dataset: string): readonly DeltaAction[] {
  return jsonFiles(project.at('lake', dataset, '_delta_log')).flatMap((text) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as DeltaAction),
  )
}

/** By the Delta log: what was added and not removed later. */
async function readByDeltaLog(session: Session, { project }: Place): Promise<readonly RowText[]> {
  const files = DATASETS.flatMap((dataset) => {
    const live = new Set<string>()
    for (const { add, remove } of deltaActions(project, dataset)) {
      if (remove?.path !== undefined) live.delete(remove.path)
      if (add?.path !== undefined) live.add(add.path)
    }
    return [...live].map((name) => project.at('lake', dataset, decodeURIComponent(name)))
  })
  return readParquetFiles(session, files)
}

/** Manifests whose batch the Delta log names in a transaction. */
function readDeltaEntries(project: TempProject, dataset: string): readonly NaiveEntry[] {
  const committed = new Set(deltaActions(project, dataset).flatMap(({ txn }) => txn?.appId?.split('/').slice(2) ?? []))
  return jsonFiles(project.at('lake', dataset, '_tidegate/batches'))
    .map((text) => JSON.parse(text) as NaiveEntry)
    .filter((entry) => committed.has(entry.batch))
}

function jsonFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    .toSorted()
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
}

async function readDuckDBTables(session: Session, place: Place): Promise<readonly RowText[]> {
  const lines: RowText[][] = []
  for (const dataset of DATASETS) {
    const rows = await queryDuckDB(session, place, `SELECT ${ROW} FROM lake.${dataset}`, dataset)
    lines.push(rows.map(([line]) => String(line)))
  }
  return lines.flat().toSorted()
}

async function queryDuckDB(
  session: Session,
  { project }: Place,
  sql: string,
  table = 'ledger',
): Promise<readonly (readonly unknown[])[]> {
  const file = project.at('lake/lake.duckdb')
  if (!existsSync(file)) return []
  await session.query(`ATTACH ${session.dialect.literal(file)} AS lake (READ_ONLY)`)
  try {
    const { rows } = await session.query(
      `SELECT count(*) FROM duckdb_tables() WHERE database_name = 'lake' AND table_name = ${session.dialect.literal(table)}`,
    )
    return Number(rows[0]?.[0]) === 0 ? [] : (await session.query(sql)).rows
  } finally {
    await session.query('DETACH lake')
  }
}

async function readPostgresTables(_session: Session, place: Place): Promise<readonly RowText[]> {
  const lines: RowText[][] = []
  for (const dataset of DATASETS) {
    const rows = await queryPostgres(place, `SELECT ${ROW} AS line FROM public.${dataset}`, dataset)
    lines.push(rows.map((row) => String(row['line'])))
  }
  return lines.flat().toSorted()
}

async function queryPostgres(
  { postgres = '' }: Place,
  sql: string,
  table = 'ledger',
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = await connect(postgres)
  try {
    const { rows } = await client.query('SELECT 1 FROM pg_tables WHERE tablename = $1', [table])
    return rows.length === 0 ? [] : (await client.query(sql)).rows
  } finally {
    await client.close()
  }
}
