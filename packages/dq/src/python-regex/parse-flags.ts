import type { PatternSource } from './pattern-source.ts'
import { UntranslatableError, type Flags } from './syntax.ts'

export const NO_FLAGS: Flags = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false }

/** Flags of `(?i)`, which hold for the whole pattern, or of `(?i-s:…)`, which hold for a group. */
export interface FlagChange {
  readonly scope: 'pattern' | 'group'
  readonly added: string
  readonly removed: string
}

/** Reads flags, the first character of which was taken, up to the `)` or `:` after them. */
export function parseFlags(source: PatternSource, first: string): FlagChange {
  let added = ''
  let character: string = first
  while (character !== '-') {
    if (character === 'L') throw source.error("bad inline flags: cannot use 'L' flag with a str pattern")
    added += character
    if (/a/.test(added) && /u/.test(added))
      throw source.error("bad inline flags: flags 'a', 'u' and 'L' are incompatible")
    character = takeFlag(source, ')-:', 'missing -, : or )')
    if (character === ')') return { scope: 'pattern', added: checked(added), removed: '' }
    if (character === ':') return { scope: 'group', added: checked(added), removed: '' }
  }
  let removed = ''
  character = takeFlag(source, '', 'missing flag')
  do {
    if (TYPE_FLAGS.includes(character)) throw source.error("bad inline flags: cannot turn off flags 'a', 'u' and 'L'")
    removed += character
    character = takeFlag(source, ':', 'missing :')
  } while (character !== ':')
  if (Array.from(added).some((flag) => removed.includes(flag)))
    throw source.error('bad inline flags: flag turned on and off', 1)
  return { scope: 'group', added: checked(added), removed }
}

export function isFlag(character: string): boolean {
  return character.length === 1 && 'iLmsxatu'.includes(character)
}

export function applyFlags(flags: Flags, { added, removed }: FlagChange): Flags {
  const now = (letter: string, before: boolean): boolean =>
    (before || added.includes(letter)) && !removed.includes(letter)
  return {
    ignoreCase: now('i', flags.ignoreCase),
    multiline: now('m', flags.multiline),
    dotAll: now('s', flags.dotAll),
    verbose: now('x', flags.verbose),
    ascii: added.includes('u') ? false : flags.ascii || added.includes('a'),
  }
}

const TYPE_FLAGS = 'aLu'

/** The next flag, or one of the characters that may stand there instead. */
function takeFlag(source: PatternSource, others: string, missing: string): string {
  const character = source.take()
  if (character === undefined) throw source.error(missing)
  if (isFlag(character) || (character.length === 1 && others.includes(character))) return character
  throw source.error(/^\p{L}$/u.test(character) ? 'unknown flag' : missing, Array.from(character).length)
}

function checked(flags: string): string {
  if (flags.includes('t')) throw new UntranslatableError('uses the flag t, which newer Pythons do not have')
  return flags
}
