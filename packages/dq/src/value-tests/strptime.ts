/**
 * Whether Python 3.11's `datetime.strptime` accepts a text in a format, in the C locale and with UTC as the local zone.
 */
import { isPlain, withAsciiDigits } from './unicode-digits.ts'
import { isPythonSpace, SPACE } from './python-space.ts'
import { COMPOSED, directivePattern } from './strptime-directives.ts'
import { isMoment } from './strptime-moment.ts'

export type PreparedFormat =
  | { readonly kind: 'format'; readonly accepts: (text: string) => boolean }
  /** Python refuses the format itself. */
  | { readonly kind: 'problem'; readonly message: string }

export function prepareStrptime(format: string): PreparedFormat {
  const directives = new Set<string>()
  const source = patternOf(format, directives)
  if (typeof source !== 'string') return source
  // What directives found is decided before the end of the text is looked at, hence no $.
  const pattern = new RegExp(source, 'iuy')
  // Most texts are plain, and found four times faster without Unicode.
  const plain = isPlain(format) ? new RegExp(source.replaceAll('\\p{Nd}', '[0-9]'), 'iy') : pattern
  return {
    kind: 'format',
    accepts(text) {
      const asked = isPlain(text) ? plain : pattern
      asked.lastIndex = 0
      const found = asked.exec(text)
      if (found === null || found[0].length !== text.length) return false
      // A group for each directive, in order.
      const fields = new Map<string, string>()
      for (const directive of directives) fields.set(directive, withAsciiDigits(found[fields.size + 1] ?? ''))
      return isMoment(fields)
    },
  }
}

/** A directive, some whitespace or a character. */
const PARTS = new RegExp(`%[^]?|${SPACE}+|[^]`, 'gu')

function patternOf(format: string, directives: Set<string>): string | Extract<PreparedFormat, { kind: 'problem' }> {
  let source = ''
  const parts = format.match(PARTS) ?? []
  for (const part of parts) {
    if (part === '%') return problem(`stray % in format ${JSON.stringify(format)}`)
    if (part === '%%') source += '%'
    else if (part.startsWith('%')) {
      const directive = part.slice(1)
      const composed = COMPOSED[directive]
      const inner = composed === undefined ? single(directive, format, directives) : patternOf(composed, directives)
      if (typeof inner !== 'string') return inner
      source += inner
    } else if (isPythonSpace(part.slice(0, 1))) source += `${SPACE}+`
    else source += /^[\^$\\.*+?()[\]{}|/]$/.test(part) ? `\\${part}` : part
  }
  return source
}

function single(
  directive: string,
  format: string,
  directives: Set<string>,
): string | Extract<PreparedFormat, { kind: 'problem' }> {
  const pattern = directivePattern(directive)
  if (pattern === undefined) return problem(`%${directive} is a bad directive in format ${JSON.stringify(format)}`)
  if (directives.has(directive)) return problem(`%${directive} stands twice in format ${JSON.stringify(format)}`)
  directives.add(directive)
  return `(${pattern})`
}

function problem(message: string): Extract<PreparedFormat, { kind: 'problem' }> {
  return { kind: 'problem', message }
}
