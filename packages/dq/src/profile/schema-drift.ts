import { isAssignable } from '../expression/data-type.ts'
import type { OddFile } from './oddity.ts'
import type { ProfiledFile } from './profile-types.ts'

/**
 * Files whose columns differ from those of most files: one missing, one more, another type (a narrower one is no
 * difference). Looks at the files whose own columns are known; fewer than three say nothing.
 */
export function findSchemaDrift(files: readonly ProfiledFile[]): readonly OddFile[] {
  const known = files.filter((file) => file.columns !== undefined)
  if (known.length < 3) return []
  const holders = new Map<string, Map<string, number>>()
  for (const { columns = [] } of known) {
    for (const { name, type } of columns) {
      const types = holders.get(name) ?? new Map<string, number>()
      holders.set(name, types.set(type, (types.get(type) ?? 0) + 1))
    }
  }
  return known.flatMap((file) => {
    const odd = (column: string, what: string): OddFile => ({
      key: file.key,
      file: file.path,
      column,
      what,
      check: 'schema',
    })
    const own = new Map((file.columns ?? []).map(({ name, type }) => [name, type]))
    return [...holders].flatMap(([name, types]): readonly OddFile[] => {
      const having = [...types.values()].reduce((sum, count) => sum + count, 0)
      const type = own.get(name)
      if (type === undefined) {
        return having * 2 > known.length
          ? [odd(name, `column missing where ${having} of ${known.length} files have it`)]
          : []
      }
      if (having * 2 < known.length)
        return [odd(name, `a column more, which ${known.length - having} of ${known.length} files do not have`)]
      const [usual, count] = [...types].sort((a, b) => b[1] - a[1])[0] ?? [type, 0]
      if (count * 2 <= having || isAssignable(type, usual)) return []
      return [odd(name, `type ${type} where ${count} of ${having} files have ${usual}`)]
    })
  })
}
