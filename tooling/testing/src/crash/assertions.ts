import type { Session, TargetKind } from '@tidegate/core'
import { DESTINATIONS, type DestinationUnderTest, type NaiveEntry, type Place } from './destinations.ts'
import {
  changedSources,
  expectedRejected,
  expectedRows,
  relationOf,
  type LandingZone,
  type LaidVersion,
  type RowText,
} from './landing-zone.ts'
import { tellEnd, type Scene } from './scene.ts'

/**
 * What a reader may see at any moment, killed or not: rows of committed file versions only, each as often as it lies in
 * its file at most, and never two versions of one file.
 */
export async function findUncommitted(
  session: Session,
  destination: DestinationUnderTest,
  place: Place,
  zone: LandingZone,
): Promise<readonly string[]> {
  const entries = await destination.entries(session, place)
  const loaded = new Set(
    entries.flatMap(({ files }) => files.flatMap((file) => (file.outcome === 'loaded' ? [keyOf(file)] : []))),
  )
  const rows = await destination.rows(session, place)
  const committed = zone.laid.filter((version) => loaded.has(keyOf({ path: version.path, hash: version.sha256 })))
  if (destination.kind === 'none') {
    return rows
      .filter((row) => !committed.some((version) => passedText(version) === row))
      .map((row) => `${row} passed before its commit`)
  }
  const allowed = await rowsOfVersions(session, committed, zone.rule)
  const problems = overdrawn(rows, allowed).map((row) => `row ${row} is visible and not committed, or too often`)
  const versions = new Map<string, Set<string>>()
  for (const row of rows) {
    const version = row.split('|')[2] ?? ''
    const name = version.split('@')[0] ?? ''
    versions.set(name, (versions.get(name) ?? new Set()).add(version))
  }
  for (const [name, seen] of versions)
    if (seen.size > 1 && !destination.appendsOnly) problems.push(`${name} is visible in ${seen.size} versions`)
  return shorten(problems)
}

/** All that must be true when everything is done. Runs the product twice more: with nothing to do, and to rebuild. */
export async function findProblems(scene: Scene, kind: TargetKind): Promise<readonly string[]> {
  const { place, zone } = scene
  const destination = DESTINATIONS[kind]
  const { problems, before } = await scene.read(async (session) => {
    const entries = await destination.entries(session, place)
    const problems = [
      ...(await wrongRows(session, destination, place, zone)),
      ...(await wrongQuarantine(session, place, zone)),
      ...wrongEntries(entries, zone),
    ]
    return { problems, before: entries }
  })
  const idle = await scene.finish(scene.ingest('-o', 'json'))
  const after = await scene.read((session) => destination.entries(session, place))
  if (!isIdle(idle.stdout) || after.length !== before.length)
    problems.push(`a further run did something: ${tellEnd(idle)}`)
  problems.push(...(await wrongRebuild(scene)))
  problems.push(...changedSources(zone).map((name) => `the source ${name} was changed`))
  return shorten(problems)
}

async function wrongRows(
  session: Session,
  destination: DestinationUnderTest,
  place: Place,
  zone: LandingZone,
): Promise<readonly string[]> {
  const found = await destination.rows(session, place)
  const expected =
    destination.kind === 'none'
      ? [...zone.current.values()].filter(({ kind }) => kind === 'data').map(passedText)
      : await expectedRows(session, zone, destination.appendsOnly)
  return difference(found, expected, 'target')
}

/** Rejected rows and held files, read from the quarantine folder by glob. */
async function wrongQuarantine(session: Session, { project }: Place, zone: LandingZone): Promise<readonly string[]> {
  const { dialect } = session
  const parts = await session.query(
    `SELECT file FROM glob(${dialect.literal(project.at('quarantine/**/*.rows.parquet'))})`,
  )
  const found =
    parts.rows.length === 0
      ? []
      : (
          await session.query(
            `SELECT concat_ws('|', id, value, version) FROM read_parquet([${parts.rows.map(([file]) => dialect.literal(String(file))).join()}], union_by_name = true, hive_partitioning = false)`,
          )
        ).rows.map(([line]) => String(line))
  const held = await session.query(
    `SELECT file FROM glob(${dialect.literal(project.at('quarantine/**/*broken-*.parquet'))})`,
  )
  const heldRounds = held.rows.map(([file]) => /broken-(\d+)/.exec(String(file))?.[1] ?? '?')
  const brokenRounds = zone.laid
    .filter(({ kind }) => kind === 'broken')
    .map(({ path }) => /broken-(\d+)/.exec(path)?.[1] ?? '?')
  return [
    ...difference(found, await expectedRejected(session, zone), 'quarantine'),
    ...difference(heldRounds, brokenRounds, 'held files'),
  ]
}

/** Every version that ever lay there is in exactly one entry, and its rows add up. */
function wrongEntries(entries: readonly NaiveEntry[], zone: LandingZone): readonly string[] {
  const files = entries.flatMap((entry) => entry.files)
  const problems = difference(
    files.map(keyOf),
    zone.laid.map((version) => keyOf({ path: version.path, hash: version.sha256 })),
    'entries',
  )
  const outcomes = { data: 'loaded', broken: 'held', resent: 'skipped' } as const
  const byKey = new Map(zone.laid.map((version) => [keyOf({ path: version.path, hash: version.sha256 }), version]))
  for (const file of files) {
    const laid = byKey.get(keyOf(file))
    if (laid === undefined) continue
    if (file.outcome !== outcomes[laid.kind]) problems.push(`${file.path} is ${file.outcome}`)
    if (file.rowsRead !== file.rowsLoaded + file.rowsRejected + file.rowsDropped)
      problems.push(`${file.path} lost rows`)
    if (laid.kind === 'data' && file.rowsRead !== laid.rows)
      problems.push(`${file.path} has ${laid.rows} rows, and ${file.rowsRead} were read`)
  }
  return problems
}

async function wrongRebuild(scene: Scene): Promise<readonly string[]> {
  const fresh = await scene.freshState()
  const end = await scene.finish(scene.command('--set', `state=${fresh.address}`, 'state', 'rebuild'))
  if (end.exitCode !== 0) return [`state rebuild failed: ${tellEnd(end)}`]
  const [live, rebuilt] = [await scene.state.dump(), await fresh.dump()]
  if (Object.values(live).flat().length === 0) return ['the live state is empty']
  return Object.keys(live).flatMap((table) =>
    difference(rebuilt[table] ?? [], live[table] ?? [], `rebuilt table ${table}`),
  )
}

function isIdle(stdout: string): boolean {
  try {
    const { totals, items } = JSON.parse(stdout) as { totals: Readonly<Record<string, number>>; items: unknown[] }
    return items.length === 0 && totals['loaded'] === 0 && totals['rowsRead'] === 0
  } catch {
    return false
  }
}

async function rowsOfVersions(
  session: Session,
  versions: readonly LaidVersion[],
  rule: string,
): Promise<readonly RowText[]> {
  const selects = versions.map(
    ({ copy }) => `SELECT concat_ws('|', id, value, version) FROM ${relationOf(session, copy)} WHERE ${rule}`,
  )
  if (selects.length === 0) return []
  return (await session.query(selects.join(' UNION ALL '))).rows.map(([line]) => String(line))
}

function keyOf({ path, hash }: { readonly path: string; readonly hash: string }): string {
  return `${path}#${hash}`
}

function passedText({ path, sha256 }: LaidVersion): string {
  return `${path}|${sha256}`
}

/** Both as multisets. */
function difference(found: readonly string[], expected: readonly string[], where: string): string[] {
  const counts = new Map<string, number>()
  for (const text of expected) counts.set(text, (counts.get(text) ?? 0) + 1)
  for (const text of found) counts.set(text, (counts.get(text) ?? 0) - 1)
  return [...counts].flatMap(([text, count]) =>
    count === 0 ? [] : [`${where}: ${count > 0 ? 'missing' : 'too much'}, ${Math.abs(count)} × ${text}`],
  )
}

function overdrawn(found: readonly string[], allowed: readonly string[]): string[] {
  return difference(found, allowed, 'visible').filter((problem) => problem.includes('too much'))
}

const SHOWN = 12
function shorten(problems: readonly string[]): readonly string[] {
  return problems.length <= SHOWN ? problems : [...problems.slice(0, SHOWN), `and ${problems.length - SHOWN} more`]
}
