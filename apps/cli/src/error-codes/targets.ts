import type { CodeTexts } from './code-texts.ts'

/** Targets and their commit logs. */
export const TARGET_CODES: CodeTexts = {
  LEDGER_BEHIND_STATE: [
    'The log of a target lacks entries that the state has indexed: the target was lost, emptied, or is not mounted.',
    'Mount or restore it. If it is meant to be empty: `tidegate state rebuild`, then ingest loads every file again.',
  ],
  LEDGER_CONFLICT: ['Another run committed one of these files first. Nothing of this batch was written.', 'Run again.'],
  LEDGER_STALE: ['A newer run took over; this one stopped before its commit.', 'Nothing to do.'],
  LEDGER_CONSERVATION: [
    'Rows read are not rows loaded plus rejected plus dropped. Nothing was committed.',
    'Please report it with the file.',
  ],
  LEDGER_CORRUPT: [
    'The commit log of a target has a hole or an unreadable entry. Nothing was changed.',
    'Restore the log from a backup of the target; do not delete entries.',
  ],
  LEDGER_CHECKPOINT: [
    'A checkpoint of the commit log is damaged and could not be left out. Log and data are untouched; it only spares reading the log.',
    'Run again, or delete the folder _tidegate/checkpoint of the target: it is made anew from the log.',
  ],
  LEDGER_NEWER: ['The commit log was written by a newer Tidegate.', 'Upgrade this one.'],
  LEDGER_PART_MISSING: [
    'A part that the log lists is neither staged nor visible: somebody removed it.',
    'Restore it, or load its files again with --force.',
  ],
  LEDGER_NAME_TAKEN: ['A foreign file has the name of a part.', 'Move it away and run again.'],
  LEDGER_NOT_DURABLE: [
    'An entry of the log was written, and the file system did not confirm that its folder reached the disk. The batch counts as committed unless the machine loses power now.',
    'Look at the disk, then run again: recovery decides by what the log holds.',
  ],
  LEDGER_ATTEMPT_DROPPED: ['The staging folder of the attempt is gone.', 'Run again.'],
  LEDGER_PATH: ['A path would leave its folder.', "Please report it with the file's name."],
  QUARANTINE_NO_RECORD: [
    'Nothing is held under that name, or what was held is closed.',
    '`tidegate quarantine ls` shows what is open; with --closed also what was.',
  ],
  QUARANTINE_NOTHING_TO_LOAD: [
    'The record is an account of lines that cannot be parsed, or of rows that a repair could not bring back: it holds no rows.',
    'Have the sender send a correct file, or give the rows up: `tidegate quarantine discard`.',
  ],
  QUARANTINE_GATE_ONLY: [
    'The target only gates and keeps no rows of its own, so rows cannot be loaded out of quarantine.',
    'Take them from their Parquet file with the program that loads, then discard the record.',
  ],
  QUARANTINE_OUTDATED: [
    'A newer version of the file came, or the rows of the target were replaced, after the record was made.',
    'Discard it. A file that is in the source can be loaded again with `tidegate files retry`.',
  ],
  QUARANTINE_EDITION: [
    'The target replaces partitions, and other files that came with this one are loaded: whether into the same partitions is not known.',
    'Load the files of that edition again together: `tidegate files retry` with all of their paths.',
  ],
  QUARANTINE_RELEASED: [
    'A person let the file through with `tidegate quarantine release`, whatever the rules said.',
    'Nothing is to be done. The note that was given is the message, and it is kept in the commit log.',
  ],
  QUARANTINE_UNKNOWN: [
    'The log knows nothing of the file that the record belongs to.',
    'Make the index anew: `tidegate state rebuild --from-targets`.',
  ],
  QUARANTINE_GONE: [
    'What was put into quarantine is not there any more.',
    'Put it back, retry the file itself (`tidegate files retry`), or give the record up: `tidegate quarantine discard`.',
  ],
  QUARANTINE_EDITED: [
    'What lies in quarantine is not what was put there: its hash is another one than the log says.',
    'If rows were corrected on purpose: --accept-edits. A corrected file goes into the source, as a new version.',
  ],
  QUARANTINE_MORE_ROWS: [
    'The file of rejected rows has more rows than were rejected.',
    'Rows are corrected or taken out in quarantine, never added: new rows come in a file of the source.',
  ],
  QUARANTINE_TARGET_MOVED: [
    'The record belongs to a target that the source does not have now.',
    'Give the target back to the configuration, or move it and run `tidegate state rebuild --from-targets`.',
  ],
  QUARANTINE_OVERTAKEN: ['Another run wrote to the same target at the same time, again and again.', 'Run again.'],
  TARGET_GATE_ONLY: [
    'Rows were to be written to a target of kind none, which only judges. A mistake in the calling program.',
    'Use `target: { kind: parquet }` where rows are to be loaded.',
  ],
  TARGET_APPEND_ONLY: [
    'Rows of an older file version were to be replaced in a target that only takes new rows. Nothing was committed.',
    'Choose `overwrites: ignore`, `append` or `fail` for this source.',
  ],
  TARGET_BUSY: [
    'Another process has the DuckDB file of a target open, perhaps only to read it. DuckDB lets one process write.',
    'Close the other one, then run again.',
  ],
  TARGET_NOT_DUCKDB: [
    'The file of a target is no DuckDB database, or one of a newer DuckDB. It was not changed.',
    'Give a path where no file is yet, or upgrade.',
  ],
  TARGET_TABLE_FOREIGN: [
    'The table of a target was not made by Tidegate, and has rows or other columns; or it is a view. Nothing was committed.',
    'Give another table. An empty one with the columns and types of the contract is taken over; a dropped one is made anew.',
  ],
  TARGET_COLUMN: [
    'A column cannot be in the target: its type has no counterpart there, or it has the name of our own column (_tidegate_part).',
    'Rename it, leave it out of the contract, or give it another type.',
  ],
  TARGET_VALUE: [
    'A column has values that the target cannot hold as they are (a zero character in a text, nanoseconds). Nothing was committed.',
    'Forbid them in the contract, so that such rows go to quarantine, or give the column another type.',
  ],
  TARGET_ROWS_CHANGED: [
    'Rows that were to be taken away are not as the ledger says: somebody changed or deleted rows that Tidegate loaded.',
    'Undo that change, then run again. Nothing was committed.',
  ],
  TARGET_TOO_OLD: [
    'The Postgres server of a target is older than version 13.',
    'Upgrade the server, or use another one.',
  ],
  TARGET_PERMISSION: [
    'The user of a Postgres target lacks a right that loading needs. Nothing was changed.',
    'The message names the right; have it granted.',
  ],
  TARGET_NOT_COMMITTED: [
    'The database took the commit and does not have its entry. Nothing was committed.',
    'Run again.',
  ],
  TARGET_OUTCOME_UNKNOWN: [
    'The connection was lost during a commit. The batch is in the table as a whole, or not at all.',
    'Run again: recovery finds out.',
  ],
  TARGET_COLUMN_MISSING: [
    'The rows of a batch lack a column that the target names in `keys`, `dedup` or `partition_by`. Nothing was committed.',
    'Check the spelling; the message lists the columns that are there.',
  ],
  TARGET_TOO_MANY_PARTITIONS: [
    'The rows of one batch lie in more than 1,000 partitions. Nothing was committed.',
    'Partition by a column with fewer values (a day instead of a time), or make batches smaller.',
  ],
  TARGET_PARTITIONS_CHANGED: [
    'Rows are to be replaced by partition, and the target has rows that came before it had these partitions or their columns.',
    'Load once with `replace: all`, or into a new target.',
  ],
  TARGET_IO: ['The disk of a target reports errors. Nothing was committed.', 'Look at the disk, then run again.'],
  TARGET_UNSUPPORTED: [
    'Windows cannot make folder entries durable, so it cannot own a target. Nothing was written.',
    'Run on Linux or macOS, for example in a container or under WSL.',
  ],
  STAGED_FILE_BROKEN: [
    'A file that was just written is not what was written: rows or bytes are missing. Nothing was committed.',
    'Look at the disk, then run again.',
  ],
  WRITE_DENIED: ['A file or folder of ours may not be written. Nothing was committed.', 'Check owner and mode.'],
  LINK_UNSUPPORTED: [
    'The file system cannot link, so two runs could not be told apart there. Nothing was written.',
    'Use a local disk for targets and state.',
  ],
  // Delta tables
  DELTA_LOG_CORRUPT: [
    'The log of a Delta table has a hole or an unreadable commit or checkpoint. Nothing was changed.',
    'Restore the log from a backup of the table; never edit or renumber commits.',
  ],
  DELTA_UNSUPPORTED: [
    'The Delta table needs a feature of its protocol that this version cannot write. Nothing was changed.',
    'Drop the feature that the message names with the engine of the table, or load into another table.',
  ],
  DELTA_SCHEMA: [
    'The rows do not fit the columns or partitions of the Delta table. Nothing was committed.',
    'Change the table with its own engine, or the contract of the dataset.',
  ],
  DELTA_COLUMN: [
    'A column has a name or a type that Delta tables do not have.',
    'Rename, cast or drop it in the contract of the dataset.',
  ],
  DELTA_PARTITION: [
    'A value cannot be a partition of a Delta table: an empty text would be read as NULL.',
    'Let a rule reject or replace such values, or partition by another column.',
  ],
}
