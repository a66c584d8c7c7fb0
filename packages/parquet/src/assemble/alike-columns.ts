import { leafMeanings } from './leaf-meaning.ts'
import { typeKeyOf } from './page-fits.ts'
import type { SchemaSource } from './schema-sources.ts'

const MAX_NAMED = 3

/**
 * Says which neighbours nothing in a file without names tells apart, because type, nesting and meaning are the same: a
 * sibling that lists them in another order would exchange them. A clause; undefined where there are none, or where the file
 * names its columns itself.
 */
export function doubtOfAlikeColumns(schema: SchemaSource): string | undefined {
  const { from, leaves, elements } = schema
  if (from === 'own-footer' || from === 'partial-footer' || from === 'inline-metadata') return undefined
  const meanings = leafMeanings(elements)
  const keys = leaves.map((leaf, index) => `${typeKeyOf(leaf)}/${JSON.stringify(meanings[index])}`)
  const runs: string[][] = []
  for (const [index, leaf] of leaves.entries()) {
    const name = leaf.path.join('.')
    if (index > 0 && keys[index] === keys[index - 1]) runs.at(-1)?.push(name)
    else runs.push([name])
  }
  const alike = runs.filter(({ length }) => length > 1)
  if (alike.length === 0) return undefined
  const more = alike.length - MAX_NAMED
  const named = alike.slice(0, MAX_NAMED).map(listed).join('; ')
  const rest = more > 0 ? `; and ${more} more such ${more === 1 ? 'group' : 'groups'}` : ''
  const whose = from === 'sibling' ? 'the sibling' : 'the schema source'
  return `columns ${named}${rest} are stored alike: that they are not exchanged is ${whose}'s word`
}

function listed(names: readonly string[]): string {
  const shown = names.length > MAX_NAMED ? names.slice(0, MAX_NAMED - 1) : names.slice(0, -1)
  const last = names.length > MAX_NAMED ? `${names.length - shown.length} more` : names.at(-1)
  return `${shown.join(', ')} and ${last}`
}
