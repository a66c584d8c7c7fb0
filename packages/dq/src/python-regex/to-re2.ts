/**
 * A pattern in the syntax of RE2, which DuckDB speaks (Java's, which Spark speaks, knows all of it too). What is asked is
 * only whether the pattern is found anywhere, so groups capture nothing and the order of alternatives does not matter.
 *
 * RE2 cannot look around. Two things that Python decides by looking are said by matching instead, where nothing comes after
 * or before that could notice: `$`, which may stand before a last newline, and `\b`, which is about Unicode's letters.
 */
import { assertNever } from '@tidegate/core'
import { edgeOf } from './pattern-edge.ts'
import { setText, type SetDialect } from './set-text.ts'
import type { Boundary, Pattern, Place } from './syntax.ts'

/** Undefined: RE2 cannot say it. */
export function toRe2(pattern: Pattern): string | undefined {
  if (sizeOf(pattern) > MAX_SIZE || countOf(pattern) > MAX_COUNT) return undefined
  return write(pattern, { head: true, tail: true })
}

/** What surrounds a part: whether nothing can come before it (after it) in a match. */
interface Surroundings {
  readonly head: boolean
  readonly tail: boolean
}

function write(pattern: Pattern, around: Surroundings): string | undefined {
  switch (pattern.kind) {
    case 'set':
      return setText(pattern.set, RE2_SETS)
    case 'place':
      return writePlace(pattern.place, around, undefined, undefined)
    case 'sequence':
      return writeSequence(pattern.items, around)
    case 'choice': {
      const items = pattern.items.map((item) => write(item, around))
      return items.includes(undefined) ? undefined : `(?:${items.join('|')})`
    }
    case 'group':
      return write(pattern.item, around)
    case 'repeat': {
      if (pattern.mode === 'possessive') return undefined
      const once = pattern.max <= 1
      const item = write(pattern.item, { head: around.head && once, tail: around.tail && once })
      return item === undefined ? undefined : `${grouped(item)}${countText(pattern.min, pattern.max)}`
    }
    case 'look':
    case 'atomic':
    case 'reference':
    case 'conditional':
      return undefined
    default:
      return assertNever(pattern)
  }
}

function writeSequence(items: readonly Pattern[], around: Surroundings): string | undefined {
  let text = ''
  for (const [index, item] of items.entries()) {
    const part = { head: around.head && index === 0, tail: around.tail && index === items.length - 1 }
    const written =
      item.kind === 'place' ? writePlace(item.place, part, items[index - 1], items[index + 1]) : write(item, part)
    if (written === undefined) return undefined
    text += written
  }
  return items.length === 1 ? text : `(?:${text})`
}

function writePlace(
  place: Place,
  around: Surroundings,
  before: Pattern | undefined,
  after: Pattern | undefined,
): string | undefined {
  switch (place) {
    case 'start':
      return '\\A'
    case 'very-end':
      return '\\z'
    case 'line-start':
      return '(?m:^)'
    case 'line-end':
      return '(?m:$)'
    case 'end':
      return around.tail ? '(?:\\n?\\z)' : undefined
    default:
      return writeBoundary(place, around, before, after)
  }
}

const WORD = { boundary: '[\\p{L}\\p{N}_]', ascii: '[0-9A-Za-z_]' } as const
const OTHER = { boundary: '[^\\p{L}\\p{N}_]', ascii: '[^0-9A-Za-z_]' } as const

/** One side must be known: the other one is matched, if nothing else stands there, or known as well. */
function writeBoundary(
  place: Boundary,
  around: Surroundings,
  before: Pattern | undefined,
  after: Pattern | undefined,
): string | undefined {
  if (place === 'ascii-boundary') return '\\b'
  const alphabet = place === 'no-ascii-boundary' ? 'ascii' : 'boundary'
  const isBoundary = place === 'boundary'
  const left = before === undefined ? undefined : edgeOf(before, 'last', alphabet === 'ascii')
  const right = after === undefined ? undefined : edgeOf(after, 'first', alphabet === 'ascii')
  if (left !== undefined && right !== undefined) return (left !== right) === isBoundary ? '(?:)' : RE2_SETS.nothing
  const known = left ?? right
  if (known === undefined) return undefined
  if (left === undefined ? !around.head : !around.tail) return undefined
  const wantsWord = (known === 'word') !== isBoundary
  if (wantsWord) return WORD[alphabet]
  return `(?:${OTHER[alphabet]}|${left === undefined ? '\\A' : '\\z'})`
}

const RE2_SETS: SetDialect = {
  escape: (point) => {
    if (point === 10) return '\\n'
    return point > 0x20 && point < 0x7f
      ? `\\${String.fromCodePoint(point)}`
      : `\\x{${point.toString(16).toUpperCase()}}`
  },
  anything: '(?s:.)',
  nothing: '[^\\x{0}-\\x{10FFFF}]',
  exclude: undefined,
}

export function countText(min: number, max: number): string {
  if (min === 0 && max === Number.POSITIVE_INFINITY) return '*'
  if (min === 1 && max === Number.POSITIVE_INFINITY) return '+'
  if (min === 0 && max === 1) return '?'
  if (min === max) return `{${min}}`
  return max === Number.POSITIVE_INFINITY ? `{${min},}` : `{${min},${max}}`
}

/** In a group, unless it is one character or a group already. */
export function grouped(text: string): string {
  return /^(?:[^\\]|\\[^px]|\[(?:[^\]\\]|\\.)*\]|\\[pPxu]\{\w+\})$/su.test(text) ? text : `(?:${text})`
}

/** Steps of a program in RE2, roughly; it refuses programs that are too large, and nested counts beyond 1000. */
const MAX_SIZE = 30_000
const CLASS_SIZE = 600
const MAX_COUNT = 1000

function sizeOf(pattern: Pattern): number {
  switch (pattern.kind) {
    case 'set':
      return pattern.set.classes.length * CLASS_SIZE + pattern.set.ranges.length + 1
    case 'sequence':
    case 'choice':
      return pattern.items.reduce((total, item) => total + sizeOf(item), 1)
    case 'repeat':
      return sizeOf(pattern.item) * Math.max(timesOf(pattern), 1) + 1
    case 'group':
      return sizeOf(pattern.item)
    default:
      return 2 * CLASS_SIZE
  }
}

/** The largest product of nested counts. */
function countOf(pattern: Pattern): number {
  switch (pattern.kind) {
    case 'sequence':
    case 'choice':
      return pattern.items.reduce((most, item) => Math.max(most, countOf(item)), 1)
    case 'repeat':
      return countOf(pattern.item) * Math.max(timesOf(pattern), 1)
    case 'group':
      return countOf(pattern.item)
    default:
      return 1
  }
}

function timesOf({ min, max }: Extract<Pattern, { readonly kind: 'repeat' }>): number {
  return max === Number.POSITIVE_INFINITY ? Math.max(min, 1) : max
}
