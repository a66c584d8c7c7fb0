/** Version 1: everything. */
export const FIRST: string = `
create table lease (
  source text primary key,
  owner_id text,
  owner_what text not null,
  fence integer not null,
  highest_fence integer not null,
  since_ms integer not null,
  expires_ms integer not null
) without rowid;

create table run (
  id text primary key,
  command text not null,
  source text not null,
  started_at_ms integer not null,
  ended_at_ms integer,
  status text not null,
  files_seen integer not null default 0,
  files_loaded integer not null default 0,
  files_held integer not null default 0,
  files_skipped integer not null default 0,
  files_failed integer not null default 0,
  rows_read integer not null default 0,
  rows_loaded integer not null default 0,
  rows_rejected integer not null default 0,
  bytes_read integer not null default 0,
  error_code text,
  error_message text,
  watermark_value text,
  owner_id text not null
);
create index run_by_source on run (source, started_at_ms);
create index run_by_start on run (started_at_ms);
create index run_open on run (source) where status = 'running';

create table ledger (
  id integer primary key,
  location text not null unique,
  seq integer not null default 0
);

create table file_version (
  ledger_id integer not null references ledger (id) on delete cascade,
  id text not null,
  source text not null,
  dataset text not null,
  path text not null,
  ordinal integer not null,
  uri text not null,
  stamp text not null,
  bytes integer not null,
  modified_at_ms real not null,
  hash text not null,
  outcome text not null,
  live integer not null,
  rows_read integer not null,
  rows_loaded integer not null,
  rows_rejected integer not null,
  rows_dropped integer not null,
  score real,
  verdict text not null,
  reasons text not null,
  duplicate_of text,
  quarantine_path text,
  batch text not null,
  run text not null,
  seq integer not null,
  decided_at_ms integer not null,
  duration_ms real,
  primary key (ledger_id, id)
);
create index file_version_by_path on file_version (source, path, ordinal, ledger_id);
create index file_version_by_hash on file_version (source, hash);
create index file_version_by_run on file_version (run);
create index file_version_by_time on file_version (decided_at_ms);

create table part (
  ledger_id integer not null references ledger (id) on delete cascade,
  visible text not null,
  seq integer not null,
  live integer not null,
  bytes integer not null,
  rows integer not null,
  hash text not null,
  files text not null,
  primary key (ledger_id, visible)
);

create table quarantine (
  ledger_id integer not null references ledger (id) on delete cascade,
  id text not null,
  source text not null,
  dataset text not null,
  file text not null,
  kind text not null,
  path text,
  rows integer not null,
  bytes integer not null,
  hash text,
  reasons text not null,
  status text not null,
  batch text not null,
  run text not null,
  seq integer not null,
  recorded_at_ms integer not null,
  closed_at_ms integer,
  primary key (ledger_id, id)
);
create index quarantine_by_file on quarantine (ledger_id, file);
create index quarantine_by_source on quarantine (source, status);

create table schema_version (
  ledger_id integer not null references ledger (id) on delete cascade,
  source text not null,
  dataset text not null,
  schema_id text not null,
  columns text not null,
  first_seen_ms integer not null,
  seq integer not null,
  primary key (ledger_id, source, dataset, schema_id)
);

create table watermark (
  source text primary key,
  value text not null,
  type text not null,
  updated_at_ms integer not null,
  records_processed integer not null,
  metadata text not null
);

create table watermark_share (
  source text not null,
  ledger_id integer not null,
  value text,
  type text not null,
  updated_at_ms integer not null,
  records_processed integer not null,
  metadata text not null,
  primary key (source, ledger_id)
);
create index watermark_share_by_ledger on watermark_share (ledger_id);

create table batch (
  batch text primary key,
  run text not null,
  source text not null,
  dataset text not null,
  location text not null,
  attempt integer not null,
  files text not null,
  pinned_at_ms integer not null
);
create index batch_by_source on batch (source, pinned_at_ms);

create table failure (
  source text not null,
  path text not null,
  dataset text not null,
  stamp text not null,
  run text not null,
  code text not null,
  message text not null,
  failed_at_ms integer not null,
  attempts integer not null,
  primary key (source, path)
);

create table check_result (
  run text not null,
  file text not null,
  check_id text not null,
  source text not null,
  dataset text not null,
  type text not null,
  columns text not null,
  failed integer not null,
  checked_at_ms integer not null,
  result text not null,
  primary key (run, file, check_id)
);
create index check_result_by_source on check_result (source, checked_at_ms);
create index check_result_by_time on check_result (checked_at_ms);
create index check_result_failed on check_result (checked_at_ms) where failed = 1;

create table outbox (
  key text primary key,
  channel text not null,
  event text not null,
  payload text not null,
  created_at_ms integer not null,
  attempts integer not null default 0,
  next_at_ms integer not null,
  delivered_at_ms integer,
  last_error text
);
create index outbox_waiting on outbox (next_at_ms) where delivered_at_ms is null;

-- The names and columns that users of the older platform query.
create view watermarks as
select
  source as source_name,
  value as watermark_value,
  type as watermark_type,
  strftime('%Y-%m-%dT%H:%M:%fZ', updated_at_ms / 1000.0, 'unixepoch') as last_updated,
  records_processed,
  metadata
from watermark;

create view load_history as
select
  id,
  source as source_name,
  strftime('%Y-%m-%dT%H:%M:%fZ', started_at_ms / 1000.0, 'unixepoch') as load_start,
  strftime('%Y-%m-%dT%H:%M:%fZ', ended_at_ms / 1000.0, 'unixepoch') as load_end,
  rows_loaded as records_processed,
  case status
    when 'ok' then 'success'
    when 'nothing-new' then 'success'
    when 'gate-failed' then 'held'
    when 'interrupted' then 'failed'
    else status
  end as status,
  case status
    when 'interrupted' then coalesce(error_message, 'the process ended before the load did')
    else coalesce(error_message, error_code)
  end as error_message,
  watermark_value
from run
where command in ('ingest', 'load');
`
