import { mergeRanges, withCaseVariants } from './case-variants.ts'
import { parseClassEscape, type Escape } from './parse-escape.ts'
import { lengthOf, type PatternSource } from './pattern-source.ts'
import { PatternError, type CharacterClass, type CharacterSet, type CodePointRange, type Flags } from './syntax.ts'

/** Reads a class, whose `[` was taken. */
export function parseSet(source: PatternSource, flags: Flags): CharacterSet {
  const start = source.position - 1
  const negated = source.takeIf('^')
  const ranges: CodePointRange[] = []
  const classes: CharacterClass[] = []
  const add = (member: Escape): void => {
    if (member.kind === 'character') ranges.push([member.point, member.point])
    else if (member.kind === 'class') {
      ranges.push(...member.set.ranges)
      classes.push(...member.set.classes)
    }
  }
  const take = (): string => {
    const token = source.take()
    if (token === undefined) throw new PatternError('unterminated character set', start)
    return token
  }
  // A ] that comes first stands for itself.
  for (let first = true; ; first = false) {
    const token = take()
    if (token === ']' && !first) break
    const member = memberOf(source, token, flags)
    if (!source.takeIf('-')) {
      add(member)
      continue
    }
    const lastToken = take()
    if (lastToken === ']') {
      add(member)
      ranges.push([HYPHEN, HYPHEN])
      break
    }
    const last = memberOf(source, lastToken, flags)
    if (member.kind !== 'character' || last.kind !== 'character' || last.point < member.point)
      throw source.error(`bad character range ${token}-${lastToken}`, lengthOf(token) + 1 + lengthOf(lastToken))
    ranges.push([member.point, last.point])
  }
  return { negated, ranges: flags.ignoreCase ? withCaseVariants(ranges, flags.ascii) : mergeRanges(ranges), classes }
}

const HYPHEN = 0x2d

function memberOf(source: PatternSource, token: string, flags: Flags): Escape {
  if (token.startsWith('\\')) return parseClassEscape(source, token, flags)
  return { kind: 'character', point: token.codePointAt(0) ?? 0 }
}
