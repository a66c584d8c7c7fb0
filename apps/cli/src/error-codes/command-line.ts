import type { CodeTexts } from './code-texts.ts'

/** Words of the command line. */
export const COMMAND_LINE_CODES: CodeTexts = {
  USAGE: [
    'The words of the command line were not understood. Nothing was done.',
    'tidegate --help, or tidegate <command> --help.',
  ],
  INIT_EXISTS: ['There is a tidegate.yaml already. Nothing was changed.', 'Edit it, or overwrite it with --force.'],
  INIT_NO_FILES: ['--from matches no data file. Nothing was written.', 'Name a folder, file or quoted glob.'],
  USAGE_ACTION: ['The command does not know that action.', 'The message lists those it knows.'],
  USAGE_PATH: ['The command needs the path of a file.', '`tidegate files ls` shows them.'],
  USAGE_RECORD: ['The command needs records of quarantine, --source or --all.', '`tidegate quarantine ls` shows them.'],
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
  USAGE_PLAN: ['--plan-id stands beside sources, --force or --dry-run.', 'Leave those out: the plan says all of it.'],
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
