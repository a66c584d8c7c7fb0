import type { Dialect } from '@tidegate/core'

/** What of a column is compared by itself: the column, or the fields of a struct, so that one lost leaf is no false struct. */
export interface ComparableField {
  /** Path of struct fields; lists and maps are compared whole. */
  readonly path: readonly string[]
  /** SQL of the field, given that of its column. */
  readonly of: (column: string) => string
  /** SQL: the right value is one that a lost page leaves in the place of the left one. */
  readonly isLost: (left: string, right: string) => string
}

export function comparableFields(dialect: Dialect, name: string, type: string): readonly ComparableField[] {
  const make = (path: readonly string[], inner: string): readonly ComparableField[] => {
    const fields = structFields(inner)
    if (fields.length > 0) return fields.flatMap((field) => make([...path, field.name], field.type))
    return [
      {
        path,
        of: (column) => path.slice(1).reduce((sql, step) => `struct_extract(${sql}, ${dialect.literal(step)})`, column),
        isLost: lossOf(inner),
      },
    ]
  }
  return make([name], type)
}

/** Of a list or map: a page that is gone may leave it empty where it cannot be NULL. */
function lossOf(type: string): ComparableField['isLost'] {
  if (type.endsWith('[]')) return (_, right) => `(${right} IS NULL OR len(${right}) = 0)`
  if (type.startsWith('MAP('))
    return (left, right) => `(${right} IS NULL OR cardinality(${right}) = 0 OR (${lostValuesOnly(left, right)}))`
  return (_, right) => `(${right} IS NULL)`
}

/** A map whose keys are all there, and whose values are those of the original or NULL. */
function lostValuesOnly(left: string, right: string): string {
  const pairs = `list_zip(map_values(${left}), map_values(${right}))`
  return `map_keys(${left}) = map_keys(${right}) AND
    len(list_filter(${pairs}, lambda p: p[2] IS NOT NULL AND p[1] IS DISTINCT FROM p[2])) = 0`
}

/** The fields of `STRUCT(a INTEGER, "b c" STRUCT(…))`; none of another type. */
function structFields(type: string): { readonly name: string; readonly type: string }[] {
  if (!type.startsWith('STRUCT(') || !type.endsWith(')')) return []
  const inner = type.slice('STRUCT('.length, -1)
  const parts: string[] = []
  let depth = 0
  let quoted = false
  let start = 0
  for (let at = 0; at < inner.length; at++) {
    const letter = inner[at]
    if (letter === '"') quoted = !quoted
    else if (quoted) continue
    else if (letter === '(') depth++
    else if (letter === ')') depth--
    else if (letter === ',' && depth === 0) {
      parts.push(inner.slice(start, at))
      start = at + 1
    }
  }
  parts.push(inner.slice(start))
  return parts.map((part) => {
    const match = /^\s*(?:"((?:[^"]|"")*)"|(\S+))\s+(.*)$/s.exec(part)
    return { name: (match?.[1]?.replaceAll('""', '"') ?? match?.[2]) as string, type: match?.[3] ?? '' }
  })
}
