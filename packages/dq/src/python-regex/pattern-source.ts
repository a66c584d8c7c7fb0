import { PatternError } from './syntax.ts'

/**
 * Reads a pattern token by token: one character, or a backslash with the character after it. Like Python's, it looks one
 * token ahead, so that a lone backslash at the end is noticed where Python notices it.
 */
export class PatternSource {
  readonly #characters: readonly string[]
  #read = 0
  #next: string | undefined

  constructor(pattern: string) {
    this.#characters = Array.from(pattern)
    this.#advance()
  }

  /** The token that comes next; undefined at the end. */
  get next(): string | undefined {
    return this.#next
  }

  /** Where `next` begins, in code points. */
  get position(): number {
    return this.#read - (this.#next === undefined ? 0 : Array.from(this.#next).length)
  }

  take(): string | undefined {
    const token = this.#next
    this.#advance()
    return token
  }

  takeIf(token: string): boolean {
    if (this.#next !== token) return false
    this.#advance()
    return true
  }

  /** At most `limit` tokens that are one of the characters. */
  takeWhile(limit: number, characters: string): string {
    let taken = ''
    while (taken.length < limit && this.#next !== undefined && isOneOf(this.#next, characters))
      taken += this.take() ?? ''
    return taken
  }

  /** What stands before the terminator, which is taken too. It must not be empty. */
  takeUntil(terminator: string, what: string): string {
    let taken = ''
    for (;;) {
      const token = this.take()
      if (token === undefined) {
        if (taken === '') throw this.error(`missing ${what}`)
        throw this.error(`missing ${terminator}, unterminated name`, lengthOf(taken))
      }
      if (token === terminator) {
        if (taken === '') throw this.error(`missing ${what}`, 1)
        return taken
      }
      taken += token
    }
  }

  /** Goes back to a position that was read before. */
  goTo(position: number): void {
    this.#read = position
    this.#advance()
  }

  /** An error that points `back` characters before the next token. */
  error(message: string, back = 0): PatternError {
    return new PatternError(message, this.position - back)
  }

  #advance(): void {
    const character = this.#characters[this.#read]
    if (character === undefined) {
      this.#next = undefined
      return
    }
    if (character !== '\\') {
      this.#read += 1
      this.#next = character
      return
    }
    const escaped = this.#characters[this.#read + 1]
    if (escaped === undefined) throw new PatternError('bad escape (end of pattern)', this.#characters.length - 1)
    this.#read += 2
    this.#next = character + escaped
  }
}

export function isOneOf(token: string, characters: string): boolean {
  return token.length === 1 && characters.includes(token)
}

/** In code points. */
export function lengthOf(text: string): number {
  return Array.from(text).length
}
