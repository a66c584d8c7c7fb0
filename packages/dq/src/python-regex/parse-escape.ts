import { complementOf } from './case-variants.ts'
import { isOneOf, lengthOf, type PatternSource } from './pattern-source.ts'
import { UntranslatableError, type CharacterSet, type CodePointRange, type Flags, type Place } from './syntax.ts'

/** What an escape stands for. */
export type Escape =
  | { readonly kind: 'character'; readonly point: number }
  | { readonly kind: 'class'; readonly set: CharacterSet }
  | { readonly kind: 'place'; readonly place: Place }
  /** A back-reference by number; `length` is that of its text. */
  | { readonly kind: 'reference'; readonly group: number; readonly length: number }

/** Reads what follows the token of an escape, outside of a class. */
export function parseEscape(source: PatternSource, token: string, flags: Flags): Escape {
  const letter = token.slice(1)
  const place = placeOf(letter, flags)
  if (place !== undefined) return { kind: 'place', place }
  const set = classOf(letter, flags)
  if (set !== undefined) return { kind: 'class', set }
  if (letter === '0') return character(Number.parseInt(letter + source.takeWhile(2, OCTAL), 8))
  if (isOneOf(letter, DIGITS)) return parseNumbered(source, letter)
  return character(characterOf(source, token))
}

/** Reads what follows the token of an escape inside of a class. */
export function parseClassEscape(source: PatternSource, token: string, flags: Flags): Escape {
  const letter = token.slice(1)
  const set = classOf(letter, flags)
  if (set !== undefined) return { kind: 'class', set }
  if (letter === 'b') return character(8)
  if (isOneOf(letter, OCTAL)) {
    const digits = letter + source.takeWhile(2, OCTAL)
    return character(octal(source, digits))
  }
  if (isOneOf(letter, DIGITS)) throw source.error(`bad escape ${token}`, 2)
  return character(characterOf(source, token))
}

const DIGITS = '0123456789'
const OCTAL = '01234567'
const HEX = '0123456789abcdefABCDEF'

function character(point: number): Escape {
  return { kind: 'character', point }
}

/** `\12` is a group; three octal digits are a character. */
function parseNumbered(source: PatternSource, first: string): Escape {
  let digits = first
  if (source.next !== undefined && isOneOf(source.next, DIGITS)) {
    digits += source.take() ?? ''
    const isOctal = Array.from(digits).every((digit) => OCTAL.includes(digit))
    if (isOctal && source.next !== undefined && isOneOf(source.next, OCTAL)) {
      digits += source.take() ?? ''
      return character(octal(source, digits))
    }
  }
  return { kind: 'reference', group: Number(digits), length: digits.length + 1 }
}

function octal(source: PatternSource, digits: string): number {
  const point = Number.parseInt(digits, 8)
  if (point > 0o377) throw source.error(`octal escape value \\${digits} outside of range 0-0o377`, digits.length + 1)
  return point
}

const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }
const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

function characterOf(source: PatternSource, token: string): number {
  const letter = token.slice(1)
  const control = CONTROLS[letter]
  if (control !== undefined) return control
  const hexLength = HEX_LENGTHS[letter]
  if (hexLength !== undefined) {
    const digits = source.takeWhile(hexLength, HEX)
    if (digits.length !== hexLength) throw source.error(`incomplete escape ${token}${digits}`, digits.length + 2)
    const point = Number.parseInt(digits, 16)
    if (point > 0x10ffff) throw source.error(`bad escape ${token}${digits}`, digits.length + 2)
    return point
  }
  if (letter === 'N') {
    if (!source.takeIf('{')) throw source.error('missing {')
    const name = source.takeUntil('}', 'character name')
    throw new UntranslatableError(`names a character, \\N{${name}}: write the character itself`)
  }
  if (/^[A-Za-z]$/.test(letter)) throw source.error(`bad escape ${token}`, lengthOf(token))
  return letter.codePointAt(0) ?? 0
}

function placeOf(letter: string, flags: Flags): Place | undefined {
  switch (letter) {
    case 'A':
      return 'start'
    case 'Z':
      return 'very-end'
    case 'b':
      return flags.ascii ? 'ascii-boundary' : 'boundary'
    case 'B':
      return flags.ascii ? 'no-ascii-boundary' : 'no-boundary'
    default:
      return undefined
  }
}

/** What Python calls whitespace, and what it calls so with the flag for ASCII. */
const SPACES: readonly CodePointRange[] = [
  [0x09, 0x0d],
  [0x1c, 0x20],
  [0x85, 0x85],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
]
const ASCII_SPACES: readonly CodePointRange[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
]
const ASCII_DIGITS: readonly CodePointRange[] = [[0x30, 0x39]]
export const ASCII_WORD: readonly CodePointRange[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]

function classOf(letter: string, { ascii }: Flags): CharacterSet | undefined {
  switch (letter) {
    case 'd':
    case 'D':
      return ascii ? ranged(ASCII_DIGITS, letter === 'D') : named('digit', letter === 'D')
    case 'w':
    case 'W':
      return ascii ? ranged(ASCII_WORD, letter === 'W') : named('word', letter === 'W')
    case 's':
    case 'S':
      return ranged(ascii ? ASCII_SPACES : SPACES, letter === 'S')
    default:
      return undefined
  }
}

function ranged(ranges: readonly CodePointRange[], negated: boolean): CharacterSet {
  return { negated: false, ranges: negated ? complementOf(ranges) : ranges, classes: [] }
}

function named(name: 'digit' | 'word', negated: boolean): CharacterSet {
  return { negated: false, ranges: [], classes: [{ name, negated }] }
}
