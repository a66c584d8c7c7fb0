/**
 * What is wrong with a regular expression in every dialect: what does not close, what repeats nothing, a lone backslash.
 * Undefined: nothing found here, though the engine may still refuse it.
 */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.includes('\0')) return 'contains a NUL character'
  let depth = 0
  // Whether the last thing read can be repeated.
  let repeatable = false
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index]
    if (character === '\\') {
      if (index === pattern.length - 1) return 'ends in a lone backslash'
      if (pattern[index + 1] === 'Q') {
        const end = pattern.indexOf('\\E', index + 2)
        index = end === -1 ? pattern.length : end + 1
      } else index++
      repeatable = true
    } else if (character === '[') {
      const end = endOfClass(pattern, index)
      if (end === undefined) return 'has a [ that is not closed'
      index = end
      repeatable = true
    } else if (character === '(') {
      depth++
      repeatable = false
      // Flags, names and look-arounds are not there to be repeated either.
      GROUP_PREFIX.lastIndex = index + 1
      index += GROUP_PREFIX.exec(pattern)?.[0].length ?? 0
    } else if (character === ')') {
      if (--depth < 0) return 'has a ) that nothing opened'
      repeatable = true
    } else if (character === '|') {
      repeatable = false
    } else if (character === '*' || character === '+' || character === '?') {
      if (!repeatable) return `has a ${character} that repeats nothing`
      // A lazy or possessive mark may follow, a third one may not.
      if (pattern[index + 1] === '?' || pattern[index + 1] === '+') index++
      repeatable = false
    } else repeatable = true
  }
  return depth > 0 ? 'has a ( that is not closed' : undefined
}

const GROUP_PREFIX = /\?(?:P?<[^>=!]*>|<?[=!>]|[A-Za-z^-]*:?)/y

/** What RE2, the engine of DuckDB, does not have: look-around and back-references. */
export function re2Problem(pattern: string): string | undefined {
  const plain = pattern.replaceAll(/\\Q[\s\S]*?(?:\\E|$)/g, '').replaceAll(/\\\\/g, '')
  if (/(?<!\\)\(\?(?:[=!]|<[=!])/.test(plain)) return 'uses look-around, which this engine does not have'
  if (/\\[1-9]|\\k<|\(\?P=/.test(plain)) return 'uses a back-reference, which this engine does not have'
  return undefined
}

/** Index of the `]` that closes the class, which may begin with a literal `]` and hold `[:alpha:]`. */
function endOfClass(pattern: string, start: number): number | undefined {
  let index = start + 1
  if (pattern[index] === '^') index++
  if (pattern[index] === ']') index++
  for (; index < pattern.length; index++) {
    if (pattern[index] === '\\') index++
    else if (pattern.startsWith('[:', index)) {
      const end = pattern.indexOf(':]', index + 2)
      if (end !== -1) index = end + 1
    } else if (pattern[index] === ']') return index
  }
  return undefined
}
