/**
 * Everything that was ever done, counted, for `/metrics`.
 *
 *   (1) Only what is committed counts: entries of ledgers, ended runs, decided ticks, attempts to deliver.
 *   (2) No count goes down when history is pruned: what goes is added to `forgotten` in the same transaction. [forgetCounted]
 *   (3) Nor does one when quarantined rows are replayed or given up: they stay counted as rejected.           [FILES]
 */
import type { MetricSums, TickState } from '@tidegate/core'
import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { Schema } from '../schema.ts'
import { sumOf } from './window.ts'

/** Upper bounds of a run's duration, in seconds; the last bin has what took longer. */
const BOUNDS = [1, 5, 15, 60, 300, 900, 3600, 14_400] as const

export async function metricSums(db: Kysely<Schema>): Promise<MetricSums> {
  const [files, runs, ticks, deliveries, forgotten] = await Promise.all([
    sumFiles(db),
    sumRuns(db, sql`1 = 1`),
    sumTicks(db, sql`1 = 1`),
    sumDeliveries(db, sql`1 = 1`),
    db.selectFrom('forgotten').selectAll().execute(),
  ])
  const pick = (name: string): Iterable<Counted> =>
    forgotten
      .filter((row) => row.name === name)
      .map((row) => ({ labels: JSON.parse(row.labels) as string[], value: row.value }))
  const counts = fold([...runs.counts, ...pick('runs')])
  const bins = fold([...runs.bins, ...pick('run_bins')])
  const times = fold([...runs.times, ...pick('run_ms')])
  return {
    files,
    runs: counts.map(({ labels: [source = '', command = '', status = ''], value }) => ({
      source,
      command,
      status,
      runs: value,
    })),
    durations: times.map(({ labels: [source = '', command = ''], value }) => ({
      source,
      command,
      totalMs: value,
      boundsSeconds: BOUNDS,
      bins: Array.from(
        { length: BOUNDS.length + 1 },
        (_, bin) =>
          bins.find(({ labels }) => labels[0] === source && labels[1] === command && labels[2] === String(bin))
            ?.value ?? 0,
      ),
    })),
    ticks: fold([...ticks, ...pick('ticks')]).map(({ labels: [state = '', reason = ''], value }) => ({
      state: state as TickState,
      reason: reason === '' ? null : reason,
      ticks: value,
    })),
    deliveries: fold([...deliveries, ...pick('deliveries')]).map(({ labels: [channel = '', outcome = ''], value }) => ({
      channel,
      outcome,
      deliveries: value,
    })),
  }
}

interface Counted {
  readonly labels: readonly string[]
  readonly value: number
}

/** Runs that end now and for ever in the history count on in `forgotten`. Call it before they are deleted. */
export async function forgetCounted(trx: Kysely<Schema>, gone: RawBuilder<boolean>): Promise<void> {
  const { counts, bins, times } = await sumRuns(trx, gone)
  await remember(trx, 'runs', counts)
  await remember(trx, 'run_bins', bins)
  await remember(trx, 'run_ms', times)
}

/** The same of attempts to deliver. */
export async function forgetDeliveries(trx: Kysely<Schema>, gone: RawBuilder<boolean>): Promise<void> {
  await remember(trx, 'deliveries', await sumDeliveries(trx, gone))
}

/** The same of ticks. */
export async function forgetTicks(trx: Kysely<Schema>, gone: RawBuilder<boolean>): Promise<void> {
  await remember(trx, 'ticks', await sumTicks(trx, gone))
}

async function remember(trx: Kysely<Schema>, name: string, counted: readonly Counted[]): Promise<void> {
  for (const { labels, value } of counted)
    await trx
      .insertInto('forgotten')
      .values({ name, labels: JSON.stringify(labels), value })
      .onConflict((conflict) =>
        conflict.columns(['name', 'labels']).doUpdateSet({ value: sql<number>`forgotten.value + excluded.value` }),
      )
      .execute()
}

async function sumFiles(db: Kysely<Schema>): Promise<MetricSums['files']> {
  const { rows } = await sql<FilesRow>`
    with batch as (
      select entry.source_id, entry.dataset, entry.decided_at_ms, entry.seq, entry.id,
        ${sumOf(sql`loaded`)} as loaded, ${sumOf(sql`held`)} as held, ${sumOf(sql`skipped`)} as skipped,
        ${sumOf(sql`rows_read`)} as rows_read, ${sumOf(sql`rows_loaded`)} as rows_loaded,
        ${sumOf(sql`rows_rejected + rows_replayed + rows_discarded`)} as rows_rejected,
        ${sumOf(sql`scored`)} as scored, sum(score_sum) as score_sum
      from entry join entry_sum on entry_sum.entry_id = entry.id group by 1, 2, 3, 4, 5
    ),
    scored as (
      select source_id, dataset, score_sum / scored as score,
        row_number() over (partition by source_id, dataset order by decided_at_ms desc, seq desc, id desc) as place
      from batch where scored > 0
    ),
    summed as (
      select source_id, dataset, ${sumOf(sql`loaded`)} as loaded, ${sumOf(sql`held`)} as held,
        ${sumOf(sql`skipped`)} as skipped, ${sumOf(sql`rows_read`)} as rows_read,
        ${sumOf(sql`rows_loaded`)} as rows_loaded, ${sumOf(sql`rows_rejected`)} as rows_rejected,
        max(case when loaded > 0 then decided_at_ms end) as last_loaded_ms
      from batch group by 1, 2
    )
    select source_name.name as source, summed.*, scored.score from summed
    join source_name on source_name.id = summed.source_id
    left join scored on scored.source_id = summed.source_id and scored.dataset = summed.dataset and scored.place = 1
    order by source, summed.dataset`.execute(db)
  return rows.map((row) => ({
    source: row.source,
    dataset: row.dataset,
    loaded: row.loaded,
    held: row.held,
    skipped: row.skipped,
    rowsRead: row.rows_read,
    rowsLoaded: row.rows_loaded,
    rowsRejected: row.rows_rejected,
    lastLoadedAtMs: row.last_loaded_ms,
    score: row.score,
  }))
}

interface FilesRow {
  readonly source: string
  readonly dataset: string
  readonly loaded: number
  readonly held: number
  readonly skipped: number
  readonly rows_read: number
  readonly rows_loaded: number
  readonly rows_rejected: number
  readonly last_loaded_ms: number | null
  readonly score: number | null
}

async function sumRuns(
  db: Kysely<Schema>,
  which: RawBuilder<unknown>,
): Promise<{ readonly counts: Counted[]; readonly bins: Counted[]; readonly times: Counted[] }> {
  const bin = sql`case ${sql.join(
    BOUNDS.map(
      (seconds, index) => sql`when ended_at_ms - started_at_ms <= ${sql.lit(seconds * 1000)} then ${sql.lit(index)}`,
    ),
    sql` `,
  )} else ${sql.lit(BOUNDS.length)} end`
  const { rows } = await sql<RunsRow>`
    select source, command, status, ${bin} as bin, count(*) as runs, ${sumOf(sql`ended_at_ms - started_at_ms`)} as total_ms
    from run where status != 'running' and ended_at_ms is not null and ${which}
    group by 1, 2, 3, 4`.execute(db)
  const of = (labels: (row: RunsRow) => string[], value: (row: RunsRow) => number): Counted[] =>
    fold(rows.map((row) => ({ labels: labels(row), value: value(row) })))
  return {
    counts: of(
      ({ source, command, status }) => [source, command, status],
      ({ runs }) => runs,
    ),
    bins: of(
      (row) => [row.source, row.command, String(row.bin)],
      ({ runs }) => runs,
    ),
    times: of(
      ({ source, command }) => [source, command],
      (row) => row.total_ms,
    ),
  }
}

interface RunsRow {
  readonly source: string
  readonly command: string
  readonly status: string
  readonly bin: number
  readonly runs: number
  readonly total_ms: number
}

async function sumTicks(db: Kysely<Schema>, which: RawBuilder<unknown>): Promise<Counted[]> {
  const { rows } = await sql<{ state: string; reason: string | null; many: number }>`
    select state, reason, ${sumOf(sql`count`)} as many from tick where ${which} group by 1, 2`.execute(db)
  return rows.map(({ state, reason, many }) => ({ labels: [state, reason ?? ''], value: many }))
}

async function sumDeliveries(db: Kysely<Schema>, which: RawBuilder<unknown>): Promise<Counted[]> {
  const { rows } = await sql<{ channel: string; outcome: string; many: number }>`
    select channel, outcome, count(*) as many from delivery where ${which} group by 1, 2`.execute(db)
  return rows.map(({ channel, outcome, many }) => ({ labels: [channel, outcome], value: many }))
}

/** Of the same labels one, in their order. */
function fold(counted: readonly Counted[]): Counted[] {
  const sums = new Map<string, number>()
  for (const { labels, value } of counted) {
    const key = JSON.stringify(labels)
    sums.set(key, (sums.get(key) ?? 0) + value)
  }
  return [...sums]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ labels: JSON.parse(key) as string[], value }))
}
