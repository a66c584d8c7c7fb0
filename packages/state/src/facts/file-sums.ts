import type { Capped, FactWindow, FileHour, FileSums, FolderSums, ScoreBins } from '@tidegate/core'
import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { Schema } from '../schema.ts'
import { beginOf, DAY_MS, HOUR_MS, ofSourceIds, sumOf, within } from './window.ts'

export async function sumFileHours(db: Kysely<Schema>, window: FactWindow): Promise<readonly FileHour[]> {
  const { rows } = await sql<SumRow & { readonly hour_ms: number }>`
    with hours as (
      select entry.source_id, entry.dataset, ${beginOf('entry.decided_at_ms', HOUR_MS)} as hour_ms, ${SUMS}
      from ${sumsIn(window)} group by 1, 2, 3
    )
    select source_name.name as source, hours.* from hours join source_name on source_name.id = hours.source_id
    order by source, dataset, hour_ms`.execute(db)
  return rows.map((row) => ({ source: row.source, dataset: row.dataset, hourMs: row.hour_ms, ...toSums(row) }))
}

export async function sumFolders(db: Kysely<Schema>, window: FactWindow, limit: number): Promise<Capped<FolderSums>> {
  const { rows } = await sql<FolderRow>`
    with folders as (
      select entry.source_id, entry.dataset, entry_sum.folder, ${SUMS},
        min(entry.decided_at_ms) as first_ms, max(entry.decided_at_ms) as last_ms
      from ${sumsIn(window)} group by 1, 2, 3
    ),
    largest as (
      select source_name.name as source, folders.*, count(*) over () as total
      from folders join source_name on source_name.id = folders.source_id
      order by loaded + held + skipped desc, source, dataset, folder limit ${limit}
    )
    select * from largest order by source, dataset, folder`.execute(db)
  return {
    items: rows.map((row) => ({
      source: row.source,
      dataset: row.dataset,
      folder: row.folder,
      ...toSums(row),
      firstMs: row.first_ms,
      lastMs: row.last_ms,
    })),
    total: rows[0]?.total ?? 0,
  }
}

export async function sumScores(db: Kysely<Schema>, window: FactWindow): Promise<readonly ScoreBins[]> {
  const { rows } = await sql<ScoreRow>`
    with days as (
      select entry.source_id, entry.dataset, ${beginOf('entry.decided_at_ms', DAY_MS)} as day_ms, entry_sum.bin,
        ${sumOf(sql`entry_sum.scored`)} as files
      from ${sumsIn(window)} and entry_sum.bin >= 0 group by 1, 2, 3, 4
    )
    select source_name.name as source, days.* from days join source_name on source_name.id = days.source_id
    order by source, dataset, day_ms, bin`.execute(db)
  const days: (Omit<ScoreBins, 'bins'> & { readonly bins: number[] })[] = []
  for (const { source, dataset, day_ms: dayMs, bin, files } of rows) {
    let day = days.at(-1)
    if (day?.source !== source || day.dataset !== dataset || day.dayMs !== dayMs) {
      day = { source, dataset, dayMs, bins: Array.from({ length: BINS }, () => 0) }
      days.push(day)
    }
    day.bins[bin] = files
  }
  return days
}

const BINS = 21

interface ScoreRow {
  readonly source: string
  readonly dataset: string
  readonly day_ms: number
  readonly bin: number
  readonly files: number
}

function sumsIn(window: FactWindow): RawBuilder<unknown> {
  return sql`entry join entry_sum on entry_sum.entry_id = entry.id
    where ${within('entry.decided_at_ms', window)} and ${ofSourceIds('entry.source_id', window.sources)}`
}

const SUMS = sql.join([
  ...[
    'loaded',
    'held',
    'skipped',
    'repaired',
    'rows_read',
    'rows_loaded',
    'rows_rejected',
    'rows_dropped',
    'rows_replayed',
    'rows_discarded',
    'bytes',
    'scored',
  ].map((column) => sql`${sumOf(sql.ref(`entry_sum.${column}`))} as ${sql.ref(column)}`),
  sql`sum(entry_sum.score_sum) as score_sum`,
  sql`min(entry_sum.score_min) as score_min`,
])

interface SumRow {
  readonly source: string
  readonly dataset: string
  readonly loaded: number
  readonly held: number
  readonly skipped: number
  readonly repaired: number
  readonly rows_read: number
  readonly rows_loaded: number
  readonly rows_rejected: number
  readonly rows_dropped: number
  readonly rows_replayed: number
  readonly rows_discarded: number
  readonly bytes: number
  readonly scored: number
  readonly score_sum: number
  readonly score_min: number | null
}

interface FolderRow extends SumRow {
  readonly folder: string
  readonly first_ms: number
  readonly last_ms: number
  readonly total: number
}

function toSums(row: SumRow): FileSums {
  return {
    loaded: row.loaded,
    held: row.held,
    skipped: row.skipped,
    repaired: row.repaired,
    rowsRead: row.rows_read,
    rowsLoaded: row.rows_loaded,
    rowsRejected: row.rows_rejected,
    rowsDropped: row.rows_dropped,
    rowsReplayed: row.rows_replayed,
    rowsDiscarded: row.rows_discarded,
    bytes: row.bytes,
    scored: row.scored,
    scoreSum: row.score_sum,
    scoreMin: row.score_min,
  }
}
