const COLUMNS_OF_FILE = `  file.ledger_id,
  source_name.name || '/' || file.path || '#' || file.ordinal as id,
  source_name.name as source,
  entry.dataset,
  file.path,
  file.ordinal,
  coalesce(file.uri, entry.uri_root || file.path) as uri,
  file.stamp,
  file.bytes,
  file.modified_at_ms,
  file.hash,
  case file.outcome when 0 then 'loaded' when 1 then 'held' else 'skipped' end as outcome,
  file.live,
  file.rows_read,
  file.rows_loaded,
  file.rows_rejected,
  file.rows_dropped,
  file.rows_live,
  file.rows_replayed,
  file.rows_discarded,
  file.rows_superseded,
  file.score,
  coalesce(file.verdict, 'admit') as verdict,
  coalesce(file.reasons, '[]') as reasons,
  file.duplicate_of,
  file.quarantine_path,
  file.repair,
  file.repaired_hash,
  entry.batch,
  entry.run,
  entry.seq,
  entry.decided_at_ms,
  file.duration_ms`

/**
 * Version 3: rows that were replayed, discarded and superseded; which rows of a part are whose; and tables that are small
 * and quick with millions of files:
 *
 * - What all files of an entry have in common is said once, in `entry`; names of sources are numbers.
 * - An id is source, path and ordinal, and is stored as these. A uri is mostly a root and the path.
 * - A hash is its 32 bytes (see hash-bytes.ts), and the index of hashes has the first 8 of them.
 * - `file_version_by_path` holds all that tells a listing that nothing is new.
 *
 * The views `file_version` and `part` show all of it together, under the names of version 2.
 */
export const EXACTLY_ONCE: string = `
create table source_name (
  id integer primary key,
  name text not null unique
);

create table entry (
  id integer primary key,
  ledger_id integer not null,
  seq integer not null,
  source_id integer not null,
  dataset text not null,
  batch text not null,
  run text not null,
  decided_at_ms integer not null,
  uri_root text not null
);

create table file_version_row (
  id integer primary key,
  ledger_id integer not null,
  source_id integer not null,
  entry_id integer not null,
  ordinal integer not null,
  outcome integer not null,
  live integer not null,
  bytes integer not null,
  rows_read integer not null,
  rows_loaded integer not null,
  rows_rejected integer not null,
  rows_dropped integer not null,
  rows_live integer not null,
  rows_replayed integer not null,
  rows_discarded integer not null,
  rows_superseded integer not null,
  modified_at_ms real not null,
  score real,
  duration_ms real,
  path text not null,
  stamp text not null,
  hash blob not null,
  uri text,
  verdict text,
  reasons text,
  duplicate_of text,
  original_id integer,
  quarantine_path text,
  repair text,
  repaired_hash text
);

create table part_row (
  id integer primary key,
  ledger_id integer not null,
  seq integer not null,
  live integer not null,
  bytes integer not null,
  rows integer not null,
  visible text not null,
  hash blob not null
);

create table part_file (
  part_id integer not null,
  position integer not null,
  file_id integer not null,
  rows integer,
  primary key (part_id, position)
) without rowid;

-- begin of what only SQLite needs: no Postgres database had the tables of version 2.
insert into source_name (name) select distinct source from file_version order by source;
insert into entry (ledger_id, seq, source_id, dataset, batch, run, decided_at_ms, uri_root)
  select distinct ledger_id, seq, source_name.id, dataset, batch, run, decided_at_ms, ''
  from file_version join source_name on source_name.name = source;
insert into file_version_row
  select old.rowid, old.ledger_id, source_name.id, entry.id, ordinal,
    case outcome when 'loaded' then 0 when 'held' then 1 else 2 end, live, bytes,
    rows_read, rows_loaded, rows_rejected, rows_dropped, case live when 1 then rows_loaded else 0 end, 0, 0, 0,
    modified_at_ms, score, duration_ms, path, stamp,
    case when length(hash) = 64 and hash not glob '*[^0-9a-f]*' then unhex(hash) else cast('=' || hash as blob) end,
    uri, nullif(verdict, 'admit'), nullif(reasons, '[]'), duplicate_of,
    (select original.rowid from file_version as original
     where original.ledger_id = old.ledger_id and original.id = old.duplicate_of and original.source = old.source),
    quarantine_path, repair, json_extract(repair, '$.repairedSha256')
  from file_version as old
  join source_name on source_name.name = old.source
  join entry on entry.ledger_id = old.ledger_id and entry.seq = old.seq and entry.source_id = source_name.id
    and entry.dataset = old.dataset and entry.batch = old.batch and entry.run = old.run
    and entry.decided_at_ms = old.decided_at_ms;
insert into part_row
  select rowid, ledger_id, seq, live, bytes, rows, visible,
    case when length(hash) = 64 and hash not glob '*[^0-9a-f]*' then unhex(hash) else cast('=' || hash as blob) end
  from part;
insert into part_file
  select part.rowid, held.key, file_version.rowid, null
  from part, json_each(part.files) as held
  join file_version on file_version.ledger_id = part.ledger_id and file_version.id = held.value;
-- end of what only SQLite needs.
drop table file_version;
drop table part;

create index entry_by_time on entry (decided_at_ms);
create index entry_by_dataset on entry (source_id, dataset, ledger_id);
create index file_version_by_path on file_version_row (source_id, path, ordinal, ledger_id, outcome, live, stamp);
create index file_version_by_entry on file_version_row (entry_id, live);
create index file_version_by_hash on file_version_row (substr(hash, 1, 8)) where live = 1;
create index file_version_skipped on file_version_row (source_id) where outcome = 2;
create index file_version_repaired on file_version_row (source_id, repaired_hash) where repaired_hash is not null;
create unique index part_by_name on part_row (ledger_id, visible);
create index part_file_by_file on part_file (file_id);

create view file_version as
select
${COLUMNS_OF_FILE}
from file_version_row as file
join entry on entry.id = file.entry_id
join source_name on source_name.id = file.source_id;

-- The same for who asks for the newest: SQLite takes the tables of a cross join in their order.
create view file_version_by_time as
select
${COLUMNS_OF_FILE}
from entry cross join source_name cross join file_version_row as file
where source_name.id = entry.source_id and file.entry_id = entry.id;

create view part as
select
  ledger_id,
  visible,
  seq,
  live,
  bytes,
  rows,
  hash,
  (
    select string_agg(source_name.name || '/' || file.path || '#' || file.ordinal || coalesce(' ' || held.rows, ''), '
' order by held.position)
    from part_file as held
    join file_version_row as file on file.id = held.file_id
    join source_name on source_name.id = file.source_id
    where held.part_id = part_row.id
  ) as files
from part_row;

alter table quarantine add column closed_run text;
alter table quarantine add column note text;

alter table run add column peak_memory_bytes integer;
alter table run add column plan_id text;

create index check_result_by_check on check_result (check_id, dataset, source, checked_at_ms);
`
