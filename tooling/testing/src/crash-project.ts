import { mkdirSync, rmSync } from 'node:fs'
import type { Session } from '@tidegate/core'
import { settle, writeErrorPage, writeParquet } from './file-builders.ts'
import type { TempProject } from './temp-project.ts'

/** Rows in a place, and how many different ids they have: more rows than ids means something was loaded twice. */
export interface RowCount {
  readonly rows: number
  readonly ids: number
}

/** What must be in the lake and in quarantine once everything is done, known from what was laid. */
export interface Oracle {
  readonly good: number
  readonly bad: number
  readonly held: number
}

export const CRASH_SOURCES: readonly string[] = ['north', 'east', 'south', 'west']

const ROWS_PER_FILE = 200
const BAD_EVERY = 50

/**
 * Four sources, each with a contract that splits off rows whose value is negative, or whose id is loaded already: ids are
 * never repeated, so a resume that met its own rows in the target would show.
 */
export function writeCrashProject(project: TempProject): void {
  const sources = CRASH_SOURCES.map(
    (source) => `  ${source}:
    path: landing/${source}/*.parquet
    format: parquet
    ready: { settle: 0s }
    duplicates: load
    gate: { on_fail: split }
    quarantine: { path: quarantine/${source} }
    target: { layer: raw, kind: parquet, path: "lake/raw/{dataset}" }
`,
  )
  project.write('tidegate.yaml', `version: 1\nsources:\n${sources.join('')}`)
  for (const source of CRASH_SOURCES) {
    mkdirSync(project.at('landing', source), { recursive: true })
    project.write(
      `contracts/${source}.yaml`,
      `contract: ${source}
version: 1
schema:
  columns:
    id: { type: BIGINT, nullable: false }
    value: { type: BIGINT }
expectations:
  - type: expect_column_values_to_be_between
    kwargs: { column: value, min_value: 0 }
    severity: critical
  - type: expect_column_values_to_be_unique
    kwargs: { column: id, scope: target }
`,
    )
  }
}

/**
 * Lays what arrives before round `round` (0 is the first): two new files of 200 rows with ids that exist nowhere else, a new
 * version of a file of the round before, and a file that is no Parquet. Four rows of each good file are bad.
 */
export async function layRound(session: Session, project: TempProject, round: number): Promise<void> {
  await layFile(session, project, `${sourceOf(round)}/a-${round}`, 10 * round)
  await layFile(session, project, `${sourceOf(round + 1)}/b-${round}`, 10 * round + 1)
  if (round > 0) await layFile(session, project, `${sourceOf(round - 1)}/a-${round - 1}`, 10 * round + 2)
  settle(writeErrorPage(project.at(`landing/${sourceOf(round + 2)}/broken-${round}.parquet`)))
}

/** After `rounds` rounds: two files each, the rewritten ones with the rows of their new version only. */
export function oracleAfter(rounds: number): Oracle {
  const files = 2 * rounds
  const badPerFile = ROWS_PER_FILE / BAD_EVERY
  // Rejected rows of a version that was replaced stay in quarantine until a person decides.
  const versions = files + Math.max(0, rounds - 1)
  return { good: files * (ROWS_PER_FILE - badPerFile), bad: versions * badPerFile, held: rounds }
}

/** Reads files as anybody would, by a glob (relative to the project) and without Tidegate. No file is no row. */
export async function countRows(session: Session, project: TempProject, glob: string): Promise<RowCount> {
  if ((await countFiles(session, project, glob)) === 0) return { rows: 0, ids: 0 }
  const { rows } = await session.query(
    `SELECT count(*), count(DISTINCT id)
     FROM read_parquet(${session.dialect.literal(project.at(glob))}, union_by_name = true, hive_partitioning = false)`,
  )
  return { rows: Number(rows[0]?.[0]), ids: Number(rows[0]?.[1]) }
}

export async function countFiles(session: Session, project: TempProject, glob: string): Promise<number> {
  const { rows } = await session.query(`SELECT count(*) FROM glob(${session.dialect.literal(project.at(glob))})`)
  return Number(rows[0]?.[0])
}

async function layFile(session: Session, project: TempProject, name: string, block: number): Promise<void> {
  const file = project.at(`landing/${name}.parquet`)
  rmSync(file, { force: true })
  await writeParquet(
    session,
    file,
    `SELECT i + ${block * ROWS_PER_FILE} AS id, CASE WHEN i % ${BAD_EVERY} = 7 THEN -1 - i ELSE i END AS value
     FROM range(${ROWS_PER_FILE}) t(i)`,
  )
  settle(file)
}

function sourceOf(round: number): string {
  return CRASH_SOURCES[round % CRASH_SOURCES.length]!
}
