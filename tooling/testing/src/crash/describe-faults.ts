/** Faults that are no kill, for the page: what is done, what must be true, and the test that does it (below tooling/testing/src). */
export const FAULTS: readonly (readonly [fault: string, truth: string, test: string])[] = [
  [
    'EIO and ENOSPC at each kind of call: fsync, write, link, rename, mkdir',
    'the run ends with an error, the next one puts everything right',
    'faults/disk.slow.ts',
  ],
  ['the engine cannot write a file to its end', 'the same', 'faults/disk.slow.ts'],
  [
    'SIGSTOP until the lease has run out and another run has done the work, then SIGCONT: parquet, delta, duckdb, postgres, none',
    'the zombie adds nothing to the log, ends with LEASE_LOST or LEDGER_STALE, and tells only of entries that bear its own run',
    'faults/zombies.slow.ts',
  ],
  [
    'SIGSTOP inside an open transaction of Postgres, of the target (rows, entry) and of the state; then the server ends its session, or nobody does',
    'another run does the work, or ends with a code after 30 s; what was in the transaction counts once or not at all',
    'faults/zombies-in-transactions.slow.ts',
  ],
  ['two runs over one state', 'one works, the other is told so', 'faults/rivals.slow.ts'],
  [
    'two projects over one target, one of them stopped at five places',
    'each file is loaded once',
    'faults/rivals.slow.ts',
  ],
  ['a file is overwritten while it is read', 'it is not loaded half; the next run takes it', 'faults/rivals.slow.ts'],
  ['a file is deleted between listing and reading', 'the others are loaded', 'faults/rivals.slow.ts'],
  ['the clock is off by a day, and the run is killed', 'nothing changes', 'faults/rivals.slow.ts, cells T1 and T2'],
  ['SQLite is locked by another process', 'STATE_BUSY after a while, or the run waits', 'faults/rivals.slow.ts'],
  [
    'Postgres restarted or killed in the middle of a batch, as target and as state',
    'the run goes on or ends with an error of its own; the next one puts everything right',
    'faults/postgres.slow.ts',
  ],
  [
    'a source with two targets, killed in either batch and between the two',
    'both targets have every row once; no file goes to the archive before both have it',
    'faults/several-targets.slow.ts',
  ],
  [
    'mode upsert, killed at settle, commit and publish, and again in recovery: parquet, duckdb, postgres',
    'of each key the last row by a naive model, once',
    'faults/upsert.slow.ts',
  ],
]
