import type { Options } from 'yargs'
import { dryRun, type CommandModule } from './command-module.ts'
import type { Command } from './context.ts'
import { check, repair, validate, validateSource } from './file-commands.ts'

const force: Options = { type: 'boolean', default: false, describe: 'ignore what was processed already' }
const workers: Options = { type: 'number', describe: 'datasets worked on at the same time (default 4)' }
const threshold: Options = {
  type: 'number',
  describe: 'score 0..100 below which a file is held (over the configuration)',
}
const noData: Options = { type: 'number', describe: 'exit code when nothing was new (default 0)' }

/** Named here and not imported: `--help` loads no more than this file. A test compares them with those of the monitor. */
export const SECTIONS: readonly string[] = [
  'overview',
  'alerts',
  'watermarks',
  'freshness',
  'quality',
  'failures',
  'heatmap',
  'files',
  'quarantine',
  'timeline',
  'performance',
  'cumulative',
  'comparison',
  'schemas',
  'report',
]

export const COMMANDS: readonly CommandModule[] = [
  check,
  validate,
  {
    command: 'init',
    describe: 'write a commented tidegate.yaml, .env.example and .gitignore',
    options: {
      template: {
        choices: ['landing-zone', 'gate-only', 'fabric'],
        default: 'landing-zone',
        describe: 'what to start from',
      },
      from: { type: 'string', array: true, describe: 'infer sources from these files, globs or folders' },
      force: { type: 'boolean', default: false, describe: 'overwrite files that exist' },
    },
    examples: [
      ['$0 init --from landing', 'one source per folder, inferred from its files'],
      ['$0 init --template gate-only', 'judge and quarantine; another program loads'],
    ],
    load: async () => (await import('./commands/init.ts')).init as Command,
  },
  {
    command: 'config <action>',
    describe: 'check | show the configuration in force, with the origin of each value',
    options: { redact: { type: 'boolean', default: true, describe: 'hide secrets' } },
    positionals: {
      action: { choices: ['check', 'show'] },
    },
    load: async () => (await import('./commands/config.ts')).config as Command,
  },
  {
    command: 'doctor',
    describe: 'look for what would go wrong on this machine',
    options: {
      chaos: {
        type: 'boolean',
        default: false,
        describe:
          'kill and recover a small project of each kind of target, on its storage; two minutes per kind at most',
      },
      target: { type: 'string', array: true, nargs: 1, describe: 'with --chaos: these folders, without a project' },
    },
    load: async () => (await import('./commands/doctor.ts')).doctor as Command,
  },
  validateSource,
  repair,
  {
    command: 'profile [sources..]',
    describe: 'learn one contract per dataset from the data',
    options: {
      sample: { type: 'number', default: 100_000, describe: 'rows to learn from per dataset (0: all)' },
      update: { type: 'boolean', default: false, describe: 'learn existing contracts again; shows the difference' },
      force,
      'dry-run': dryRun,
      workers,
      threshold: { type: 'number', describe: 'score 0..100 to write into the contracts as their gate' },
    },
    positionals: {
      sources: { describe: 'only these sources (default: all)' },
    },
    load: async () => (await import('./commands/profile.ts')).profile as Command,
  },
  {
    command: 'ingest [sources..]',
    describe: 'find new files, check them, load what passes, quarantine the rest',
    options: {
      force,
      'dry-run': dryRun,
      'plan-id': { type: 'string', describe: 'exactly the files of a plan that --dry-run made' },
      workers,
      threshold,
      'exit-code-no-data': noData,
    },
    positionals: {
      sources: { describe: 'only these sources (default: all)' },
    },
    examples: [
      ['$0 ingest --dry-run', 'what would be done, how long it may take; prints the id of the plan'],
      ['$0 ingest flights -o json', 'the result as one JSON document'],
    ],
    load: async () => (await import('./commands/ingest.ts')).ingest as Command,
  },
  {
    command: 'monitor [section] [sources..]',
    describe: 'what happened and whether anything needs you',
    options: {
      since: { type: 'string', default: '7d', describe: 'how far to look back: 24h, 7d, …' },
      source: { type: 'string', array: true, describe: 'only these sources' },
      watch: { type: 'boolean', default: false, describe: 'draw anew when something changed' },
      html: { type: 'string', describe: 'write one HTML file that shows it offline' },
      export: { type: 'string', describe: 'write dq_report_<time>.json into this folder' },
      serve: { type: 'boolean', default: false, describe: 'serve the live page on this machine until Ctrl-C' },
      port: { type: 'number', describe: 'with --serve (default: one that is free)' },
      'include-samples': {
        type: 'boolean',
        default: false,
        describe: 'with --html or --serve: values out of rows too; sensitive columns stay masked',
      },
      force: { type: 'boolean', default: false, describe: 'with --html: however large the file becomes' },
      output: { choices: ['markdown'], default: 'table', describe: 'form of the result; markdown with diff' },
      'dry-run': { type: 'boolean', default: false, hidden: true },
      workers: { type: 'number', hidden: true },
      threshold: { type: 'number', hidden: true },
    },
    positionals: {
      section: { describe: `diff, or one of: ${SECTIONS.join(', ')} (default: all)` },
      sources: { describe: 'only these sources (default: all); with diff: two exported reports' },
    },
    examples: [
      ['$0 monitor failures --since 24h', 'why files failed since yesterday'],
      ['$0 monitor --html report.html', 'the interactive pages as one file'],
      ['$0 monitor diff monday.json tuesday.json', 'what changed; exit 3 if it got worse'],
    ],
    load: async () => (await import('./commands/monitor.ts')).monitor as Command,
  },
  {
    command: 'run-all [sources..]',
    describe: 'profile what has no contract yet, ingest, monitor',
    options: { force, 'dry-run': dryRun, workers, threshold, 'exit-code-no-data': noData },
    positionals: {
      sources: { describe: 'only these sources (default: all)' },
    },
    load: async () => (await import('./commands/run-all.ts')).runAll as Command,
  },
  {
    command: 'watermarks <action> [source] [value]',
    describe: 'ls | get | set | reset the watermarks',
    options: {
      type: { type: 'string', describe: 'type of the value (with set)' },
      yes: { type: 'boolean', default: false, describe: 'do not ask (with reset)' },
    },
    positionals: {
      action: { choices: ['ls', 'get', 'set', 'reset'] },
      source: { describe: 'with get, set and reset' },
      value: { describe: 'with set' },
    },
    load: async () => (await import('./commands/watermarks.ts')).watermarks as Command,
  },
  {
    command: 'list-watermarks',
    describe: 'same as: watermarks ls',
    options: {},
    load: async () => (await import('./commands/watermarks.ts')).listWatermarks as Command,
  },
  {
    command: ['history [source]', 'load-history [source]'],
    describe: 'runs, newest first',
    options: { limit: { type: 'number', default: 20, describe: 'how many' } },
    positionals: {
      source: { describe: 'only this source' },
    },
    load: async () => (await import('./commands/history.ts')).history as Command,
  },
  {
    command: 'files <action> [paths..]',
    describe: 'ls | explain | retry files',
    options: {
      source: { type: 'string', describe: 'only this source' },
      outcome: { choices: ['loaded', 'held', 'skipped'], describe: 'only files with this outcome (with ls)' },
      limit: { type: 'number', default: 100, describe: 'how many (with ls)' },
      workers,
      threshold,
    },
    positionals: {
      action: { choices: ['ls', 'explain', 'retry'] },
      paths: { describe: 'files, as `files ls` names them or as they lie on disk' },
    },
    load: async () => (await import('./commands/files.ts')).files as Command,
  },
  {
    command: 'quarantine <action> [records..]',
    describe: 'ls | show | replay | release | discard what is held',
    options: {
      source: { type: 'string', describe: 'only this source' },
      target: { type: 'string', describe: 'only this target, where a source has several' },
      all: { type: 'boolean', default: false, describe: 'every open record (replay, release, discard)' },
      closed: { type: 'boolean', default: false, describe: 'also records that are closed (ls)' },
      'dry-run': { ...dryRun, describe: 'say what would happen, and change nothing' },
      'accept-edits': {
        type: 'boolean',
        default: false,
        describe: 'take rows that were edited in quarantine as they are now',
      },
      note: { type: 'string', describe: 'why; kept in the log (replay, release, discard)' },
      yes: { type: 'boolean', default: false, describe: 'do not ask (release, discard)' },
    },
    positionals: {
      action: { choices: ['ls', 'show', 'replay', 'release', 'discard'] },
      records: { describe: 'records or files, as `quarantine ls` names them or as they lie on disk' },
    },
    examples: [
      ['$0 quarantine replay --all --dry-run', 'which rows are good by the contract as it is now'],
      ['$0 quarantine discard orders.csv --note "test data" --yes', 'give up what is held of one file'],
    ],
    load: async () => (await import('./commands/quarantine.ts')).quarantine as Command,
  },
  {
    command: 'contract <action> [files..]',
    describe: 'check | diff | import | export contracts',
    options: {
      from: {
        choices: ['gx', 'dbt', 'odcs'],
        describe: 'what to import: a GX suite, a dbt schema.yml, an ODCS contract',
      },
      to: { choices: ['gx-1', 'gx-0.18', 'odcs', 'dbt'], describe: 'what to export to' },
      out: { type: 'string', describe: 'file, or folder for several contracts (default: print it)' },
      model: { type: 'string', describe: 'only this model or table (with import)' },
      strict: { type: 'boolean', default: false, describe: 'exit 3 if anything has no equivalent (import, export)' },
      force: { type: 'boolean', default: false, describe: 'overwrite a file that exists (with --out)' },
    },
    positionals: {
      action: { choices: ['check', 'diff', 'import', 'export'] },
      files: { describe: 'contracts; check: those of the project by default; diff: OLD NEW; import: the other file' },
    },
    examples: [
      ['$0 contract import suite.json --from gx --out contracts', 'a suite of Great Expectations as a contract'],
      ['$0 contract export contracts/flights.yaml --to odcs', 'a contract as an ODCS document'],
    ],
    load: async () => (await import('./commands/contract.ts')).contract as Command,
  },
  {
    command: 'state <action> [names..]',
    describe: 'rebuild | verify | migrate | rename | export | import the state database',
    options: {
      'from-targets': { type: 'boolean', default: true, hidden: true },
      status: { type: 'boolean', default: false, describe: 'only look (with migrate)' },
      'leave-files': {
        type: 'boolean',
        default: false,
        describe: 'rename a source although its loaded files stay under the old name',
      },
    },
    positionals: {
      action: { choices: ['rebuild', 'verify', 'migrate', 'rename', 'export', 'import'] },
      names: {
        describe:
          'rename: FROM TO (a source, or the location of a moved target); export: a folder; import: a folder or a file',
      },
    },
    load: async () => (await import('./commands/state.ts')).state as Command,
  },
  {
    command: 'explain <code>',
    describe: 'what an error or finding code means and what to do (offline)',
    options: {},
    positionals: {
      code: { describe: 'an error or finding code, such as PQ105 or LEASE_HELD' },
    },
    load: async () => (await import('./commands/explain.ts')).explain as Command,
  },
  {
    command: 'alerts <action> [id]',
    describe: 'ls | show | ack | silence | unsilence | explain | test | deliveries',
    options: {
      all: { type: 'boolean', default: false, describe: 'also what is over (ls), silences that ended too' },
      source: { type: 'string', describe: 'only this source; silence: a name or a glob of *' },
      dataset: { type: 'string', describe: 'silence: a name or a glob of *' },
      kind: { type: 'string', describe: 'silence: only this kind, such as stale' },
      severity: { choices: ['critical', 'warning', 'info'], describe: 'silence: only this severity' },
      for: { type: 'string', describe: 'silence: for how long, such as 2h' },
      reason: { type: 'string', describe: 'silence: why' },
      note: { type: 'string', describe: 'ack: what others should know' },
      channel: { type: 'string', describe: 'deliveries: only this channel' },
      limit: { type: 'number', describe: 'ls, deliveries: at most so many (default 50)' },
      'dry-run': { ...dryRun, describe: 'test: show the message, send nothing' },
    },
    positionals: {
      action: { choices: ['ls', 'show', 'ack', 'silence', 'unsilence', 'explain', 'test', 'deliveries'] },
      id: { describe: 'an alert; unsilence: a silence; test: a channel' },
    },
    examples: [
      ['$0 alerts explain al-5d41402abc4b2a76', 'why it was told to a channel, or not'],
      ['$0 alerts silence --source orders --for 2h --reason migration', 'tell nobody of orders until then'],
      ['$0 alerts test ops --dry-run', 'what a message to the channel looks like'],
    ],
    load: async () => (await import('./commands/alerts.ts')).alerts as Command,
  },
  {
    command: 'serve',
    describe: 'run unattended: schedules, HTTP API, page and alerts, until it is stopped',
    options: {
      host: { type: 'string', describe: 'where to listen (default server.host, else 127.0.0.1); others need a token' },
      port: { type: 'number', describe: 'default server.port, else 4300; 0 takes a free one' },
    },
    examples: [['$0 serve', 'http://127.0.0.1:4300/ on this machine']],
    load: async () => (await import('./commands/serve.ts')).serve as Command,
  },
  {
    command: 'token <action> [id]',
    describe: "create | ls | revoke keys to the daemon's API",
    options: {
      name: { type: 'string', describe: 'create: what it is for' },
      scope: { choices: ['read', 'run', 'write', 'admin'], describe: 'create: what it may (default read)' },
      expires: { type: 'string', describe: 'create: for how long, such as 90d (default: until it is revoked)' },
    },
    positionals: {
      action: { choices: ['create', 'ls', 'revoke'] },
      id: { type: 'string', describe: 'revoke: which' },
    },
    examples: [['$0 token create --name airflow --scope run --expires 90d', 'shown once']],
    load: async () => (await import('./commands/token.ts')).token as Command,
  },
  {
    command: 'maintain',
    describe: 'delete what is over and older than its retention: history, quarantine, replaced and repaired files',
    options: { 'dry-run': { ...dryRun, describe: 'say what would go, and delete nothing' } },
    load: async () => (await import('./commands/maintain.ts')).maintain as Command,
  },
  {
    command: 'clean',
    describe: 'delete temporary files that dead runs left behind',
    options: { 'dry-run': dryRun },
    load: async () => (await import('./commands/clean.ts')).clean as Command,
  },
]
