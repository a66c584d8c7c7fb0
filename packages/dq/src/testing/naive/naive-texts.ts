/** Patterns and what they find, by hand: `re.search` of Python, where `$` also stands before a last line break. */
export const NAIVE_REGEXES: Readonly<Record<string, (text: string) => boolean>> = {
  a: (text) => text.includes('a'),
  '^a': (text) => text.startsWith('a'),
  b$: (text) => text.endsWith('b') || text.endsWith('b\n'),
  '^$': (text) => text === '',
  '[0-9]+': (text) => Array.from(text).some((letter) => letter >= '0' && letter <= '9'),
  "'": (text) => text.includes("'"),
  '^.{2}$': (text) => {
    const letters = Array.from(text.endsWith('\n') ? text.slice(0, -1) : text)
    return letters.length === 2 && !letters.includes('\n')
  },
  'ü|B': (text) => text.includes('ü') || text.includes('B'),
  '(?i)b': (text) => text.toLowerCase().includes('b'),
  '': () => true,
}

/** LIKE patterns, without an escape character. Both wildcards take line breaks. */
export const NAIVE_LIKES: Readonly<Record<string, (text: string) => boolean>> = {
  '%a%': (text) => text.includes('a'),
  'a%': (text) => text.startsWith('a'),
  '%b': (text) => text.endsWith('b'),
  '%': () => true,
  '': (text) => text === '',
  _: (text) => Array.from(text).length === 1,
  a_b: (text) => text.length === 3 && text.startsWith('a') && text.endsWith('b'),
}
