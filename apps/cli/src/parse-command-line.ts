import path from 'node:path'
import yargs, { type Argv } from 'yargs'
import { COMMANDS, type CommandModule } from './command-table.ts'

export type ParsedCommandLine =
  | { readonly kind: 'done'; readonly exitCode: number }
  | { readonly kind: 'run'; readonly command: CommandModule; readonly args: Readonly<Record<string, unknown>> }

/** Parses the words. Help, version, completion and mistakes are dealt with here; a command is only named, not run. */
export async function parseCommandLine(argv: readonly string[], version: string): Promise<ParsedCommandLine> {
  let chosen: ParsedCommandLine | undefined
  let failure: string | undefined
  let parser: Argv = yargs([...argv])
    .scriptName('tidegate')
    .usage('Tidegate lets good data into a lake and keeps bad data out.\n\nUsage: $0 <command> [options]')
    .version(version)
    .alias('version', 'V')
    .help()
    .alias('help', 'h')
    .options({
      directory: { alias: 'C', type: 'string', default: '.', describe: 'folder of tidegate.yaml', global: true },
      env: { type: 'string', describe: 'environment of the configuration', global: true },
      set: {
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: 'override a key: --set a.b=c',
        global: true,
      },
      output: {
        alias: 'o',
        choices: ['table', 'json', 'ndjson'],
        default: 'table',
        describe: 'form of the result',
        global: true,
      },
      'log-level': {
        choices: ['debug', 'info', 'warn', 'error', 'silent'],
        default: 'info',
        describe: 'what goes to stderr',
        global: true,
      },
      'log-format': {
        choices: ['text', 'json'],
        default: 'text',
        describe: 'form of what goes to stderr',
        global: true,
      },
      debug: { type: 'boolean', default: false, describe: 'show stack traces', global: true },
    })
    .parserConfiguration({ 'populate--': true, 'parse-positional-numbers': false, 'duplicate-arguments-array': false })
    .strict()
    .recommendCommands()
    .demandCommand(1, 'Name a command, for example: tidegate check FILE')
    .exitProcess(false)
    .fail((message, error) => {
      failure = message ?? error?.message ?? 'the command line could not be understood'
    })
    .completion('completion', 'print a completion script for your shell')
    .epilogue(
      'Exit codes: 0 ok · 1 run failed · 2 usage or configuration · 3 a quality gate failed · 4 partly done · 5 another run holds the lease\nDocumentation: docs/cli.md · What a code means: tidegate explain CODE',
    )
    .wrap(Math.min(110, process.stdout.columns ?? 110))
  for (const command of COMMANDS) {
    parser = parser.command(
      command.command,
      command.describe,
      (own) => {
        let built: Argv = own.options(command.options)
        for (const [example, meaning] of command.examples ?? []) built = built.example(example, meaning)
        return built
      },
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
    process.stderr.write(`error[USAGE]: ${failure}\n  = hint: tidegate --help, or tidegate <command> --help\n`)
    return { kind: 'done', exitCode: 2 }
  }
  if (helpShown || chosen === undefined) return { kind: 'done', exitCode: 0 }
  return chosen
}
