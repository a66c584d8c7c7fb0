import { createHash } from 'node:crypto'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import path from 'node:path'
import type { Session } from '@tidegate/core'
import { settle, writeErrorPage, writeParquet } from '../file-builders.ts'
import type { TempProject } from '../temp-project.ts'

/** One version of one file as it was laid, known without a look at what the product makes of it. */
export interface LaidVersion {
  /** Below the root of the source. */
  readonly path: string
  readonly sha256: string
  readonly kind: 'data' | 'broken' | 'resent'
  /** Rows in it; 0 where it is no data file. */
  readonly rows: number
  /** Harness's own copy of its bytes. */
  readonly copy: string
}

/** A landing zone that changes from round to round, and the memory of everything that ever lay in it. */
export interface LandingZone {
  readonly directory: string
  /** Where the product moves files once they are loaded; undefined: it leaves them alone. */
  readonly archive: string | undefined
  /** Every version ever laid, in order. */
  readonly laid: LaidVersion[]
  /** What lies there now: path → version. */
  readonly current: Map<string, LaidVersion>
  /** Versions whose rows in quarantine were deleted long after another version took their place. */
  readonly swept: Set<LaidVersion>
  /** Which rows are good, as SQL. A contract that is loosened changes it. */
  rule: string
  /** path → bytes, modification time and hash at the end of the last round. */
  readonly prints: Map<string, string>
}

export const DATASETS: readonly string[] = ['north', 'south']

export function openLandingZone(project: TempProject, archive?: string): LandingZone {
  for (const dataset of DATASETS) mkdirSync(project.at('landing', dataset), { recursive: true })
  mkdirSync(project.at('laid'), { recursive: true })
  return {
    directory: project.at('landing'),
    archive,
    laid: [],
    current: new Map(),
    swept: new Set(),
    rule: GOOD,
    prints: new Map(),
  }
}

export interface RoundPlan {
  /** From which all ids and names of the round are made; never the same twice in a project. */
  readonly round: number
  /** Round whose file gets new content, whose bytes are sent again under another name, and which is touched. */
  readonly changes?: number | undefined
  /** Rows of the north file. More than a few thousand take a moment to read and to write. @defaultValue 40 */
  readonly rows?: number | undefined
  /** The north file has a column that no file had before. @defaultValue false */
  readonly newColumn?: boolean | undefined
}

/** The rule of the contracts as a project begins. */
export const GOOD = 'value >= 0'

/** Every tenth row breaks the rule (its value is negative); the first row of each file is there twice. */
const BAD_EVERY = 10

/**
 * What arrives before a run: two data files in one dataset, one data file and one that is no data at all in the other. With
 * `changes` also a new version of a file, a copy of a file under another name, and a file with a new modification time.
 */
export async function layRound(session: Session, zone: LandingZone, plan: RoundPlan): Promise<void> {
  const { round, changes } = plan
  const id = (file: number): number => (round * 10 + file) * 1_000_000
  await layData(session, zone, `north/a-${round}.parquet`, {
    firstId: id(0),
    rows: plan.rows ?? 40,
    column: plan.newColumn === true ? `extra_${round}` : undefined,
  })
  await layData(session, zone, `north/b-${round}.csv`, { firstId: id(1), rows: 30 })
  await layData(session, zone, `south/c-${round}.csv`, { firstId: id(2), rows: 20 })
  layBroken(zone, `south/broken-${round}.parquet`, round)
  if (changes !== undefined) {
    await layData(session, zone, `north/a-${changes}.parquet`, { firstId: id(3), rows: 25 })
    resend(zone, `south/c-${changes}.csv`, `south/c-${changes}-again-${round}.csv`)
    touch(zone, `north/b-${changes}.csv`)
  }
  zone.prints.clear()
  for (const name of zone.current.keys()) zone.prints.set(name, printOf(zone, name))
}

interface Content {
  readonly firstId: number
  readonly rows: number
  readonly column?: string | undefined
}

async function layData(session: Session, zone: LandingZone, name: string, content: Content): Promise<void> {
  const { firstId, rows, column } = content
  const file = path.join(zone.directory, name)
  rmSync(file, { force: true })
  const text = session.dialect.literal(`${name}@${firstId}`)
  const extra = column === undefined ? '' : `, i % 3 AS ${session.dialect.identifier(column)}`
  // The first two rows are equal: a target that keeps sets and not multisets would show.
  const select = `SELECT ${firstId} + greatest(i, 1) AS id,
      CASE WHEN i % ${BAD_EVERY} = 7 THEN -1 - i ELSE greatest(i, 1) END AS value, ${text} AS version${extra}
    FROM range(${rows}) t(i) ORDER BY i`
  if (name.endsWith('.parquet')) await writeParquet(session, file, select)
  else await session.query(`COPY (${select}) TO ${session.dialect.literal(file)} (FORMAT csv, HEADER)`)
  settle(file)
  note(zone, name, 'data', rows)
}

function layBroken(zone: LandingZone, name: string, round: number): void {
  // Each page its own, or they would be duplicates of one another.
  const file = writeErrorPage(path.join(zone.directory, name))
  appendFileSync(file, `<!-- ${round} -->\n`)
  settle(file)
  note(zone, name, 'broken', 0)
}

function resend(zone: LandingZone, from: string, to: string): void {
  const original = zone.current.get(from)
  if (original === undefined) throw new Error(`${from} was never laid`)
  copyFileSync(original.copy, path.join(zone.directory, to))
  settle(path.join(zone.directory, to), 1_800_000)
  note(zone, to, 'resent', original.rows)
}

function touch(zone: LandingZone, name: string): void {
  const at = new Date(Date.now() - 60_000)
  // Gone where the source is cleaned after the commit.
  if (existsSync(path.join(zone.directory, name))) utimesSync(path.join(zone.directory, name), at, at)
}

function note(zone: LandingZone, name: string, kind: LaidVersion['kind'], rows: number): void {
  const file = path.join(zone.directory, name)
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex')
  const copy = path.join(path.dirname(zone.directory), 'laid', `${zone.laid.length}-${path.basename(name)}`)
  copyFileSync(file, copy)
  const version: LaidVersion = { path: name, sha256, kind, rows, copy }
  zone.laid.push(version)
  zone.current.set(name, version)
}

/**
 * Files whose bytes or modification time are no longer what was laid (invariant 5). With an archive: those that are in neither
 * place, or in both.
 */
export function changedSources(zone: LandingZone): readonly string[] {
  const { archive } = zone
  if (archive !== undefined) {
    const found = [zone.directory, archive].flatMap(hashesBelow)
    return zone.laid.flatMap(({ path: name, sha256 }) => {
      const times = found.filter((hash) => hash === sha256).length
      const laid = zone.laid.filter((version) => version.sha256 === sha256).length
      return times === laid ? [] : [`${name} (${times} times there, ${laid} laid)`]
    })
  }
  return [...zone.prints].filter(([name, print]) => printOf(zone, name) !== print).map(([name]) => name)
}

function hashesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return names.map((entry) =>
    createHash('sha256')
      .update(readFileSync(path.join(entry.parentPath, entry.name)))
      .digest('hex'),
  )
}

function printOf(zone: LandingZone, name: string): string {
  const file = path.join(zone.directory, name)
  const info = statSync(file, { bigint: true, throwIfNoEntry: false })
  if (info === undefined) return 'gone'
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex')
  return `${info.size} ${info.mtimeNs} ${hash}`
}

/** A laid file, read without a guess at what is in it. */
export function relationOf({ dialect }: Session, file: string): string {
  if (file.endsWith('.parquet')) return `read_parquet(${dialect.literal(file)})`
  return `read_csv(${dialect.literal(file)}, header = true, auto_detect = false, columns = {id: 'BIGINT', value: 'BIGINT', version: 'VARCHAR'})`
}

/** One row as text: equal rows, equal texts. */
export type RowText = string

/**
 * What must be in the targets: the rows of the files that lie there now, by the rule written down here once more.
 *
 * @param all also those of versions that were overwritten
 */
export async function expectedRows(session: Session, zone: LandingZone, all: boolean): Promise<readonly RowText[]> {
  const versions = all ? zone.laid : [...zone.current.values()]
  return rowsOf(
    session,
    versions.filter((version) => version.kind === 'data'),
    zone.rule,
  )
}

/** From here on quarantine lacks the rows of versions that were overwritten. */
export function sweepReplaced(zone: LandingZone): void {
  const current = new Set(zone.current.values())
  for (const version of zone.laid) if (!current.has(version)) zone.swept.add(version)
}

/** What must be in quarantine: the bad rows of every version that ever lay there, each once. */
export async function expectedRejected(session: Session, zone: LandingZone): Promise<readonly RowText[]> {
  return rowsOf(
    session,
    zone.laid.filter((version) => version.kind === 'data' && !zone.swept.has(version)),
    'value < 0',
  )
}

async function rowsOf(session: Session, versions: readonly LaidVersion[], rule: string): Promise<readonly RowText[]> {
  const selects = versions.map(({ copy }) => {
    return `SELECT id, value, version FROM ${relationOf(session, copy)} WHERE ${rule}`
  })
  if (selects.length === 0) return []
  const { rows } = await session.query(selects.join(' UNION ALL '))
  return rows.map((row) => row.map(String).join('|')).toSorted()
}
