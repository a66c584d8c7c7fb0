/** Version 4: what the last listing saw of each folder, for `backfill_interval`. */
export const LISTING: string = `
create table listing (
  source text not null primary key,
  scope text not null,
  full_at_ms integer not null,
  trusted integer not null
);

create table listed_folder (
  source text not null,
  folder text not null,
  stamp text,
  since_ms integer not null,
  done integer not null,
  primary key (source, folder)
) without rowid;
`
