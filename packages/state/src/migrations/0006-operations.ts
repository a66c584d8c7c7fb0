/**
 * Version 6: what the daemon keeps beside the ledgers: schedules and their ticks, jobs, access, alerts. A notice may be given
 * up. What is written once per second or more has no index but those that its readers need.
 */
export const OPERATIONS: string = `
create table schedule (
  id text not null primary key,
  command text not null,
  subject text not null,
  config text not null,
  anchor_ms integer not null,
  cursor_ms integer not null,
  paused_at_ms integer,
  paused_by text,
  is_current integer not null
) without rowid;

create table tick (
  schedule text not null,
  instant_ms integer not null,
  state text not null,
  reason text,
  job text,
  count integer not null,
  decided_at_ms integer not null,
  primary key (schedule, instant_ms)
) without rowid;
create index tick_by_time on tick (instant_ms, schedule);

create table job (
  id text not null primary key,
  command text not null,
  source text not null,
  trigger_kind text not null,
  schedule text,
  instant_ms integer,
  created_by text not null,
  created_at_ms integer not null,
  not_before_ms integer not null,
  args text not null,
  max_attempts integer not null,
  expiry_ms integer,
  state text not null,
  failed_attempts integer not null default 0,
  attempts integer not null default 0,
  started_at_ms integer,
  ended_at_ms integer,
  error_code text,
  error_message text,
  cancel_requested_at_ms integer,
  cancel_requested_by text,
  summary text
);
create index job_waiting on job (not_before_ms, created_at_ms, id) where state in ('queued', 'retrying');
create index job_running on job (source) where state = 'running';
create index job_open on job (created_at_ms, id) where state in ('queued', 'retrying', 'running');
create index job_by_time on job (created_at_ms, id);
create index job_by_source on job (source, created_at_ms, id);
create index job_by_schedule on job (schedule, created_at_ms, id);

create table attempt (
  job text not null,
  attempt integer not null,
  run text not null,
  owner_id text not null,
  started_at_ms integer not null,
  heartbeat_at_ms integer not null,
  ended_at_ms integer,
  outcome text not null,
  error_code text,
  error_message text,
  primary key (job, attempt)
);
create index attempt_running on attempt (heartbeat_at_ms) where outcome = 'running';
create index attempt_by_run on attempt (run);

create table job_event (
  job text not null,
  seq integer not null,
  at_ms integer not null,
  kind text not null,
  data text not null,
  primary key (job, seq)
) without rowid;

create table ingestion (
  id text not null primary key,
  entry text not null,
  version integer not null,
  created_by text not null,
  created_at_ms integer not null,
  updated_by text not null,
  updated_at_ms integer not null
);

create table token (
  id text not null primary key,
  hash text not null,
  name text not null,
  scope text not null,
  created_by text not null,
  created_at_ms integer not null,
  expires_at_ms integer,
  last_used_at_ms integer,
  revoked_at_ms integer
) without rowid;

create table session (
  hash text not null primary key,
  token text not null,
  csrf text not null,
  created_at_ms integer not null,
  expires_at_ms integer not null
) without rowid;
create index session_by_expiry on session (expires_at_ms);

create table audit (
  id text not null primary key,
  at_ms integer not null,
  actor text not null,
  action text not null,
  subject text not null,
  outcome text not null,
  detail text not null
);
create index audit_by_time on audit (at_ms, id);
create index audit_by_actor on audit (actor, at_ms, id);

create table idempotency (
  actor text not null,
  key text not null,
  request text not null,
  status integer,
  body text,
  created_at_ms integer not null,
  primary key (actor, key)
);
create index idempotency_by_time on idempotency (created_at_ms);

create table alert_signal (
  position integer primary key,
  key text not null unique,
  kind text not null,
  effect text not null,
  source text not null,
  dataset text,
  severity text not null,
  run text,
  at_ms integer not null,
  detail text not null,
  folded integer not null default 0
);
create index alert_signal_waiting on alert_signal (at_ms, position) where folded = 0;

create table alert (
  id text not null primary key,
  kind text not null,
  source text not null,
  dataset text,
  severity text not null,
  state text not null,
  first_at_ms integer not null,
  last_at_ms integer not null,
  count integer not null,
  firing_at_ms integer,
  acknowledged_at_ms integer,
  acknowledged_by text,
  note text,
  resolved_at_ms integer,
  run text,
  detail text not null
);
create index alert_open on alert (first_at_ms, id) where state <> 'resolved';
create index alert_by_time on alert (first_at_ms, id);

create table alert_group (
  channel text not null,
  key text not null,
  waiting_since_ms integer,
  last_sent_at_ms integer,
  told text not null,
  decided text not null,
  news text not null,
  primary key (channel, key)
);

create table alert_decision (
  alert text not null,
  channel text not null,
  at_ms integer not null,
  outcome text not null,
  reason text not null,
  notice text,
  primary key (alert, channel, at_ms)
);

create table alert_revision (
  id integer not null,
  revision integer not null,
  primary key (id)
);

create table silence (
  id text not null primary key,
  matcher text not null,
  starts_at_ms integer not null,
  ends_at_ms integer not null,
  created_by text not null,
  created_at_ms integer not null,
  reason text not null,
  hidden integer not null default 0
);

create table delivery (
  at_ms integer not null,
  notice text not null,
  channel text not null,
  attempt integer not null,
  event text not null,
  outcome text not null,
  status integer,
  message text,
  next_at_ms integer,
  primary key (at_ms, notice, channel, attempt)
);
create index delivery_by_notice on delivery (notice, at_ms);

create table forgotten (
  name text not null,
  labels text not null,
  value integer not null,
  primary key (name, labels)
) without rowid;

alter table outbox add column given_up_at_ms integer;
drop index outbox_waiting;
create index outbox_waiting on outbox (next_at_ms) where delivered_at_ms is null and given_up_at_ms is null;
create index outbox_by_time on outbox (created_at_ms);
`
