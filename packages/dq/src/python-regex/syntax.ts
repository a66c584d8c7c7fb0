/** A regular expression of Python's `re`, understood. Flags are resolved: every node says what it means by itself. */
export type Pattern =
  /** One character of a set. */
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'sequence'; readonly items: readonly Pattern[] }
  | { readonly kind: 'choice'; readonly items: readonly Pattern[] }
  /** Numbered from 1. */
  | { readonly kind: 'group'; readonly number: number; readonly item: Pattern }
  | {
      readonly kind: 'repeat'
      readonly item: Pattern
      readonly min: number
      /** Inclusive; Infinity without an upper limit. */
      readonly max: number
      readonly mode: 'greedy' | 'lazy' | 'possessive'
    }
  | { readonly kind: 'look'; readonly ahead: boolean; readonly negative: boolean; readonly item: Pattern }
  | { readonly kind: 'atomic'; readonly item: Pattern }
  | { readonly kind: 'reference'; readonly group: number; readonly ignoreCase: boolean }
  | {
      readonly kind: 'conditional'
      readonly group: number
      readonly yes: Pattern
      readonly no: Pattern | undefined
    }

/**
 * What must hold between two characters. `end`: at the end, or before a newline that ends the text (`$`); `very-end`: at the
 * end only (`\Z`).
 */
export type Place = 'start' | 'end' | 'very-end' | 'line-start' | 'line-end' | Boundary
export type Boundary = 'boundary' | 'no-boundary' | 'ascii-boundary' | 'no-ascii-boundary'

/** Code points: those in the ranges or in one of the classes; with `negated`, all others. */
export interface CharacterSet {
  readonly negated: boolean
  /** First and last code point, both inclusive. */
  readonly ranges: readonly CodePointRange[]
  readonly classes: readonly CharacterClass[]
}

export type CodePointRange = readonly [first: number, last: number]

/** Unicode's decimal digits; letters, numbers and the underscore. Everything else is spelled out in ranges. */
export interface CharacterClass {
  readonly name: 'digit' | 'word'
  readonly negated: boolean
}

export interface Flags {
  readonly ignoreCase: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
  readonly verbose: boolean
  readonly ascii: boolean
}

/** Python refuses the pattern. */
export class PatternError extends Error {
  override readonly name = 'PatternError'
  /** Code points before the place, as Python counts; undefined where it gives none. */
  readonly position: number | undefined

  constructor(message: string, position?: number) {
    super(message)
    this.position = position
  }
}

/** Python takes the pattern, and neither the engine nor JavaScript can say the same. */
export class UntranslatableError extends Error {
  override readonly name = 'UntranslatableError'
}
