import { parsePattern } from './parse-pattern.ts'
import { PatternError, UntranslatableError, type Pattern } from './syntax.ts'
import { toJavaScript } from './to-javascript.ts'
import { toRe2 } from './to-re2.ts'

/**
 * Who evaluates a pattern of Python's `re`, and in which words.
 *
 * - `engine`: RE2 finds it in exactly the same texts, whatever their number
 * - `script`: RE2 cannot say it (look-around, back-references, atomic groups), JavaScript can
 * - `problem`: Python refuses it, or neither can say it; the message continues `the pattern … `
 */
export type TranslatedPattern =
  | { readonly kind: 'engine'; readonly pattern: string }
  | { readonly kind: 'script'; readonly source: string; readonly flags: string }
  | { readonly kind: 'problem'; readonly message: string; readonly hint?: string | undefined }

/** Translates a pattern that is searched anywhere in a text (`re.search`). */
export function translatePattern(pattern: string): TranslatedPattern {
  return translate(pattern, (parsed) => {
    const engine = toRe2(parsed)
    return engine === undefined ? { kind: 'script', ...toJavaScript(parsed) } : { kind: 'engine', pattern: engine }
  })
}

/** The same, for JavaScript in any case. */
export function translateToScript(pattern: string): Exclude<TranslatedPattern, { readonly kind: 'engine' }> {
  return translate(pattern, (parsed) => ({ kind: 'script', ...toJavaScript(parsed) }))
}

/** Larger ones nest deeper than the stack of a parser may go. */
const MAX_LENGTH = 20_000

function translate<T>(
  pattern: string,
  write: (parsed: Pattern) => T,
): T | Extract<TranslatedPattern, { readonly kind: 'problem' }> {
  if (pattern.length > MAX_LENGTH)
    return { kind: 'problem', message: `is ${pattern.length} characters long, more than ${MAX_LENGTH}` }
  try {
    return write(parsePattern(pattern))
  } catch (error) {
    if (error instanceof PatternError) {
      const place = error.position === undefined ? '' : ` at position ${error.position}`
      return { kind: 'problem', message: `is not a regular expression of Python: ${error.message}${place}` }
    }
    if (error instanceof UntranslatableError)
      return {
        kind: 'problem',
        message: error.message,
        hint: 'Python knows this, no engine here does. Write it another way.',
      }
    if (error instanceof RangeError) return { kind: 'problem', message: 'is nested too deeply' }
    throw error
  }
}
