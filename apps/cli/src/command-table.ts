import type { Options, PositionalOptions } from 'yargs'
import type { Command } from './context.ts'

/** One command as the table knows it; its code is loaded when it is run. */
export interface CommandModule {
  readonly command: string | readonly string[]
  readonly describe: string
  readonly options: Readonly<Record<string, Options>>
  readonly positionals?: Readonly<Record<string, PositionalOptions & { readonly choices?: readonly string[] }>>
  readonly examples?: readonly (readonly [string, string])[]
  readonly load: () => Promise<Command>
}

const force: Options = { type: 'boolean', default: false, describe: 'ignore what was processed already' }
const dryRun: Options = { type: 'boolean', default: false, describe: 'print the plan, change nothing' }
const workers: Options = { type: 'number', describe: 'datasets worked on at the same time (default 4)' }
const threshold: Options = {
  type: 'number',
  describe: 'score 0..100 below which a file is held (over the configuration)',
}
const map: Options = { type: 'boolean', default: false, describe: 'draw each file: row groups × columns' }
const noData: Options = { type: 'number', describe: 'exit code when nothing was new (default 0)' }

/** Named here and not imported: `--help` loads no more than this file. A test compares them with those of the monitor. */
export const SECTIONS: readonly string[] = [
  'overview',
  'watermarks',
  'quality',
  'failures',
  'freshness',
  'throughput',
  'configuration',
  'quarantine',
]

export const COMMANDS: readonly CommandModule[] = [
  {
    command: 'check <paths..>',
    describe: 'judge any file, glob or folder; needs no configuration, writes nothing',
    options: {
      sample: { type: 'number', default: 100_000, describe: 'rows to learn from' },
      'sample-rows': { type: 'number', default: 3, describe: 'failing rows to show per odd file' },
    },
    examples: [
      ['$0 check landing/', 'every data file below a folder'],
      ['$0 check "exports/*.csv.gz"', 'a glob'],
    ],
    positionals: {
      paths: { describe: 'files, quoted globs or folders' },
    },
    load: async () => (await import('./commands/check.ts')).check as Command,
  },
  {
    command: 'validate',
    describe: 'check files against a suite of Great Expectations or a contract; needs no configuration',
    options: {
      suite: { type: 'string', demandOption: true, describe: 'suite (JSON or YAML, 0.18 or 1.x) or contract' },
      data: { type: 'string', array: true, demandOption: true, describe: 'files or quoted globs; all are one batch' },
      table: { type: 'string', array: true, describe: 'another table that checks name: NAME=FILE' },
      'result-format': {
        type: 'string',
        describe: 'BOOLEAN_ONLY, BASIC, SUMMARY (default), COMPLETE, or a JSON object',
      },
      'index-columns': { type: 'string', array: true, describe: 'columns that say which row it was' },
      parameters: { type: 'string', describe: 'values of $PARAMETER: a JSON object or a file' },
      plugin: { type: 'string', array: true, describe: 'package or file that exports `expectations`' },
      explain: { type: 'boolean', default: false, describe: 'also how each check was answered' },
      output: {
        choices: ['junit', 'github', 'markdown'],
        default: 'table',
        describe: 'form of the result; json is that of Great Expectations',
      },
      'output-file': { type: 'string', describe: 'write the result there' },
    },
    examples: [
      ['$0 validate --suite suite.json --data orders.parquet', 'a verdict for people'],
      ['$0 validate --suite suite.json --data "in/*.parquet" -o json', 'the JSON that Great Expectations writes'],
    ],
    load: async () => (await import('./commands/validate.ts')).validate as Command,
  },
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
    options: {},
    load: async () => (await import('./commands/doctor.ts')).doctor as Command,
  },
  {
    command: 'validate-source [sources..]',
    describe: 'say of every file what is wrong with it and what a repair would bring back',
    options: {
      level: {
        choices: ['container', 'footer', 'headers', 'pages', 'values'],
        default: 'footer',
        describe: 'how deep to look; from headers on a Parquet file is read by pages',
      },
      map,
    },
    positionals: {
      sources: {
        describe: 'sources, or files, folders and quoted globs, which need no configuration (default: all sources)',
      },
    },
    examples: [
      ['$0 validate-source landing/', 'every Parquet file below a folder, and what stands beside them'],
      ['$0 validate-source a.parquet --level pages --map', 'reads every page; draws the file'],
    ],
    load: async () => (await import('./commands/validate-source.ts')).validateSource as Command,
  },
  {
    command: 'repair [paths..]',
    describe: 'write a copy of each broken Parquet file with everything that is physically there',
    options: {
      out: { type: 'string', describe: 'folder for the copies; for one file also a name that ends in .parquet' },
      like: {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'a sound file of the same table, for files without a footer',
      },
      delta: { type: 'string', describe: 'folder of a Delta table, whose log knows schema and rows' },
      metadata: { type: 'string', describe: 'a _metadata or _common_metadata file' },
      mode: {
        choices: ['patch', 'rewrite'],
        describe: 'patch keeps every intact byte (default); rewrite encodes the rows anew',
      },
      'on-damaged-page': {
        choices: ['null', 'drop-rows', 'drop-row-group', 'fail'],
        default: 'null',
        describe: 'what becomes of cells that cannot be read',
      },
      'partial-row-group': {
        choices: ['drop', 'null-fill'],
        default: 'drop',
        describe: 'a last row group that lacks columns',
      },
      'min-confidence': {
        choices: ['proven', 'strong', 'weak'],
        default: 'strong',
        describe: 'how sure to be before anything is written',
      },
      'allow-ambiguous': {
        type: 'boolean',
        default: false,
        describe: 'take row groups whose limits can be seen in two ways',
      },
      fix: {
        type: 'string',
        array: true,
        nargs: 1,
        describe:
          'also mend: names, statistics, nulls-in-required, utf8-as-binary, utf8-replace, int96, timestamps (comma between)',
      },
      part: { type: 'number', describe: 'of files that were joined: which, from 1' },
      level: {
        choices: ['container', 'footer', 'headers', 'pages', 'values'],
        describe: 'leave files alone that are sound at this level (default: look at every page)',
      },
      map,
      workers: { type: 'number', describe: 'files worked on at the same time (default 4, at most one per processor)' },
      'dry-run': dryRun,
    },
    positionals: {
      paths: { describe: 'files, folders, quoted globs, or sources (default: all sources)' },
    },
    examples: [
      ['$0 repair broken.parquet --dry-run', 'what would come back, and what would be lost'],
      ['$0 repair landing/ --out repaired --like landing/sound.parquet', 'schema from a sound file of the same table'],
    ],
    load: async () => (await import('./commands/repair.ts')).repair as Command,
  },
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
    options: { force, 'dry-run': dryRun, workers, threshold, 'exit-code-no-data': noData },
    positionals: {
      sources: { describe: 'only these sources (default: all)' },
    },
    examples: [
      ['$0 ingest --dry-run', 'what would be done, and changes nothing'],
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
      'dry-run': { type: 'boolean', default: false, hidden: true },
      force: { type: 'boolean', default: false, hidden: true },
      workers: { type: 'number', hidden: true },
      threshold: { type: 'number', hidden: true },
    },
    positionals: {
      section: { describe: `one of: ${SECTIONS.join(', ')} (default: all)` },
      sources: { describe: 'only these sources (default: all)' },
    },
    examples: [['$0 monitor failures --since 24h', 'why files failed since yesterday']],
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
    command: 'quarantine <action> [file]',
    describe: 'ls | show what is held, and why',
    options: { source: { type: 'string', describe: 'only this source' } },
    positionals: {
      action: { choices: ['ls', 'show'] },
      file: { describe: 'with show' },
    },
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
    command: 'state <action>',
    describe: 'rebuild the state database from the targets',
    options: { 'from-targets': { type: 'boolean', default: true, hidden: true } },
    positionals: {
      action: { choices: ['rebuild'] },
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
    command: 'clean',
    describe: 'delete temporary files that dead runs left behind',
    options: { 'dry-run': dryRun },
    load: async () => (await import('./commands/clean.ts')).clean as Command,
  },
]
