/** A pattern in JavaScript's syntax, for what RE2 cannot say. */
import { assertNever } from '@tidegate/core'
import { withCaseVariants } from './case-variants.ts'
import { widthOf } from './pattern-width.ts'
import { setText, type SetDialect } from './set-text.ts'
import { UntranslatableError, type Pattern, type Place } from './syntax.ts'
import { countText, grouped } from './to-re2.ts'

export interface ScriptPattern {
  readonly source: string
  readonly flags: string
}

/** @throws UntranslatableError */
export function toJavaScript(pattern: Pattern): ScriptPattern {
  const referred = new Set<number>()
  checkReferences(pattern, new Set(), referred)
  const ignoresCase = hasCaselessReference(pattern)
  if (ignoresCase && !isCaseless(pattern))
    throw new UntranslatableError('has a back-reference that ignores case in a pattern that does not')
  let atomics = 0
  // V8 also looks between the two halves of a surrogate pair, where what matches no character could be found.
  const start = widthOf(pattern, [])[0] === 0 ? '(?:^|(?<=[^]))' : ''
  return { source: start + write(pattern, false), flags: ignoresCase ? 'iu' : 'u' }

  function write(part: Pattern, behind: boolean): string {
    switch (part.kind) {
      case 'set':
        return setText(part.set, SCRIPT_SETS) ?? SCRIPT_SETS.nothing
      case 'place':
        return writePlace(part.place)
      case 'sequence':
        return part.items.length === 1
          ? part.items.map((item) => write(item, behind)).join('')
          : `(?:${part.items.map((item) => write(item, behind)).join('')})`
      case 'choice':
        return `(?:${part.items.map((item) => write(item, behind)).join('|')})`
      case 'group': {
        const item = write(part.item, behind)
        return referred.has(part.number) ? `(?<g${part.number}>${item})` : item
      }
      case 'repeat': {
        const repeated = `${grouped(write(part.item, behind))}${countText(part.min, part.max)}${part.mode === 'lazy' ? '?' : ''}`
        return part.mode === 'possessive' ? writeAtomic(repeated, behind) : repeated
      }
      case 'look': {
        const sign = `${part.ahead ? '' : '<'}${part.negative ? '!' : '='}`
        return `(?${sign}${write(part.item, !part.ahead)})`
      }
      case 'atomic':
        return writeAtomic(write(part.item, behind), behind)
      case 'reference':
        return `\\k<g${part.group}>`
      case 'conditional':
        // The group has matched for certain: that was checked.
        return write(part.yes, behind)
      default:
        return assertNever(part)
    }
  }

  /** What a look-ahead found is not looked for again. Behind, where widths are fixed, there is only one way to match. */
  function writeAtomic(text: string, behind: boolean): string {
    if (behind) return text
    atomics += 1
    return `(?:(?=(?<a${atomics}>${text}))\\k<a${atomics}>)`
  }
}

const WORD = '[\\p{L}\\p{N}_]'
const ASCII_WORD = '[A-Za-z0-9_]'

function writePlace(place: Place): string {
  switch (place) {
    case 'start':
      return '^'
    case 'very-end':
      return '$'
    case 'end':
      return '(?=\\n?$)'
    case 'line-start':
      return '(?:^|(?<=\\n))'
    case 'line-end':
      return '(?=\\n|$)'
    case 'boundary':
      return boundary(WORD)
    case 'ascii-boundary':
      return boundary(ASCII_WORD)
    case 'no-boundary':
      return noBoundary(WORD)
    case 'no-ascii-boundary':
      return noBoundary(ASCII_WORD)
    default:
      return assertNever(place)
  }
}

function boundary(word: string): string {
  return `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`
}

/** Before 3.14, Python finds no place that is no boundary in an empty text. */
function noBoundary(word: string): string {
  return `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word})(?!^$))`
}

const SCRIPT_SETS: SetDialect = {
  escape: (point) => (point === 10 ? '\\n' : `\\u{${point.toString(16).toUpperCase()}}`),
  anything: '[^]',
  nothing: '[]',
  exclude: (excluded) => `(?:(?!${excluded})[^])`,
}

/**
 * A reference to a group that took no part matches nothing in Python and the empty text in JavaScript, so only groups that
 * have matched for certain may be referred to.
 *
 * @returns groups that have matched for certain after the pattern
 */
function checkReferences(pattern: Pattern, sure: ReadonlySet<number>, referred: Set<number>): ReadonlySet<number> {
  const check = (group: number): void => {
    if (!sure.has(group)) throw new UntranslatableError(`refers to group ${group}, which may not have taken part`)
  }
  switch (pattern.kind) {
    case 'set':
    case 'place':
      return sure
    case 'sequence':
      return pattern.items.reduce((known, item) => checkReferences(item, known, referred), sure)
    case 'choice': {
      const [first = sure, ...others] = pattern.items.map((item) => checkReferences(item, sure, referred))
      return new Set([...first].filter((group) => others.every((other) => other.has(group))))
    }
    case 'group':
      return new Set([...checkReferences(pattern.item, sure, referred), pattern.number])
    case 'atomic':
      return checkReferences(pattern.item, sure, referred)
    case 'repeat': {
      const after = checkReferences(pattern.item, sure, referred)
      return pattern.min > 0 ? after : sure
    }
    case 'look': {
      const after = checkReferences(pattern.item, sure, referred)
      return pattern.negative ? sure : after
    }
    case 'reference':
      check(pattern.group)
      referred.add(pattern.group)
      return sure
    case 'conditional':
      check(pattern.group)
      return checkReferences(pattern.yes, sure, referred)
    default:
      return assertNever(pattern)
  }
}

function hasCaselessReference(pattern: Pattern): boolean {
  return pattern.kind === 'reference' ? pattern.ignoreCase : partsOf(pattern).some(hasCaselessReference)
}

function isCaseless(pattern: Pattern): boolean {
  if (pattern.kind === 'reference') return pattern.ignoreCase
  if (pattern.kind === 'set')
    return JSON.stringify(withCaseVariants(pattern.set.ranges, false)) === JSON.stringify(pattern.set.ranges)
  return partsOf(pattern).every(isCaseless)
}

function partsOf(pattern: Pattern): readonly Pattern[] {
  switch (pattern.kind) {
    case 'sequence':
    case 'choice':
      return pattern.items
    case 'group':
    case 'atomic':
    case 'repeat':
    case 'look':
      return [pattern.item]
    case 'conditional':
      return pattern.no === undefined ? [pattern.yes] : [pattern.yes, pattern.no]
    default:
      return []
  }
}
