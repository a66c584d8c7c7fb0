import type { CodeTexts } from './code-texts.ts'

/** Postgres, as a target or as the state. */
export const POSTGRES_CODES: CodeTexts = {
  PG_URL: [
    'The address of a Postgres database cannot be used. Nothing was changed.',
    'Write postgres://user:password@host:port/database; special characters of the password are percent-encoded.',
  ],
  PG_CONNECT: [
    'No connection to the Postgres server. Nothing was changed.',
    'Check host and port, and that the server runs and lets this machine in; then run again.',
  ],
  PG_GONE: [
    'The Postgres server ended the connection: a restart, or the network. The transaction under way was committed whole or not at all.',
    'Run again when it answers; the run looks which it was.',
  ],
  PG_TLS: [
    'The encrypted connection to the Postgres server failed. Nothing was changed.',
    'Check sslmode and sslrootcert.',
  ],
  PG_AUTH: [
    'The Postgres server refused this user. Nothing was changed.',
    'Check user and password of the address (PGUSER, PGPASSWORD) and pg_hba.conf of the server.',
  ],
  PG_NO_DATABASE: ['The database or schema does not exist. Nothing was changed.', 'Create it, or correct the address.'],
  PG_BUSY: [
    'Another session of the Postgres server was in the way, or a time limit ran out. The transaction was rolled back.',
    'Run again; if it lasts, look at pg_stat_activity for a session that holds locks.',
  ],
  PG_DISK_FULL: [
    'The disk of the Postgres server is full or fails. The transaction was rolled back.',
    'Free some space on the server, then run again.',
  ],
  PG_RESOURCES: [
    'The Postgres server ran out of memory or another resource, or met a limit of its own. The transaction was rolled back.',
    'Look at the log of the server; smaller batches need less.',
  ],
  PG_READ_ONLY: [
    'The Postgres server or session only reads. Nothing was written.',
    'Give the address of the primary server.',
  ],
  PG_PERMISSION: [
    'The Postgres user lacks a privilege. The transaction was rolled back.',
    'Grant it, or use another user.',
  ],
  PG_CORRUPT: ['The Postgres server found damaged data.', 'Look at the log of the server; restore it from a backup.'],
  PG_CONSTRAINT: [
    'A constraint of the table refused the rows. The transaction was rolled back.',
    'Put the same rule into the contract, so that such rows are found before the load.',
  ],
  PG_VALUE: [
    'A value does not fit the column of the Postgres table. The transaction was rolled back.',
    'Compare the types of the table with those of the contract.',
  ],
  PG_SCHEMA: [
    'A Postgres table is not as expected. The transaction was rolled back.',
    'Somebody may have changed it; compare it with the contract.',
  ],
  PG_NAME: [
    'A name or text that Postgres cannot hold. Nothing was sent.',
    'Names have 1 to 63 bytes and no zero byte.',
  ],
  PG_FAILED: [
    'The Postgres server reported an error. The transaction was rolled back.',
    'The message holds its SQLSTATE.',
  ],
  STATE_OLDER: [
    'The state database has tables of an older version, and this command only reads. Nothing was changed.',
    'Run `tidegate state migrate`, or any command that writes.',
  ],
  STATE_IMPORT: [
    'A file cannot be imported into the state. Rows before the mistake may have come in.',
    'Import what `tidegate state export` wrote, or the SQLite file of the older platform; importing again does no harm.',
  ],
  STATE_RENAME: [
    'A source or target cannot be renamed in the state. Nothing was changed.',
    'Compare the names with `tidegate state verify` and tidegate.yaml.',
  ],
  STATE_BAD_CURSOR: [
    'The place in a list that was asked for is none of this list. Nothing was changed.',
    'Give back `next` of the page before, as it is, or leave it out to begin at the newest.',
  ],
  STATE_THREAD_GONE: [
    'The thread of the daemon that answers for the state database ended. What was asked was written whole or not at all.',
    'Ask again: the next call opens it anew. If it happens often, look at the memory of the process.',
  ],
  STATE_CLOSED: [
    'The state database was closed, and something was asked of it after that. Nothing was written.',
    'Nothing to do while a daemon ends; else please report it.',
  ],
}
