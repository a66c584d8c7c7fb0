import type { CodeTexts } from './code-texts.ts'

/** Files of sources, their bytes and their columns. */
export const FILE_CODES: CodeTexts = {
  PLAN_STALE: [
    'A file of a plan has changed or is gone, so the plan is not what would be done now.',
    'Make a new plan with `tidegate ingest --dry-run`, or run without one.',
  ],
  PLAN_UNKNOWN: [
    'There is no plan of this id, or it cannot be read.',
    '`tidegate ingest --dry-run` makes one and prints its id.',
  ],
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
  FILE_EXISTING: [
    'The file was there before the first run of a source with `include_existing: false`; it is noted, not loaded.',
    '`tidegate files retry PATH` loads it all the same.',
  ],
  MARKER_MISSING: [
    'The file waits for its marker (`ready: { marker: … }`). Nothing was recorded.',
    'Whoever writes the file writes the marker last; a later run takes it.',
  ],
  CONTROL_MISSING: [
    'The file waits for its control file (`ready: { control: … }`). Nothing was recorded.',
    'A later run takes it when the control file is there.',
  ],
  CONTROL_UNREADABLE: [
    'The control file says nothing that can be understood; it may be half written. The file waits.',
    'It holds a number of rows, or JSON with rows, bytes or sha256.',
  ],
  CONTROL_MISMATCH: [
    'The control file names other rows, bytes or another hash than the file has; the file is held.',
    'Have it sent again; or, where the control file was wrong, mend that and run `tidegate files retry PATH`.',
  ],
  UNIT_WAITING: [
    'The file is ready, and another one of its folder is not (`ready: { unit: folder }`).',
    'A later run takes the folder as a whole.',
  ],
  UNIT_HELD: [
    'The file is held because another one of its folder is: a folder as a unit is loaded as a whole or not at all.',
    'Mend the file that the message names; all files of the folder are then judged again.',
  ],
  SOURCE_IS_DELTA_TABLE: [
    'A folder with a _delta_log: its files also hold rows that were deleted or replaced, so they are not read as files.',
    'Exclude the folder from the pattern, or export the table.',
  ],
  RESEND_WAITING: [
    'Two editions of one file came together. The one that counts goes first; nothing is recorded of the other until it is known whether the first was loaded.',
    'Nothing: the next run loads it or notes it.',
  ],
  RESEND_OLDER: [
    'A newer edition of the file (by its name) is loaded; this one is noted, not loaded.',
    '`resend: { name, policy }` says what an edition is.',
  ],
  RESEND_IGNORED: [
    'Another edition of the file (by its name) is loaded, and the policy is to ignore others.',
    '`resend: { policy: replace }` loads the newest edition in place of the older one.',
  ],
  RESEND_HELD: [
    'Another edition of the file (by its name) is loaded; this one is held.',
    '`tidegate quarantine` shows, releases or discards it.',
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
  SCHEMA_LINEAGE_COLUMN: [
    'The data has a column with a name that `target.add_columns` gives to where a row came from.',
    'Choose another name under `target.add_columns`, or ask the sender to rename the column.',
  ],
  SCHEMA_RESCUE_COLUMN: [
    'The data has a column with the name of the column for rescued values, or one named _file.',
    'Choose another rescue column under `schema_evolution`, or ask the sender to rename the column.',
  ],
  WATERMARK_FILTER: [
    'Rows below the watermark were dropped, as `watermark.filter: true` asks. They are counted.',
    'A longer `watermark.lag` keeps late rows; `tidegate watermarks set` moves the mark.',
  ],
  ROWS_DEDUPLICATED: [
    'Rows with the key of another row were dropped. They are counted.',
    'The keys are those of `target.dedup`, or of `target.mode: upsert`.',
  ],
  SCHEMA_INVALID: ['The columns of a file make no table.', 'Look at its header.'],
  RUN_STOPPED: [
    'Not looked at: a gate with on_fail: fail stopped the run.',
    'Mend or remove the failing file, then run again.',
  ],
  // Repair
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
}
