import { DatabaseSync } from 'node:sqlite'

/**
 * The SQL that fills an empty state with a past of any size: sources in turn, some files held, copied, repaired or with rows
 * rejected, and results of checks of the newest files. Everything follows from the numbers of its rows, so two states of
 * the same size hold the same.
 */
export interface HistorySize {
  readonly sources: number
  /** Each of them with one entry in the ledger of its source. */
  readonly runs: number
  /** Spread evenly over the runs. */
  readonly files: number
  /** Of every file that has results. */
  readonly checksPerFile: number
  /** Results in all: the newest files have them. */
  readonly checks: number
  readonly days: number
  /** End of the past, Unix milliseconds. */
  readonly endMs: number
}

/** The size that the monitor is promised for. */
export const FULL_HISTORY: Omit<HistorySize, 'endMs'> = {
  sources: 10,
  runs: 10_000,
  files: 1_000_000,
  checksPerFile: 20,
  checks: 1_000_000,
  days: 90,
}

/** Fills an SQLite state that has its tables and nothing in them: a minute for the full size. */
export function fillHistory(file: string, size: HistorySize): void {
  const database = new DatabaseSync(file)
  try {
    database.exec('pragma synchronous = off; pragma foreign_keys = off')
    for (const statement of historyStatements(size)) database.exec(statement)
  } finally {
    database.close()
  }
}

export function historyStatements(size: HistorySize, engine: 'sqlite' | 'postgres' = 'sqlite'): readonly string[] {
  const { sources, runs, files, checksPerFile, checks, days, endMs } = size
  const stepMs = Math.floor((days * 86_400_000) / runs)
  const beginMs = endMs - stepMs * runs
  const perRun = Math.max(1, Math.floor(files / runs))
  const atMs = (run: string): string => `(${String(beginMs)} + ${run} * ${String(stepMs)})`
  const chance = (n: string, salt: number): string => `((${n} * 2654435761 + ${String(salt)} * 40503) % 65521 % 1000)`
  const sourceOf = (run: string): string => `(${run} % ${String(sources)} + 1)`
  const sourceName = (run: string): string => `'source_' || ${sourceOf(run)}`
  const datasetName = (run: string): string => `'dataset_' || ${sourceOf(run)}`
  const padded = (n: string): string => `substr(cast(100000000 + ${n} as text), 2)`
  const runId = (run: string): string => `'run-' || ${padded(run)}`
  const runOf = (file: string): string => `(${file} / ${String(perRun)})`
  const pathOf = (file: string): string =>
    `'region=' || (${file} % 7) || '/day=' || (${runOf(file)} * ${String(days)} / ${String(runs)}) || '/events_' || ${padded(file)} || '.parquet'`
  const hashOf = (file: string): string =>
    engine === 'postgres'
      ? `decode(md5(cast(${file} as text)) || md5(cast(-${file} as text)), 'hex')`
      : 'randomblob(32)'
  const outcomeOf = (file: string): string =>
    `case when ${chance(file, 1)} < 15 then 1 when ${chance(file, 1)} < 40 then 2 else 0 end`
  const rowsOf = (file: string): string => `(1000 + ${chance(file, 2)} * 37)`
  const count = (table: string, total: number, from = 0): string =>
    `with recursive ${table} (n) as (select cast(${String(from)} as bigint) union all select n + 1 from ${table} where n < ${String(total - 1)})`
  const firstChecked = runs * perRun - Math.floor(checks / checksPerFile)
  return [
    `insert into source_name (id, name) ${count('numbers', sources)} select n + 1, 'source_' || (n + 1) from numbers`,
    `insert into ledger (id, location, seq) ${count('numbers', sources)} select n + 1, '/lake/dataset_' || (n + 1), ${String(Math.ceil(runs / sources))} from numbers`,
    `insert into run (id, command, source, started_at_ms, ended_at_ms, status, files_seen, files_loaded, rows_read, rows_loaded, bytes_read, owner_id)
      ${count('numbers', runs)} select ${runId('n')}, 'ingest', ${sourceName('n')}, ${atMs('n')}, ${atMs('n')} + 20000 + ${chance('n', 3)} * 60,
      case when ${chance('n', 4)} < 10 then 'failed' when ${chance('n', 4)} < 40 then 'partial' else 'ok' end,
      ${String(perRun)}, ${String(perRun)}, ${String(perRun * 19_000)}, ${String(perRun * 19_000)}, ${String(perRun * 500_000)}, 'host:1:1' from numbers`,
    `insert into entry (id, ledger_id, seq, source_id, dataset, batch, run, decided_at_ms, uri_root)
      ${count('numbers', runs)} select n + 1, ${sourceOf('n')}, n / ${String(sources)} + 1, ${sourceOf('n')}, ${datasetName('n')}, 'batch-' || ${padded('n')},
      ${runId('n')}, ${atMs('n')} + 15000, '/landing/' || ${sourceName('n')} || '/' from numbers`,
    `insert into file_version_row (id, ledger_id, source_id, entry_id, ordinal, outcome, live, bytes, rows_read, rows_loaded, rows_rejected,
      rows_dropped, rows_live, rows_replayed, rows_discarded, rows_superseded, modified_at_ms, score, duration_ms, path, stamp, hash, verdict, reasons, repair, repaired_hash)
      ${count('numbers', runs * perRun)}
      select n + 1, ${sourceOf(runOf('n'))}, ${sourceOf(runOf('n'))}, ${runOf('n')} + 1, 1, ${outcomeOf('n')}, case when ${chance('n', 1)} < 40 then 0 else 1 end,
      ${rowsOf('n')} * 27, ${rowsOf('n')}, case when ${chance('n', 1)} < 40 then 0 else ${rowsOf('n')} end,
      case when ${chance('n', 1)} < 15 then ${rowsOf('n')} else 0 end, 0, case when ${chance('n', 1)} < 40 then 0 else ${rowsOf('n')} end, 0, 0, 0,
      ${atMs(runOf('n'))} - 60000, case when ${chance('n', 5)} < 100 then 80 + ${chance('n', 5)} * 0.2 else 100 end, 40 + ${chance('n', 6)} * 0.5,
      ${pathOf('n')}, cast(${rowsOf('n')} * 27 as text) || ':1700000000000000000:4711:' || n, ${hashOf('n')},
      case when ${chance('n', 5)} < 100 then 'admit-with-warnings' end,
      case when ${chance('n', 5)} < 100 then '[{"check":"delay between","severity":"warning","message":"delay between -120 and 1800: 12 of 19,384 rows outside","failedRows":12}]' end,
      case when ${chance('n', 7)} = 3 then '{"status":"repaired","sourceSha256":"a","repairedSha256":"b","path":"p","codes":["PQ105"],"confidence":"proven","rowsLost":0,"cellsNulled":0}' end,
      case when ${chance('n', 7)} = 3 then 'b' end
      from numbers`,
    `insert into quarantine (ledger_id, id, source, dataset, file, kind, path, rows, bytes, reasons, status, batch, run, seq, recorded_at_ms)
      select file.ledger_id, 'source_' || file.source_id || '/' || file.path || '#1', 'source_' || file.source_id, entry.dataset,
      'source_' || file.source_id || '/' || file.path || '#1', 'held', null, file.rows_read, file.bytes,
      coalesce(file.reasons, '[]'), case when file.id % 5 = 0 then 'open' else 'replayed' end, entry.batch, entry.run, entry.seq, entry.decided_at_ms
      from file_version_row as file join entry on entry.id = file.entry_id where file.outcome = 1`,
    `insert into schema_version (ledger_id, source, dataset, schema_id, columns, first_seen_ms, seq)
      select id, 'source_' || id, 'dataset_' || id, 'schema-1', '[{"name":"delay","type":"BIGINT"}]', ${atMs('0')}, 1 from ledger`,
    `insert into failure (source, path, dataset, stamp, run, code, message, failed_at_ms, attempts)
      ${count('numbers', 500)} select ${sourceName('n')}, 'broken/' || n || '.parquet', ${datasetName('n')}, '1:2:3:4', ${runId('n')}, 'PARQUET_READ',
      'the file ends in the middle of a page', ${String(endMs)} - n * 60000, 3 from numbers`,
    SUMS_OF_ENTRIES,
    ...checkStatements(),
    SUMS_OF_CHECKS,
  ]

  function checkStatements(): readonly string[] {
    const file = `(${String(firstChecked)} + n / ${String(checksPerFile)})`
    const check = `(n % ${String(checksPerFile)})`
    const fails = `${chance('n', 8)} < 10`
    const result = `'{"id":"column_' || ${check} || ' between","type":"expect_column_values_to_be_between","columns":["column_' || ${check} || '"],"severity":"'
      || case when ${check} % 4 = 0 then 'warning' else 'critical' end || '","dimension":"validity","outcome":"' || case when ${fails} then 'failed' else 'passed' end
      || '","rowLevel":true,"message":"column_' || ${check} || ' between 0 and 1000: ' || case when ${fails} then '12' else 'none' end || ' of 19,384 rows outside","elementCount":19384,"missingCount":0,"unexpectedCount":'
      || case when ${fails} then '12,"unexpectedPercent":0.06,"partialUnexpected":[1001,1002,1003,1004,1005,1006,1007,1008,1009,1010,1011,1012]' else '0,"unexpectedPercent":0' end
      || ',"observedValue":null,"provedBy":"scan"}'`
    return [
      `insert into check_result (run, file, check_id, source, dataset, type, columns, failed, checked_at_ms, result)
      ${count('numbers', checks)} select ${runId(runOf(file))}, ${sourceName(runOf(file))} || '/' || ${pathOf(file)} || '#1', 'column_' || ${check} || ' between',
      ${sourceName(runOf(file))}, ${datasetName(runOf(file))}, 'expect_column_values_to_be_between', '["column_' || ${check} || '"]',
      case when ${fails} then 1 else 0 end, ${atMs(runOf(file))} + 10000, ${result} from numbers`,
    ]
  }
}

/** What the state keeps beside files and results when it writes them itself. */
const SUMS_OF_ENTRIES = `insert into entry_sum (entry_id, folder, bin, loaded, held, skipped, repaired, rows_read, rows_loaded, rows_rejected,
  rows_dropped, rows_replayed, rows_discarded, bytes, rows_max, bytes_max, scored, score_sum, score_min)
select entry_id, rtrim(rtrim(path, replace(path, '/', '')), '/'), case when score >= 100 then 20 else cast(floor(score / 5) as bigint) end,
  sum(case when outcome = 0 then 1 else 0 end), sum(case when outcome = 1 then 1 else 0 end), sum(case when outcome = 2 then 1 else 0 end),
  sum(case when repair is not null and outcome < 2 then 1 else 0 end), sum(rows_read), sum(rows_loaded), sum(rows_rejected),
  sum(rows_dropped), sum(rows_replayed), sum(rows_discarded), sum(bytes), max(rows_read), max(bytes), count(score), sum(score), min(score)
from file_version_row group by 1, 2, 3`

const SUMS_OF_CHECKS = `insert into check_day (source, dataset, check_id, type, columns, severity, dimension, day_ms, passed, failed, errors, unexpected_rows, last_ms)
select source, dataset, check_id, type, columns, case when result like '%"severity":"warning"%' then 'warning' else 'critical' end, 'validity',
  checked_at_ms / 86400000 * 86400000, sum(1 - failed), sum(failed), 0, sum(failed) * 12, max(checked_at_ms)
from check_result group by 1, 2, 3, 4, 5, 6, 7, 8`
