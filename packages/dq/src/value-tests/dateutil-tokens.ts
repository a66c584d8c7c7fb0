import { isPythonSpace } from './python-space.ts'
import { isPlain } from './unicode-digits.ts'

/**
 * Cuts a text into the units that dateutil reads: words, numbers, single signs; any space is `' '`.
 *
 * A dot may divide (`20.Sep.2009`) or be a decimal point (`21.447`), so what holds together by dots is read as one first and
 * cut at them afterwards, unless it is one plain decimal number.
 */
export function cutIntoTokens(text: string): readonly string[] {
  const tokens: string[] = []
  // A plain text is its own list of characters.
  const characters = isPlain(text) ? text : Array.from(text).filter((character) => character !== '\0')
  let index = 0
  while (index < characters.length) {
    const start = characters[index] ?? ''
    const kind = kindOf(start)
    if (kind === 'sign' || kind === 'space') {
      tokens.push(kind === 'space' ? ' ' : start)
      index += 1
      continue
    }
    const { end, dotted, last, letters } = endOfUnit(characters, index, kind)
    const cut = characters.slice(index, end)
    const unit = typeof cut === 'string' ? cut : cut.join('')
    index = end
    const dots = dotted ? unit.split('.').length - 1 : 0
    if (dotted && (letters || dots > 1 || /[.,]$/.test(unit))) {
      for (const part of unit.split(/([.,])/)) if (part !== '') tokens.push(part)
    }
    // A decimal comma.
    else tokens.push(last === 'number' && dotted && dots === 0 ? unit.replaceAll(',', '.') : unit)
  }
  return tokens
}

type Kind = 'word' | 'number' | 'space' | 'sign'

interface Unit {
  /** Exclusive. */
  readonly end: number
  /** A dot, or a comma after two digits, was met. */
  readonly dotted: boolean
  /** What was being read at the end. */
  readonly last: 'word' | 'number'
  /** It went on after a letter, or began with one and has more than one character. */
  readonly letters: boolean
}

function endOfUnit(characters: string | readonly string[], start: number, kind: 'word' | 'number'): Unit {
  let last = kind
  let dotted = false
  let letters = false
  let end = start + 1
  for (; end < characters.length; end++) {
    const character = characters[end] ?? ''
    const now = kindOf(character)
    if (last === 'word') letters = true
    if (now === last) continue
    if (character === '.' || (character === ',' && last === 'number' && !dotted && end - start >= 2)) {
      dotted = true
      continue
    }
    // After a dot, letters may follow numbers and the other way round.
    const afterDot = dotted && characters[end - 1] === '.'
    if (!afterDot || (now !== 'word' && now !== 'number')) break
    last = now
  }
  return { end, dotted, last, letters }
}

function kindOf(character: string): Kind {
  return PLAIN_KINDS[character.charCodeAt(0)] ?? kindOfAny(character)
}

function kindOfAny(character: string): Kind {
  if (/^\p{L}$/u.test(character)) return 'word'
  if (/^[0-9]$/.test(character)) return 'number'
  return isPythonSpace(character) ? 'space' : 'sign'
}

/** Of ASCII, looked up because every character is asked for. */
const PLAIN_KINDS: readonly Kind[] = Array.from({ length: 128 }, (_, code) => kindOfAny(String.fromCharCode(code)))
