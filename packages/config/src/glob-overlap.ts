/**
 * Whether two globs can match the same path. Exact for `**`, `*`, `?`, `[a-z]` and `{a,b}`; where a pattern has more
 * alternatives than we expand, it may answer yes too often, never no too often.
 */
export type Segment =
  | { readonly kind: 'deep' }
  /** One name; every token matches one character, but `star`, which matches any run of them. */
  | { readonly kind: 'name'; readonly tokens: readonly Token[] }

export type Token =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'set'; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] }

const MOST_ALTERNATIVES = 64

/** A glob below a folder that is taken literally. */
export interface GlobPlace {
  readonly root: string
  readonly pattern: string
}

/** Whether some path can match both. */
export function placesOverlap(one: GlobPlace, other: GlobPlace): boolean {
  const others = compileGlob(other.root, other.pattern)
  return compileGlob(one.root, one.pattern).some((glob) => others.some((second) => globsOverlap(glob, second)))
}

/** The segments of a glob, one list per alternative of its braces. `root` is taken literally. */
export function compileGlob(root: string, pattern: string): readonly (readonly Segment[])[] {
  const above = literalSegments(root)
  const alternatives = expandBraces(pattern)
  if (alternatives === undefined) return [above.concat({ kind: 'deep' })]
  return alternatives.map((alternative) =>
    above.concat(
      alternative
        .split('/')
        .filter((part) => part !== '')
        .map(compileSegment),
    ),
  )
}

export function literalSegments(path: string): readonly Segment[] {
  return path
    .split('/')
    .filter((part) => part !== '')
    .map((part) => ({ kind: 'name', tokens: Array.from(part, literalToken) }))
}

/** What every path that matches begins with. */
export function literalPrefix(glob: readonly Segment[]): string {
  let prefix = ''
  for (const segment of glob) {
    if (segment.kind === 'deep') return prefix
    prefix += '/'
    for (const token of segment.tokens) {
      const range = token.kind === 'set' && !token.negated && token.ranges.length === 1 ? token.ranges[0] : undefined
      if (range === undefined || range[0] !== range[1]) return prefix
      prefix += String.fromCodePoint(range[0])
    }
  }
  return prefix
}

export function globsOverlap(a: readonly Segment[], b: readonly Segment[]): boolean {
  return sequencesMeet(
    a,
    b,
    (segment) => segment.kind === 'deep',
    (one, other) => one.kind === 'name' && other.kind === 'name' && namesOverlap(one.tokens, other.tokens),
  )
}

function namesOverlap(a: readonly Token[], b: readonly Token[]): boolean {
  // Up to the first star, and from the last one on, there is one way to lay them side by side: long names cost their length.
  const isStar = (token: Token | undefined): boolean => token === undefined || token.kind === 'star'
  let from = 0
  for (; !isStar(a[from]) && !isStar(b[from]); from++) if (!tokensMeetAt(from, from)) return false
  let cut = 0
  for (; cut < Math.min(a.length, b.length) - from; cut++) {
    const [one, other] = [a.length - 1 - cut, b.length - 1 - cut]
    if (isStar(a[one]) || isStar(b[other])) break
    if (!tokensMeetAt(one, other)) return false
  }
  const [one, other] = [a, b].map((tokens) => tokens.slice(from, tokens.length - cut)) as [Token[], Token[]]
  return sequencesMeet(one, other, (token) => token.kind === 'star', tokensOverlap)

  function tokensMeetAt(at: number, otherAt: number): boolean {
    const [first, second] = [a[at], b[otherAt]]
    return first !== undefined && second !== undefined && tokensOverlap(first, second)
  }
}

/** Whether one sequence fits both patterns. Row by row over `b`, so long patterns cost their product and no stack. */
function sequencesMeet<T>(
  a: readonly T[],
  b: readonly T[],
  isRun: (item: T) => boolean,
  meet: (one: T, other: T) => boolean,
): boolean {
  let row: boolean[] = []
  for (let i = a.length; i >= 0; i--) {
    const below = row
    row = []
    const one = a[i]
    for (let j = b.length; j >= 0; j--) {
      const other = b[j]
      if (one === undefined && other === undefined) row[j] = true
      else if (one !== undefined && isRun(one))
        row[j] = (below[j] ?? false) || (other !== undefined && (row[j + 1] ?? false))
      else if (other !== undefined && isRun(other))
        row[j] = (row[j + 1] ?? false) || (one !== undefined && (below[j] ?? false))
      else row[j] = one !== undefined && other !== undefined && (below[j + 1] ?? false) && meet(one, other)
    }
  }
  return row[0] ?? false
}

function tokensOverlap(a: Token, b: Token): boolean {
  if (a.kind !== 'set' || b.kind !== 'set') return true
  if (a.negated && b.negated) return true
  if (a.negated) return !covers(a.ranges, b.ranges)
  if (b.negated) return !covers(b.ranges, a.ranges)
  return a.ranges.some(([low, high]) => b.ranges.some(([from, to]) => low <= to && from <= high))
}

/** True if every character of `inner` is in `outer`. Ranges of `outer` that touch count as one only when written so. */
function covers(outer: readonly (readonly [number, number])[], inner: readonly (readonly [number, number])[]): boolean {
  return inner.every(([from, to]) => outer.some(([low, high]) => low <= from && to <= high))
}

function literalToken(character: string): Token {
  const code = character.codePointAt(0) ?? 0
  return { kind: 'set', negated: false, ranges: [[code, code]] }
}

function compileSegment(text: string): Segment {
  if (text === '**') return { kind: 'deep' }
  const tokens: Token[] = []
  const characters = Array.from(text)
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? ''
    const close = character === '[' ? characters.indexOf(']', index + 2) : -1
    if (character === '*') tokens.push({ kind: 'star' })
    else if (character === '?') tokens.push({ kind: 'any' })
    else if (close > 0) {
      tokens.push(compileClass(characters.slice(index + 1, close)))
      index = close
    } else tokens.push(literalToken(character))
  }
  return { kind: 'name', tokens }
}

function compileClass(characters: readonly string[]): Token {
  const negated = characters[0] === '!' || characters[0] === '^'
  const body = (negated ? characters.slice(1) : characters).map((character) => character.codePointAt(0) ?? 0)
  const ranges: (readonly [number, number])[] = []
  for (let index = 0; index < body.length; index++) {
    const from = body[index] ?? 0
    const to = body[index + 1] === 0x2d ? body[index + 2] : undefined
    ranges.push([from, to ?? from])
    if (to !== undefined) index += 2
  }
  return { kind: 'set', negated, ranges }
}

/** The pattern without braces, once per alternative; undefined when there are too many. */
function expandBraces(pattern: string): readonly string[] | undefined {
  let done: string[] = []
  let open = [pattern]
  while (open.length > 0) {
    const next: string[] = []
    for (const text of open) {
      const group = innermostGroup(text)
      if (group === undefined) done.push(text)
      else next.push(...group.items.map((item) => text.slice(0, group.start) + item + text.slice(group.end)))
    }
    if (done.length + next.length > MOST_ALTERNATIVES) return undefined
    open = next
    done = [...new Set(done)]
  }
  return done
}

function innermostGroup(text: string): { start: number; end: number; items: readonly string[] } | undefined {
  const match = /\{([^{}]*,[^{}]*)\}/.exec(text)
  if (match === null) return undefined
  return { start: match.index, end: match.index + match[0].length, items: (match[1] ?? '').split(',') }
}
