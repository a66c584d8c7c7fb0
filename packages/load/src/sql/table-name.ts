import type { TableName } from './sql-database.ts'

/** `schema.table` or `table` as people write it: what stands before the first dot is the schema. */
export function parseTableName(text: string): { readonly schema: string | undefined; readonly name: string } {
  const dot = text.indexOf('.')
  return dot === -1 ? { schema: undefined, name: text } : { schema: text.slice(0, dot), name: text.slice(dot + 1) }
}

/** `schema.table`, with quotes around what is no plain name, so that two tables never read the same. */
export function quotedKey({ schema, name }: TableName): string {
  return `${quoted(schema)}.${quoted(name)}`
}

function quoted(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}
