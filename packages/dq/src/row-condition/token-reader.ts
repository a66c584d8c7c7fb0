import { ConditionError } from './condition-error.ts'
import type { Token } from './tokens.ts'

/** A cursor over tokens. */
export interface TokenReader {
  peek(ahead?: number): Token
  next(): Token
  /** Takes the next token if it is one of these symbols. */
  symbol(...symbols: readonly string[]): Token | undefined
  /** Takes the next token if it is one of these words, whatever its case when `anyCase`. */
  word(...words: readonly string[]): Token | undefined
  isWord(word: string, ahead?: number): boolean
  /** @throws ConditionError unless the next token is this symbol */
  expect(symbol: string): Token
  /** @throws ConditionError that says what was expected here */
  fail(expected: string): never
}

export function tokenReader(tokens: readonly Token[], anyCase: boolean): TokenReader {
  let position = 0
  const last = tokens[tokens.length - 1] ?? { kind: 'end', text: '', at: 0 }
  const peek = (ahead = 0): Token => tokens[position + ahead] ?? last
  const next = (): Token => {
    const token = peek()
    position++
    return token
  }
  const isWord = (word: string, ahead = 0): boolean => {
    const { kind, text } = peek(ahead)
    return kind === 'word' && (anyCase ? text.toLowerCase() === word : text === word)
  }
  const isSymbol = (symbol: string): boolean => peek().kind === 'symbol' && peek().text === symbol
  const fail = (expected: string): never => {
    const { kind, at } = peek()
    throw new ConditionError(kind === 'end' ? `${expected} is missing` : `expected ${expected}`, at)
  }
  return {
    peek,
    next,
    isWord,
    fail,
    symbol: (...symbols) => (symbols.some(isSymbol) ? next() : undefined),
    word: (...words) => (words.some((word) => isWord(word)) ? next() : undefined),
    expect: (symbol) => (isSymbol(symbol) ? next() : fail(symbol)),
  }
}
