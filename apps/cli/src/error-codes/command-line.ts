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
  USAGE_ALERT: ['The command needs the id of an alert.', '`tidegate alerts ls` shows them.'],
  USAGE_CHANNEL: ['The command needs the name of a channel.', '`tidegate config show` lists them under `channels`.'],
  USAGE_SILENCE: [
    'A silence was not made or ended: it needs whom it means, for how long and why. Nothing was changed.',
    'Write for example `tidegate alerts silence --source orders --for 2h --reason migration`.',
  ],
  ALERT_UNKNOWN: ['There is no alert of that id. Nothing was changed.', '`tidegate alerts ls --all` shows them.'],
  ALERT_RESOLVED: [
    'The alert is over, so there is nothing to acknowledge.',
    '`tidegate alerts ls` shows what is open.',
  ],
  SILENCE_UNKNOWN: [
    'There is no silence of that id in force. Nothing was changed.',
    '`tidegate alerts ls` shows them.',
  ],
  USAGE_VALUE: ['The command needs a value.', 'See its --help.'],
  USAGE_TOKEN: ['There is no such token, or it was revoked before.', '`tidegate token ls` lists them.'],
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
  USAGE_PORT: ['--port is out of range.', 'Give a whole number from 1 to 65535, or leave it out.'],
  USAGE_MONITOR: ['Options or words of monitor do not go together. Nothing was done.', 'See tidegate monitor --help.'],
  MONITOR_REPORT_UNREADABLE: [
    'monitor diff was given a file that is no report.',
    'Give two files that `tidegate monitor --export DIR` or `tidegate monitor --output json` wrote.',
  ],
  MONITOR_FOLDER_MISSING: [
    'The folder that the report should lie in does not exist. Nothing was written.',
    'Make the folder, or name another place.',
  ],
  MONITOR_REPORT_LARGE: [
    'The report would be larger than a browser opens gladly, although its lists were shortened. Nothing was written.',
    'Take a shorter --since or fewer sources; --force writes it all the same.',
  ],
  SERVER_PAGE_MISSING: [
    'The page that the server gives out is not there.',
    'Install Tidegate again; in its own repository, run `npm run setup`.',
  ],
  SERVER_PORT_TAKEN: [
    'Another program listens on that port.',
    'Name another one with --port (0: any free one), or end that program.',
  ],
  SERVER_PORT_DENIED: ['This user may not listen on that port.', 'Name one above 1023 with --port.'],
  SERVER_DESK_BUSY: ['Too many previews and estimates wait already. Nothing was read.', 'Ask again in some seconds.'],
  SERVER_DESK_TIMEOUT: [
    'A preview, an estimate or a test took longer than a minute and was given up. Nothing was changed.',
    'Ask for fewer files or rows.',
  ],
  SERVER_DESK_CRASHED: [
    'The process that looked at the files ended. Nothing was changed.',
    'Ask again; if it lasts, a file crashes the engine: `tidegate check FILE` finds out which.',
  ],
  SERVER_DESK_CLOSED: ['The daemon is going down and answers no more.', 'Ask again when it runs.'],
  SERVER_LISTEN: ['The server could not start to listen.', 'The message says why.'],
  MONITOR_UNKNOWN_SECTION: ['There is no such section of the monitor.', 'The hint lists them.'],
  USAGE_SECTION: ['monitor has no such section.', 'The message lists them.'],
  INTERNAL: ['A bug of ours. What is committed stays as it is.', 'Run again with --debug and report what it prints.'],
}
