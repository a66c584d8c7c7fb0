/**
 * Globs over `/`-separated paths. A pattern is expanded over its braces (at most 1,024 times), cut into segments, and
 * each segment into tokens. Both levels are matched by "remember the last star", so the time is bounded by the product
 * of both lengths, whatever the pattern.
 */
import { TidegateError } from '@tidegate/core'

const MAX_ALTERNATIVES = 1024
const MAX_PATTERN_LENGTH = 4096

type Token =
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] }

type Segment = readonly Token[] | 'globstar'

/**
 * Compiles a glob.
 *
 * `*` any characters but `/` · `?` one character but `/` · `[a-z]`, `[!x]` one of, none of · `{a,b}` either · `**` as a
 * whole segment: any number of folders, none included (at the end: everything below) · `\` takes the next character as
 * it is. Names that begin with a dot are no exception. An unclosed `[` or `{`, and `{x}` without a comma, stand for
 * themselves.
 *
 * Throws `GLOB_INVALID` for patterns above 4,096 characters or with more than 1,024 brace combinations.
 */
export function matchGlob(pattern: string): (path: string) => boolean {
  const alternatives = compile(pattern)
  return (path) => {
    const parts = path.split('/')
    return alternatives.some((segments) => matchSegments(segments, parts))
  }
}

/** Whether something below this folder (path below the root, `''` for the root itself) can match the pattern. */
export function matchFolder(pattern: string): (folder: string) => boolean {
  const alternatives = compile(pattern)
  return (folder) => {
    const parts = folder === '' ? [] : folder.split('/')
    return alternatives.some((segments) => mayMatchBelow(segments, parts))
  }
}

/**
 * Cuts a path at its first wildcard: `landing/2024/*.csv` is root `landing/2024` and pattern `*.csv`. Without a
 * wildcard the pattern is the file's name. The root has its escapes taken out; it is `.` when the first segment has a
 * wildcard, and `/` stays `/`. Purely textual: a scheme such as `s3://` stays in the root.
 */
export function splitGlob(path: string): { readonly root: string; readonly pattern: string } {
  const segments = path.split('/')
  const wild = segments.findIndex((segment) => WILDCARD.test(segment.replaceAll(ESCAPED, '')))
  const cut = wild === -1 ? segments.length - 1 : wild
  const fixed = segments.slice(0, cut).join('/').replaceAll(ESCAPED, '$1')
  const root = cut === 0 ? '.' : fixed === '' ? '/' : fixed
  return { root, pattern: segments.slice(cut).join('/') }
}

/** A pattern that matches exactly this text. */
export function escapeGlob(text: string): string {
  return text.replaceAll(/[\\*?[\]{},!]/g, String.raw`\$&`)
}

const WILDCARD = /[*?[{]/
const ESCAPED = /\\(.)/gsu

function compile(pattern: string): Segment[][] {
  if (pattern.length > MAX_PATTERN_LENGTH)
    throw new TidegateError('GLOB_INVALID', `the pattern has ${pattern.length} characters, the limit is 4,096`, {
      hint: 'Split the source into several sources.',
    })
  return expandBraces(pattern).map((text) => splitSegments(text).map(parseSegment))
}

/** `a{b,c}d` → `abd`, `acd`. Escapes are kept for the next step. */
function expandBraces(pattern: string): string[] {
  let results = ['']
  let at = 0
  while (at < pattern.length) {
    const char = pattern.charAt(at)
    const group = char === '{' ? readGroup(pattern, at) : undefined
    if (group === undefined) {
      const text = char === '\\' ? pattern.slice(at, at + 2) : char
      results = results.map((result) => result + text)
      at += text.length
      continue
    }
    const choices = group.choices.flatMap(expandBraces)
    if (results.length * choices.length > MAX_ALTERNATIVES)
      throw new TidegateError('GLOB_INVALID', `the braces of "${pattern}" have more than 1,024 combinations`, {
        hint: 'Use * or ** instead of so many braces.',
      })
    results = results.flatMap((result) => choices.map((choice) => result + choice))
    at = group.end
  }
  return results
}

/** The choices of the group that opens at `open`, or undefined when it is not a group. */
function readGroup(
  pattern: string,
  open: number,
): { readonly choices: readonly string[]; readonly end: number } | undefined {
  const choices: string[] = []
  let depth = 0
  let start = open + 1
  for (let at = open; at < pattern.length; at++) {
    const char = pattern.charAt(at)
    if (char === '\\') at++
    else if (char === '{') depth++
    else if (char === ',' && depth === 1) {
      choices.push(pattern.slice(start, at))
      start = at + 1
    } else if (char === '}' && --depth === 0) {
      choices.push(pattern.slice(start, at))
      return choices.length > 1 ? { choices, end: at + 1 } : undefined
    }
  }
  return undefined
}

function splitSegments(text: string): string[] {
  const segments = text.split('/')
  // Several globstars in a row say the same as one.
  return segments.filter((segment, index) => segment !== '**' || segments[index + 1] !== '**')
}

function parseSegment(text: string): Segment {
  if (text === '**') return 'globstar'
  const chars = Array.from(text)
  const tokens: Token[] = []
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] as string
    if (char === '\\' && at + 1 < chars.length) tokens.push({ kind: 'char', char: chars[++at] as string })
    else if (char === '?') tokens.push({ kind: 'any' })
    else if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' })
    } else if (char === '[') {
      const parsed = parseClass(chars, at)
      tokens.push(parsed?.token ?? { kind: 'char', char })
      at = parsed === undefined ? at : parsed.last
    } else tokens.push({ kind: 'char', char })
  }
  return tokens
}

function parseClass(
  chars: readonly string[],
  open: number,
): { readonly token: Token; readonly last: number } | undefined {
  let at = open + 1
  const negated = chars[at] === '!' || chars[at] === '^'
  if (negated) at++
  const first = at
  const ranges: [number, number][] = []
  while (at < chars.length) {
    if (chars[at] === ']' && at > first) return { token: { kind: 'class', negated, ranges }, last: at }
    const low = readClassChar(chars, at)
    at = low.next
    let high = low.code
    if (chars[at] === '-' && at + 1 < chars.length && chars[at + 1] !== ']') {
      const upper = readClassChar(chars, at + 1)
      high = upper.code
      at = upper.next
    }
    ranges.push([low.code, high])
  }
  return undefined
}

function readClassChar(chars: readonly string[], at: number): { readonly code: number; readonly next: number } {
  const escaped = chars[at] === '\\' && at + 1 < chars.length
  const char = chars[escaped ? at + 1 : at] as string
  return { code: char.codePointAt(0) as number, next: at + (escaped ? 2 : 1) }
}

function matchSegments(segments: readonly Segment[], parts: readonly string[]): boolean {
  let segment = 0
  let part = 0
  let star = -1
  let retry = 0
  while (part < parts.length) {
    const wanted = segments[segment]
    if (wanted === 'globstar') {
      if (segment === segments.length - 1) return true
      star = segment++
      retry = part
    } else if (wanted !== undefined && matchSegment(wanted, parts[part] as string)) {
      segment++
      part++
    } else if (star >= 0) {
      segment = star + 1
      part = ++retry
    } else return false
  }
  return segment === segments.length
}

function mayMatchBelow(segments: readonly Segment[], parts: readonly string[]): boolean {
  for (const [index, part] of parts.entries()) {
    const wanted = segments[index]
    if (wanted === 'globstar') return true
    if (wanted === undefined || !matchSegment(wanted, part)) return false
  }
  return segments.length > parts.length
}

const SURROGATE = /[\uD800-\uDFFF]/

function matchSegment(tokens: readonly Token[], text: string): boolean {
  const chars: ArrayLike<string> = SURROGATE.test(text) ? Array.from(text) : text
  let token = 0
  let at = 0
  let star = -1
  let retry = 0
  while (at < chars.length) {
    const wanted = tokens[token]
    if (wanted?.kind === 'star') {
      star = token++
      retry = at
    } else if (wanted !== undefined && matchChar(wanted, chars[at] as string)) {
      token++
      at++
    } else if (star >= 0) {
      token = star + 1
      at = ++retry
    } else return false
  }
  while (tokens[token]?.kind === 'star') token++
  return token === tokens.length
}

function matchChar(token: Token, char: string): boolean {
  if (token.kind === 'char') return token.char === char
  if (token.kind !== 'class') return true
  const code = char.codePointAt(0) as number
  return token.ranges.some(([low, high]) => code >= low && code <= high) !== token.negated
}
