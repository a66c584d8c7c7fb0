/**
 * Version 5: which contract was used from when on; and sums of what is there by the million, for those who look at the past:
 * of the files of an entry by folder and score (bin n: from 5n, 20: 100, -1: none), of checks by day.
 */
export const CONTRACTS: string = `
create table contract_version (
  source text not null,
  dataset text not null,
  first_used_ms integer not null,
  contract_id text not null,
  run text not null,
  version integer not null,
  columns text not null,
  checks text not null,
  primary key (source, dataset, first_used_ms, contract_id)
) without rowid;

create table entry_sum (
  entry_id integer not null,
  folder text not null,
  bin integer not null,
  loaded integer not null,
  held integer not null,
  skipped integer not null,
  repaired integer not null,
  rows_read integer not null,
  rows_loaded integer not null,
  rows_rejected integer not null,
  rows_dropped integer not null,
  rows_replayed integer not null,
  rows_discarded integer not null,
  bytes integer not null,
  rows_max integer not null,
  bytes_max integer not null,
  scored integer not null,
  score_sum real not null,
  score_min real,
  primary key (entry_id, folder, bin)
) without rowid;

insert into entry_sum
select entry_id, rtrim(rtrim(path, replace(path, '/', '')), '/'),
  case when score is null then -1 when score >= 100 then 20 when score < 0 then 0 else cast(floor(score / 5) as integer) end,
  sum(case when outcome = 0 then 1 else 0 end),
  sum(case when outcome = 1 then 1 else 0 end),
  sum(case when outcome = 2 then 1 else 0 end),
  sum(case when repair is not null and outcome < 2 then 1 else 0 end),
  sum(rows_read), sum(rows_loaded), sum(rows_rejected), sum(rows_dropped), sum(rows_replayed), sum(rows_discarded), sum(bytes),
  max(rows_read), max(bytes), count(score), coalesce(sum(score), 0), min(score)
from file_version_row group by 1, 2, 3;

create index file_version_by_score on file_version_row (score, entry_id) where score < 100;

create table check_day (
  source text not null,
  dataset text not null,
  check_id text not null,
  type text not null,
  columns text not null,
  severity text not null,
  dimension text not null,
  day_ms integer not null,
  passed integer not null,
  failed integer not null,
  errors integer not null,
  unexpected_rows integer not null,
  last_ms integer not null,
  primary key (source, dataset, check_id, type, columns, severity, dimension, day_ms)
) without rowid;
create index check_day_by_day on check_day (day_ms);

-- begin of what only SQLite needs: no Postgres database of version 3 was released.
insert into check_day
select source, dataset, check_id, type, columns,
  coalesce(json_extract(known, '$.severity'), 'critical'), coalesce(json_extract(known, '$.dimension'), 'validity'),
  checked_at_ms / 86400000 * 86400000,
  sum(1 - failed),
  sum(case when failed = 1 and coalesce(json_extract(known, '$.outcome'), '') <> 'error' then 1 else 0 end),
  sum(case when failed = 1 and coalesce(json_extract(known, '$.outcome'), '') = 'error' then 1 else 0 end),
  sum(coalesce(case when json_type(known, '$.unexpectedCount') = 'integer' then json_extract(known, '$.unexpectedCount') end, 0)),
  max(checked_at_ms)
from (select *, case when json_valid(result) then result else '{}' end as known from check_result)
group by 1, 2, 3, 4, 5, 6, 7, 8;
-- end of what only SQLite needs.
`
