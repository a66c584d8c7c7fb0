import { ConditionError } from './condition-error.ts'

export interface Token {
  /** `name`: a quoted name · `text`: a quoted text · `symbol`: an operator or bracket. */
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'symbol' | 'end'
  /** Without quotes and escapes. */
  readonly text: string
  readonly at: number
}

export interface Spelling {
  /** Quotes around names and around texts. */
  readonly nameQuotes: string
  readonly textQuotes: string
  /** Whether `\'` is a quote inside a text, and `''`. */
  readonly backslash: boolean
  readonly doubled: boolean
}

export const SPELLINGS: Readonly<Record<'sql' | 'spark' | 'pandas' | 'gx', Spelling>> = {
  sql: { nameQuotes: '"`', textQuotes: "'", backslash: false, doubled: true },
  spark: { nameQuotes: '`', textQuotes: `'"`, backslash: true, doubled: false },
  pandas: { nameQuotes: '`', textQuotes: `'"`, backslash: true, doubled: false },
  gx: { nameQuotes: '`', textQuotes: `'"`, backslash: false, doubled: false },
}

/** Cuts a condition into tokens; the last one is `end`. @throws ConditionError */
export function tokensOf(text: string, spelling: Spelling): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  const take = (kind: Token['kind'], pattern: RegExp): boolean => {
    pattern.lastIndex = at
    const [found] = pattern.exec(text) ?? []
    if (found === undefined) return false
    tokens.push({ kind, text: found, at })
    at += found.length
    return true
  }
  for (;;) {
    SPACE.lastIndex = at
    at += SPACE.exec(text)?.[0].length ?? 0
    const character = text[at]
    if (character === undefined) break
    if (text.startsWith('--', at) && spelling !== SPELLINGS.pandas)
      throw new ConditionError('comments are not allowed', at, { hint: 'Write `- -1` for a double minus.' })
    if (text.startsWith('/*', at)) throw new ConditionError('comments are not allowed', at)
    const isName = spelling.nameQuotes.includes(character)
    if (isName || spelling.textQuotes.includes(character)) {
      const last = tokens.at(-1)
      // A prefix (E'…', b"…") would change what the quotes mean.
      if (last?.kind === 'word' && last.at + last.text.length === at)
        throw new ConditionError(`${last.text}${character}…${character} is not known here`, last.at, {
          hint: 'Put a space between a word and a quote.',
        })
      const quoted = quotedText(text, at, isName ? { ...spelling, backslash: false, doubled: true } : spelling)
      tokens.push({ kind: isName ? 'name' : 'text', text: quoted.text, at })
      at = quoted.end
    } else if (!take('number', NUMBER) && !take('word', WORD) && !take('symbol', SYMBOL)) {
      throw new ConditionError(`${JSON.stringify(character)} has no meaning here`, at, {
        hint: character === ';' ? 'One condition, and nothing after it.' : undefined,
      })
    }
    const last = tokens.at(-1)
    if (last?.kind === 'number' && /[\p{L}_.0-9]/u.test(text[at] ?? ''))
      throw new ConditionError(`${last.text}${text[at] ?? ''}… is neither a number nor a name`, last.at)
  }
  return [...tokens, { kind: 'end', text: '', at: text.length }]
}

const SPACE = /\s*/y
const NUMBER = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y
const WORD = /[\p{L}_][\p{L}\p{N}_]*/uy
const SYMBOL = /<=|>=|==|<>|!=|&&|\|\||::|->|\*\*|\/\/|[-<>=&|~!()[\]{},.+*/%:@^]/y

function quotedText(text: string, start: number, { backslash, doubled }: Spelling): { text: string; end: number } {
  const quote = text[start]
  let value = ''
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '\\' && backslash) {
      at++
      value += ESCAPES[text[at] ?? ''] ?? text[at] ?? ''
    } else if (character !== quote) value += character
    else if (doubled && text[at + 1] === quote) {
      value += quote
      at++
    } else return { text: value, end: at + 1 }
  }
  throw new ConditionError(`the quote ${quote ?? ''} is not closed`, start)
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }
