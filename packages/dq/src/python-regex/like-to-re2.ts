import { toRe2 } from './to-re2.ts'
import type { Pattern } from './syntax.ts'

/** A LIKE pattern with an escape character as a regular expression. */
export function likeToRe2(
  like: string,
  escape: string,
): { readonly kind: 'pattern'; readonly pattern: string } | { readonly kind: 'problem'; readonly message: string } {
  if (Array.from(escape).length !== 1)
    return { kind: 'problem', message: `argument escape must be one character, not ${JSON.stringify(escape)}` }
  const items: Pattern[] = [{ kind: 'place', place: 'start' }]
  const characters = Array.from(like)
  for (let index = 0; index < characters.length; index++) {
    let character = characters[index] ?? ''
    if (character === escape) {
      index += 1
      const escaped = characters[index]
      if (escaped === undefined)
        return { kind: 'problem', message: `the pattern ${JSON.stringify(like)} ends in its escape character` }
      character = escaped
    } else if (character === '%' || character === '_') {
      items.push(
        character === '_' ? ANYTHING : { kind: 'repeat', item: ANYTHING, min: 0, max: Infinity, mode: 'greedy' },
      )
      continue
    }
    const point = character.codePointAt(0) ?? 0
    items.push({ kind: 'set', set: { negated: false, ranges: [[point, point]], classes: [] } })
  }
  items.push({ kind: 'place', place: 'very-end' })
  const pattern = toRe2({ kind: 'sequence', items })
  return pattern === undefined
    ? { kind: 'problem', message: `the pattern ${JSON.stringify(like)} is too long` }
    : { kind: 'pattern', pattern }
}

const ANYTHING: Pattern = { kind: 'set', set: { negated: true, ranges: [], classes: [] } }
