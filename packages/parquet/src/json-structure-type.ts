/**
 * The engine's description of JSON values (`{"a":"UBIGINT","b":["VARCHAR"]}`) as a column type. Where values disagree,
 * or keys cannot be told apart, the part stays `JSON`.
 */
export function jsonStructureType(structure: string): string {
  try {
    return typeOf(JSON.parse(structure), 0)
  } catch {
    return 'JSON'
  }
}

const MAX_FIELDS = 200
const MAX_DEPTH = 16

function typeOf(structure: unknown, depth: number): string {
  if (depth > MAX_DEPTH) return 'JSON'
  if (typeof structure === 'string') return scalarType(structure)
  if (Array.isArray(structure)) return structure.length === 1 ? `${typeOf(structure[0], depth + 1)}[]` : 'JSON[]'
  if (typeof structure !== 'object' || structure === null) return 'JSON'
  const fields = Object.entries(structure)
  const names = new Set(fields.map(([name]) => name.toLowerCase()))
  if (fields.length === 0 || fields.length > MAX_FIELDS || names.size < fields.length || names.has('')) return 'JSON'
  return `STRUCT(${fields.map(([name, type]) => `"${name.replaceAll('"', '""')}" ${typeOf(type, depth + 1)}`).join(', ')})`
}

function scalarType(name: string): string {
  switch (name) {
    case 'UBIGINT':
    case 'BIGINT':
      return 'BIGINT'
    case 'DOUBLE':
    case 'BOOLEAN':
    case 'VARCHAR':
      return name
    default:
      return 'JSON'
  }
}
