/** A small project that is killed: its files, and what must be true of it in the end. */
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { messageOf, type Destination, type LedgerEntry, type TargetKind } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { openProject } from '../open-project.ts'

export interface ChaosProject {
  readonly directory: string
  readonly kind: TargetKind
  /** Connection string of a database of its own; only where the target is in Postgres. */
  readonly database?: string | undefined
  /** The same for the state. @defaultValue SQLite in the folder */
  readonly state?: string | undefined
}

const ROWS = 50

/** Steps of a commit in their order, by kind; each round kills at the next. */
export const STEPS: Readonly<Record<TargetKind, readonly string[]>> = {
  parquet: ['pinned', 'part-written', 'sealed', 'entry-temp-written', 'entry-linked', 'entry-durable', 'retired-one', 'published-one'], // prettier-ignore
  none: ['pinned', 'rejected-written', 'sealed', 'attempt-claimed', 'entry-temp-written', 'entry-linked', 'entry-durable', 'published-one'], // prettier-ignore
  delta: ['pinned', 'part-written', 'sealed', 'manifest-sealed', 'part-placed', 'entry-linked', 'entry-durable', 'published-one'], // prettier-ignore
  duckdb: ['pinned', 'part-written', 'sealed', 'staged', 'rows-copied', 'entry-inserted', 'entry-durable', 'published-one'], // prettier-ignore
  postgres: ['pinned', 'part-written', 'sealed', 'staged', 'rows-copied', 'entry-inserted', 'entry-durable', 'published-one'], // prettier-ignore
}

export async function writeProject(project: ChaosProject): Promise<void> {
  const { directory, kind, state } = project
  await mkdir(path.join(directory, 'landing'), { recursive: true })
  await writeFile(
    path.join(directory, 'tidegate.yaml'),
    `version: 1
${state === undefined ? '' : `state: ${JSON.stringify(state)}\n`}sources:
  chaos:
    path: landing/*.csv
    contract: contract.yaml
    ready: { settle: 0s }
    gate: { on_fail: split }
    quarantine: { path: quarantine }
    overwrites: ${kind === 'delta' ? 'append' : 'replace'}
    target: { ${targetOf(project)} }
`,
    { mode: 0o600 },
  )
  await writeFile(
    path.join(directory, 'contract.yaml'),
    `contract: chaos
version: 1
schema: { columns: { id: { type: BIGINT }, value: { type: BIGINT } } }
expectations:
  - { type: expect_column_values_to_be_between, kwargs: { column: value, min_value: 0 }, severity: critical }
`,
  )
}

function targetOf({ kind, database }: ChaosProject): string {
  switch (kind) {
    case 'duckdb':
      return 'kind: duckdb, path: lake/lake.duckdb, table: chaos'
    case 'postgres':
      return `kind: postgres, url: ${JSON.stringify(database ?? '')}, table: chaos`
    default:
      return `kind: ${kind}, path: lake`
  }
}

/** A new file with one bad row and, but for tables that are only added to, a new version of the file of the round before. */
export async function layRound({ directory, kind }: ChaosProject, round: number): Promise<void> {
  await layFile(directory, round, round * 2)
  if (round > 0 && kind !== 'delta') await layFile(directory, round - 1, round * 2 + 1)
}

async function layFile(directory: string, number: number, block: number): Promise<void> {
  const rows = Array.from({ length: ROWS }, (_, row) => `${block * ROWS + row},${row === 7 ? -1 : row}`)
  const file = path.join(directory, 'landing', `file-${number}.csv`)
  await writeFile(file, `id,value\n${rows.join('\n')}\n`)
  const at = new Date(Date.now() - 3_600_000)
  await utimes(file, at, at)
}

/** @throws where rows, log and rejected rows are not what the landing files say */
export async function compareProject(project: ChaosProject, rounds: number): Promise<void> {
  const opened = await openProject({ directory: project.directory, env: {}, what: 'doctor --chaos' })
  if (opened.kind !== 'ok') throw new Error('the scratch project has mistakes')
  try {
    const [source] = opened.project.config.sources
    if (source === undefined) throw new Error('the scratch project has no source')
    const destination = await opened.project.effects.openDestination(source, 'chaos')
    try {
      await compareRows(project, destination)
      await compareLog(project, destination, rounds)
    } finally {
      await destination.close()
    }
  } finally {
    await opened.project.close()
  }
}

async function compareRows({ directory, kind }: ChaosProject, destination: Destination): Promise<void> {
  if (kind === 'none') return
  const session = await openDuckDB({ threads: 1 })
  try {
    const scratch = path.join(directory, '.tidegate', 'staging')
    await mkdir(scratch, { recursive: true })
    // As anybody reads it, where anybody can.
    const from =
      kind === 'parquet'
        ? `read_parquet(${session.dialect.literal(path.join(directory, 'lake/*.parquet'))})`
        : await destination.liveRows(session, { without: new Set(), scratch })
    const { rows } = await session.query(`SELECT id, value FROM ${from ?? '(SELECT 1 AS id, 1 AS value WHERE false)'}`)
    const difference = differenceOf(
      rows.map((row) => row.map(String).join()),
      await readLanding(directory),
    )
    if (difference !== undefined) throw new Error(difference)
  } finally {
    await session.close()
  }
}

async function compareLog({ directory, kind }: ChaosProject, destination: Destination, rounds: number): Promise<void> {
  const entries: LedgerEntry[] = []
  for await (const entry of destination.tail(0)) entries.push(entry)
  const files = entries.flatMap((entry) => entry.files)
  const ids = new Set(files.map(({ id }) => id))
  if (ids.size !== files.length) throw new Error('a file version is in two entries of the log')
  const rejected = entries.flatMap((entry) => entry.rejected).reduce((sum, part) => sum + part.rows, 0)
  // Versions that were overwritten before a run took them are in none.
  if (files.length < rounds + 1 || rejected !== files.length)
    throw new Error(`${files.length} file versions are in the log with ${rejected} rejected rows`)
  if (kind !== 'none') return
  const passed = JSON.parse(await readFile(path.join(directory, 'lake', 'manifest.json'), 'utf8')) as {
    readonly files: readonly { readonly path: string }[]
  }
  const difference = differenceOf(
    passed.files.map((file) => path.basename(file.path)),
    await readdir(path.join(directory, 'landing')),
  )
  if (difference !== undefined) throw new Error(`of the manifest: ${difference}`)
}

async function readLanding(directory: string): Promise<readonly string[]> {
  const lines: string[] = []
  for (const name of await readdir(path.join(directory, 'landing'))) {
    const text = await readFile(path.join(directory, 'landing', name), 'utf8')
    lines.push(...text.trim().split('\n').slice(1))
  }
  return lines.filter((line) => !line.includes(',-'))
}

function differenceOf(found: readonly string[], expected: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const row of expected) counts.set(row, (counts.get(row) ?? 0) + 1)
  for (const row of found) counts.set(row, (counts.get(row) ?? 0) - 1)
  const wrong = [...counts].filter(([, count]) => count !== 0)
  if (wrong.length === 0) return undefined
  const missing = wrong.filter(([, count]) => count > 0).length
  return `${missing} rows are missing in the target, ${wrong.length - missing} are there too often`
}

/** What a run of the scratch project said, as an error, without secrets. */
export function runFailed(error: string, stderr: string): Error {
  return new Error(`a run failed: ${messageOf(error === '' ? stderr : error)}`)
}
