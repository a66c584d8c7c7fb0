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
  LEDGER_NEWER: ['The commit log was written by a newer Tidegate.', 'Upgrade this one.'],
  LEDGER_PART_MISSING: [
    'A part that the log lists is neither staged nor visible: somebody removed it.',
    'Restore it, or load its files again with --force.',
  ],
  LEDGER_NAME_TAKEN: ['A foreign file has the name of a part.', 'Move it away and run again.'],
  LEDGER_NOT_DURABLE: [
    'The file system did not confirm that data reached the disk. Nothing was committed.',
    'Look at the disk; `tidegate doctor` tries it.',
  ],
  LEDGER_ATTEMPT_DROPPED: ['The staging folder of the attempt is gone.', 'Run again.'],
  LEDGER_PATH: ['A path would leave its folder.', "Please report it with the file's name."],
  TARGET_GATE_ONLY: [
    'Rows were to be written to a target of kind none, which only judges. A mistake in the calling program.',
    'Use `target: { kind: parquet }` where rows are to be loaded.',
  ],
  TARGET_APPEND_ONLY: [
    'Rows of an older file version were to be replaced in a target that only takes new rows. Nothing was committed.',
    'Choose `overwrites: ignore`, `append` or `fail` for this source.',
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
