import { LAST_POINT } from './case-variants.ts'
import type { CharacterClass, CharacterSet, CodePointRange } from './syntax.ts'

/** How a dialect of regular expressions writes sets. Both know `\p{…}`. */
export interface SetDialect {
  /** A code point that is no plain letter, digit or space. */
  readonly escape: (point: number) => string
  readonly anything: string
  readonly nothing: string
  /** A set that brackets cannot say: none of the negated classes may be in it. Undefined: cannot be said. */
  readonly exclude: ((excluded: string) => string) | undefined
}

/** Text that matches one character of the set. Undefined: the dialect cannot say it. */
export function setText(set: CharacterSet, dialect: SetDialect): string | undefined {
  const members =
    rangesText(set.ranges, dialect) +
    set.classes
      .filter((item) => !item.negated)
      .map(classText)
      .join('')
  const negatedClasses = set.classes.filter((item) => item.negated)
  if (negatedClasses.length === 0) {
    const all = set.ranges[0]?.[0] === 0 && set.ranges[0][1] === LAST_POINT
    if (all || members === '') return all === set.negated ? dialect.nothing : dialect.anything
    const single = !set.negated && set.classes.length === 0 ? singleText(set.ranges, dialect) : undefined
    return single ?? `[${set.negated ? '^' : ''}${members}]`
  }
  const parts = negatedClasses.map((item) => `[^${classText(item)}]`)
  if (members !== '') parts.unshift(`[${members}]`)
  const union = parts.length === 1 ? (parts[0] ?? '') : `(?:${parts.join('|')})`
  if (!set.negated) return union
  return wordWithout(set) ?? dialect.exclude?.(union)
}

/** `[^\W\d_]` and its like: what is left of `\w`. */
function wordWithout({ ranges, classes }: CharacterSet): string | undefined {
  const negated = classes.filter((item) => item.negated)
  const isUnderscore = ranges.length === 1 && ranges[0]?.[0] === UNDERSCORE && ranges[0][1] === UNDERSCORE
  if (negated.some((item) => item.name !== 'word') || (ranges.length > 0 && !isUnderscore)) return undefined
  const others = classes.filter((item) => !item.negated)
  if (others.some((item) => item.name !== 'digit')) return undefined
  return `[\\p{L}${others.length > 0 ? '\\p{Nl}\\p{No}' : '\\p{N}'}${isUnderscore ? '' : '_'}]`
}

const UNDERSCORE = 0x5f

function classText({ name }: CharacterClass): string {
  return name === 'digit' ? '\\p{Nd}' : '\\p{L}\\p{N}_'
}

function singleText(ranges: readonly CodePointRange[], dialect: SetDialect): string | undefined {
  const [range] = ranges
  return ranges.length === 1 && range !== undefined && range[0] === range[1] ? pointText(range[0], dialect) : undefined
}

function rangesText(ranges: readonly CodePointRange[], dialect: SetDialect): string {
  return ranges
    .map(([first, last]) =>
      first === last
        ? pointText(first, dialect)
        : `${pointText(first, dialect)}${last === first + 1 ? '' : '-'}${pointText(last, dialect)}`,
    )
    .join('')
}

function pointText(point: number, { escape }: SetDialect): string {
  const text = String.fromCodePoint(point)
  return /^[A-Za-z0-9_ ]$/.test(text) ? text : escape(point)
}
