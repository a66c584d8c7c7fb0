/**
 * Every code that is not a finding of the parquet package: what it means for the data, and what to do. A test asks that each
 * code in the sources has its line here. Codes are never renamed.
 */
export const ERROR_CODES: Readonly<Record<string, readonly [meaning: string, hint: string]>> = {
  // Configuration
  CONFIG_NOT_FOUND: [
    'There is no tidegate.yaml in the folder.',
    'Run `tidegate init`, or name the folder with -C DIR.',
  ],
  CONFIG_INVALID: [
    'The configuration has problems; all of them were printed. Nothing was read or changed.',
    'Mend them; `tidegate config check` looks again.',
  ],
  CONFIG_SYNTAX: [
    'The file is not valid YAML at the place shown.',
    'Most often a tab, a missing space after a colon or an unclosed quote.',
  ],
  CONFIG_UNREADABLE: ['The file exists and cannot be read as text.', 'Check its mode, and that it is UTF-8.'],
  CONFIG_DUPLICATE_KEY: ['A key stands twice in the same place; one of them would be lost.', 'Remove one of the two.'],
  CONFIG_VERSION: ['The file is written for another version of the format.', 'This release reads version: 1.'],
  CONFIG_UNKNOWN_KEY: [
    'A key that Tidegate does not know; a typing error would otherwise be silently ignored.',
    'Use the suggested spelling, or remove it.',
  ],
  CONFIG_MISSING_KEY: ['A key that is needed is not there.', 'Add it; docs/configuration.md shows the whole format.'],
  CONFIG_TYPE: [
    'A value has the wrong type, for example a list where a text is expected.',
    'Write it as the message says.',
  ],
  CONFIG_VALUE: ['A value is outside of what is possible.', 'The message names what is.'],
  CONFIG_MISSING_VARIABLE: [
    'A ${VARIABLE} of the file is not set.',
    'Set it, put it into .env, or give it a default: ${NAME:-default}.',
  ],
  CONFIG_UNKNOWN_ENVIRONMENT: [
    '--env names an environment that the file does not have.',
    'Use one of those under `environments:`.',
  ],
  CONFIG_TEMPLATE: [
    'A path or dataset has a {placeholder} that does not exist.',
    'Known are {source}, {stem}, {parent} in datasets, {dataset} and {source} in paths.',
  ],
  CONFIG_TARGET_IN_SOURCE: [
    'What Tidegate would write lies inside what a source reads: output would be taken for input.',
    'Move the target, the quarantine or the state out of the pattern.',
  ],
  CONFIG_SOURCE_OVERLAP: [
    'Two sources can match the same file; it would be loaded twice.',
    'Make the patterns disjoint.',
  ],
  CONFIG_UNKNOWN_CHANNEL: [
    '`notify` names a channel that is not under `channels:`.',
    'Add the channel or correct the name.',
  ],
  CONFIG_NOT_YET: [
    'The key is part of the format, and what it asks for is not in this release.',
    'The table in the README says what works today.',
  ],
  CONFIG_TARGET_MOVED: [
    "The configuration names another target than the one that has the dataset's rows.",
    'Give the path back, or move the folder there and run `tidegate state rebuild`.',
  ],
  CONFIG_UNKNOWN_SOURCE: [
    'The command names a source that the configuration does not have.',
    'The hint lists those it has.',
  ],
  CONFIG_CONTRACT: ['A contract file cannot be read.', '`tidegate contract check FILE` shows where.'],
  // Contracts and checks
  CONTRACT_MISSING: [
    'The dataset has no contract, and the source says on_missing_contract: hold. Its files wait; nothing was recorded of them.',
    'Learn one with `tidegate profile SOURCE`, then run ingest again.',
  ],
  CONTRACT_NOT_FOUND: [
    'There is no contract file of that name.',
    'Name a file; without one, all contracts of the project are checked.',
  ],
  CONTRACT_INVALID: [
    'The contract of the dataset has problems; its files were not judged and wait.',
    '`tidegate contract check` shows them.',
  ],
  CHECK_UNKNOWN: [
    'The contract names an expectation that does not exist. It counts as an error, never as a pass.',
    'Use the suggested name.',
  ],
  CHECK_KWARG: [
    'An argument of an expectation is unknown, missing or of the wrong type.',
    'Correct it in the contract.',
  ],
  CHECK_BOUNDS: [
    'The bounds of an expectation cannot be: none given, or min above max.',
    'Correct them in the contract.',
  ],
  CHECK_REGEX: [
    'A regular expression is none that Python would compile, or says what no engine here can say (conditionals).',
    'Correct it at the position shown; docs/python-differences.md lists what differs.',
  ],
  CHECK_COLUMN_MISSING: [
    'The file lacks a column that a check looks at. The check is an error, and the file is held.',
    'Ask the sender, or mark the column `required: false` and drop the check.',
  ],
  CHECK_TYPE: [
    'A type name in the contract is none the engine knows, or a value does not fit the column.',
    'Use a DuckDB type such as BIGINT, DOUBLE, VARCHAR, DATE or TIMESTAMP.',
  ],
  CHECK_ID: ['Two checks have the same id, or an id is reserved.', 'Give each its own.'],
  CHECK_ENGINE: [
    'The engine refused to evaluate this check; the others were evaluated.',
    "The message is the engine's own.",
  ],
  CHECK_CAPTURE: ['A wrong number of failing values was asked for.', 'Give a whole number from 0.'],
  CHECK_CONDITION: [
    'A row_condition cannot be read, or compares what cannot be compared. The check was not evaluated.',
    'Correct it at the place shown; docs/contracts.md shows the three languages.',
  ],
  CHECK_DATA: ['The data to be checked is not there or cannot be read.', 'Correct the path or the table name.'],
  CHECK_FORMAT: [
    'The file is not a suite, a schema.yml or a data contract of the format it was taken for.',
    'Name the format with --from, and see docs/importing.md for the shapes that are read.',
  ],
  CHECK_INDEX_COLUMN: ['An index column is not a column of the data.', 'Name one of the data’s columns.'],
  CHECK_LIMIT: [
    'A limit cannot be applied: fail/warn on a check that is not about rows, or more distinct values than the check can hold.',
    'Remove or correct the limit; for a KL divergence use bins or a row_condition.',
  ],
  CHECK_NOW: ['A check of freshness ran without a clock.', 'Give nowMs to validate() or evaluateChecks().'],
  CHECK_PARAMETER: [
    'A suite parameter has no value, or its expression is wrong. The check was not evaluated.',
    'Give the value (--parameters, or in the suite) or correct the expression.',
  ],
  CHECK_PLUGIN: [
    'An expectation of a plug-in cannot be used: its name is taken, its module cannot be loaded, or its judgement threw.',
    'Mend the plug-in; the other checks were answered.',
  ],
  CHECK_REMOVED: [
    'The expectation or argument was taken out of Great Expectations and is not evaluated.',
    'Use what the message names in its place.',
  ],
  CHECK_RESULT_FORMAT: [
    'The result format is none that Great Expectations knows.',
    'Use BOOLEAN_ONLY, BASIC, SUMMARY or COMPLETE, or an object with result_format.',
  ],
  CHECK_SESSION: [
    'What was given as a session cannot run SQL.',
    'Give a Session, a DuckDBConnection (with @tidegate/duckdb installed), or sessionOnDatabase(db).',
  ],
  CHECK_SQL: [
    'The SQL of a query expectation is not one SELECT.',
    'Write one SELECT over {batch}, without a semicolon.',
  ],
  CHECK_SUITE: [
    'The suite cannot be read as a suite or a contract.',
    'The message names the place; see docs/importing.md.',
  ],
  CHECK_TABLE: [
    'A check names another table, or a column of it, that was not given.',
    'Give it with --table NAME=FILE or `tables`; for keys use scope: batch where there is no target.',
  ],
  CHECK_TIMEOUT: [
    'Values were not tested within the time limit; most often a pattern that backtracks without end. The check was not evaluated.',
    'Simplify the pattern or raise the limit.',
  ],
  CHECK_TOO_MANY_VALUES: [
    'More than a million different values fail one test that JavaScript makes.',
    'Most likely the format or the column is the wrong one; else use an SQL condition.',
  ],
  CHECK_VALUE_TEST: [
    'The test itself is unusable: a JSON schema that is none, or a module that cannot be loaded.',
    'Correct the schema or the module.',
  ],
  CHECK_FILE: [
    'A file was asked for that is not part of the relation. A mistake in the calling program.',
    "Use one of the relation's keys.",
  ],
  CHECK_RELATION: [
    'A plan was made for another relation than it was used with. A mistake in the calling program.',
    'Plan again.',
  ],
  CHECK_NO_FILES: ['Nothing to check was found.', 'Name a file, a quoted glob or a folder.'],
  REPAIR_REFUSED: [
    'The plan to bring rows back is refused: what there is does not prove enough. Nothing was written.',
    'Read its findings; another file of the same table may know the schema.',
  ],
  REPAIR_IS_LOSSY: [
    'The file is damaged, and a repair would bring back only a part of it. Nothing of it was loaded.',
    'Ask for the file again; or load what there is with `tidegate files retry PATH --set sources.NAME.repair=lossy`.',
  ],
  REPAIR_OUT_IS_SOURCE: ['The output is the source itself, perhaps through a link.', 'Name another file.'],
  REPAIR_OUT_EXISTS: ['The output exists already; it is never overwritten.', 'Name another, or move it away.'],
  REPAIR_OUT_FOLDER: ['The folder of the output does not exist. Nothing was written.', 'Make it, or name another.'],
  REPAIR_SOURCE_CHANGED: [
    'The source changed while it was read. Nothing was written.',
    'Repair it again when nobody writes to it.',
  ],
  PROFILE_SAMPLE: ['The sample size is impossible.', 'Give a whole number of rows.'],
  PROFILE_SEED: ['The seed is impossible.', 'Give a whole number from 0 to 2^31-2.'],
  // Files and schema
  SOURCE_MISSING: [
    'The folder of a source does not exist. An unmounted disk must not look like an empty one.',
    'Mount or make it, or mend the path.',
  ],
  SOURCE_GONE: ['The file was deleted between the listing and the reading.', 'Nothing to do if that was meant.'],
  SOURCE_UNREADABLE: ['The file exists and may not be read.', 'Check owner and mode; the next run tries it again.'],
  SOURCE_NOT_A_FILE: ['It is a pipe, a device or a socket.', 'Take it out of the pattern.'],
  SOURCE_OUTSIDE_ROOT: [
    "A link leads out of the source's folder; it is not followed (security).",
    'Copy the file in, or make the other folder a source.',
  ],
  SOURCE_LINKS_TOO_DEEP: ['Links point at each other, or are nested too deep.', 'Take the loop away.'],
  SOURCE_NAME_INVALID: ["The file's name is not valid UTF-8, so it could not be named in any record.", 'Rename it.'],
  SOURCE_UNSUPPORTED: ['An address of another kind than a local path.', 'This release reads local files.'],
  GLOB_INVALID: [
    'A pattern is too long, or its braces have too many combinations.',
    'Use * or **, or split the source into several.',
  ],
  ENCODING_UNKNOWN: [
    'The encoding under `options:` is none that is known.',
    'Use a label such as utf-8, windows-1252 or utf-16le.',
  ],
  FILE_SETTLING: [
    'The file was written to within the settle window.',
    'A later run takes it; `ready: { settle: … }` sets the window.',
  ],
  FILE_CHANGING: [
    'The file changed while it was read. The attempt was dropped; nothing of it was loaded.',
    'A later run takes it.',
  ],
  FILE_CHANGED: [
    'The file was loaded before and has other bytes now.',
    '`overwrites: replace | append | ignore | fail` says what is done.',
  ],
  FILE_UNKNOWN: ['No run has seen this file.', '`tidegate files ls` lists what is known.'],
  FILES_FAILED: [
    'Some files could not be judged; they are tried again by the next run.',
    '`tidegate files ls` and `tidegate doctor` say more.',
  ],
  DUPLICATE_CONTENT: [
    'The same bytes are loaded already under another name.',
    '`duplicates: skip | warn | quarantine | load` says what is done.',
  ],
  DUPLICATE_COLUMN: ['Two columns have the same name.', 'Ask the sender to rename one.'],
  RESERVED_COLUMN: ["A column's name begins with __tg_, which Tidegate uses itself.", 'Rename it at the sender.'],
  RELATION_EMPTY: ['A table was to be read from no files or no columns.', 'A file without columns cannot be checked.'],
  READ_OPTIONS_UNRESOLVED: [
    'How the text file is to be read could not be found out.',
    'Say it under `options:` of the source.',
  ],
  SCHEMA_EXTRA_COLUMN: [
    'The file has a column that the dataset lacks, and schema_evolution is fail.',
    'Allow it with add_columns, drop it with ignore.',
  ],
  SCHEMA_TYPE: [
    'A column has another type than in the dataset, and types only widen.',
    'Ask the sender, or widen the type in the contract.',
  ],
  SCHEMA_INVALID: ['The columns of a file make no table.', 'Look at its header.'],
  RUN_STOPPED: [
    'Not looked at: a gate with on_fail: fail stopped the run.',
    'Mend or remove the failing file, then run again.',
  ],
  // Ledger
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
  // Leases, state, engine
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
  // Command line
  USAGE: [
    'The words of the command line were not understood. Nothing was done.',
    'tidegate --help, or tidegate <command> --help.',
  ],
  INIT_EXISTS: ['There is a tidegate.yaml already. Nothing was changed.', 'Edit it, or overwrite it with --force.'],
  INIT_NO_FILES: ['--from matches no data file. Nothing was written.', 'Name a folder, file or quoted glob.'],
  USAGE_ACTION: ['The command does not know that action.', 'The message lists those it knows.'],
  USAGE_PATH: ['The command needs the path of a file.', '`tidegate files ls` shows them.'],
  USAGE_SOURCE: ['The command needs the name of a source.', '`tidegate config show` lists them.'],
  USAGE_VALUE: ['The command needs a value.', 'See its --help.'],
  USAGE_SUITE: ['--suite is missing or cannot be read.', 'Name a suite or contract, as JSON or YAML.'],
  USAGE_PARAMETERS: ['--parameters is no map of values.', 'Give a JSON object, or a file that holds one.'],
  USAGE_FORMAT: ['The JSON of --result-format is broken.', 'Mend it, or give one of the four names.'],
  USAGE_TABLE: ['--table is not NAME=FILE.', 'Write for example --table customers=customers.parquet.'],
  USAGE_NO_FILES: [
    'What the command line names is neither a file, folder or glob with files, nor a source. Nothing was read or changed.',
    'Check the path; quote a glob, so that the shell hands it over as it is.',
  ],
  USAGE_OUT: ['repair was not told where to write, or to a place that is no folder.', 'Give --out DIR, or --dry-run.'],
  USAGE_FIX: ['--fix names something that repair does not know.', 'The hint lists what it knows.'],
  USAGE_SCHEMA_FILE: [
    '--like, --metadata or --delta leads to nothing of that kind.',
    'Name a sound file of the same table, a _metadata file, or the folder of a Delta table.',
  ],
  USAGE_PART: ['--part is out of range.', 'Give the number of the file among the joined ones, from 1.'],
  USAGE_CONFIRM: ['The command forgets something and wants to be sure.', 'Add --yes.'],
  USAGE_WORKERS: ['--workers is out of range.', 'Give a whole number from 1 to 256.'],
  USAGE_THRESHOLD: ['--threshold is out of range.', 'Give a number from 0 to 100.'],
  USAGE_SAMPLE: ['--sample is out of range.', 'Give a whole number of rows.'],
  USAGE_EXIT_CODE: ['--exit-code-no-data is out of range.', 'Give a whole number from 0 to 255.'],
  USAGE_LIMIT: ['--limit is out of range.', 'Give a whole number from 1.'],
  USAGE_SINCE: ['--since is no duration.', 'Write 24h, 7d, 30m.'],
  MONITOR_UNKNOWN_SECTION: ['There is no such section of the monitor.', 'The hint lists them.'],
  USAGE_SECTION: ['monitor has no such section.', 'The message lists them.'],
  INTERNAL: ['A bug of ours. What is committed stays as it is.', 'Run again with --debug and report what it prints.'],
}
