import type { CodeTexts } from './code-texts.ts'

/** Contracts, suites and single checks. */
export const CHECK_CODES: CodeTexts = {
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
    'The SQL of a query expectation is not one SELECT, or it looks at something else than the rows that are checked.',
    'Write one SELECT over {batch}, without a semicolon; it may name no file and no other table.',
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
  PROFILE_SAMPLE: ['The sample size is impossible.', 'Give a whole number of rows.'],
  PROFILE_SEED: ['The seed is impossible.', 'Give a whole number from 0 to 2^31-2.'],
}
