/** A type of the engine, as far as reading its values needs it. */
export type EngineType =
  | { readonly kind: 'boolean' | 'integer' | 'float' | 'double' | 'text' | 'timestamptz' | 'blob' | 'null' }
  | { readonly kind: 'list'; readonly item: EngineType }
  | { readonly kind: 'struct'; readonly fields: readonly { readonly name: string; readonly type: EngineType }[] }
  | { readonly kind: 'map'; readonly key: EngineType; readonly value: EngineType }

/** Reads a type as DESCRIBE spells it. Everything that is none of the others is read as text. */
export function parseEngineType(text: string): EngineType {
  const type = text.trim()
  const list = /\[\d*\]$/.exec(type)
  if (list !== null) return { kind: 'list', item: parseEngineType(type.slice(0, list.index)) }
  const outer = /^(STRUCT|MAP)\((.*)\)$/is.exec(type)
  if (outer !== null) {
    const parts = splitTopLevel(outer[2] ?? '')
    if (outer[1]?.toUpperCase() === 'STRUCT') return { kind: 'struct', fields: parts.map(parseField) }
    const [key = 'VARCHAR', value = 'VARCHAR'] = parts
    return { kind: 'map', key: parseEngineType(key), value: parseEngineType(value) }
  }
  return { kind: SCALARS[type.toUpperCase()] ?? 'text' }
}

const SCALARS: Readonly<Record<string, 'boolean' | 'integer' | 'float' | 'double' | 'timestamptz' | 'blob' | 'null'>> =
  {
    BOOLEAN: 'boolean',
    TINYINT: 'integer',
    SMALLINT: 'integer',
    INTEGER: 'integer',
    BIGINT: 'integer',
    HUGEINT: 'integer',
    UTINYINT: 'integer',
    USMALLINT: 'integer',
    UINTEGER: 'integer',
    UBIGINT: 'integer',
    UHUGEINT: 'integer',
    FLOAT: 'float',
    DOUBLE: 'double',
    'TIMESTAMP WITH TIME ZONE': 'timestamptz',
    TIMESTAMPTZ: 'timestamptz',
    BLOB: 'blob',
    '"NULL"': 'null',
  }

/** `"a, b" INTEGER` or `q DECIMAL(5,2)`. */
function parseField(text: string): { readonly name: string; readonly type: EngineType } {
  const match = /^\s*("(?:[^"]|"")*"|[^\s"]+)\s+(.*)$/s.exec(text)
  const [, name = '', type = 'VARCHAR'] = match ?? []
  return { name: name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name, type: parseEngineType(type) }
}

/** Parts between commas that are in no brackets and no quotes. */
function splitTopLevel(text: string): readonly string[] {
  const parts: string[] = []
  let [depth, from] = [0, 0]
  for (const match of text.matchAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'|[(),[\]]/g)) {
    const mark = match[0]
    if (mark === '(' || mark === '[') depth++
    else if (mark === ')' || mark === ']') depth--
    else if (mark === ',' && depth === 0) {
      parts.push(text.slice(from, match.index))
      from = match.index + 1
    }
  }
  return [...parts, text.slice(from)]
}
