import type { Capped, FileQuery, FileRecord } from '@tidegate/core'
import { sql, type Kysely, type RawBuilder } from 'kysely'
import { isPostgres } from '../is-postgres.ts'
import { readLocations, toFileRecord } from '../list-files.ts'
import type { FileVersionTable, Schema } from '../schema.ts'
import { OUTCOMES } from '../write-files.ts'
import { allOf, ofSourceIds, ofSources, within } from './window.ts'

/** One page of the files that the query asks for, and how many there are. */
export async function queryFiles(db: Kysely<Schema>, query: FileQuery): Promise<Capped<FileRecord>> {
  const { order = 'newest', limit, offset = 0 } = query
  const conditions = conditionsOf(db, query)
  const files = sql`${order === 'lowest-score' && areImperfect(query) ? fromImperfect(db) : fromFiles(db)} where ${conditions}`
  const largest = sql`1 = 1${largestFirst(query)}`
  const page = sql`select file.id ${files} and ${largest} order by ${ORDERS[order]}, ${NEWEST} limit ${limit} offset ${offset}`
  return readFiles(db, page, sql`select count(*) as files ${files}`, ORDERS_OF_RECORDS[order])
}

/**
 * Where nothing but the window is asked: the largest files are in the entries that have the largest maxima. As many entries
 * as there are files on the page have one at least as large as the smallest of them.
 */
function largestFirst(query: FileQuery): RawBuilder<unknown> {
  const {
    order,
    limit,
    offset = 0,
    dataset,
    folder = '',
    outcome,
    repairedOnly,
    imperfectOnly,
    scoreFrom,
    scoreTo,
    search = '',
    failedCheck,
    run,
  } = query
  const column = order === 'most-rows' ? 'rows_max' : order === 'most-bytes' ? 'bytes_max' : undefined
  const isPlain =
    [dataset, outcome, failedCheck, run, scoreFrom, scoreTo].every((one) => one === undefined) &&
    folder === '' &&
    search === '' &&
    repairedOnly !== true &&
    imperfectOnly !== true
  if (column === undefined || !isPlain) return sql``
  const sums = sql`from entry join entry_sum on entry_sum.entry_id = entry.id
    where ${within('entry.decided_at_ms', query)} and ${ofSourceIds('entry.source_id', query.sources)}`
  const maximum = sql.ref(`entry_sum.${column}`)
  return sql` and entry.id in (
    select entry_sum.entry_id ${sums} and ${maximum} >= coalesce((
      select ${maximum} ${sums} order by 1 desc limit 1 offset ${limit + offset - 1}
    ), 0)
  )`
}

/** The newest loaded file of the newest entry of each source that has one. */
export async function lastLoaded(db: Kysely<Schema>, sources?: readonly string[]): Promise<readonly FileRecord[]> {
  const entry = sql`select entry.id from entry
    where entry.source_id = source_name.id
      and exists (select 1 from entry_sum where entry_sum.entry_id = entry.id and entry_sum.loaded > 0)
    order by entry.decided_at_ms desc, entry.seq desc, entry.ledger_id desc limit 1`
  const newest = sql`select (
      select file.id from file_version_row as file where file.outcome = 0 and file.entry_id = (${entry})
      order by file.path desc, file.ordinal desc limit 1
    ) as id from source_name where ${ofSources('name', sources)}`
  const { items } = await readFiles(db, newest, sql`select 0 as files`, sql`file.source`)
  return items
}

/**
 * Of the quarantine, whose open records are few, back to the files: an id is source, path and ordinal. A later version of
 * the path, in the same ledger, means that nothing is left to do.
 */
export async function openHeld(
  db: Kysely<Schema>,
  sources: readonly string[] | undefined,
  limit: number,
): Promise<Capped<FileRecord>> {
  // In this order: else SQLite looks at every file.
  const join = sql.raw(isPostgres(db) ? 'join' : 'cross join')
  const held = sql`(
    select ledger_id, source, file, rtrim(file, '0123456789') as front from quarantine
    where status = 'open' and kind = 'held' and ${ofSources('source', sources)}
  ) as record
  ${join} source_name on source_name.name = record.source
  ${join} file_version_row as file on file.source_id = source_name.id and file.ledger_id = record.ledger_id
    and file.path = substr(record.front, length(record.source) + 2, length(record.front) - length(record.source) - 2)
    and file.ordinal = cast(substr(record.file, length(record.front) + 1) as bigint)
    and file.outcome = 1
  ${join} entry on entry.id = file.entry_id
  where not exists (
    select 1 from file_version_row as later where later.source_id = file.source_id and later.path = file.path
      and later.ordinal > file.ordinal and later.ledger_id = file.ledger_id
  )`
  return readFiles(
    db,
    sql`select distinct file.id, entry.decided_at_ms, entry.seq, file.path, file.ordinal, file.ledger_id
      from ${held} order by ${NEWEST} limit ${limit}`,
    sql`select count(distinct file.id) as files from ${held}`,
    ORDERS_OF_RECORDS.newest,
  )
}

/** The files whose ids `page` gives, with the one number that `count` gives, in one statement. */
async function readFiles(
  db: Kysely<Schema>,
  page: RawBuilder<unknown>,
  count: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
): Promise<Capped<FileRecord>> {
  const join = sql.raw(isPostgres(db) ? 'join' : 'cross join')
  const { rows } = await sql<FileVersionTable & { readonly files: number; readonly id: string | null }>`
    with page as (${page}), counted as (${count})
    select file.*, counted.files from counted
    left join (
      select file_version.* from page
      ${join} file_version_row as chosen on chosen.id = page.id
      ${join} file_version on file_version.source = (select name from source_name where id = chosen.source_id)
        and file_version.path = chosen.path and file_version.ordinal = chosen.ordinal
        and file_version.ledger_id = chosen.ledger_id
    ) as file on 1 = 1
    order by ${order}, file.decided_at_ms desc, file.seq desc, file.path desc, file.ordinal desc, file.ledger_id desc`.execute(
    db,
  )
  const locations = await readLocations(db)
  return {
    items: rows.filter((row) => row.id !== null).map((row) => toFileRecord(row, locations)),
    total: rows[0]?.files ?? 0,
  }
}

/** SQLite takes the tables of a cross join in their order: entries by their time, then their files. */
function fromFiles(db: Kysely<Schema>): RawBuilder<unknown> {
  return isPostgres(db)
    ? sql`from entry join file_version_row as file on file.entry_id = entry.id`
    : sql`from entry cross join file_version_row as file on file.entry_id = entry.id`
}

/** By the index of files with a score below 100. */
function fromImperfect(db: Kysely<Schema>): RawBuilder<unknown> {
  return isPostgres(db)
    ? sql`from file_version_row as file join entry on entry.id = file.entry_id`
    : sql`from file_version_row as file cross join entry on entry.id = file.entry_id`
}

function areImperfect({ imperfectOnly, scoreTo }: FileQuery): boolean {
  return imperfectOnly === true || (scoreTo !== undefined && scoreTo <= 100)
}

function conditionsOf(db: Kysely<Schema>, query: FileQuery): RawBuilder<unknown> {
  const {
    sources,
    dataset,
    folder = '',
    outcome,
    repairedOnly,
    scoreFrom,
    scoreTo,
    search = '',
    failedCheck,
    run,
  } = query
  const conditions = [within('entry.decided_at_ms', query), ofSourceIds('entry.source_id', sources)]
  if (dataset !== undefined) conditions.push(sql`entry.dataset = ${dataset}`)
  if (run !== undefined) conditions.push(sql`entry.run = ${run}`)
  // The character after the slash: all paths that begin with the folder are between the two.
  if (folder !== '') conditions.push(sql`file.path >= ${`${folder}/`} and file.path < ${`${folder}0`}`)
  if (outcome !== undefined) conditions.push(sql`file.outcome = ${OUTCOMES.indexOf(outcome)}`)
  if (repairedOnly === true) conditions.push(sql`file.repaired_hash is not null`)
  // In these words, as the index has them.
  if (areImperfect(query)) conditions.push(sql`file.score < 100`)
  if (scoreFrom !== undefined) conditions.push(sql`file.score >= ${scoreFrom}`)
  if (scoreTo !== undefined && scoreTo !== 100) conditions.push(sql`file.score < ${scoreTo}`)
  if (search !== '') {
    const text = search.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
    conditions.push(
      isPostgres(db) ? sql`strpos(lower(file.path), ${text}) > 0` : sql`instr(lower(file.path), ${text}) > 0`,
    )
  }
  if (failedCheck !== undefined) {
    conditions.push(sql`(select name from source_name where id = file.source_id) || '/' || file.path || '#' || file.ordinal in (
      select check_result.file from check_result
      where check_id = ${failedCheck} and failed = 1 and ${ofSources('source', sources)}
    )`)
  }
  return allOf(conditions)
}

const NEWEST = sql`entry.decided_at_ms desc, entry.seq desc, file.path desc, file.ordinal desc, file.ledger_id desc`

const ORDERS = {
  newest: sql`entry.decided_at_ms desc`,
  'lowest-score': sql`file.score nulls last`,
  'most-rows': sql`file.rows_read desc`,
  'most-bytes': sql`file.bytes desc`,
} as const

const ORDERS_OF_RECORDS = {
  newest: sql`file.decided_at_ms desc`,
  'lowest-score': sql`file.score is null, file.score`,
  'most-rows': sql`file.rows_read desc`,
  'most-bytes': sql`file.bytes desc`,
} as const
