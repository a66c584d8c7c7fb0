import { closestWord } from './closest-word.ts'
import type { CommandModule } from './command-module.ts'

export interface UsageMistake {
  readonly message: string
  readonly hint: string
}

/**
 * What is wrong with a command line, in our words, from what the parser said of it.
 *
 * @param command the command the words name, if they name one
 */
export function describeUsage(
  parserMessage: string,
  words: readonly string[],
  command: CommandModule | undefined,
  commands: readonly CommandModule[],
  globalOptions: readonly string[],
): UsageMistake {
  if (command === undefined) return describeUnknownCommand(words, commands, parserMessage)
  const name = nameOf(command)
  const help = `tidegate ${name} --help`

  const unknown = /^Unknown arguments?: (.*)$/s.exec(parserMessage)?.[1]
  if (unknown !== undefined) {
    // The parser names an option twice, as it was written and in camel case.
    const given = unknown.split(', ').filter((word) => words.some((written) => written.includes(word)))
    const options = given.filter((word) => words.some((written) => isOption(written, word)))
    const known = [...Object.keys(command.options), ...globalOptions]
    if (options.length > 0) {
      const suggestion = closestWord(options[0] ?? '', known)
      return {
        message: `${name} has no option ${options.map((option) => (option.length === 1 ? `-${option}` : `--${option}`)).join(', ')}`,
        hint: suggestion === undefined ? help : `Did you mean --${suggestion}? All options: ${help}`,
      }
    }
    return { message: `${name} does not take ${given.map((word) => JSON.stringify(word)).join(', ')}`, hint: help }
  }

  const choice = /Argument: ([^,]+), Given: (.*), Choices: (.*)$/m.exec(parserMessage)
  if (choice !== null) {
    const [, argument = '', given = '', listed = ''] = choice
    const choices = [...listed.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '')
    const asked = given.replaceAll('"', '')
    const suggestion = closestWord(asked, choices)
    const where = argument in (command.positionals ?? {}) ? name : `--${argument}`
    return {
      message: `${where} takes ${choices.join(' | ')}, not ${JSON.stringify(asked)}`,
      hint: suggestion === undefined ? help : `Did you mean ${suggestion}? ${help}`,
    }
  }
  if (parserMessage.startsWith('Not enough non-option arguments')) {
    return { message: `${name} needs more words: tidegate ${signatureOf(command)}`, hint: missingHint(command, help) }
  }
  if (parserMessage.startsWith('Not enough arguments following: ')) {
    const option = parserMessage.slice('Not enough arguments following: '.length)
    return { message: `${option.length === 1 ? '-' : '--'}${option} needs a value`, hint: help }
  }
  return { message: parserMessage, hint: help }
}

function describeUnknownCommand(
  words: readonly string[],
  commands: readonly CommandModule[],
  parserMessage: string,
): UsageMistake {
  const all = 'All commands: tidegate --help'
  const word = words.find((candidate) => !candidate.startsWith('-') && parserMessage.includes(candidate))
  if (word === undefined) {
    return parserMessage.startsWith('Unknown') || parserMessage.startsWith('Invalid')
      ? { message: parserMessage.replace(/\s+/g, ' '), hint: all }
      : { message: 'name a command, for example: tidegate check FILE', hint: all }
  }
  const suggestion = closestWord(word, commands.flatMap(namesOf))
  return {
    message: `there is no command ${JSON.stringify(word)}`,
    hint: suggestion === undefined ? all : `Did you mean \`tidegate ${suggestion}\`? ${all}`,
  }
}

function missingHint(command: CommandModule, help: string): string {
  const [, positional] = Object.entries(command.positionals ?? {})[0] ?? []
  return positional?.choices === undefined ? help : `One of: ${positional.choices.join(', ')}. ${help}`
}

function isOption(written: string, word: string): boolean {
  return written === `--${word}` || written.startsWith(`--${word}=`) || /^-[^-]/.test(written)
}

/** `files <action> [paths..]` → `files`. */
export function nameOf(command: CommandModule): string {
  return signatureOf(command).split(' ')[0] ?? ''
}

/** The command's name and its aliases. */
export function namesOf(command: CommandModule): readonly string[] {
  return [command.command].flat().map((signature) => signature.split(' ')[0] ?? '')
}

function signatureOf(command: CommandModule): string {
  return [command.command].flat()[0] ?? ''
}
