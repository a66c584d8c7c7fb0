/** The commands that work on files and need no configuration. */
import type { Options } from 'yargs'
import { dryRun, type CommandModule } from './command-module.ts'
import type { Command } from './context.ts'

const map: Options = { type: 'boolean', default: false, describe: 'draw each file: row groups × columns' }

export const check: CommandModule = {
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
}

export const validate: CommandModule = {
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
}

export const validateSource: CommandModule = {
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
}

export const repair: CommandModule = {
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
}
