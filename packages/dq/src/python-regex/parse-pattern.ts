/**
 * Reads a regular expression as Python 3.11's `re` does, and refuses what it refuses, at the position it names.
 */
import { withCaseVariants } from './case-variants.ts'
import { applyFlags, isFlag, NO_FLAGS, parseFlags } from './parse-flags.ts'
import { parseEscape } from './parse-escape.ts'
import { parseSet } from './parse-set.ts'
import { isOneOf, lengthOf, PatternSource } from './pattern-source.ts'
import { widthOf, type Width } from './pattern-width.ts'
import { PatternError, type Flags, type Pattern } from './syntax.ts'

/** @throws PatternError, UntranslatableError */
export function parsePattern(pattern: string): Pattern {
  const source = new PatternSource(pattern)
  const state: State = {
    flags: NO_FLAGS,
    names: new Map(),
    widths: [],
    conditions: new Map(),
    behindFrom: undefined,
    variableBehind: false,
  }
  const parsed = parseChoice(source, state, { flags: NO_FLAGS, depth: 0 })
  if (source.next !== undefined) throw source.error('unbalanced parenthesis')
  for (const [group, position] of state.conditions)
    if (group > state.widths.length) throw new PatternError(`invalid group reference ${group}`, position)
  if (state.variableBehind) throw new PatternError('look-behind requires fixed-width pattern')
  return parsed
}

interface State {
  /** Flags of the whole pattern: they come first or not at all. */
  flags: Flags
  readonly names: Map<string, number>
  /** Of each group, from group 1 on; undefined while it is open. */
  readonly widths: (Width | undefined)[]
  /** Groups that conditions ask about, and where. */
  readonly conditions: Map<number, number>
  /** Inside a look-behind: how many groups there were before it. */
  behindFrom: number | undefined
  /** A look-behind of variable width was seen: Python says so only when nothing else is wrong. */
  variableBehind: boolean
}

interface Scope {
  readonly flags: Flags
  readonly depth: number
}

function parseChoice(source: PatternSource, state: State, scope: Scope): Pattern {
  const items: Pattern[] = []
  do items.push(parseSequence(source, state, { ...scope, first: scope.depth === 0 && items.length === 0 }))
  while (source.takeIf('|'))
  const [only] = items
  return items.length === 1 && only !== undefined ? only : { kind: 'choice', items }
}

function parseSequence(source: PatternSource, state: State, scope: Scope & { readonly first?: boolean }): Pattern {
  let flags = scope.depth === 0 ? state.flags : scope.flags
  const items: Pattern[] = []
  while (source.next !== undefined && source.next !== '|' && source.next !== ')') {
    const token = source.take() ?? ''
    if (flags.verbose && isOneOf(token, ' \t\n\r\v\f')) continue
    if (flags.verbose && token === '#') {
      for (let skipped = source.take(); skipped !== undefined && skipped !== '\n';) skipped = source.take()
      continue
    }
    if (token === '(') {
      const group = parseGroup(source, state, { flags, depth: scope.depth }, scope.first === true && items.length === 0)
      if (group === 'flags') flags = state.flags
      else if (group !== undefined) items.push(group)
    } else if (isOneOf(token, '*+?{')) {
      const repeated = parseRepeat(source, token, items.at(-1))
      if (repeated === undefined) items.push(literal('{', flags))
      else items.splice(-1, 1, repeated)
    } else items.push(parseAtom(source, token, state, flags))
  }
  const [only] = items
  return items.length === 1 && only !== undefined ? only : { kind: 'sequence', items }
}

function parseAtom(source: PatternSource, token: string, state: State, flags: Flags): Pattern {
  if (token === '[') return { kind: 'set', set: parseSet(source, flags) }
  if (token === '.') return { kind: 'set', set: { negated: true, ranges: flags.dotAll ? [] : NEWLINE, classes: [] } }
  if (token === '^') return { kind: 'place', place: flags.multiline ? 'line-start' : 'start' }
  if (token === '$') return { kind: 'place', place: flags.multiline ? 'line-end' : 'end' }
  if (!token.startsWith('\\')) return literal(token, flags)
  const escape = parseEscape(source, token, flags)
  switch (escape.kind) {
    case 'character':
      return literal(String.fromCodePoint(escape.point), flags)
    case 'class':
      return { kind: 'set', set: escape.set }
    case 'place':
      return { kind: 'place', place: escape.place }
    case 'reference':
      if (escape.group > state.widths.length)
        throw source.error(`invalid group reference ${escape.group}`, escape.length - 1)
      if (state.widths[escape.group - 1] === undefined)
        throw source.error('cannot refer to an open group', escape.length)
      checkBehind(source, state, escape.group)
      return { kind: 'reference', group: escape.group, ignoreCase: flags.ignoreCase }
  }
}

const NEWLINE = [[10, 10]] as const

function literal(character: string, flags: Flags): Pattern {
  const point = character.codePointAt(0) ?? 0
  const ranges = [[point, point]] as const
  return {
    kind: 'set',
    set: { negated: false, ranges: flags.ignoreCase ? withCaseVariants(ranges, flags.ascii) : ranges, classes: [] },
  }
}

/** Undefined: a `{` that begins no repetition and stands for itself. */
function parseRepeat(source: PatternSource, token: string, item: Pattern | undefined): Pattern | undefined {
  const after = source.position
  let [min, max] = [token === '+' ? 1 : 0, token === '?' ? 1 : Number.POSITIVE_INFINITY]
  if (token === '{') {
    if (source.next === '}') return undefined
    const low = source.takeWhile(Number.POSITIVE_INFINITY, '0123456789')
    const high = source.takeIf(',') ? source.takeWhile(Number.POSITIVE_INFINITY, '0123456789') : low
    if (!source.takeIf('}')) {
      source.goTo(after)
      return undefined
    }
    if (low !== '') min = Number(low)
    if (high !== '') max = Number(high)
    if ((low !== '' && min >= MAX_REPEAT) || (high !== '' && max >= MAX_REPEAT))
      throw new PatternError('the repetition number is too large')
    if (max < min) throw new PatternError('min repeat greater than max repeat', after)
  }
  if (item === undefined || item.kind === 'place') throw new PatternError('nothing to repeat', after - 1)
  if (item.kind === 'repeat') throw new PatternError('multiple repeat', after - 1)
  const mode = source.takeIf('?') ? 'lazy' : source.takeIf('+') ? 'possessive' : 'greedy'
  return { kind: 'repeat', item, min, max, mode }
}

const MAX_REPEAT = 4_294_967_295

/** Reads what follows a `(`. Undefined: a comment; `flags`: the flags of the pattern changed. */
function parseGroup(
  source: PatternSource,
  state: State,
  scope: Scope,
  isFirst: boolean,
): Pattern | 'flags' | undefined {
  const start = source.position - 1
  if (!source.takeIf('?')) return parseCapture(source, state, scope, start, undefined)
  const character = source.take()
  if (character === undefined) throw source.error('unexpected end of pattern')
  switch (character) {
    case 'P':
      return parseNamed(source, state, scope, start)
    case ':':
      return parseBody(source, state, scope, start)
    case '>':
      return { kind: 'atomic', item: parseBody(source, state, scope, start) }
    case '#':
      skipComment(source, start)
      return undefined
    case '=':
    case '!':
    case '<':
      return parseLook(source, state, scope, start, character)
    case '(':
      return parseConditional(source, state, scope, start)
    default:
  }
  if (!isFlag(character) && character !== '-')
    throw source.error(`unknown extension ?${character}`, lengthOf(character) + 1)
  const change = parseFlags(source, character)
  if (change.scope === 'group')
    return parseBody(source, state, { ...scope, flags: applyFlags(scope.flags, change) }, start)
  if (!isFirst) throw new PatternError('global flags not at the start of the expression', start)
  state.flags = applyFlags(state.flags, change)
  return 'flags'
}

/** A group's inside and its `)`. Kept apart from what stands around it: `(?:a*)*` repeats a group. */
function parseBody(source: PatternSource, state: State, scope: Scope, start: number): Pattern {
  const item = parseChoice(source, state, { ...scope, depth: scope.depth + 1 })
  if (!source.takeIf(')')) throw new PatternError('missing ), unterminated subpattern', start)
  return { kind: 'sequence', items: [item] }
}

function parseCapture(
  source: PatternSource,
  state: State,
  scope: Scope,
  start: number,
  name: string | undefined,
): Pattern {
  const number = state.widths.push(undefined)
  if (name !== undefined) {
    const before = state.names.get(name)
    if (before !== undefined)
      throw source.error(
        `redefinition of group name '${name}' as group ${number}; was group ${before}`,
        lengthOf(name) + 1,
      )
    state.names.set(name, number)
  }
  const item = parseBody(source, state, scope, start)
  state.widths[number - 1] = widthOf(item, state.widths)
  return { kind: 'group', number, item }
}

/** `(?P<name>…)` and `(?P=name)`. */
function parseNamed(source: PatternSource, state: State, scope: Scope, start: number): Pattern {
  if (source.takeIf('<')) {
    const name = source.takeUntil('>', 'group name')
    if (!isIdentifier(name)) throw source.error(`bad character in group name '${name}'`, lengthOf(name) + 1)
    return parseCapture(source, state, scope, start, name)
  }
  if (source.takeIf('=')) {
    const name = source.takeUntil(')', 'group name')
    const back = lengthOf(name) + 1
    if (!isIdentifier(name)) throw source.error(`bad character in group name '${name}'`, back)
    const group = state.names.get(name)
    if (group === undefined) throw source.error(`unknown group name '${name}'`, back)
    if (state.widths[group - 1] === undefined) throw source.error('cannot refer to an open group', back)
    checkBehind(source, state, group)
    return { kind: 'reference', group, ignoreCase: scope.flags.ignoreCase }
  }
  const character = source.take()
  if (character === undefined) throw source.error('unexpected end of pattern')
  throw source.error(`unknown extension ?P${character}`, lengthOf(character) + 2)
}

function isIdentifier(name: string): boolean {
  return /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u.test(name)
}

function skipComment(source: PatternSource, start: number): void {
  do if (source.next === undefined) throw new PatternError('missing ), unterminated comment', start)
  while (source.take() !== ')')
}

function parseLook(source: PatternSource, state: State, scope: Scope, start: number, sign: string): Pattern {
  if (sign !== '<')
    return { kind: 'look', ahead: true, negative: sign === '!', item: parseBody(source, state, scope, start) }
  const character = source.take()
  if (character === undefined) throw source.error('unexpected end of pattern')
  if (character !== '=' && character !== '!')
    throw source.error(`unknown extension ?<${character}`, lengthOf(character) + 2)
  const outer = state.behindFrom
  state.behindFrom ??= state.widths.length
  const item = parseBody(source, state, scope, start)
  state.behindFrom = outer
  const [least, most] = widthOf(item, state.widths)
  if (least !== most) state.variableBehind = true
  return { kind: 'look', ahead: false, negative: character === '!', item }
}

/** `(?(1)yes|no)` */
function parseConditional(source: PatternSource, state: State, scope: Scope, start: number): Pattern {
  const name = source.takeUntil(')', 'group name')
  const back = lengthOf(name) + 1
  let group = state.names.get(name)
  if (group === undefined && isIdentifier(name)) throw source.error(`unknown group name '${name}'`, back)
  if (group === undefined) {
    if (!/^\d+$/.test(name)) throw source.error(`bad character in group name '${name}'`, back)
    group = Number(name)
    if (group === 0) throw source.error('bad group number', back)
    if (!state.conditions.has(group)) state.conditions.set(group, source.position - back)
  }
  checkBehind(source, state, group)
  const inside = { ...scope, depth: scope.depth + 1 }
  const yes = parseSequence(source, state, inside)
  let no: Pattern | undefined
  if (source.takeIf('|')) {
    no = parseSequence(source, state, inside)
    if (source.next === '|') throw source.error('conditional backref with more than two branches')
  }
  if (!source.takeIf(')')) throw new PatternError('missing ), unterminated subpattern', start)
  return { kind: 'conditional', group, yes, no }
}

function checkBehind(source: PatternSource, { behindFrom, widths }: State, group: number): void {
  if (behindFrom === undefined) return
  if (widths[group - 1] === undefined) throw source.error('cannot refer to an open group')
  if (group > behindFrom) throw source.error('cannot refer to group defined in the same lookbehind subpattern')
}
