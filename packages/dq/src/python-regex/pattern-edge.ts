import { assertNever } from '@tidegate/core'
import { ASCII_WORD } from './parse-escape.ts'
import type { CharacterSet, CodePointRange, Pattern } from './syntax.ts'

/**
 * Whether the first (last) character of whatever a pattern matches is always one of a word, or always none. Undefined: it
 * depends, or there may be no character.
 */
export function edgeOf(pattern: Pattern, side: 'first' | 'last', ascii: boolean): 'word' | 'other' | undefined {
  switch (pattern.kind) {
    case 'set':
      return kindOf(pattern.set, ascii)
    case 'group':
    case 'atomic':
      return edgeOf(pattern.item, side, ascii)
    case 'sequence': {
      const item = side === 'first' ? pattern.items[0] : pattern.items.at(-1)
      return item === undefined ? undefined : edgeOf(item, side, ascii)
    }
    case 'choice': {
      const edges = new Set(pattern.items.map((item) => edgeOf(item, side, ascii)))
      const [edge] = edges
      return edges.size === 1 ? edge : undefined
    }
    case 'repeat':
      return pattern.min > 0 ? edgeOf(pattern.item, side, ascii) : undefined
    case 'place':
    case 'look':
    case 'reference':
    case 'conditional':
      return undefined
    default:
      return assertNever(pattern)
  }
}

function kindOf({ negated, ranges, classes }: CharacterSet, ascii: boolean): 'word' | 'other' | undefined {
  if (ranges.length === 0 && classes.length === 0) return undefined
  if (classes.some((item) => item.negated)) {
    const isNonWord =
      !negated && !ascii && ranges.length === 0 && classes.every((item) => item.negated && item.name === 'word')
    return isNonWord ? 'other' : undefined
  }
  if (negated) return undefined
  if (ascii && classes.length > 0) return undefined
  const isWord = ranges.every((range) => isInside(range, ascii))
  if (isWord) return 'word'
  return classes.length === 0 && ranges.every((range) => isOutside(range)) ? 'other' : undefined
}

function isInside([first, last]: CodePointRange, ascii: boolean): boolean {
  if (ASCII_WORD.some(([low, high]) => low <= first && last <= high)) return true
  if (ascii || last - first > 100) return false
  for (let point = first; point <= last; point++)
    if (!/^[\p{L}\p{N}_]$/u.test(String.fromCodePoint(point))) return false
  return true
}

/** Of no alphabet, whichever letters count. */
function isOutside([first, last]: CodePointRange): boolean {
  if (last - first > 200) return false
  for (let point = first; point <= last; point++) if (/^[\p{L}\p{N}_]$/u.test(String.fromCodePoint(point))) return false
  return true
}
