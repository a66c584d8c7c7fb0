import path from 'node:path'
import yargs, { type Argv, type Options } from 'yargs'
import type { CommandModule } from './command-module.ts'
import { COMMANDS } from './command-table.ts'
import { describeUsage, nameOf, namesOf, type UsageMistake } from './describe-usage.ts'
import { renderError } from './render/diagnostic.ts'
import { createStyle } from './render/style.ts'

export type ParsedCommandLine =
  | { readonly kind: 'done'; readonly exitCode: number }
  | { readonly kind: 'run'; readonly command: CommandModule; readonly args: Readonly<Record<string, unknown>> }

const GLOBAL_OPTIONS: Readonly<Record<string, Options>> = {
  directory: { alias: 'C', type: 'string', default: '.', describe: 'folder of tidegate.yaml' },
  env: { type: 'string', describe: 'environment of the configuration' },
  set: {
    type: 'string',
    array: true,
    nargs: 1,
    default: [] as string[],
    defaultDescription: 'none',
    describe: 'override a key: --set a.b=c',
  },
  output: { alias: 'o', choices: ['table', 'json', 'ndjson'], default: 'table', describe: 'form of the result' },
  'log-level': {
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
    describe: 'what goes to stderr',
  },
  'log-format': { choices: ['text', 'json'], default: 'text', describe: 'form of what goes to stderr' },
  debug: { type: 'boolean', default: false, describe: 'show stack traces' },
}

const EPILOGUE = `Exit codes: 0 ok · 1 run failed · 2 usage or configuration · 3 a quality gate failed · 4 partly done ·
5 another run holds the lease · 130/143 stopped by a signal
What a code means: tidegate explain CODE`

/** Parses the words. Help, version, completion and mistakes are dealt with here; a command is only named, not run. */
export async function parseCommandLine(argv: readonly string[], version: string): Promise<ParsedCommandLine> {
  let chosen: Extract<ParsedCommandLine, { kind: 'run' }> | undefined
  let failure: string | undefined
  let parser: Argv = yargs([...argv])
    .scriptName('tidegate')
    .usage('Tidegate lets good data into a lake and keeps bad data out.\n\nUsage: $0 <command> [options]')
    .version(version)
    .alias('version', 'V')
    .help()
    .alias('help', 'h')
    .options(withValues(GLOBAL_OPTIONS))
    .group([...Object.keys(GLOBAL_OPTIONS), 'help', 'version'], 'With every command:')
    .parserConfiguration({ 'populate--': true, 'parse-positional-numbers': false })
    .strict()
    .demandCommand(1, 'no command')
    .exitProcess(false)
    .fail((message, error) => {
      failure ??= message ?? error?.message ?? 'the command line could not be understood'
    })
    .completion('completion', 'print a completion script for your shell: tidegate completion >> ~/.bashrc')
    .epilogue(EPILOGUE)
    .wrap(Math.min(110, process.stdout.columns ?? 110))
  for (const command of COMMANDS) {
    parser = parser.command(
      command.command,
      command.describe,
      (own) => buildCommand(own, command),
      (args) => {
        chosen = {
          kind: 'run',
          command,
          args: { ...args, directory: path.resolve(String(args['directory'])), args: args['--'] },
        }
      },
    )
  }
  let helpShown = false
  await parser.parseAsync([...argv], {}, (_error: unknown, _argv: unknown, output: string) => {
    if (output !== '') {
      helpShown = true
      process.stdout.write(`${output}\n`)
    }
  })
  if (failure !== undefined) {
    return refuse(describeUsage(failure, argv, commandIn(argv), COMMANDS, Object.keys(GLOBAL_OPTIONS)))
  }
  const empty = chosen === undefined ? undefined : withoutValue(argv, chosen.command)
  if (empty !== undefined) return refuse(empty)
  const noNumber = chosen === undefined ? undefined : notANumber(chosen)
  if (noNumber !== undefined) return refuse(noNumber)
  if (helpShown || chosen === undefined) return { kind: 'done', exitCode: 0 }
  return chosen
}

function buildCommand(own: Argv, command: CommandModule): Argv {
  let built: Argv = own.options(withValues(command.options))
  for (const [name, positional] of Object.entries(command.positionals ?? {}))
    built = built.positional(name, { type: 'string', ...positional })
  for (const [example, meaning] of command.examples ?? []) built = built.example(example, meaning)
  return built
}

/** What is no switch needs a value: `--threshold` without one would otherwise count as not given. */
function withValues(options: Readonly<Record<string, Options>>): Record<string, Options> {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      option.type === 'boolean' || option.nargs !== undefined ? option : { ...option, requiresArg: true },
    ]),
  )
}

function refuse({ message, hint }: UsageMistake): ParsedCommandLine {
  process.stderr.write(`${renderError({ code: 'USAGE', message, hint }, createStyle(process.stderr))}\n`)
  return { kind: 'done', exitCode: 2 }
}

/** The command that the words name: the first word that is one, since options with values may stand before it. */
function commandIn(argv: readonly string[]): CommandModule | undefined {
  for (const word of argv) {
    const command = COMMANDS.find((candidate) => namesOf(candidate).includes(word))
    if (command !== undefined) return command
  }
  return undefined
}

/** `--threshold=`: the parser takes it for an option that was not given. */
function withoutValue(argv: readonly string[], command: CommandModule): UsageMistake | undefined {
  const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  const word = words.find((candidate) => /^--?[a-z][a-z-]*=$/i.test(candidate))
  return word === undefined
    ? undefined
    : { message: `${word.slice(0, -1)} needs a value`, hint: `tidegate ${nameOf(command)} --help` }
}

function notANumber({ command, args }: Extract<ParsedCommandLine, { kind: 'run' }>): UsageMistake | undefined {
  for (const [name, option] of Object.entries(command.options)) {
    const value = args[name]
    if (option.type !== 'number' || value === undefined) continue
    if (typeof value !== 'number' || !Number.isFinite(value))
      return { message: `--${name} takes a number`, hint: `tidegate ${nameOf(command)} --help` }
  }
  return undefined
}
