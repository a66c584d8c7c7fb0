import type { CodeTexts } from './code-texts.ts'

/** tidegate.yaml and its values. */
export const CONFIGURATION_CODES: CodeTexts = {
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
  CONFIG_DISPOSITION: [
    'Keys of a target that do not go together, or what its kind cannot do: rows of a Delta table cannot be replaced, for example.',
    'docs/configuration.md has the table of what is possible.',
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
  INGESTION_NAME: [
    'An ingestion made by API has no proper name, or the name of a source in the configuration file. The file wins.',
    'Choose another name; a source of the file is changed in the file.',
  ],
  INGESTION_OUTSIDE: [
    'An ingestion made by API would read or write outside of the folders in server.roots, or files of Tidegate itself, or a link leads it there. It is left out, or its run fails.',
    'Use a folder inside of them, or have the operator add it to server.roots.',
  ],
  INGESTION_TARGET: [
    'An ingestion made by API names a database that no source of the configuration file has as its target.',
    'Use url and table of a target in the file, or write to a folder.',
  ],
  INGESTION_VARIABLE: [
    'An ingestion made by API has a ${VARIABLE}. Those of the environment are read in the configuration file only.',
    'Write the value itself, or put the source into the file.',
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
  SCHEDULE_CLOCK: [
    'Schedules were decided for a time that is still to come: the clock of a machine was ahead. Up to a week they go on by themselves.',
    'Look at the time synchronisation of the machines. Pause and resume a schedule that is more than a week ahead.',
  ],
  SCHEDULE_RULE: [
    'A schedule has a pattern or a time zone from which no instant can be computed. It decides nothing; all others go on.',
    'Correct `cron` or `timezone`; a zone may also be unknown to this system.',
  ],
}
