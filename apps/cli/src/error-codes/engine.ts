import type { CodeTexts } from './code-texts.ts'

/** Leases, attempts of runs, the state database and the engine. */
export const ENGINE_CODES: CodeTexts = {
  RUN_KILLED: [
    'The process of this attempt was killed, by somebody or for lack of memory. What was committed stays.',
    'Nothing to do; the run goes on as its next attempt. If it happens again, give it more memory or lower `server.max_runs`.',
  ],
  RUN_CRASHED: [
    'The process of this attempt ended without a word. What was committed stays.',
    'The run is tried again; the log of the daemon has what the process wrote last.',
  ],
  RUN_EXPIRED: [
    'The attempt took longer than it may and was stopped. What was committed stays.',
    'It is tried again like one that failed. Raise the expiry of its schedule if the work needs longer.',
  ],
  RUN_CANCELLED: ['Somebody cancelled the run. What was committed stays.', 'Drive it again to continue.'],
  RUN_DRAINED: ['The daemon went down while the attempt ran. What was committed stays.', 'Its next start continues.'],
  RUN_SET_ASIDE: [
    'The process of the run was killed several times in a row, so it waits before the next attempt.',
    'Look at what it works on and at the memory of the machine; cancel it if it shall not be tried again.',
  ],
  LEASE_HELD: [
    'Another run works on this source. Nothing was changed.',
    'Wait for it; a dead run is replaced at once.',
  ],
  LEASE_LOST: [
    'This run was silent for too long and another took over. What was committed stays.',
    'Nothing to do; the other run continues.',
  ],
  STATE_NEWER: [
    'The state database was written by a newer Tidegate. It was not touched.',
    'Upgrade this one, or use another `state:`.',
  ],
  STATE_NOT_A_DATABASE: ['The file named by `state:` is no SQLite database.', 'Correct the path.'],
  STATE_FOREIGN: ['The file named by `state:` is the database of another program.', 'Correct the path.'],
  STATE_CORRUPT: [
    'The state database is damaged. The truth is in the logs beside the data.',
    'Move it away and run `tidegate state rebuild`.',
  ],
  STATE_BUSY: [
    'Another process holds the state database. Nothing was written.',
    'Run again; if it lasts, look for a second process.',
  ],
  STATE_FULL: ['The disk of the state database is full. Nothing was half-written.', 'Free space, then run again.'],
  STATE_IO: ['The disk of the state database reports errors.', 'Look at the disk.'],
  STATE_READ_ONLY: ['The state database may not be written.', 'Check owner and mode of file and folder.'],
  STATE_CANNOT_OPEN: ['The state database cannot be opened.', 'Check that its folder exists and may be written.'],
  STATE_GAP: [
    'A log entry was to be indexed whose predecessor is missing.',
    '`tidegate state rebuild` reads the log from its beginning.',
  ],
  STATE_BAD_ENTRY: ['A log entry cannot be indexed as it is.', 'Please report it with the entry.'],
  STATE_BAD_INPUT: ['A value given to the state is impossible.', 'The message names it.'],
  STATE_RUN_EXISTS: ['A run of this id is recorded already.', 'Please report it.'],
  STATE_UNKNOWN_LOAD: ['There is no load of this id.', 'Use the id that startLoad returned.'],
  STATE_LOAD_COMPLETE: ['The load was completed before.', 'Start another one.'],
  ENGINE_SQL: ['The engine refused a statement or the data in it.', "The message is the engine's own."],
  ENGINE_UNKNOWN: ['There is no engine of this name.', 'The hint lists those there are.'],
  ENGINE_CRASHED: [
    "The engine's process died. Nothing of the attempt was committed.",
    'The run continues; a file that does it twice is held with PQ901.',
  ],
  ENGINE_START: [
    "The engine's process did not start. Nothing was read.",
    '`tidegate doctor` says more; install again if the binary of @duckdb/node-api is missing.',
  ],
  ENGINE_CLOSED: ['The engine was closed before.', 'A mistake in the calling program.'],
  ENGINE_OUT_OF_MEMORY: [
    'The work does not fit into the memory budget, even with spilling.',
    'Raise limits.memory, or lower --workers.',
  ],
  ENGINE_DISK_FULL: [
    'The disk for temporary or staged data is full. Nothing was committed.',
    'Free space, then run again.',
  ],
  ENGINE_FORBIDDEN_PATH: [
    'The engine was asked for a path outside of the configured folders.',
    'Add the folder to the configuration if it belongs there.',
  ],
  DISK_FULL: ['The disk is full. Nothing was committed.', 'Free space, then run again: it continues.'],
  CANCELLED: ['Stopped on request. What was committed stays.', 'The same command continues.'],
}
