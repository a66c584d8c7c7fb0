import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileVersionId, type KnownDataset, type KnownStamp, type KnownVersion } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import { findSourceId } from './file-keys.ts'
import { isPostgres } from './is-postgres.ts'
import { readLocations } from './list-files.ts'
import type { Schema } from './schema.ts'
import { onSqlite } from './sqlite-dialect.ts'
import { OUTCOMES } from './write-files.ts'

/** Reads one index and no row: see migration 3. A path goes into one page, however many versions it has. */
export async function* knownStamps(db: Kysely<Schema>, source: string): AsyncGenerator<readonly KnownStamp[], void> {
  const locations = await readLocations(db)
  const sourceId = await findSourceId(db, source)
  if (sourceId === undefined) return
  let after: StampRow | undefined
  /** Rows of the last path of the page before: there may be more of it. */
  let pending: readonly StampRow[] = []
  for (;;) {
    const read = await readPage(db, sourceId, after)
    const rows = pending.length === 0 ? read : [...pending, ...read]
    const isLast = read.length < PAGE_ROWS
    const end = isLast ? rows.length : rows.findLastIndex((row) => row[PATH] !== rows.at(-1)?.[PATH]) + 1
    const page = toStamps(source, rows, end, locations)
    if (page.length > 0) yield page
    if (isLast) return
    after = rows.at(-1)
    pending = rows.slice(end)
    // Timers of the process, lease renewals among them, get their turn.
    await nextTurn()
  }
}

/** Of the schema versions, which every entry notes: few, however many files there are. */
export async function knownDatasets(db: Kysely<Schema>, source: string): Promise<readonly KnownDataset[]> {
  const { rows } = await sql<{ dataset: string; location: string; live: number }>`
    select known.dataset, ledger.location,
      case when exists (
        select 1 from entry join file_version_row as file on file.entry_id = entry.id
        where entry.source_id = (select id from source_name where name = ${source})
          and entry.dataset = known.dataset and entry.ledger_id = known.ledger_id and file.live = 1
      ) then 1 else 0 end as live
    from (select distinct ledger_id, dataset from schema_version where source = ${source}) as known
    join ledger on ledger.id = known.ledger_id
    order by known.dataset, ledger.location`.execute(db)
  return rows.map((row) => ({
    dataset: row.dataset,
    location: row.location,
    live: row.live === 1,
  }))
}

/** On Postgres a page is a round trip and its rows come as text; on SQLite small pages stay in the young heap. */
const PAGE_ROWS = 5000

/** path, ordinal, ledger_id, outcome, live, stamp: an array is made quicker than an object. */
type StampRow = readonly [string, number, number, number, number, string]

const PATH = 0
const LEDGER = 2

async function readPage(
  db: Kysely<Schema>,
  sourceId: number,
  after: StampRow | undefined,
): Promise<readonly StampRow[]> {
  const [path, ordinal, ledgerId] = after ?? ['', 0, 0]
  if (isPostgres(db)) {
    const { rows } = await sql<Record<(typeof NAMES)[number], string | number>>`
      select path, ordinal, ledger_id, outcome, live, stamp from file_version_row
      where source_id = ${sourceId} and (path, ordinal, ledger_id) > (${path}, ${ordinal}, ${ledgerId})
      order by path, ordinal, ledger_id limit ${PAGE_ROWS}`.execute(db)
    return rows.map((row) => NAMES.map((name) => row[name]) as unknown as StampRow)
  }
  return onSqlite(
    db,
    (prepare) => prepare(SQLITE_PAGE).raw().all([sourceId, path, ordinal, ledgerId, PAGE_ROWS]) as StampRow[],
  )
}

const NAMES = ['path', 'ordinal', 'ledger_id', 'outcome', 'live', 'stamp'] as const

const SQLITE_PAGE = `select path, ordinal, ledger_id, outcome, live, stamp from file_version_row
where source_id = ? and (path, ordinal, ledger_id) > (?, ?, ?) order by path, ordinal, ledger_id limit ?`

/** Rows come by path and ordinal, so the last of a path and ledger is its newest. */
function toStamps(
  source: string,
  rows: readonly StampRow[],
  length: number,
  locations: ReadonlyMap<number, string>,
): readonly KnownStamp[] {
  const stamps: KnownStamp[] = []
  for (let start = 0; start < length;) {
    const first = rows[start]
    if (first === undefined) break
    const path = first[PATH]
    let end = start + 1
    while (end < length && rows[end]?.[PATH] === path) end += 1
    if (end === start + 1) {
      const newest = toVersion(source, first)
      const newestLoaded = newest.outcome === 'loaded' ? newest : undefined
      stamps.push({ path, location: locations.get(first[LEDGER]) ?? '', newest, newestLoaded })
    } else {
      stamps.push(...stampsOfPath(source, path, rows.slice(start, end), locations))
    }
    start = end
  }
  return stamps
}

function stampsOfPath(
  source: string,
  path: string,
  rows: readonly StampRow[],
  locations: ReadonlyMap<number, string>,
): readonly KnownStamp[] {
  const byLedger = new Map<number, { newest: KnownVersion; newestLoaded: KnownVersion | undefined }>()
  for (const row of rows) {
    const version = toVersion(source, row)
    const ledger = row[LEDGER]
    const newestLoaded = version.outcome === 'loaded' ? version : byLedger.get(ledger)?.newestLoaded
    byLedger.set(ledger, { newest: version, newestLoaded })
  }
  return Array.from(byLedger, ([ledger, known]) => ({
    path,
    location: locations.get(ledger) ?? '',
    ...known,
  })).sort((left, right) => Buffer.compare(Buffer.from(left.location), Buffer.from(right.location)))
}

function toVersion(source: string, [path, ordinal, , outcome, live, stamp]: StampRow): KnownVersion {
  return {
    id: fileVersionId(source, path, ordinal),
    ordinal,
    stamp,
    outcome: OUTCOMES[outcome] ?? 'skipped',
    live: live === 1,
  }
}
